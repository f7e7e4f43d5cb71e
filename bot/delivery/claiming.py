"""Claiming lanes: which messages a worker must send next. Set-based SQL, no rendering."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from sqlmodel import Session

from bot.db.bulk import (
    bind_moment,
    dump_rows,
    is_sqlite,
    read_moment,
    rows_sql,
    skip_locked,
    sql,
)
from bot.delivery.elsewhere import NOWHERE, find_elsewhere
from bot.delivery.lanes import Claimed
from bot.delivery.models import DeliveryState
from bot.delivery.settling import release

FRIDAY = 4

FAR_AHEAD = datetime.max.replace(tzinfo=UTC)

NextDay = Callable[[Session, Claimed, datetime, ZoneInfo], datetime]
"""When a direct message that has to wait for another day goes out, in its reader's zone."""


def get_next_morning(
    _session: Session, _message: Claimed, now: datetime, zone: ZoneInfo
) -> datetime:
    """Nine o'clock on the next of the days from Monday to Friday: where no hours are known."""
    day = _day(now, zone) + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    return datetime.combine(day, time(9), zone)


WIDTH = 20
_COLUMNS = (
    "d.id, d.lane_id, l.platform, l.workspace, l.channel, l.person, d.alliance_id, d.topic, "
    "d.subject, d.view, d.thread, d.private_to, d.unasked, d.attempts, d.created_at, "
    "d.not_before, d.expires_at, d.started_at, d.state, l.free_at"
)


def claim(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Sequence[int] | None = None,
    next_day: NextDay = get_next_morning,
) -> list[Claimed]:
    """Lease up to `limit` due lanes for `worker` and take the message each must send next.

    `only` restricts it to these lanes. Lanes with nothing to send yet are given back at once. What
    nobody asked for and has to wait for another day goes out at `next_day`.
    """
    if is_sqlite(session):
        plain: list[Claimed] = []
        lanes = _lease(session, worker=worker, now=now, lease=lease, limit=limit, only=only)
    else:
        plain, lanes = _claim_plain(
            session, worker=worker, now=now, lease=lease, limit=limit, only=only
        )
    if not lanes:
        return plain
    heads = _get_heads(session, lanes, now=now)
    due = [head for head in heads if head.not_before <= now]
    due = _bundle(session, due, now=now, next_day=next_day)
    _rejoin(session, due)
    _start(session, due, now=now)
    idle = set(lanes) - {head.lane_id for head in due}
    release(session, [(lane, None) for lane in sorted(idle)], worker=worker)
    return [*plain, *due]


_PLAIN = f"""
WITH due AS (
  SELECT l.id FROM lanes l
  WHERE l.next_at <= :now AND (l.leased_until IS NULL OR l.leased_until <= :now) {{among}}
  AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.platform = l.platform
                  AND p.workspace = l.workspace AND p.until > :now)
  ORDER BY l.next_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
), l AS (
  UPDATE lanes SET leased_until = :until, leased_by = :worker
  WHERE lanes.id = ANY(ARRAY(SELECT id FROM due)) RETURNING lanes.*
), d AS (
  SELECT h.* FROM l JOIN LATERAL (
    SELECT * FROM deliveries o WHERE o.lane_id = l.id AND o.finished_at IS NULL
    AND (NOT o.set_aside OR o.not_before <= :now) ORDER BY o.id LIMIT 1
  ) h ON h.state = 'queued' AND NOT h.unasked AND h.not_before <= :now
), started AS (
  UPDATE deliveries SET state = 'sending', attempts = deliveries.attempts + 1,
    started_at = coalesce(deliveries.started_at, :now), bundled_with = NULL
  FROM d WHERE deliveries.id = d.id
)
SELECT l.id AS lane, {_COLUMNS} FROM l LEFT JOIN d ON d.lane_id = l.id
"""


