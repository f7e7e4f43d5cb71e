"""What a form takes from the thread that it was asked for in: Slack lets bots read threads, Teams
does not."""

import pytest

from tests.fakes.slack import Message, User
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two, prefilled
from tests.scenarios.test_two_partners import Two

ENDED = "ok, let's go with Basel, see https://files.example/basel"


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def agree_in_thread(two: Two) -> Message:
    """A thread that ends in a decision; answers its first message."""
    first = two.world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, "Basel can start in May.", thread=first)
    two.world.ana.says(two.shared, ENDED, thread=first)
    return first


def ask_in_thread(two: Two, who: User, text: str) -> Message:
    """Somebody mentions Entente in such a thread; answers what they got to read for it."""
    who.says(two.shared, f"<@BOT> {text}", thread=agree_in_thread(two))
    two.world.bot.settle()
    return two.world.slack.ephemerals(user=who)[-1]


def test_in_a_thread_decide_begins_with_the_words_that_ended_it(two: Two) -> None:
    offered = ask_in_thread(two, two.jonas, "decide")
    two.jonas.presses(offered, "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "let's go with Basel" in form
    assert "See https://files.example/basel" in form
    assert "Which site" not in form
    assert two.world.ana.id not in form, "whoever took part knows already"


def test_what_entente_posted_in_a_thread_is_no_part_of_the_discussion(two: Two) -> None:
    first = agree_in_thread(two)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = two.world.slack.views(two.jonas)[-1]
    two.jonas.submits(form, weight="noted", audience="alliance", what="We decided on Basel")
    two.world.bot.settle()
    assert "Noted by Jonas" in two.posts()[-1]
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "let's go with Basel" in form
    assert "Noted by Jonas" not in form


def test_a_thread_that_was_read_in_part_is_said_to_be(two: Two) -> None:
    two.world.slack.rations_history()
    first = agree_in_thread(two)
    for number in range(20):
        two.jonas.says(two.shared, f"One more thing: {number}", thread=first)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "only the first 15 messages of this thread" in form
    assert "See https://files.example/basel" in form


def test_it_is_still_said_once_another_body_is_chosen(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Set up JSC")
    two.jonas.submits(slack.views(two.jonas)[-1])
    slack.rations_history()
    first = agree_in_thread(two)
    for number in range(20):
        two.jonas.says(two.shared, f"One more thing: {number}", thread=first)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    world.bot.settle()
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    two.jonas.chooses(slack.views(two.jonas)[-1], "committee", "JSC")
    world.bot.settle()
    changed = slack.views(two.jonas)[-1]
    assert "The charter of JSC" in str(changed.blocks)
    assert "only the first 15 messages of this thread" in slack.text_of(changed)


def test_the_suggested_form_holds_what_was_decided_not_the_yes_to_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    for who in (world.ana, two.jonas):
        two.mention(who, "decisions listen")
        world.press(who, slack.ephemerals(user=who)[-1], "On: Suggest to note decisions down")
    world.bot.settle()
    first = two.jonas.says(two.shared, "Which site, Basel or Zurich? Basel can start in May.")
    world.ana.says(two.shared, "ok, let's go with Basel", thread=first)
    two.jonas.says(two.shared, "great, agreed", thread=first)
    world.bot.settle()
    hint = slack.ephemerals(user=world.ana)[-1]
    world.ana.presses(hint, "Capture decision")
    world.bot.settle()
    (what,) = [
        block["element"]["initial_value"]
        for block in slack.views(world.ana)[-1].payload["blocks"]
        if "what" in str(block.get("block_id"))
    ]
    assert what == "ok, let's go with Basel"


def test_the_form_shows_what_people_read_and_names_those_spoken_of(two: Two) -> None:
    world = two.world
    world.say(world.tom, "help")
    written = f"*ok*, let's go with <https://basel.example/a|Basel> & <@{world.tom.id}> books it"
    first = world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, f"Basel, says <@{world.ana.id}>", thread=first)
    last = world.ana.says(two.shared, "", thread=first)
    last.text = written.replace("&", "&amp;")
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    world.bot.settle()
    two.jonas.presses(world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    form = prefilled(two, two.jonas)
    shown = "ok, let's go with Basel (https://basel.example/a) & @Tom books it"
    assert shown in form
    assert [world.tom.id] == inform(two, two.jonas)
    two.jonas.closes(world.slack.views(two.jonas)[-1])
    world.ana.uses_shortcut("decisions.capture", last)
    assert shown in prefilled(two, world.ana)
    assert inform(two, world.ana) == []


def inform(two: Two, who: User) -> list[str]:
    """Who needs to know, as the open form begins with it."""
    blocks = two.world.slack.views(who)[-1].blocks
    (block,) = [each for each in blocks if "Who needs to know" in str(each.get("label"))]
    return list(block["element"].get("initial_users", ()))
