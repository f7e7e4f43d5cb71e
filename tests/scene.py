"""An alliance in the database, its channels in the fake Slack, and messages in the outbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from bot.core.clock import system_clock
from bot.db.engine import Database
from bot.delivery.models import Delivery, Lane
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.people import channels
from bot.people.models import Channel as Linked
from bot.people.models import ChannelState
from bot.schedules import reminders
from bot.schedules.models import Reminder, ReminderClock
from bot.schedules.reminders import Plan
from bot.testing.world import add_member, link_channel, make_alliance, make_view
from tests.fakes.slack import Channel, FakeSlack, User

OPEN = {"queued", "sending"}


class Scene:
    """Acme's side of an alliance, with Ana as its manager."""

    def __init__(
        self, slack: FakeSlack, database: Database, clock: Callable[[], datetime] = system_clock
    ) -> None:
        self.slack = slack
        self.database = database
        self.clock = clock
        self.team = slack.team("Acme")
        self.ana = slack.user("Ana", team=self.team, tz="Europe/Berlin")
        self.linked: dict[str, str] = {}
        self.members: dict[str, str] = {}
        with database.write() as session:
            self.viewer = make_alliance(
                session,
                platform="slack",
                workspace=self.team.id,
                user=self.ana.id,
                now=clock(),
            )
        self.members[self.ana.id] = self.viewer.member_id

    # Places and people

    def channel(self, name: str, *, with_bot: bool = True) -> Channel:
        """A channel with Ana in it, linked to the alliance."""
        made = self.slack.channel(name, team=self.team, members=[self.ana], with_bot=with_bot)
        with self.database.write() as session:
            linked = link_channel(
                session,
                self.viewer,
                platform="slack",
                workspace=self.team.id,
                channel=made.id,
                name=name,
                now=self.clock(),
            )
            self.linked[made.id] = linked.id
        return made

    def user(self, name: str, *, zone: str = "Europe/Berlin") -> User:
        """A colleague of Ana's who is in the alliance."""
        made = self.slack.user(name, team=self.team, tz=zone)
        with self.database.write() as session:
            member = add_member(
                session,
                self.viewer,
                platform="slack",
                workspace=self.team.id,
                user=made.id,
                person=name,
                zone=zone,
                now=self.clock(),
            )
            self.members[made.id] = member.id
        return made

    def set_state(self, channel: Channel, state: ChannelState) -> None:
        with self.database.write() as session:
            channels.set_state(session, session.get_one(Linked, self.linked[channel.id]), state)

    # The outbox

    def post(self, channel: Channel, *texts: str, thread: str | None = None, **more: Any) -> None:
        """Queue messages for a channel."""
        self._queue(channel.id, None, texts, thread=thread, **more)

    def whisper(self, channel: Channel, user: User, *texts: str) -> None:
        """Queue messages for one person within a channel."""
        self._queue(channel.id, user.id, texts)

    def dm(self, user: User, *texts: str, **more: Any) -> None:
        """Queue direct messages."""
        self._queue(None, user.id, texts, **more)

    def _queue(
        self,
        channel: str | None,
        user: str | None,
        texts: tuple[str, ...],
        *,
        thread: str | None = None,
        **more: Any,
    ) -> None:
        to = Address(
            platform="slack", workspace=self.team.id, channel=channel, user=user, thread=thread
        )
        with self.database.write() as session:
            for words in texts:
                deliver = Deliver(
                    to=to, view=make_view(words), alliance_id=self.viewer.alliance_id, **more
                )
                enqueue(session, deliver, now=self.clock())

    def deliveries(self) -> list[Delivery]:
        """All of the outbox, oldest first."""
        with self.database.read() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.id))))

    def states(self) -> list[str]:
        return [delivery.state for delivery in self.deliveries()]

    def is_idle(self) -> bool:
        """Whether nothing is left to do in the outbox."""
        return bool(self.deliveries()) and not OPEN & set(self.states())

    def lane(self, place: Channel | User) -> Lane:
        """The lane of a channel or a person."""
        key = f"slack:{place.id}" if isinstance(place, Channel) else f"slack:@{place.id}"
        with self.database.read() as session:
            return session.exec(select(Lane).where(col(Lane.key) == key)).one()

    def execute(self, statement: str, **values: Any) -> Any:
        """One SQL statement, committed; its rows."""
        with self.database.write() as session:
            done = session.execute(text(statement), values)
            return done.all() if done.returns_rows else None  # type: ignore[attr-defined]

    def count(self, table: str, where: str = "true") -> int:
        with self.database.read() as session:
            sql = text(f"SELECT count(*) FROM {table} WHERE {where}")
            return int(session.execute(sql).scalar_one())

    def texts(self, channel: Channel) -> list[str]:
        """What the bot said in a channel, oldest first."""
        return [m.text for m in self.slack.messages(channel) if m.by_bot]

    # Reminders

    def remind(
        self,
        *places: Channel | User,
        cadence: str = "every monday 09:00",
        words: str = "Mind the North Star",
        zone: str = "",
    ) -> str:
        """A reminder with a free text; answers its id."""
        plan = Plan(
            kind="text",
            text=words,
            cadence=cadence,
            zone=zone,
            channels=tuple(self.linked[p.id] for p in places if isinstance(p, Channel)),
            members=tuple(self.members[p.id] for p in places if isinstance(p, User)),
        )
        with self.database.write() as session:
            return reminders.add(session, self.viewer, plan, now=self.clock()).id

    def reminder(self, reminder: str) -> Reminder:
        with self.database.read() as session:
            return session.get_one(Reminder, reminder)

    def clocks(self, reminder: str) -> list[ReminderClock]:
        with self.database.read() as session:
            chosen = select(ReminderClock).where(col(ReminderClock.reminder_id) == reminder)
            return list(session.exec(chosen.order_by(col(ReminderClock.id))))

    def make_due(self, reminder: str | None = None, at: datetime | None = None) -> datetime:
        """Move the next moment of a reminder (or of all) to now; no test waits for Monday."""
        moment = at or datetime.now(UTC) - timedelta(seconds=1)
        with self.database.write() as session:
            chosen = select(ReminderClock)
            if reminder is not None:
                chosen = chosen.where(col(ReminderClock.reminder_id) == reminder)
            for found in session.exec(chosen).all():
                found.next_at = moment
                session.add(found)
        return moment
