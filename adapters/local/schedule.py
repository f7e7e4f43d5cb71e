"""The time bar: the alliance's time, and what is scheduled next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from adapters.local.playground import Playground
from adapters.local.sample import ZONE, get_alliance
from bot.delivery.models import Lane
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Registry
from bot.dispatch.messages import get_keys, words
from bot.features.onboarding.models import Journey
from bot.people.models import Channel, Member
from bot.schedules.models import Reminder, ReminderClock, ReminderTarget

MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """One scheduled moment: when, what, and where."""

    at: datetime
    when: str
    what: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The alliance's time and its next moments."""

    now: str
    zone: str
    upcoming: Sequence[Upcoming]


async def read_schedule(playground: Playground) -> Schedule:
    """What the time bar shows."""
    now = playground.clock()

    def read(session: Session) -> Schedule:
        alliance = get_alliance(session)
        zone = alliance.zone if alliance else ZONE
        upcoming = [
            *_read_reminders(session, playground.dispatcher.registry, zone),
            *_read_notes(session, zone),
            *_read_waiting(session, playground, zone),
            *_read_nudges(session, playground.dispatcher.registry, zone, now=now),
        ]
        return Schedule(
            now=say_moment(now, zone),
            zone=zone,
            upcoming=sorted(upcoming, key=lambda each: each.at)[:MOST],
        )

    return await playground.database.in_read(read)


def _read_reminders(session: Session, registry: Registry, zone: str) -> list[Upcoming]:
    rows = session.exec(
        select(ReminderClock, Reminder)
        .join(Reminder, col(Reminder.id) == col(ReminderClock.reminder_id))
        .where(col(ReminderClock.next_at).is_not(None))
        .order_by(col(ReminderClock.next_at), col(ReminderClock.id))
        .limit(MOST)
    ).all()
    return [
        Upcoming(
            at=clock.next_at,
            when=say_moment(clock.next_at, zone),
            what=_say_what(registry, reminder),
            where=_say_where(session, clock.id),
        )
        for clock, reminder in rows
        if clock.next_at is not None
    ]


def _say_what(registry: Registry, reminder: Reminder) -> str:
    if reminder.text:
        return reminder.text if len(reminder.text) <= 60 else f"{reminder.text[:57]}…"
    kind = registry.reminder_kinds.get(reminder.kind)
    return words(kind.label) if kind and kind.label in get_keys() else reminder.kind


def _say_where(session: Session, clock_id: int | None) -> str:
    targets = select(ReminderTarget).where(col(ReminderTarget.clock_id) == clock_id)
    names = []
    for target in session.exec(targets):
        if target.channel_id is not None:
            names.append(f"#{session.get_one(Channel, target.channel_id).name}")
        elif target.member_id is not None:
            names.append(session.get_one(Member, target.member_id).name)
    return ", ".join(names)


def _read_notes(session: Session, zone: str) -> list[Upcoming]:
    """The next notes to newcomers."""
    rows = session.exec(
        select(Journey.next_at, Member.name)
        .join(Member, col(Member.id) == col(Journey.member_id))
        .where(col(Journey.next_at).is_not(None))
        .order_by(col(Journey.next_at), col(Journey.id))
        .limit(MOST)
    ).all()
    return [
        Upcoming(at=at, when=say_moment(at, zone), what="A note to a newcomer", where=name)
        for at, name in rows
        if at is not None
    ]


def _read_nudges(
    session: Session, registry: Registry, zone: str, *, now: datetime
) -> list[Upcoming]:
    """What people will be told unless they do something before."""
    return [
        Upcoming(
            at=coming.at,
            when=say_moment(coming.at, zone),
            what=coming.what,
            where=session.get_one(Member, coming.member_id).name,
        )
        for coming in registry.foresee(session, now=now)[:MOST]
    ]


def _read_waiting(session: Session, playground: Playground, zone: str) -> list[Upcoming]:
    """Messages that wait for a later hour."""
    soon = playground.clock() + timedelta(minutes=1)
    lanes = session.exec(
        select(Lane).where(col(Lane.next_at) > soon).order_by(col(Lane.next_at)).limit(MOST)
    )
    return [
        Upcoming(
            at=lane.next_at,
            when=say_moment(lane.next_at, zone),
            what="A message that waits",
            where=_of(playground, lane),
        )
        for lane in lanes
        if lane.next_at is not None
    ]


def _of(playground: Playground, lane: Lane) -> str:
    channel = playground.world.get_channel(lane.channel or "")
    person = playground.world.get_person(lane.user or "")
    return f"#{channel.name}" if channel else person.name if person else ""
