"""Seats and roles that were given: who gets one begins a track of its own."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.db.bulk import bind_moment, sql
from bot.dispatch.feature import RecurringJob, Registry
from bot.features.onboarding import attendance, endings, journeys, one_to_one
from bot.features.onboarding.asking import ensure_practice
from bot.features.onboarding.tracks import TrackKind
from bot.people.models import Partner

BATCH = 100

_SEATS = sql(
    """
    SELECT s.id, s.alliance_id, s.partner_id, s.member_id, s.kind,
           EXISTS (SELECT 1 FROM onboarding_journeys o WHERE o.member_id = s.member_id
                   AND o.kind IN ('committee', 'catch_up')) AS has_sat
    FROM seats s JOIN onboarding_practice p ON p.partner_id = s.partner_id
    JOIN members m ON m.id = s.member_id AND m.left_at IS NULL AND m.partner_id = s.partner_id
    LEFT JOIN onboarding_journeys j ON j.member_id = s.member_id AND j.cause = 'seat:' || s.id
    WHERE s.since > p.since AND s.since <= :now AND (s.until IS NULL OR s.until > :now)
    AND j.id IS NULL ORDER BY s.since, s.id LIMIT :most
    """
)

_ROLES = sql(
    """
    SELECT r.id, r.alliance_id, r.partner_id, r.member_id
    FROM roles r JOIN onboarding_practice p ON p.partner_id = r.partner_id
    JOIN members m ON m.id = r.member_id AND m.left_at IS NULL AND m.partner_id = r.partner_id
    LEFT JOIN onboarding_journeys j ON j.member_id = r.member_id AND j.cause = 'role:' || r.id
    WHERE r.since > p.since AND r.until IS NULL AND r.given_by_id IS NOT NULL
    AND j.id IS NULL ORDER BY r.since, r.id LIMIT :most
    """
)


def look(_registry: Registry, session: Session, now: datetime) -> bool:
    """End what is over, and begin the journeys of those who were given a seat or a role; whether
    more are left."""
    is_more = attendance.forget_unlinked(session, now=now) | endings.end_over(session, now=now)
    partners = session.exec(
        select(Partner).where(col(Partner.joined_at).is_not(None), col(Partner.left_at).is_(None))
    ).all()
    for partner in partners:
        ensure_practice(session, partner, now=now)
    values = {"now": bind_moment(session, now), "most": BATCH}
    seats = session.execute(_SEATS, values).all()
    seen: set[str] = set()
    for row in seats:
        again = bool(row.has_sat) or row.member_id in seen
        seen.add(row.member_id)
        journeys.begin(
            session,
            row.alliance_id,
            row.partner_id,
            [row.member_id],
            kind=TrackKind.CATCH_UP if again else TrackKind.COMMITTEE,
            cause=f"seat:{row.id}",
            edition=journeys.next_edition(session, row.member_id) if again else 0,
            now=now,
        )
        if not again:
            one_to_one.ask_one_to_one(session, row.alliance_id, row.member_id, now=now)
    roles = session.execute(_ROLES, {"most": BATCH}).all()
    for row in roles:
        journeys.begin(
            session,
            row.alliance_id,
            row.partner_id,
            [row.member_id],
            kind=TrackKind.MANAGER,
            cause=f"role:{row.id}",
            now=now,
        )
    return is_more or BATCH in (len(seats), len(roles))


LOOK = RecurringJob(name="onboarding_seats", every=timedelta(minutes=10), run=look)
