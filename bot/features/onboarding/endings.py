"""Journeys that are over before their end: their person belongs to another side now, or the seat or
role that they were about has ended. What one side wrote for its people never follows them."""

from datetime import datetime

from sqlmodel import Session

from bot.db.bulk import bind_moment, dump_rows, rows_sql, sql
from bot.features.onboarding.models import Journey, JourneyState, Track

BATCH = 100

IS_OVER = """
(m.partner_id IS NULL OR m.partner_id <> t.partner_id
 OR (j.cause LIKE 'seat:%' AND NOT EXISTS (SELECT 1 FROM seats s
     WHERE s.id = substr(j.cause, 6, 24) AND (s.until IS NULL OR s.until > :now)))
 OR (j.cause LIKE 'role:%' AND NOT EXISTS (SELECT 1 FROM roles r
     WHERE r.id = substr(j.cause, 6, 24) AND r.until IS NULL)))
"""
"""Of a journey `j`, its member `m` and its track `t`, at the moment `:now`."""

_END = f"""
UPDATE onboarding_journeys SET state = 'ended', is_open = false, next_at = NULL, ended_at = :now
WHERE id IN (SELECT j.id FROM onboarding_journeys j JOIN members m ON m.id = j.member_id
  JOIN onboarding_tracks t ON t.id = j.track_id
  WHERE j.state IN ('asked', 'active', 'left', 'unreachable') AND {IS_OVER})
"""

_MOVED = sql(
    """
    SELECT j.id, j.member_id, j.state FROM onboarding_journeys j
    JOIN members m ON m.id = j.member_id JOIN onboarding_tracks t ON t.id = j.track_id
    WHERE j.cause = 'join' AND (m.partner_id IS NULL OR m.partner_id <> t.partner_id)
    ORDER BY j.id LIMIT :most
    """
)

_SET_ASIDE = (
    "UPDATE onboarding_journeys SET cause = 'join#' || edition FROM {rows} "
    "WHERE onboarding_journeys.id = v.id"
)

_LOOK_AGAIN = """
UPDATE onboarding_attendance SET is_checked = false, was_before = true
WHERE person IN (SELECT a.external_id FROM {rows} JOIN member_accounts b ON b.member_id = v.member
  JOIN accounts a ON a.id = b.account_id)
AND channel_id IN (SELECT c.id FROM {rows} JOIN members m ON m.id = v.member
  JOIN channels c ON c.alliance_id = m.alliance_id)
"""


def is_own(session: Session, journey: Journey, partner_id: str | None) -> bool:
    """Whether a journey goes along a track of this side."""
    return session.get_one(Track, journey.track_id).partner_id == partner_id


def end_over(session: Session, *, now: datetime) -> bool:
    """End what is over. Whoever came to another side without being through is new there, and waits
    for its managers; whether more are left."""
    session.connection().execute(sql(_END), {"now": bind_moment(session, now)})
    moved = session.execute(_MOVED, {"most": BATCH}).all()
    if not moved:
        return False
    rows_of_ids = rows_sql(session, {"id": "text"})
    session.connection().execute(
        sql(_SET_ASIDE.format(rows=rows_of_ids)),
        {"rows": dump_rows(session, ({"id": row.id} for row in moved))},
    )
    settled = {JourneyState.DONE, JourneyState.STOPPED}
    new = [{"member": row.member_id} for row in moved if row.state not in settled]
    session.connection().execute(
        sql(_LOOK_AGAIN.format(rows=rows_sql(session, {"member": "text"}))),
        {"rows": dump_rows(session, new)},
    )
    return len(moved) == BATCH