def _claim_plain(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Sequence[int] | None,
) -> tuple[list[Claimed], list[int]]:
    """On PostgreSQL: lease lanes and begin their next messages in one statement, where these are
    ordinary. Answers them, and the lanes that need a closer look: bundles, messages that may have
    arrived, and lanes with nothing to send yet."""
    among = f"AND l.id IN ({', '.join(str(int(lane)) for lane in only)})" if only else ""
    rows = (
        session.connection()
        .execute(
            sql(_PLAIN.format(among=among)),
            {"until": now + lease, "worker": worker, "now": now, "limit": limit},
        )
        .all()
    )
    plain, others = [], []
    for row in rows:
        if row.id is None:
            others.append(int(row.lane))
        else:
            plain.append(_to_claimed(row))
    return plain, others


def _lease(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Sequence[int] | None,
) -> list[int]:
    among = f"AND l.id IN ({', '.join(str(int(lane)) for lane in only)})" if only else ""
    rows = session.execute(
        sql(
            f"""
            UPDATE lanes SET leased_until = :until, leased_by = :worker WHERE id IN (
              SELECT l.id FROM lanes l
              WHERE l.next_at <= :now AND (l.leased_until IS NULL OR l.leased_until <= :now) {among}
              AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.platform = l.platform
                              AND p.workspace = l.workspace AND p.until > :now)
              ORDER BY l.next_at LIMIT :limit {skip_locked(session)}
            ) RETURNING id
            """
        ),
        {
            "until": bind_moment(session, now + lease),
            "worker": worker,
            "now": bind_moment(session, now),
            "limit": limit,
        },
    )
    return [int(row[0]) for row in rows]


def _get_heads(session: Session, lanes: Sequence[int], *, now: datetime) -> list[Claimed]:
    """The oldest open message of each lane; one that is set aside counts once it is due."""
    rows = session.execute(
        sql(
            f"""
            SELECT {_COLUMNS} FROM {rows_sql(session, {"lane": "int"})}
            JOIN lanes l ON l.id = v.lane JOIN deliveries d ON d.id = (
              SELECT o.id FROM deliveries o WHERE o.lane_id = l.id AND o.finished_at IS NULL
              AND (NOT o.set_aside OR o.not_before <= :now) ORDER BY o.id LIMIT 1)
            """
        ),
        {
            "rows": dump_rows(session, ({"lane": lane} for lane in lanes)),
            "now": bind_moment(session, now),
        },
    )
    return [_to_claimed(row) for row in rows]


def _to_claimed(row: Any) -> Claimed:
    # By position, in the order of _COLUMNS: this runs for every message.
    (
        number,
        lane_id,
        platform,
        workspace,
        channel,
        person,
        alliance_id,
        topic,
        subject,
        view,
        thread,
        private_to,
        unasked,
        attempts,
        created_at,
        not_before,
        expires_at,
        started_at,
        state,
        free_at,
    ) = row[-WIDTH:]
    return Claimed(
        id=number,
        lane_id=lane_id,
        platform=platform,
        workspace=workspace,
        channel=channel,
        user=person,
        alliance_id=alliance_id,
        topic=topic,
        subject=subject,
        # Textual SQL: PostgreSQL's driver reads JSON by itself, SQLite's gives the text.
        view=orjson.loads(view) if isinstance(view, str) else view,
        thread=thread,
        private_to=private_to,
        unasked=bool(unasked),
        attempts=attempts,
        created_at=read_moment(created_at) or FAR_AHEAD,
        not_before=read_moment(not_before) or FAR_AHEAD,
        expires_at=read_moment(expires_at),
        started_at=read_moment(started_at),
        must_look=state == DeliveryState.SENDING,
        free_at=read_moment(free_at),
    )


