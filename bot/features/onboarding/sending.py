"""Steps that are due become outbox rows, and what became of those is taken up: set by set.

A step's row and its delivery are written in one transaction, and (member, edition, step) is unique:
whatever crashes, nobody gets a step twice. At most one is under way to a person at a time, so that
nothing piles up while nothing runs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.db.bulk import (
    bind_moment,
    dump_rows,
    is_sqlite,
    read_moment,
    rows_sql,
    skip_locked,
    sql,
)
from bot.delivery.outbox import wake_sql
from bot.dispatch.feature import Due, Registry
from bot.features.onboarding.models import JourneyState, StepState
from bot.people import optouts
from bot.people.models import OptOut

BATCH = 1000
"""Journeys in one transaction: about 20 ms on SQLite, and others wait no longer than that."""

TOPIC = "onboarding"
OUT_OF_HOURS = "out of hours"
NOTHING = "nothing to say"
NOT_NOW = "not now"
MUTED = "muted"
GONE = "no longer a member"
ELSEWHERE = "belongs to another side"
AT_ONCE = frozenset({OUT_OF_HOURS, NOT_NOW, NOTHING, GONE, ELSEWHERE})

UNTIL_NEXT_TRY = timedelta(days=1)
"""Whatever else keeps a step back (they want nothing unasked, Entente was removed there) is not
over in a second."""

_DUE = """
SELECT j.id FROM onboarding_journeys j WHERE j.next_at <= :now AND j.state = 'active'
AND (SELECT s.id FROM onboarding_steps s WHERE s.lane_id = j.lane_id
     AND s.state = 'queued' LIMIT 1) IS NULL
AND (SELECT o.id FROM onboarding_journeys o WHERE o.lane_id = j.lane_id
     AND o.next_at <= :now AND o.state = 'active' AND o.id < j.id LIMIT 1) IS NULL
ORDER BY j.next_at LIMIT :most {lock}
"""
"""Asked of one journey after the other until there are enough. With NOT EXISTS, PostgreSQL would
compare all that are due with all others anew for each batch."""

_STEPS = """
INSERT INTO onboarding_steps
  (journey_id, alliance_id, member_id, edition, step, state, lane_id, queued_at, delivery_id)
SELECT j.id, j.alliance_id, j.member_id, j.edition, j.step, 'queued', j.lane_id, {now}, {delivery}
FROM {rows} JOIN onboarding_journeys j ON j.id = v.id WHERE true
ON CONFLICT (member_id, edition, step) DO UPDATE
SET state = 'queued', queued_at = excluded.queued_at, delivery_id = excluded.delivery_id,
    journey_id = excluded.journey_id, lane_id = excluded.lane_id
