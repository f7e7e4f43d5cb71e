"""Working out which step comes next for whom, and when: many people in one go."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any

import orjson
from sqlmodel import Session

from bot.db.bulk import bind_moment, dump_rows, read_moment, rows_sql, skip_locked, sql
from bot.dispatch.feature import Due, Registry
from bot.features.onboarding.endings import IS_OVER
from bot.features.onboarding.models import RECEIVED, Journey, JourneyState, StepState, Track
from bot.features.onboarding.pace import Hours, plan_step
from bot.features.onboarding.tracks import TrackStep, read_steps
from bot.schedules.calendar import WorkingHours

BATCH = 500

_OPEN = f"""
WITH o AS MATERIALIZED (
  SELECT j.id FROM onboarding_journeys j WHERE j.is_open AND j.state = 'active'
  AND (SELECT m.id FROM members m JOIN alliances l ON l.id = m.alliance_id AND l.ended_at IS NULL
       LEFT JOIN partners p ON p.id = m.partner_id
       WHERE m.id = j.member_id AND m.left_at IS NULL AND p.left_at IS NULL LIMIT 1) IS NOT NULL
  ORDER BY j.id LIMIT :most {{lock}})
SELECT j.id, j.alliance_id, j.member_id, j.track_id, j.edition, j.begun_at, j.last_at,
       j.held_until, j.lane_id, l.zone AS alliance_zone, l.hours_start, l.hours_end, l.days,
       p.countries, {IS_OVER} AS is_over
FROM o JOIN onboarding_journeys j ON j.id = o.id
JOIN onboarding_tracks t ON t.id = j.track_id
JOIN alliances l ON l.id = j.alliance_id
JOIN members m ON m.id = j.member_id
LEFT JOIN partners p ON p.id = m.partner_id
ORDER BY j.id
"""
"""Asked of one journey after the other until there are enough: joined first, PostgreSQL would read
the whole tables for each batch."""

_ACCOUNTS = """
SELECT b.member_id, a.platform, w.external_id AS workspace, a.external_id AS person, a.zone,
       n.id AS lane,
       (SELECT max(k.last_at) FROM onboarding_journeys k WHERE k.lane_id = n.id) AS last_at
FROM {rows} JOIN member_accounts b ON b.member_id = v.member
JOIN accounts a ON a.id = b.account_id AND NOT a.is_bot
JOIN workspaces w ON w.id = a.workspace_id
LEFT JOIN lanes n ON n.key = a.platform || ':@' || a.external_id
ORDER BY coalesce(a.seen_at, a.checked_at)
"""


def plan_open(_registry: Registry, session: Session, now: datetime) -> int:
    """Plan the next step of journeys that wait for it; how many were looked at. Those of people who
    left wait on, and go on if they come back, or if an alliance's end is taken back."""
    lock = skip_locked(session).replace("UPDATE", "UPDATE OF j") if skip_locked(session) else ""
    values = {"most": BATCH, "now": bind_moment(session, now)}
    open_ = session.execute(sql(_OPEN.format(lock=lock)), values).all()
    if not open_:
        return 0
    members = _dump_members(session, {row.member_id for row in open_})
    addresses = _find_addresses(session, members)
    made = _make_lanes(session, [each for each in addresses.values() if each.lane is None])
    received = _get_received(session, members)
    tracks = {
        track_id: read_steps(session.get_one(Track, track_id))
        for track_id in {row.track_id for row in open_}
    }
    moments: list[dict[str, Any]] = []  # of most people: no more than the next step and its moment
    planned = []
    for row in open_:
        address = addresses.get(row.member_id)
        lane = (address.lane or made[_lane_key(address)]) if address else None
        steps, over = tracks[row.track_id], received.get((row.member_id, row.edition), {})
        step = find_next(steps, over)
        if step is not None and lane is not None and lane == row.lane_id and not row.is_over:
            moment = _find_moment(row, step, address, now=now)
            moments.append({"id": row.id, "step": step.name, "next_at": moment})
            continue
        end = find_end(steps, over)
        planned.append(_plan(row, step, end, lane=lane, address=address, now=now))
    _store_moments(session, moments)
    _store(session, planned)
    return len(open_)


