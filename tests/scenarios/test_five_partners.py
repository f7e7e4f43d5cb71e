"""An alliance of five: three of them are enough, as they agreed."""

import re
from dataclasses import dataclass

import pytest
from sqlmodel import Session, select

from bot.people.committees import add_committee, make_rule, seat, set_rule
from bot.people.models import Account, Member
from bot.people.viewer import get_viewers
from tests.builders import OTHERS
from tests.fakes.slack import Channel, Message, User
from tests.scenarios.casts import CODE
from tests.scenarios.conftest import World


@dataclass
class Five:
    """Acme and four partners, each with a manager, in one channel."""

    world: World
    managers: dict[str, User]
    shared: Channel

    def asked(self, partner: str, words: str = "can you confirm") -> Message:
        """The latest request to a partner's manager."""
        slack = self.world.slack
        dms = reversed(slack.dms(self.managers[partner]))
        return next(m for m in dms if words in slack.text_of(m))

    def confirm(self, partner: str) -> str:
        """One manager confirms for their partner; answers all that they read by then."""
        who, slack = self.managers[partner], self.world.slack
        self.world.press(who, self.asked(partner), f"Confirm for {partner}")
        read = [*slack.dms(who), *slack.ephemerals(user=who)]
        return "\n".join(slack.text_of(message) for message in read)


@pytest.fixture
def five(world: World) -> Five:
    slack, teams = world.slack, {name: world.slack.team(name) for name in OTHERS}
    managers = {name: slack.user(f"{name[:3]}", team=team) for name, team in teams.items()}
    everybody = [world.ana, *managers.values()]
    shared = slack.channel(
        "five",
        team=world.acme,
        shared_with=list(teams.values()),
        members=everybody,
        with_bot=True,
    )
    world.set_up(other_partners="\n".join(OTHERS))
    for name, user in managers.items():
        found = re.search(CODE, world.say(world.ana, f"invite {name}"))
        assert found
        user.says(shared, f"<@{slack.bot_user}> join {found.group()}")
        world.bot.settle()
        world.press(user, slack.ephemerals(user=user)[-1], "Accept the invitation")
        assert user.submits(slack.views(user)[-1], name=name, countries="DE").status == 200
        world.bot.settle()
    with world.bot.entente.database.write() as session:
        seat_all(session, world)
    return Five(world, managers, shared)


def seat_all(session: Session, world: World) -> None:
    """Each partner's manager sits on the committee, and agrees that three are enough."""
    viewers = [v for one in session.exec(select(Account.id)) for v in get_viewers(session, one)]
    jsc = add_committee(session, viewers[0], "JSC", now=world.clock())
    for viewer in viewers:
        member = session.get_one(Member, viewer.member_id)
        seat(session, viewer, jsc, member, kind="member", since=world.clock())
    for viewer in viewers:
        set_rule(session, viewer, jsc, make_rule("count", count=3, days=0))


def test_three_of_five_confirm_a_decision_and_all_hear_of_it(five: Five) -> None:
    world, slack = five.world, five.world.slack
    world.say(world.ana, 'decide "Use the Basel site" for JSC')
    offered = slack.ephemerals(user=world.ana)[-1]
    world.press(world.ana, offered, "Ask the partners to confirm")
    assert "It now waits for Cirrus, Delta, Epsilon" in five.confirm("Borealis")
    assert "With that it is confirmed by Acme, Borealis, Delta" in five.confirm("Delta")
    for name in OTHERS:
        five.asked(name, "Confirmed: D-1")
    assert "not waiting for an answer any more" in five.confirm("Cirrus")
    assert "Confirmed by Acme, Borealis, Delta" in world.say(world.ana, "decisions show D-1")


def test_two_objections_of_five_leave_three_and_a_third_ends_it(five: Five) -> None:
    world, slack = five.world, five.world.slack
    world.say(world.ana, 'decide "Use the Basel site" for JSC')
    offered = slack.ephemerals(user=world.ana)[-1]
    world.press(world.ana, offered, "Ask the partners to confirm")
    for name in ("Borealis", "Cirrus", "Delta"):
        who = five.managers[name]
        assert "waits for the partners" in world.say(world.ana, "decisions show D-1")
        who.presses(five.asked(name), "Object")
        who.submits(slack.views(who)[-1], reason="Too early.")
        world.bot.settle()
    assert "objected to" in world.say(world.ana, "decisions show D-1")
