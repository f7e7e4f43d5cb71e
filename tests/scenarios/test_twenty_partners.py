"""Twenty partners, all of them joined: whatever they read fits, and all of them count."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.people.committees import add_committee, seat
from bot.people.models import Account, AudienceKind, Member
from bot.people.viewer import get_viewers
from tests.fakes.slack import Channel, Message, User
from tests.scenarios.casts import CODE
from tests.scenarios.conftest import STAR, World

OTHERS = tuple(
    f"Partner {n:02d} for Research and Development of Medicines Limited" for n in range(2, 21)
)


@dataclass
class Twenty:
    """Acme and nineteen partners with long names, each with a manager, in one channel; all of them
    sit on JSC."""

    world: World
    managers: dict[str, User]
    shared: Channel

    def mention(self, who: User, text: str) -> Message:
        """The answer to a mention in the shared channel."""
        slack = self.world.slack
        before = len(slack.ephemerals(user=who))
        who.says(self.shared, f"<@{slack.bot_user}> {text}")
        self.world.bot.settle()
        return slack.ephemerals(user=who)[before:][0]

    def confirm(self, partner: str) -> None:
        """A partner's manager answers the latest request with yes."""
        who, slack = self.managers[partner], self.world.slack
        asked = next(m for m in reversed(slack.dms(who)) if "can you confirm" in slack.text_of(m))
        self.world.press(who, asked, f"Confirm for {partner}"[:75])


@pytest.fixture
def twenty(world: World) -> Twenty:
    slack, teams = world.slack, {name: world.slack.team(name[:10]) for name in OTHERS}
    managers = {
        name: slack.user(f"Manager of {name[:10]}", team=team) for name, team in teams.items()
    }
    shared = slack.channel(
        "twenty",
        team=world.acme,
        shared_with=list(teams.values()),
        members=[world.ana, *managers.values()],
        with_bot=True,
    )
    world.set_up(other_partners="\n".join(OTHERS))
    world.say(world.ana, "link", channel=shared)
    made = Twenty(world, managers, shared)
    for name, user in managers.items():
        found = re.search(CODE, world.say(world.ana, f"invite {name}"))
        assert found
        offered = made.mention(user, f"join {found.group()}")
        world.press(user, offered, "Accept the invitation")
        assert user.submits(slack.views(user)[-1], name=name, countries="DE").status == 200
        world.bot.settle()
        for form in reversed(slack.views(user)):
            user.closes(form)
    with world.bot.entente.database.write() as session:
        seat_all(session, world)
    return made


def seat_all(session: Session, world: World) -> None:
    viewers = [v for one in session.exec(select(Account.id)) for v in get_viewers(session, one)]
    placed = [viewer for viewer in viewers if viewer.partner_id is not None]
    assert len(placed) == 20
    jsc = add_committee(session, placed[0], "JSC", now=world.clock())
    jsc.audience_kind, jsc.audience_id = AudienceKind.ALLIANCE, None
    for viewer in placed:
        member = session.get_one(Member, viewer.member_id)
        seat(session, viewer, jsc, member, kind="member", since=world.clock())


def agree_everywhere(twenty: Twenty) -> None:
    """Every manager says yes to Entente's speaking in the channel."""
    world, slack = twenty.world, twenty.world.slack
    for user in (world.ana, *twenty.managers.values()):
        button = twenty.mention(user, "status")
        world.press(user, button, "Read and agree: #twenty")
        user.submits(slack.views(user)[-1])
        world.bot.settle()
        for form in reversed(slack.views(user)):
            user.closes(form)


def test_who_is_there_and_who_decides_is_read_whole(twenty: Twenty) -> None:
    world, slack = twenty.world, twenty.world.slack
    for line in ("status", "members", "roster", "roster JSC", "who decides budgets?", "invite"):
        said = slack.text_of(twenty.mention(twenty.managers[OTHERS[0]], line))
        if line in {"status", "members", "roster JSC"}:
            assert all(name in said for name in OTHERS), line
    world.ana.opens_home()
    world.bot.settle()


def test_all_of_them_agree_and_a_reminder_reaches_all(twenty: Twenty) -> None:
    world, slack = twenty.world, twenty.world.slack
    agree_everywhere(twenty)
    (hello,) = [m for m in slack.messages(twenty.shared) if m.by_bot]
    assert all(name in slack.text_of(hello) for name in OTHERS)
    world.say(world.ana, f'north star set "{STAR}"')
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    form = slack.views(world.ana)[-1]
    assert all(name in slack.text_of(form) for name in OTHERS)
    assert world.ana.submits(form).status == 200
    world.bot.settle()
    world.ana.closes(slack.views(world.ana)[-1])
    for name in OTHERS[:-1]:
        twenty.confirm(name)
    waiting = slack.text_of(twenty.mention(twenty.managers[OTHERS[0]], "north star"))
    assert f"Waiting for: {OTHERS[-1]}" in waiting
    twenty.confirm(OTHERS[-1])
    confirmed = world.say(world.ana, "north star")
    assert "Confirmed by" in confirmed
    assert all(name in confirmed for name in OTHERS)
    assert any("confirmed" in text.casefold() for text in world.dms(world.ana))
    world.say(world.ana, "remind add north star every monday 09:00", channel=twenty.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    world.bot.advance(timedelta(days=8))
    post = [m for m in slack.messages(twenty.shared) if m.by_bot][-1]
    assert STAR in slack.text_of(post)


def test_a_decision_waits_for_all_of_them_and_is_chased(twenty: Twenty) -> None:
    world, slack = twenty.world, twenty.world.slack
    world.say(world.ana, 'decide "Use the Basel site" for JSC')
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    shown = world.say(world.ana, "decisions show D-1")
    assert all(name in shown for name in OTHERS)
    world.bot.advance(timedelta(days=8))
    for name in OTHERS:
        asked = [m for m in slack.dms(twenty.managers[name]) if "D-1" in slack.text_of(m)]
        assert len(asked) == 3, name
        twenty.confirm(name)
    assert "confirmed" in world.say(world.ana, "decisions show D-1").splitlines()[0].casefold()