def find_end(steps: Sequence[TrackStep], received: Mapping[str, str]) -> JourneyState:
    """How a journey ends on which all that was to come did: through, once what asks to be read was
    marked as read."""
    read = {StepState.READ, StepState.LEFT_OUT}
    is_read = all(received.get(step.name) in read for step in steps if step.acknowledge)
    return JourneyState.DONE if is_read else JourneyState.BROUGHT


def find_next(steps: Sequence[TrackStep], received: Container[str]) -> TrackStep | None:
    """The first step that was not received yet."""
    return next((step for step in steps if step.name not in received), None)


def _plan(
    row: Any,
    step: TrackStep | None,
    end: JourneyState,
    *,
    lane: int | None,
    address: Any,
    now: datetime,
) -> dict[str, Any]:
    state = end if step is None else JourneyState.ACTIVE
    next_at = None
    if row.is_over:
        step, state = None, JourneyState.ENDED
    if step is not None and lane is None:
        state = JourneyState.UNREACHABLE
    elif step is not None:
        next_at = _find_moment(row, step, address, now=now)
    return {
        "id": row.id,
        "step": step.name if step else None,
        "next_at": next_at,
        "lane": lane,
        "state": state.value,
        "ended_at": now if step is None else None,
        "trouble": "no_address" if state == JourneyState.UNREACHABLE else None,
    }


def _find_moment(row: Any, step: TrackStep, address: Any, *, now: datetime) -> datetime:
    """When a step comes: a day at least after they last got one, in whichever alliance."""
    # As the database has them, moments compare as they are.
    latest = max((m for m in (row.last_at, address.last_at) if m is not None), default=None)
    return plan_step(
        _read_hours(address.zone or row.alliance_zone, row),
        day=step.day,
        begun_at=_moment(row.begun_at),
        last_at=read_moment(latest),
        not_before=max(now, read_moment(row.held_until) or now),
    )


def _moment(value: Any) -> datetime:
    moment = read_moment(value)
    assert moment is not None  # noqa: S101 - the column is never null
    return moment


def _read_hours(zone: str, row: Any) -> Hours:
    return _hours(zone, row.hours_start, row.hours_end, _key(row.days), _key(row.countries))


def _key(value: Any) -> str | tuple[Any, ...]:
    """A JSON list as textual SQL gives it back, to be remembered by."""
    return value if isinstance(value, str) else tuple(value or ())


@lru_cache(maxsize=4096)
def _hours(
    zone: str, start: str, end: str, days: str | tuple[int, ...], countries: str | tuple[str, ...]
) -> Hours:
    hours = WorkingHours(time.fromisoformat(start), time.fromisoformat(end), frozenset(_load(days)))
    return Hours(zone, hours, tuple(_load(countries)))


def _load(value: str | tuple[Any, ...]) -> Sequence[Any]:
    return orjson.loads(value) if isinstance(value, str) else value


_HOURS = """
SELECT m.id AS member_id, l.zone, l.hours_start, l.hours_end, l.days, p.countries
FROM {rows} JOIN members m ON m.id = v.member JOIN alliances l ON l.id = m.alliance_id
LEFT JOIN partners p ON p.id = m.partner_id
"""


def get_hours(session: Session, member_id: str) -> Hours:
    """One member's working time."""
    return get_hours_of(session, {member_id})[member_id]


def get_hours_of(session: Session, members: set[str]) -> dict[str, Hours]:
    """The working time of each of these members."""
    dumped = _dump_members(session, members)
    addresses = _find_addresses(session, dumped)
    source = rows_sql(session, {"member": "text"})
    rows = session.execute(sql(_HOURS.format(rows=source)), {"rows": dumped})
    return {
        row.member_id: _read_hours(
            getattr(addresses.get(row.member_id), "zone", None) or row.zone, row
        )
        for row in rows
    }


def _dump_members(session: Session, members: set[str]) -> str:
    """Their ids, for several statements."""
    return dump_rows(session, ({"member": member} for member in sorted(members)))


