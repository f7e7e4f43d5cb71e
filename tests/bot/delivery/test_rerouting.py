"""A direct message that its reader's organisation does not let through takes another way."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.core.errors import Undeliverable
from bot.core.ports import OTHER_TENANT, Platforms, UserProfile
from bot.core.views import View
from bot.db.engine import Database
from bot.delivery.lanes import Claimed
from bot.delivery.models import Delivery
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.delivery.postman import Postman, Skip, Standings
from bot.people import channels, identity
from bot.people.models import ChannelState, Member, MemberAccount
from bot.testing.platform import FakePlatform
from bot.testing.world import link_channel, make_alliance, make_view
from tests.harness import ManualClock

REFUSED = Undeliverable(OTHER_TENANT)


def always(session: object, message: Claimed, now: datetime, standings: Standings) -> View | Skip:
    return View.model_validate(message.view)


class Stage:
    """Ana of an alliance, on one platform or on two."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(datetime(2027, 3, 1, 8, tzinfo=UTC))
        self.fake, self.other = FakePlatform(name="fake"), FakePlatform(name="other")
        self.platforms = {"fake": self.fake, "other": self.other}
        self.postman = Postman(database, Platforms(self.platforms), always, clock=self.clock)
        self.fake.add_person("U1")
        self.other.add_person("U2")
        with database.write() as session:
            self.viewer = make_alliance(
                session, platform="fake", workspace="W1", user="U1", now=self.clock()
            )

    def add_account(self) -> None:
        """Ana's second one, where she was met before."""
        with self.database.write() as session:
            profile = UserProfile(user="U2", workspace="W1", name="Ana")
            before = self.clock() - timedelta(days=1)
            account = identity.save_account(session, "other", profile, now=before)
            session.add(MemberAccount(member_id=self.viewer.member_id, account_id=account.id))

    def link(self, *workspaces: str, state: ChannelState = ChannelState.LINKED) -> None:
        """A channel of the alliance in which people of these workspaces are."""
        self.fake.add_channel("C1")
        with self.database.write() as session:
            channel = link_channel(
                session,
                self.viewer,
                platform="fake",
                workspace="W1",
                channel="C1",
                name="joint",
                now=self.clock(),
            )
            channel.workspaces = list(workspaces)
            channels.set_state(session, channel, state)

    async def send(self, *texts: str, unasked: bool = False) -> None:
        """Queue and deliver."""
        with self.database.write() as session:
            to = get_member_address(session, self.viewer.member_id)
            assert to is not None
            for text in texts:
                message = Deliver(
                    to=to,
                    view=make_view(text),
                    alliance_id=self.viewer.alliance_id,
                    unasked=unasked,
                )
                enqueue(session, message, now=self.clock())
        for _ in range(6):
            await self.postman.deliver_due()
            self.clock.advance(timedelta(seconds=2))

    def states(self) -> list[tuple[str, str | None]]:
        """What became of each message, and why."""
        with self.database.read() as session:
            rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
            return [(row.state, row.reason) for row in rows]


async def test_it_goes_to_the_members_other_account_once(database: Database) -> None:
    stage = Stage(database)
    stage.add_account()
    stage.fake.refuses(REFUSED)
    await stage.send("hello")
    assert [(p.channel, p.text) for p in stage.other.sent] == [("D-U2", "hello")]
    assert stage.states() == [("sent", None)]
    stage.fake.refuses(REFUSED)
    stage.other.refuses(REFUSED)
    await stage.send("again")
    assert stage.states()[1] == ("failed", OTHER_TENANT)
    assert (stage.fake.attempts, stage.other.attempts) == (2, 2)


async def test_it_is_shown_to_the_person_alone_in_a_channel_of_theirs(database: Database) -> None:
    stage = Stage(database)
    stage.link("W1", "W2")
    stage.fake.refuses(REFUSED)
    await stage.send("hello")
    (posted,) = stage.fake.sent
    assert (posted.channel, posted.private_to, posted.text) == ("C1", "U1", "hello")
    assert stage.states() == [("sent", None)]


async def test_what_travelled_together_stays_each_ones_own(database: Database) -> None:
    stage = Stage(database)
    stage.link("W1")
    stage.fake.refuses(REFUSED)
    await stage.send("one", "two", unasked=True)
    assert [(p.private_to, p.text) for p in stage.fake.sent] == [("U1", "one"), ("U1", "two")]
    assert [state for state, _ in stage.states()] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("workspaces", "state"),
    [(("W2",), ChannelState.LINKED), ((), ChannelState.LINKED), (("W1",), ChannelState.UNLINKED)],
)
async def test_no_channel_that_is_not_theirs_is_taken(
    database: Database, workspaces: tuple[str, ...], state: ChannelState
) -> None:
    stage = Stage(database)
    stage.link(*workspaces, state=state)
    stage.fake.refuses(REFUSED)
    await stage.send("hello")
    assert stage.fake.sent == []
    assert stage.states() == [("failed", OTHER_TENANT)]


async def test_in_a_channel_that_is_still_silent_it_is_a_hint(database: Database) -> None:
    stage = Stage(database)
    stage.link("W1", state=ChannelState.PENDING)
    stage.fake.refuses(REFUSED)
    await stage.send("hello")
    assert [p.private_to for p in stage.fake.sent] == ["U1"]
    with database.read() as session:
        assert session.exec(select(Delivery.topic)).all() == ["hint"]


async def test_other_failures_are_final(database: Database) -> None:
    stage = Stage(database)
    stage.add_account()
    stage.link("W1")
    stage.fake.refuses(Undeliverable("user_disabled"))
    await stage.send("hello")
    assert stage.states() == [("failed", "user_disabled")]
    with database.read() as session:
        assert len(session.exec(select(Member)).all()) == 1
