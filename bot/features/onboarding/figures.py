"""How far onboarding has come, in numbers: per partner, and per person for their own manager."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlmodel import Session, col, select

from bot.db.bulk import read_moment, sql
from bot.features.onboarding.models import PIECE, JourneyState, Practice
from bot.features.onboarding.pace import STUCK_AFTER, count_working_days
from bot.features.onboarding.planning import get_hours_of

FEWEST = 5
"""Of fewer people than this, the other side is shown no share: it would be about persons."""

BENCHMARK = 70
"""Per cent of members formally onboarded, the field's benchmark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One partner's placed members, and how many of them are through with the notes for members,
    or for managers, and marked as read what asks for it."""

    partner_id: str
    members: int
    done: int

    @property
    def percent(self) -> int:
        """The share in per cent."""
        return round(100 * self.done / self.members) if self.members else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person and where they are on one track; without a journey, that they are on none."""

    member_id: str
    name: str
    journey_id: str | None = None
    kind: str | None = None
    state: JourneyState | None = None
    is_stuck: bool = False


_SHARES = sql(
    """
    SELECT m.partner_id, count(*) AS members, sum(CASE WHEN EXISTS (SELECT 1
      FROM onboarding_journeys j JOIN onboarding_tracks t ON t.id = j.track_id
      WHERE j.member_id = m.id AND j.state = 'done' AND t.partner_id = m.partner_id
      AND t.kind IN ('member', 'manager')) THEN 1 ELSE 0 END) AS done
    FROM members m WHERE m.alliance_id = :alliance AND m.left_at IS NULL
    AND m.partner_id IS NOT NULL GROUP BY m.partner_id
    """
)


def get_shares(session: Session, alliance_id: str) -> Mapping[str, Share]:
    """Each partner's share, by partner."""
    rows = session.execute(_SHARES, {"alliance": alliance_id})
    return {
        row.partner_id: Share(
            partner_id=row.partner_id, members=int(row.members), done=int(row.done)
        )
        for row in rows
    }


def hides_persons(session: Session, alliance_id: str) -> bool:
    """Whether any partner wants nobody's progress shown by name."""
    found = session.exec(
        select(Practice.partner_id).where(
            col(Practice.alliance_id) == alliance_id, col(Practice.hides_persons).is_(True)
        )
    )
    return found.first() is not None


_STANDINGS = sql(
    """
    SELECT m.id AS member_id, m.name, j.id AS journey_id, j.kind, j.state,
           (SELECT min(s.sent_at) FROM onboarding_steps s WHERE s.journey_id = j.id
            AND s.state = 'sent' AND s.reacted_at IS NULL
            AND (j.reacted_at IS NULL OR s.sent_at > j.reacted_at)) AS unanswered
    FROM members m LEFT JOIN (onboarding_journeys j JOIN onboarding_tracks t
      ON t.id = j.track_id) ON j.member_id = m.id AND t.partner_id = m.partner_id
      AND j.cause NOT LIKE '%#%'
    WHERE m.partner_id = :partner AND m.left_at IS NULL
    ORDER BY m.name, m.id, j.created_at DESC, j.id DESC
    """
)


def get_standings(session: Session, partner_id: str, *, now: datetime) -> Sequence[Standing]:
    """A partner's people, once for each track they are on: those who need somebody first. What is
    over without an end tells of somebody who is on nothing else."""
    newest: dict[str, list[Any]] = {}
    for row in session.execute(_STANDINGS, {"partner": partner_id}):
        rows = newest.setdefault(row.member_id, [])
        if not rows or row.state != JourneyState.ENDED:
            rows.append(row)
    shown = [row for rows in newest.values() for row in _leave_out_ended(rows)]
    stuck = _find_stuck(session, shown, now=now)
    standings = [
        Standing(
            member_id=row.member_id,
            name=row.name,
            journey_id=row.journey_id,
            kind=row.kind,
            state=JourneyState(row.state) if row.state else None,
            is_stuck=row.journey_id in stuck,
        )
        for row in shown
    ]
    return sorted(standings, key=_order)


def _leave_out_ended(rows: Sequence[Any]) -> Sequence[Any]:
    return [row for row in rows if row.state != JourneyState.ENDED] or rows


def _order(standing: Standing) -> tuple[int, str]:
    urgency = {
        JourneyState.UNREACHABLE: 0,
        JourneyState.ASKED: 2,
        JourneyState.BROUGHT: 3,
        JourneyState.ACTIVE: 3,
        JourneyState.LEFT: 4,
        JourneyState.STOPPED: 4,
        JourneyState.DONE: 5,
    }
    order = 1 if standing.is_stuck else urgency.get(standing.state, 6) if standing.state else 6
    return order, standing.name


def _find_stuck(session: Session, rows: Iterable[Any], *, now: datetime) -> set[str]:
    """The journeys that are under way, with no reaction in five working days since what their
    person last did or first got."""
    latest = now - timedelta(days=STUCK_AFTER)
    waiting = {
        row.journey_id: (row.member_id, since)
        for row in rows
        if row.state == JourneyState.ACTIVE
        and (since := read_moment(row.unanswered)) is not None
        and since <= latest
    }
    hours = get_hours_of(session, {member for member, _ in waiting.values()})
    return {
        journey
        for journey, (member, since) in waiting.items()
        if count_working_days(since, now, hours[member]) >= STUCK_AFTER
    }


_TIMES = sql(
    "SELECT j.begun_at, j.ended_at FROM onboarding_journeys j JOIN members m ON m.id = j.member_id "
    "WHERE m.partner_id = :partner AND j.state = 'done' AND j.kind = 'member' "
    "AND j.ended_at IS NOT NULL "
    "ORDER BY j.ended_at DESC LIMIT 200"
)

_SKIPS = sql(
    "SELECT s.step, count(*) AS number FROM onboarding_steps s JOIN members m "
    "ON m.id = s.member_id WHERE m.partner_id = :partner AND s.state = 'skipped' "
    f"AND substr(s.step, 1, 1) <> '{PIECE}' "
    "GROUP BY s.step ORDER BY number DESC, s.step LIMIT 3"
)


def get_days_to_done(session: Session, partner_id: str) -> int | None:
    """The median of days from the first to the last step; None as long as nobody is through."""
    rows = session.execute(_TIMES, {"partner": partner_id}).all()
    spans = [
        (ended - begun).days
        for row in rows
        if (begun := read_moment(row.begun_at)) and (ended := read_moment(row.ended_at))
    ]
    return round(median(spans)) if spans else None


def get_most_skipped(session: Session, partner_id: str) -> Sequence[tuple[str, int]]:
    """The steps that are skipped most, with how often."""
    rows = session.execute(_SKIPS, {"partner": partner_id})
    return [(row.step, int(row.number)) for row in rows]
