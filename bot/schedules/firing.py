"""Firing what is due: reminders become outbox rows, set by set.

Any number of workers may do this at once. A batch is one short transaction, so that others get to
write in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.core.errors import UserError
from bot.db.bulk import (
    among_sql,
    bind_ids,
    bind_moment,
    for_update,
    gather_ids_sql,
    is_sqlite,
    read_ids,
    read_moment,
    skip_locked,
)
from bot.delivery.outbox import wake_sql
from bot.schedules.models import Firing, FiringState, ReminderClock
from bot.schedules.rhythm import Rhythm, next_due, within_hours

log = structlog.get_logger(__name__)

LATE_LIMIT = timedelta(hours=24)
"""A reminder that came due while nothing ran is sent up to this much later, within hours; else it
is skipped."""

PROMPT = timedelta(minutes=30)
"""Up to this much later a reminder still counts as on time, whatever the hour."""

FRESH_FOR = timedelta(hours=36)
"""A reminder still in the outbox this long after it was to go out is skipped."""

BATCH = 1500
"""Clocks in one transaction on SQLite: about 18 ms, and other writers wait no longer than that."""

BATCH_POSTGRESQL = 3000
"""The same where other writers don't wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What one batch did."""

    fired: int = 0
    late: int = 0
    skipped: int = 0

    @property
    def looked_at(self) -> int:
        """How many clocks were due."""
        return self.fired + self.skipped


