"""What Entente says unasked about decisions, and how people have less of it."""

import pytest
from sqlmodel import select

from bot.features.decisions.models import Ear
from tests.fakes.slack import Message
from tests.fakes.slack.forms import controls
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two

SUGGEST, POINT = "On: Suggest to note decisions down", "On: Point at what was decided"


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def listen(two: Two, label: str) -> None:
    """Both managers switch it on."""
    for who in (two.world.ana, two.jonas):
        two.mention(who, "decisions listen")
        two.world.press(who, two.world.slack.ephemerals(user=who)[-1], label)
    two.world.bot.settle()


def close(two: Two) -> Message:
    """They talk in the channel, and Ana says what is decided."""
    two.jonas.says(two.shared, "Which site, Basel or Zurich? Basel can start in May.")
    said = two.world.ana.says(two.shared, "ok, let's go with Basel")
    two.world.bot.settle()
    return said


def agree(two: Two) -> list[Message]:
    """Jonas agrees; what Ana then gets to read."""
    before = len(two.world.slack.ephemerals(user=two.world.ana))
    two.jonas.says(two.shared, "great, agreed")
    two.world.bot.settle()
    return two.world.slack.ephemerals(user=two.world.ana)[before:]


def note(two: Two, what: str, why: str) -> None:
    """Ana notes a decision down."""
    world = two.world
    world.say(world.ana, f'decide "{what}" because "{why}"', channel=two.shared)
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Note it down")


def ask_why(two: Two, text: str) -> list[Message]:
    """Jonas says something; what he then gets to read."""
    before = len(two.world.slack.ephemerals(user=two.jonas))
    two.jonas.says(two.shared, text)
    two.world.bot.settle()
    return two.world.slack.ephemerals(user=two.jonas)[before:]


def test_what_was_just_captured_is_not_suggested_again(two: Two) -> None:
    world, slack = two.world, two.world.slack
    listen(two, SUGGEST)
    said = close(two)
    world.ana.uses_shortcut("decisions.capture", said)
    world.ana.submits(slack.views(world.ana)[-1], weight="noted", audience="alliance")
    world.bot.settle()
    assert agree(two) == []


def test_a_discussion_that_was_none_raises_the_bar_once_and_a_manager_puts_it_back(
    two: Two,
) -> None:
    world = two.world
    listen(two, SUGGEST)
    close(two)
    (hint,) = agree(two)
    (value,) = [c.element["value"] for c in controls(hint.blocks) if c.label == "Not a decision"]
    for _ in range(3):
        press_forged(world, world.ana, "decisions.not_one", value, two.shared)
    bar = world.bot.read(lambda session: session.exec(select(Ear.bar)).one())
    assert bar == pytest.approx(0.815)
    close(two)
    assert len(agree(two)) == 1
    assert "from a likelihood of 82 % on. It was 80 %" in two.mention(world.ana, "decisions listen")
    assert "from a likelihood of 80 % on." in two.mention(world.ana, "decisions listen reset")
    assert "from a likelihood of 95 % on." in two.mention(two.jonas, "decisions listen 95")
    assert "from a likelihood of 80 % on." in two.mention(two.jonas, "undo")
    assert "from 50 to 99 %" in two.mention(two.jonas, "decisions listen 20")


def test_only_managers_say_how_sure_to_be(two: Two) -> None:
    two.world.tom.joins(two.shared)
    assert "managers" in two.mention(two.world.tom, "decisions listen 95")


def test_suggestions_stop_for_whoever_wants_none_until_they_unmute(two: Two) -> None:
    world = two.world
    listen(two, SUGGEST)
    close(two)
    (hint,) = agree(two)
    assert "any more" in world.press(world.ana, hint, "Never")
    close(two)
    assert agree(two) == []
    assert "Hints come to you again" in world.say(world.ana, "unmute")
    assert "nothing has changed" in world.say(world.ana, "unmute")
    close(two)
    assert len(agree(two)) == 1


def test_less_of_pointers_is_one_a_week(two: Two) -> None:
    note(two, "Use the Basel site for phase 2", "it can start in May")
    note(two, "Choose Labcorp as central laboratory", "they are near")
    listen(two, POINT)
    (pointer,) = ask_why(two, "Why did we choose Basel?")
    said = two.world.slack.text_of(pointer)
    assert "Acme noted this down on 1 March 2027 (D-1)" in said
    assert "Because: it can start in May" in said
    assert "once a week" in two.world.press(two.jonas, pointer, "Less of this")
    assert ask_why(two, "Why Labcorp as the central laboratory?") == []
    shown = two.world.slack.ephemerals(user=two.jonas)[-1]
    assert "as before" in two.world.press(two.jonas, shown, "As before")
    assert len(ask_why(two, "Why Labcorp as the central laboratory?")) == 1


def test_a_request_that_only_uses_the_words_is_left_alone(two: Two) -> None:
    note(two, "Use the Basel site for phase 2", "it can start in May")
    listen(two, POINT)
    request = "Can somebody send me the phase 2 slides for the site visit?"
    assert ask_why(two, request) == []
    assert len(ask_why(two, "I still think Zurich is better than Basel for phase 2")) == 1