WHERE onboarding_steps.state = 'planned'
"""

_COLUMNS_OF_DELIVERIES = """lane_id, alliance_id, topic, subject, state, unasked, set_aside,
  uncertain, attempts, created_at, not_before"""

_DELIVERY = f"""s.lane_id, s.alliance_id, '{TOPIC}', CAST(s.id AS varchar), 'queued', true, false,
  false, 0, {{now}}, {{now}}"""


def fire(_registry: Registry, session: Session, now: datetime) -> int:
    """Queue the steps that are due, one a person; how many journeys were due."""
    run = session.connection().execute
    moment = bind_moment(session, now)
    find = sql(_DUE.format(lock=_skip_locked(session)))
    due = [row.id for row in run(find, {"now": moment, "most": BATCH}).all()]
    if not due:
        return 0
    source = rows_sql(session, {"id": "text"})
    values = {"rows": dump_rows(session, ({"id": each} for each in due)), "now": moment}
    queue = _queue_on_sqlite if is_sqlite(session) else _queue_on_postgresql
    queue(session, source, values)
    among = f"(SELECT id FROM {source})"
    run(
        sql(
            f"UPDATE lanes SET {wake_sql(session)} WHERE id IN (SELECT j.lane_id FROM {source} "
            "JOIN onboarding_journeys j ON j.id = v.id)"
        ),
        {**values, "at": moment},
    )
    # A step that the person got on another journey is over: what comes next is worked out anew.
    run(
        sql(
            "UPDATE onboarding_journeys SET next_at = NULL, is_open = NOT EXISTS (SELECT 1 FROM "
            "onboarding_steps s WHERE s.lane_id = onboarding_journeys.lane_id "
            "AND s.journey_id = onboarding_journeys.id AND s.state = 'queued') "
            f"WHERE id IN {among}"
        ),
        values,
    )
    return len(due)


def _skip_locked(session: Session) -> str:
    return skip_locked(session).replace("UPDATE", "UPDATE OF j")


def _queue_on_postgresql(session: Session, source: str, values: dict[str, Any]) -> None:
    """Each step with its delivery, whose number is drawn first: one statement, no row twice."""
    now = "CAST(:now AS timestamptz)"
    number = "nextval(pg_get_serial_sequence('deliveries', 'id'))"
    session.connection().execute(
        sql(
            f"WITH s AS ({_STEPS.format(now=now, delivery=number, rows=source)} "
            "RETURNING id, lane_id, alliance_id, delivery_id) "
            f"INSERT INTO deliveries (id, {_COLUMNS_OF_DELIVERIES}) "
            f"SELECT s.delivery_id, {_DELIVERY.format(now=now)} FROM s"
        ),
        values,
    )


def _queue_on_sqlite(session: Session, source: str, values: dict[str, Any]) -> None:
    """The same where a statement writes to one table only."""
    run = session.connection().execute
    run(sql(_STEPS.format(now=":now", delivery="NULL", rows=source)), values)
    last = run(sql("SELECT coalesce(max(id), 0) FROM deliveries")).scalar_one()
    run(
        sql(
            f"INSERT INTO deliveries ({_COLUMNS_OF_DELIVERIES}) "
            f"SELECT {_DELIVERY.format(now=':now')} "
            f"FROM {source} JOIN onboarding_steps s ON s.journey_id = v.id "
            "AND s.state = 'queued' AND s.delivery_id IS NULL"
        ),
        values,
    )
    run(
        sql(
            "UPDATE onboarding_steps SET delivery_id = d.id FROM "
            f"(SELECT id, subject FROM deliveries WHERE id > :last AND topic = '{TOPIC}') d "
            "WHERE onboarding_steps.id = CAST(d.subject AS integer)"
        ),
        {"last": last},
    )


_SETTLED = """
SELECT s.id, s.journey_id, s.lane_id, s.member_id, d.state, d.reason, d.finished_at
FROM onboarding_steps s JOIN deliveries d ON d.id = s.delivery_id
JOIN onboarding_journeys j ON j.id = s.journey_id
WHERE s.state = 'queued' AND d.finished_at IS NOT NULL LIMIT :most {lock}
"""
"""Journeys are locked before steps, as by the one who presses a button meanwhile."""


def settle(_registry: Registry, session: Session, now: datetime) -> int:
    """Take up what became of deliveries; how many."""
    settled = sql(_SETTLED.format(lock=_skip_locked(session)))
    rows = session.connection().execute(settled, {"most": BATCH}).all()
    sent = [row for row in rows if row.state == "sent"]
    others = [row for row in rows if row.state != "sent"]
    if sent:
        _store_sent(session, sent)
    if others:
        muted = {row.member_id for row in others if row.reason == MUTED}
        away = _get_away(session, muted, now=now) if muted else {}
        store_outcomes(session, [_outcome(row, away) for row in others])
    return len(rows)


def _store_sent(session: Session, rows: Sequence[Any]) -> None:
    """These arrived: what comes next is planned, and no other journey brings anything to the same
    person that day."""
    run = session.connection().execute
    source = rows_sql(session, {"id": "int", "journey": "text", "lane": "int", "at": "moment"})
    found = (
        {"id": row.id, "journey": row.journey_id, "lane": row.lane_id, "at": row.finished_at}
        for row in rows
    )
    values = {"rows": dump_rows(session, found)}
    run(
        sql(
            f"UPDATE onboarding_steps SET state = 'sent', sent_at = v.at FROM {source} "
            "WHERE onboarding_steps.id = v.id AND onboarding_steps.state = 'queued'"
        ),
        values,
    )
    is_own = "(onboarding_journeys.id = v.journey AND onboarding_journeys.state = 'active')"
    run(
        sql(
            "UPDATE onboarding_journeys SET last_at = v.at, next_at = NULL, "
            f"trouble = CASE WHEN {is_own} THEN NULL ELSE onboarding_journeys.trouble END, "
            f"is_open = ({is_own} OR onboarding_journeys.is_open "
            "OR onboarding_journeys.next_at IS NOT NULL) "
            f"FROM {source} WHERE onboarding_journeys.lane_id = v.lane "
            "AND onboarding_journeys.state <> 'unreachable'"
        ),
        values,
    )


def _get_away(session: Session, members: set[str], *, now: datetime) -> dict[str, datetime]:
    """Until when those are away who come back."""
    found = session.exec(
        select(OptOut.member_id, OptOut.until).where(
            col(OptOut.member_id).in_(members),
            col(OptOut.subject) == optouts.AWAY,
            col(OptOut.until) > now,
        )
    )
    return {member: until for member, until in found if until is not None}


def _outcome(row: Any, away: Mapping[str, datetime]) -> dict[str, Any]:
    """What a delivery's end means for its step and journey."""
    reason = row.reason or ""
    state, journey, trouble = StepState.PLANNED, JourneyState.ACTIVE, None
    finished_at, held_until = read_moment(row.finished_at), None
    if row.state == "sent":
        state = StepState.SENT
    elif row.state == "failed":
        journey, trouble = JourneyState.UNREACHABLE, reason[:80]
    elif reason == NOTHING:
        state = StepState.LEFT_OUT
    elif reason == MUTED and row.member_id in away:
        held_until = away[row.member_id]
    elif reason not in AT_ONCE and finished_at is not None:
        held_until = finished_at + UNTIL_NEXT_TRY
    return {
        "id": row.id,
        "journey": row.journey_id,
        "lane": row.lane_id,
        "state": state.value,
        "journey_state": journey.value,
        "sent_at": finished_at if state == StepState.SENT else None,
        "held_until": held_until,
        "trouble": trouble,
    }


