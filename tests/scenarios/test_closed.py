"""What a committee keeps to itself: who is told of it, and how it is opened to everybody."""

import pytest

from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.test_two_partners import Two

SCOPE = "Budgets and sites."


@pytest.fixture
def two(world: World) -> Two:
    """Ana and Jonas sit on JSC, whose scope they confirmed among themselves; Bea of Borealis and
    Nia, another manager of Acme, do not sit there."""
    world.start()
    both, slack = Two(world), world.slack
    both.open()
    make_jsc(world)
    world.say(world.ana, f"seat <@{world.ana.id}> on JSC")
    both.mention(both.jonas, f"seat <@{both.jonas.id}> on JSC")
    write(world, "JSC scope", SCOPE)
    propose(both, audience="committee")
    world.press(both.jonas, slack.dms(both.jonas)[-1], "Confirm for Borealis Bio")
    assert SCOPE in world.say(world.ana, "charter JSC scope")
    return both


def make_jsc(world: World) -> None:
    world.say(world.tom, "charter")
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1])
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])
    assert "sits on JSC" in world.say(world.ana, f"seat <@{world.tom.id}> on JSC")


def write(world: World, line: str, text: str) -> None:
    world.say(world.ana, f"charter edit {line}")
    assert world.ana.submits(world.slack.views(world.ana)[-1], text=text).status == 200
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def propose(two: Two, **values: str) -> None:
    """Ana puts the clause to those who sit on JSC."""
    world = two.world
    world.say(world.ana, "charter JSC scope")
    offered = world.slack.ephemerals(user=world.ana)[-1]
    world.ana.presses(offered, "Ask the partners to confirm")
    answer = world.ana.submits(world.slack.views(world.ana)[-1], **values)
    assert answer.status == 200, answer.text
    world.bot.settle()
    for form in reversed(world.slack.views(world.ana)):
        world.ana.closes(form)


def hire(two: Two, name: str) -> User:
    """Somebody of Borealis who sits nowhere."""
    made = two.world.slack.user(name, team=two.jonas.team)
    made.joins(two.shared)
    two.world.bot.settle()
    return made


def test_a_draft_of_what_a_committee_keeps_is_not_shown_to_everybody(two: Two) -> None:
    world, bea = two.world, hire(two, "Bea")
    nia = world.slack.user("Nia", team=world.acme)
    nia.joins(world.steering)
    world.say(nia, "help")
    world.say(world.ana, f"role <@{nia.id}> manager")
    assert "Only a manager who sits there" in world.say(nia, "charter share JSC scope")
    assert SCOPE not in two.mention(bea, "charter history JSC scope")


def test_whoever_does_not_sit_there_puts_nothing_to_the_committee(two: Two) -> None:
    world = two.world
    nia = world.slack.user("Nia", team=world.acme)
    nia.joins(world.steering)
    world.say(nia, "help")
    world.say(world.ana, f"role <@{nia.id}> manager")
    world.say(nia, "charter edit JSC scope")
    nia.submits(world.slack.views(nia)[-1], text="Nia's own wording.")
    world.bot.settle()
    for form in reversed(world.slack.views(nia)):
        nia.closes(form)
    world.say(nia, "charter JSC scope")
    offered = world.slack.ephemerals(user=nia)[-1]
    assert "keeps this to itself" in world.press(nia, offered, "Ask the partners to confirm")


@pytest.mark.parametrize("opens", [True, False])
def test_it_is_open_to_everybody_once_each_partner_seated_there_agreed(
    two: Two, opens: bool
) -> None:
    world, slack, bea = two.world, two.world.slack, hire(two, "Bea")
    shown = world.say(world.ana, "charter share JSC scope")
    assert "Now only those who sit on JSC see" in shown
    assert SCOPE in shown
    asked = world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask JSC")
    assert "Once each partner seated on JSC has agreed" in asked
    assert SCOPE not in two.mention(bea, "charter JSC scope")
    request = slack.dms(two.jonas)[-1]
    assert "With your yes the whole alliance may read this" in slack.text_of(request)
    if opens:
        world.press(two.jonas, request, "Confirm for Borealis Bio")
    else:
        assert "Withdrawn" in world.say(world.ana, "undo")
    assert (SCOPE in two.mention(bea, "charter JSC scope")) is opens
    assert SCOPE in world.say(world.ana, "charter JSC scope")


def test_a_new_wording_stays_with_the_committee_unless_it_is_to_be_opened(two: Two) -> None:
    world, slack, bea = two.world, two.world.slack, hire(two, "Bea")
    for words, audience in (("Budgets alone.", None), ("Sites alone.", "alliance")):
        write(world, "JSC scope", words)
        propose(two, **({"audience": audience} if audience else {}))
        world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
        assert words in world.say(world.ana, "charter JSC scope")
        assert (words in two.mention(bea, "charter JSC scope")) is (audience is not None)
