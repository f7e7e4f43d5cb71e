"""Firing what is due: reminders become outbox rows, set by set.

Any number of workers may do this at once. A batch is one short transaction, so that others get to
write in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.db.bulk import (
    bind_moment,
    dump_rows,
    for_update,
    is_sqlite,
    read_moment,
    rows_sql,
    skip_locked,
)
from bot.delivery.outbox import wake_sql
from bot.schedules.models import FiringState
from bot.schedules.rhythm import Rhythm, next_due

LATE_LIMIT = timedelta(hours=24)
"""A reminder that came due while nothing ran is sent up to this much later, else skipped."""

FRESH_FOR = timedelta(hours=36)
"""A reminder still in the outbox this long after its moment is skipped (people's bundles may put
one off until the next morning)."""

BATCH = 500
"""Clocks in one transaction: about 10 ms on SQLite."""


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


def fire_due(session: Session, *, now: datetime, limit: int = BATCH) -> Fired:
    """Fire up to `limit` clocks that are due and set each to its next moment."""
    due = session.execute(
        text(
            "SELECT id, reminder_id, rhythm, next_at FROM reminder_clocks "
            f"WHERE next_at <= :now ORDER BY next_at, id LIMIT :limit {skip_locked(session)}"
        ),
        {"now": bind_moment(session, now), "limit": limit},
    ).all()
    if not due:
        return Fired()
    rows = [_fire(row, now=now) for row in due]
    _store(session, dump_rows(session, rows), now=now)
    fired = [row for row in rows if row["state"] == FiringState.FIRED]
    late = sum(1 for row in fired if now - row["due_at"] > timedelta(minutes=1))
    return Fired(fired=len(fired), late=late, skipped=len(rows) - len(fired))


def _fire(row: Any, *, now: datetime) -> dict[str, Any]:
    due_at = read_moment(row.next_at) or now
    is_late = now - due_at > LATE_LIMIT
    return {
        "id": row.id,
        "reminder_id": row.reminder_id,
        "due_at": due_at,
        "next_at": next_due(Rhythm.from_text(row.rhythm), due_at),
        "state": FiringState.SKIPPED if is_late else FiringState.FIRED,
    }


_COLUMNS = {
    "id": "int",
    "reminder_id": "text",
    "due_at": "moment",
    "next_at": "moment",
    "state": "text",
}


def _store(session: Session, rows: str, *, now: datetime) -> None:
    source = rows_sql(session, _COLUMNS)
    values = {"rows": rows, "now": bind_moment(session, now), "at": bind_moment(session, now)}
    last = session.execute(text("SELECT coalesce(max(id), 0) FROM firings")).scalar_one()
    session.execute(
        text(
            "INSERT INTO firings (clock_id, reminder_id, due_at, fired_at, state) "
            f"SELECT v.id, v.reminder_id, v.due_at, :now, v.state FROM {source} WHERE true "
            "ON CONFLICT (clock_id, due_at) DO NOTHING"
        ),
        values,
    )
    _queue(session, source, values | {"last": last, "fresh": bind_moment(session, now + FRESH_FOR)})
    session.execute(
        text(
            f"UPDATE reminder_clocks SET next_at = v.next_at FROM {source} "
            "WHERE reminder_clocks.id = v.id"
        ),
        values,
    )


def _queue(session: Session, source: str, values: dict[str, Any]) -> None:
    """Outbox rows for the firings that are new, and their lanes woken, in the order of lanes."""
    new = "firings f" if is_sqlite(session) else f"{source} JOIN firings f ON f.clock_id = v.id"
    session.execute(
        text(
            "INSERT INTO deliveries (lane_id, alliance_id, state, topic, subject, unasked, "
            "set_aside, uncertain, attempts, created_at, not_before, expires_at) "
            "SELECT t.lane_id, t.alliance_id, 'queued', 'reminder', CAST(f.id AS varchar), "
            "t.member_id IS NOT NULL, false, false, 0, :now, :now, :fresh "
            f"FROM {new} JOIN reminder_targets t ON t.clock_id = f.clock_id "
            "WHERE f.id > :last AND f.state = 'fired' ORDER BY f.id, t.id"
        ),
        values,
    )
    lanes = f"SELECT t.lane_id FROM {source} JOIN reminder_targets t ON t.clock_id = v.id"
    if not is_sqlite(session):
        session.execute(
            text(f"SELECT id FROM lanes WHERE id IN ({lanes}) ORDER BY id {for_update(session)}"),
            values,
        )
    session.execute(
        text(f"UPDATE lanes SET {wake_sql(session)} WHERE id IN ({lanes})"),
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