def fire_due(session: Session, *, now: datetime, limit: int | None = None) -> Fired:
    """Fire up to `limit` clocks that are due (by default a batch as it suits the database) and set
    each to its next moment."""
    limit = limit or (BATCH if is_sqlite(session) else BATCH_POSTGRESQL)
    alike = _take(session, now=now, limit=limit)
    if not alike:
        return Fired()
    for send_at, clocks in _group(alike, now=now).items():
        _store(session, clocks, now=now, send_at=send_at)
        if send_at is not None:
            _wake(session, clocks, at=send_at)
    _go_on(session, alike)
    _end(session, [clock for one in alike if one.next_at is None for clock in one.clocks])
    return _count(alike, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alike:
    """Clocks of one rhythm that are due at one moment, and the moment after that."""

    rhythm: str
    times: tuple[datetime, datetime | None]
    clocks: list[int]

    @property
    def due_at(self) -> datetime:
        return self.times[0]

    @property
    def next_at(self) -> datetime | None:
        return self.times[1]

    def get_send_at(self, now: datetime) -> datetime | None:
        """When what came due goes out, as `_get_send_at` has it."""
        return _get_send_at(self.rhythm, *self.times, now=now)


def _get_send_at(
    rhythm: str, due_at: datetime, next_at: datetime | None, *, now: datetime
) -> datetime | None:
    """When what came due goes out: now; if that is late, within hours. None if that would be too
    late, or the next one comes by then."""
    if now - due_at <= PROMPT:
        return now
    send_at = _within_hours(rhythm, now)
    if send_at - due_at > LATE_LIMIT:
        return None
    is_overtaken = next_at is not None and now < next_at <= send_at
    return None if is_overtaken else send_at


def find_late_moment(session: Session, firing_id: int, *, now: datetime) -> datetime | None:
    """When a message that was held up since its firing may still go out: now or later, within the
    reminder's hours; None if that is too late, as in `fire_due`."""
    row = session.exec(
        select(ReminderClock.rhythm, ReminderClock.next_at, Firing.due_at)
        .join(Firing, col(Firing.clock_id) == col(ReminderClock.id))
        .where(col(Firing.id) == firing_id)
    ).first()
    if row is None:
        return now
    rhythm, next_at, due_at = row
    return _get_send_at(rhythm, due_at, next_at, now=now)


def _take(session: Session, *, now: datetime, limit: int) -> list[_Alike]:
    rows = session.execute(
        text(
            f"SELECT rhythm, next_at, {gather_ids_sql(session, 'id')} FROM ("
            "SELECT id, rhythm, next_at FROM reminder_clocks WHERE next_at <= :now "
            f"ORDER BY next_at LIMIT :limit {skip_locked(session)}) AS due "
            "GROUP BY rhythm, next_at"
        ),
        {"now": bind_moment(session, now), "limit": limit},
    )
    return [
        _Alike(rhythm=rhythm, times=_work_out(rhythm, moment), clocks=read_ids(clocks))
        for rhythm, moment, clocks in rows
    ]


@lru_cache(maxsize=8192)
def _work_out(rhythm: str, moment: Any) -> tuple[datetime, datetime | None]:
    due_at = read_moment(moment)
    assert due_at is not None  # noqa: S101 - what has no next moment is not due
    try:
        return due_at, next_due(Rhythm.from_text(rhythm), due_at)
    except (KeyError, ValueError, UserError) as error:
        # One rhythm that this version can't read must not hold up all others.
        log.error("rhythm unreadable", reason=type(error).__name__)
        return due_at, None


def _within_hours(rhythm: str, now: datetime) -> datetime:
    try:
        found = Rhythm.from_text(rhythm)
    except (KeyError, ValueError, UserError):
        return now  # Already told of, and the clock stops.
    return within_hours(now, found.zone, found.hours, found.countries)


def _group(alike: Sequence[_Alike], *, now: datetime) -> dict[datetime | None, list[int]]:
    """The clocks by when their messages go out; None: they don't."""
    groups: dict[datetime | None, list[int]] = {}
    for one in alike:
        groups.setdefault(one.get_send_at(now), []).extend(one.clocks)
    return groups


def _count(alike: Sequence[_Alike], *, now: datetime) -> Fired:
    skipped = sum(len(one.clocks) for one in alike if one.get_send_at(now) is None)
    late = sum(len(one.clocks) for one in alike if now - one.due_at > timedelta(minutes=1))
    fired = sum(len(one.clocks) for one in alike) - skipped
    return Fired(fired=fired, late=late - skipped, skipped=skipped)


def _store(
    session: Session, clocks: Sequence[int], *, now: datetime, send_at: datetime | None
) -> None:
    """The clocks' firings, and an outbox row for each target of those that are new, unless it is
    too late to send them."""
    values = {
        "ids": bind_ids(session, clocks),
        "now": bind_moment(session, now),
        "state": FiringState.SKIPPED if send_at is None else FiringState.FIRED,
        "at": bind_moment(session, send_at or now),
        "aside": send_at is not None and send_at > now,
        "fresh": bind_moment(session, (send_at or now) + FRESH_FOR),
    }
    insert = (
        "INSERT INTO firings (clock_id, reminder_id, due_at, fired_at, state) "
        "SELECT c.id, c.reminder_id, c.next_at, CAST(:now AS {moment}), :state "
        f"FROM reminder_clocks c WHERE {among_sql(session, 'c.id')} ORDER BY c.next_at, c.id "
        "ON CONFLICT (clock_id, due_at) DO NOTHING"
    )
    if is_sqlite(session):
        last = session.execute(text("SELECT coalesce(max(id), 0) FROM firings")).scalar_one()
        session.execute(text(insert.format(moment="text")), values)
        session.execute(text(_DELIVERIES.format(new="firings")), values | {"last": last})
        return
    new = insert.format(moment="timestamptz") + " RETURNING id, clock_id, state"
    deliveries = _DELIVERIES.format(new="new")
    session.execute(text(f"WITH new AS ({new}) {deliveries}"), values | {"last": 0})


_DELIVERIES = (
    "INSERT INTO deliveries (lane_id, alliance_id, state, topic, subject, unasked, "
    "set_aside, uncertain, attempts, created_at, not_before, expires_at) "
    "SELECT t.lane_id, t.alliance_id, 'queued', 'reminder', CAST(f.id AS varchar), "
    "t.member_id IS NOT NULL, :aside, false, 0, :now, :at, :fresh "
    "FROM {new} f JOIN reminder_targets t ON t.clock_id = f.clock_id "
    "WHERE f.id > :last AND f.state = 'fired' ORDER BY f.id, t.id"
)


def _wake(session: Session, clocks: Sequence[int], *, at: datetime) -> None:
    """Wake the lanes of the clocks' targets, in the order of lanes."""
    values = {"ids": bind_ids(session, clocks), "at": bind_moment(session, at)}
    lanes = f"SELECT lane_id FROM reminder_targets WHERE {among_sql(session, 'clock_id')}"
    if not is_sqlite(session):
        hold = f"SELECT id FROM lanes WHERE id IN ({lanes}) ORDER BY id {for_update(session)}"
        session.execute(text(hold), values)
    session.execute(
        text(
            f"UPDATE lanes SET {wake_sql(session)} WHERE id IN ({lanes}) "
            "AND (next_at IS NULL OR next_at > :at)"
        ),
        values,
    )


def _go_on(session: Session, alike: Sequence[_Alike]) -> None:
    """Set the clocks to their next moments."""
    by_moment: dict[datetime | None, list[int]] = {}
    for one in alike:
        by_moment.setdefault(one.next_at, []).extend(one.clocks)
    session.execute(
        text(f"UPDATE reminder_clocks SET next_at = :next WHERE {among_sql(session, 'id')}"),
        [
            {"next": bind_moment(session, moment), "ids": bind_ids(session, clocks)}
            for moment, clocks in by_moment.items()
        ],
    )


def _end(session: Session, clocks: Sequence[int]) -> None:
    """Note which of the reminders behind these stopped clocks have none that goes on."""
    if not clocks:
        return
    among = f"SELECT reminder_id FROM reminder_clocks WHERE {among_sql(session, 'id')}"
    values = {"ids": bind_ids(session, clocks)}
    if not is_sqlite(session):
        # The last two clocks of one may stop at once, in two workers: the second sees both.
        hold = f"SELECT id FROM reminders WHERE id IN ({among}) ORDER BY id {for_update(session)}"
        session.execute(text(hold), values)
    session.execute(
        text(
            f"UPDATE reminders SET state = 'ended' WHERE id IN ({among}) AND state = 'active' "
            "AND NOT EXISTS (SELECT 1 FROM reminder_clocks c "
            "WHERE c.reminder_id = reminders.id AND c.next_at IS NOT NULL)"
        ),
        values,
    )


_CLAIM = text(
    "INSERT INTO system_firings (job, period, at) VALUES (:job, :period, :at) "
    "ON CONFLICT DO NOTHING"
)


def claim_period(session: Session, job: str, *, every: timedelta, now: datetime) -> bool:
    """Take the present period of a recurring job; False if it was taken already.

    Periods missed while nothing ran are not made up for: the present one stands for them.
    """
    number = int(now.timestamp() // every.total_seconds())
    done = session.execute(
        _CLAIM, {"job": job, "period": str(number), "at": bind_moment(session, now)}
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]