_COLUMNS = {
    "id": "int",
    "journey": "text",
    "lane": "int",
    "state": "text",
    "journey_state": "text",
    "sent_at": "moment",
    "held_until": "moment",
    "trouble": "text",
}


def store_outcomes(session: Session, outcomes: Sequence[dict[str, Any]]) -> None:
    """Store what became of steps; journeys that go on are planned anew, and whoever got one gets
    none from another journey that day."""
    run = session.connection().execute
    source = rows_sql(session, _COLUMNS)
    values = {"rows": dump_rows(session, outcomes)}
    run(
        sql(
            "UPDATE onboarding_steps SET state = v.state, "
            "sent_at = coalesce(v.sent_at, onboarding_steps.sent_at) "
            f"FROM {source} WHERE onboarding_steps.id = v.id "
            "AND onboarding_steps.state = 'queued'"
        ),
        values,
    )
    run(
        sql(
            "UPDATE onboarding_journeys SET state = v.journey_state, trouble = v.trouble, "
            "held_until = coalesce(v.held_until, onboarding_journeys.held_until), "
            "is_open = (v.journey_state = 'active'), told_at = CASE WHEN v.journey_state = "
            "'unreachable' THEN NULL ELSE onboarding_journeys.told_at END "
            f"FROM {source} WHERE onboarding_journeys.id = v.journey "
            "AND onboarding_journeys.state = 'active'"
        ),
        values,
    )
    run(
        sql(
            "UPDATE onboarding_journeys SET last_at = v.sent_at, "
            "is_open = (onboarding_journeys.is_open OR onboarding_journeys.next_at IS NOT NULL), "
            f"next_at = NULL FROM {source} WHERE onboarding_journeys.lane_id = v.lane "
            "AND v.sent_at IS NOT NULL AND onboarding_journeys.state <> 'unreachable'"
        ),
        values,
    )


FIRE = Due(name="onboarding_fire", run=fire)
SETTLE = Due(name="onboarding_settle", run=settle)
