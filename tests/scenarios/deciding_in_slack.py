"""Two partners in Slack, for what of decisions is Slack's alone."""

from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.test_two_partners import Two


def make_two(world: World) -> Two:
    """Acme and Borealis, with a shared channel that both agreed to."""
    world.start()
    made = Two(world)
    made.open()
    return made


def prefilled(two: Two, who: User) -> str:
    """What stands in the form in front of a person."""
    return str(two.world.slack.views(who)[-1].payload["blocks"])