def _bundle(
    session: Session, heads: list[Claimed], *, now: datetime, next_day: NextDay
) -> list[Claimed]:
    """Join what nobody asked for into one message a person and day, over all their accounts; put
    the rest off."""
    unasked = [head for head in heads if head.unasked and not head.must_look]
    if not unasked:
        return heads
    rows = session.execute(
        sql(
            f"""
            SELECT l.bundled_at, a.zone, {_COLUMNS} FROM {rows_sql(session, {"lane": "int"})}
            JOIN lanes l ON l.id = v.lane
            JOIN deliveries d ON d.lane_id = l.id AND d.finished_at IS NULL AND d.unasked
              AND d.not_before <= :now AND d.state = 'queued'
            LEFT JOIN accounts a ON a.platform = l.platform AND a.external_id = l.person
            ORDER BY d.id
            """
        ),
        {
            "rows": dump_rows(session, ({"lane": head.lane_id} for head in unasked)),
            "now": bind_moment(session, now),
        },
    ).all()
    by_lane = {head.lane_id: head for head in unasked}
    elsewhere = find_elsewhere(session, unasked, now=now)
    put_off: dict[int, tuple[datetime, datetime | None]] = {}
    for row in rows:
        head = by_lane[row.lane_id]
        zone = _zone(row.zone)
        other = elsewhere.get(head.lane_id, NOWHERE)
        bundled = (read_moment(row.bundled_at), other.bundled_at)
        has_had = any(at is not None and _day(at, zone) >= _day(now, zone) for at in bundled)
        if has_had or other.goes_before(head):
            message = _to_claimed(row)
            put_off[row.id] = _wait(message, until=next_day(session, message, now, zone))
        elif row.id != head.id:
            head.bundle.append(_to_claimed(row))
    _put_off(session, put_off)
    return [head for head in heads if head.id not in put_off]


def _rejoin(session: Session, heads: Sequence[Claimed]) -> None:
    """What travelled together may have arrived together: it is looked for and sent as one."""
    by_id = {head.id: head for head in heads if head.must_look and head.unasked}
    if not by_id:
        return
    rows = session.execute(
        sql(
            f"""
            SELECT d.bundled_with, {_COLUMNS} FROM {rows_sql(session, {"lane": "int"})}
            JOIN lanes l ON l.id = v.lane
            JOIN deliveries d ON d.lane_id = l.id AND d.finished_at IS NULL
              AND d.bundled_with IS NOT NULL AND d.state = 'sending'
            ORDER BY d.id
            """
        ),
        {"rows": dump_rows(session, ({"lane": head.lane_id} for head in by_id.values()))},
    )
    for row in rows:
        if row.bundled_with in by_id:
            by_id[row.bundled_with].bundle.append(_to_claimed(row))


def give_back(session: Session, messages: Sequence[Claimed]) -> None:
    """Those of a bundle that a message has no room for wait for another day's, as if they had not
    been claimed."""
    session.execute(
        sql(
            "UPDATE deliveries SET state = 'queued', attempts = attempts - 1, started_at = NULL, "
            f"bundled_with = NULL FROM {rows_sql(session, {'id': 'int'})} "
            "WHERE deliveries.id = v.id AND deliveries.state = 'sending'"
        ),
        {"rows": dump_rows(session, ({"id": message.id} for message in messages))},
    )


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _wait(message: Claimed, *, until: datetime) -> tuple[datetime, datetime | None]:
    """Until when a message waits, and when it expires: no sooner for having had to wait."""
    if message.expires_at is None:
        return until, None
    return until, message.expires_at + (until - message.not_before)


def _put_off(session: Session, until: dict[int, tuple[datetime, datetime | None]]) -> None:
    if not until:
        return
    columns = {"id": "int", "until": "moment", "expires": "moment"}
    rows = (
        {"id": number, "until": at, "expires": expires} for number, (at, expires) in until.items()
    )
    session.execute(
        sql(
            f"UPDATE deliveries SET not_before = v.until, expires_at = v.expires, "
            f"set_aside = true FROM {rows_sql(session, columns)} WHERE deliveries.id = v.id"
        ),
        {"rows": dump_rows(session, rows)},
    )


def _start(session: Session, heads: Sequence[Claimed], *, now: datetime) -> None:
    rows = [
        {"id": message.id, "head": None if message is head else head.id}
        for head in heads
        for message in head.all()
    ]
    if rows:
        session.execute(
            sql(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, "
                "started_at = coalesce(started_at, :now), bundled_with = v.head "
                f"FROM {rows_sql(session, {'id': 'int', 'head': 'int'})} "
                "WHERE deliveries.id = v.id"
            ),
            {
                "now": bind_moment(session, now),
                "rows": dump_rows(session, rows),
            },
        )