def _find_addresses(session: Session, members: str) -> dict[str, Any]:
    """Each member's account that was met last, of those with a home; with its lane, if it has one,
    and when the person last got a note."""
    source = rows_sql(session, {"member": "text"})
    rows = session.execute(sql(_ACCOUNTS.format(rows=source)), {"rows": members})
    return {row.member_id: row for row in rows}


def _lane_key(address: Any) -> str:
    return f"{address.platform}:@{address.person}"


def _make_lanes(session: Session, addresses: Sequence[Any]) -> dict[str, int]:
    """The lanes of people who had none, by their keys."""
    if not addresses:
        return {}
    rows = {
        _lane_key(each): {
            "key": _lane_key(each),
            "platform": each.platform,
            "workspace": each.workspace,
            "person": each.person,
        }
        for each in addresses
    }
    columns = dict.fromkeys(("key", "platform", "workspace", "person"), "text")
    values = {"rows": dump_rows(session, [rows[key] for key in sorted(rows)])}
    source = rows_sql(session, columns)
    session.execute(
        sql(
            "INSERT INTO lanes (key, platform, workspace, person) "
            f"SELECT v.key, v.platform, v.workspace, v.person FROM {source} WHERE NOT EXISTS "
            "(SELECT 1 FROM lanes o WHERE o.key = v.key) ON CONFLICT (key) DO NOTHING"
        ),
        values,
    )
    found = session.execute(
        sql(f"SELECT lanes.id, lanes.key FROM {source} JOIN lanes ON lanes.key = v.key"), values
    )
    return {row.key: int(row.id) for row in found}


def _get_received(session: Session, members: str) -> dict[tuple[str, int], dict[str, str]]:
    """What each member got on each edition, with how it stands."""
    states = ", ".join(f"'{state.value}'" for state in RECEIVED)
    rows = session.execute(
        sql(
            "SELECT s.member_id, s.edition, s.step, s.state FROM "
            f"{rows_sql(session, {'member': 'text'})} "
            "JOIN onboarding_steps s ON s.member_id = v.member "
            f"AND s.state IN ({states})"
        ),
        {"rows": members},
    )
    received: dict[tuple[str, int], dict[str, str]] = {}
    for row in rows:
        received.setdefault((row.member_id, row.edition), {})[row.step] = row.state
    return received


def _store_moments(session: Session, planned: Sequence[Mapping[str, Any]]) -> None:
    """Of most people: the columns that no other index is on stay untouched."""
    if not planned:
        return
    columns = {"id": "text", "step": "text", "next_at": "moment"}
    session.connection().execute(
        sql(
            "UPDATE onboarding_journeys SET step = v.step, next_at = v.next_at, trouble = NULL, "
            f"is_open = false FROM {rows_sql(session, columns)} "
            "WHERE onboarding_journeys.id = v.id AND onboarding_journeys.state = 'active'"
        ),
        {"rows": dump_rows(session, planned)},
    )


def _store(session: Session, planned: Sequence[Mapping[str, Any]]) -> None:
    if not planned:
        return
    columns = {
        "id": "text",
        "step": "text",
        "next_at": "moment",
        "lane": "int",
        "state": "text",
        "ended_at": "moment",
        "trouble": "text",
    }
    session.connection().execute(
        sql(
            "UPDATE onboarding_journeys SET step = v.step, next_at = v.next_at, lane_id = v.lane, "
            "state = v.state, ended_at = v.ended_at, trouble = v.trouble, is_open = false, "
            "told_at = CASE WHEN v.state = 'unreachable' THEN NULL "
            "ELSE onboarding_journeys.told_at END "
            f"FROM {rows_sql(session, columns)} WHERE onboarding_journeys.id = v.id "
            "AND onboarding_journeys.state = 'active'"
        ),
        {"rows": dump_rows(session, planned)},
    )


def reopen(session: Session, journey: Journey) -> None:
    """Work out anew what comes next."""
    journey.is_open, journey.next_at = True, None
    session.add(journey)
    session.flush()


PLAN = Due(name="onboarding_plan", run=plan_open)
