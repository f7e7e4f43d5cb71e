"""Decisions of two partners in Slack."""

from tests.fakes.slack import Message, User
from tests.scenarios.casts import BASEL
from tests.scenarios.conftest import World
from tests.scenarios.test_two_partners import Two


def make_two(world: World) -> Two:
    """Acme and Borealis, with a shared channel that both agreed to."""
    world.start()
    made = Two(world)
    slack = world.slack
    world.say(world.ana, "link", channel=made.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    made.accept(made.code())
    made.agree(world.ana, linked)
    made.agree(made.jonas, slack.dms(made.jonas)[-1])
    return made


def talk(two: Two) -> Message:
    """A thread that ends in a decision; answers its last message."""
    world = two.world
    first = world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, "Basel can start in May.", thread=first)
    last = world.ana.says(two.shared, BASEL, thread=first)
    world.bot.settle()
    return last


def prefilled(two: Two, who: User) -> str:
    """What stands in the form in front of a person."""
    return str(two.world.slack.views(who)[-1].payload["blocks"])


def press(two: Two, who: User, message: object, label: str, **values: str) -> str:
    """A button that opens a form, and the form filled in; answers what it says at the end."""
    who.presses(message, label)
    two.world.bot.settle()
    answer = who.submits(two.world.slack.views(who)[-1], **values)
    two.world.bot.settle()
    assert answer.status == 200, answer.text
    return answer.text


def last_dm(two: Two, who: User) -> Message:
    return two.world.slack.dms(who)[-1]


def capture(two: Two, **values: str) -> str:
    """Ana captures the end of a discussion, for all partners to confirm."""
    world, slack = two.world, two.world.slack
    world.ana.uses_shortcut("decisions.capture", talk(two))
    assert BASEL in prefilled(two, world.ana)
    given = {"why": "It can start in May.", "weight": "asked", "audience": "alliance"}
    answer = world.ana.submits(slack.views(world.ana)[-1], **(given | values))
    assert answer.status == 200, answer.text
    world.bot.settle()
    return answer.text
