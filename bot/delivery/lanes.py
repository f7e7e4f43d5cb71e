"""Claiming lanes and settling what became of their messages: set-based SQL, no rendering.

A worker leases whole lanes, never single deliveries (claiming those directly inverts their order).
A lease that ran out is anybody's; what was `sending` in it may have arrived, so it is looked for
before it is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from sqlalchemy import text
from sqlmodel import Session

from bot.core.errors import PlatformError, RetryLater, Uncertain
from bot.core.ports import Receipt
from bot.db.bulk import (
    bind_moment,
    dump_rows,
    for_update,
    is_sqlite,
    read_moment,
    rows_sql,
    skip_locked,
)
from bot.delivery.models import DeliveryState

SPACING = timedelta(seconds=1)
"""Slack takes one message a second in a channel (docs.slack.dev, rate limits, chat.postMessage)."""

LANE_PATIENCE = 5
"""After so many failed attempts a message is set aside, and its lane goes on."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A message that could not be sent for so long has failed for good."""

FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=15)


@dataclass(slots=True, kw_only=True)
class Claimed:
    """A message that this worker holds, and those bundled with it."""

    id: int
    lane_id: int
    platform: str
    workspace: str
    channel: str | None
    user: str | None
    alliance_id: str | None
    topic: str
    subject: str
    view: dict[str, Any] | None
    thread: str | None
    private_to: str | None
    unasked: bool
    attempts: int
    created_at: datetime
    not_before: datetime
    expires_at: datetime | None
    started_at: datetime | None
    must_look: bool
    bundle: list["Claimed"] = field(default_factory=list)

    def all(self) -> list["Claimed"]:
        """The message and those that travel with it."""
        return [self, *self.bundle]


class Fate(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one attempt at a message."""

    message: Claimed
    fate: Fate
    at: datetime
    receipt: Receipt | None = None
    reason: str | None = None
    retry_at: datetime | None = None
    uncertain: bool = False
    pause_until: datetime | None = None


_COLUMNS = (
    "d.id, d.lane_id, l.platform, l.workspace, l.channel, l.person, d.alliance_id, d.topic, "
    "d.subject, d.view, d.thread, d.private_to, d.unasked, d.attempts, d.created_at, "
    "d.not_before, d.expires_at, d.started_at, d.state"
)


def claim(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Sequence[int] | None = None,
) -> list[Claimed]:
    """Lease up to `limit` due lanes for `worker` and take the message each must send next.

    `only` restricts it to these lanes. Lanes with nothing to send yet are given back at once.
    """
    lanes = _lease(session, worker=worker, now=now, lease=lease, limit=limit, only=only)
    if not lanes:
        return []
    heads = _get_heads(session, lanes, now=now)
    due = [head for head in heads if head.not_before <= now]
    due = _bundle(session, due, now=now)
    _rejoin(session, due)
    _start(session, due, now=now)
    idle = set(lanes) - {head.lane_id for head in due}
    release(session, [(lane, None) for lane in sorted(idle)], worker=worker)
    return due


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
        text(
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
        text(
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
    # Textual SQL: PostgreSQL's driver reads JSON by itself, SQLite's gives the text.
    view = orjson.loads(row.view) if isinstance(row.view, str) else row.view
    return Claimed(
        id=row.id,
        lane_id=row.lane_id,
        platform=row.platform,
        workspace=row.workspace,
        channel=row.channel,
        user=row.person,
        alliance_id=row.alliance_id,
        topic=row.topic,
        subject=row.subject,
        view=view,
        thread=row.thread,
        private_to=row.private_to,
        unasked=bool(row.unasked),
        attempts=row.attempts,
        created_at=read_moment(row.created_at) or datetime.max.replace(tzinfo=UTC),
        not_before=read_moment(row.not_before) or datetime.max.replace(tzinfo=UTC),
        expires_at=read_moment(row.expires_at),
        started_at=read_moment(row.started_at),
        must_look=row.state == DeliveryState.SENDING,
    )


def _bundle(session: Session, heads: list[Claimed], *, now: datetime) -> list[Claimed]:
    """Join what nobody asked for into one message a person and day; put the rest off."""
    unasked = [head for head in heads if head.unasked and not head.must_look]
    if not unasked:
        return heads
    rows = session.execute(
        text(
            f"""
            SELECT {_COLUMNS}, l.bundled_at, a.zone FROM {rows_sql(session, {"lane": "int"})}
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
    put_off: dict[int, datetime] = {}
    for row in rows:
        head = by_lane[row.lane_id]
        zone = _zone(row.zone)
        bundled_at = read_moment(row.bundled_at)
        if bundled_at is not None and _day(bundled_at, zone) >= _day(now, zone):
            put_off[row.id] = _next_morning(now, zone)
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
        text(
            f"""
            SELECT {_COLUMNS}, d.bundled_with FROM {rows_sql(session, {"lane": "int"})}
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


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    morning = datetime.combine(_day(now, zone) + timedelta(days=1), datetime.min.time(), zone)
    return morning.replace(hour=9)


def _put_off(session: Session, until: dict[int, datetime]) -> None:
    if not until:
        return
    columns = {"id": "int", "until": "moment"}
    session.execute(
        text(
            f"UPDATE deliveries SET not_before = v.until, set_aside = true "
            f"FROM {rows_sql(session, columns)} WHERE deliveries.id = v.id"
        ),
        {"rows": dump_rows(session, ({"id": i, "until": at} for i, at in until.items()))},
    )


def _note_bundles(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Note who got something unasked, and when: once a day is enough."""
    rows = [
        {"lane": outcome.message.lane_id, "at": outcome.at}
        for outcome in outcomes
        if outcome.message.unasked and outcome.fate is Fate.SENT
    ]
    if rows:
        session.execute(
            text(
                "UPDATE lanes SET bundled_at = v.at "
                f"FROM {rows_sql(session, {'lane': 'int', 'at': 'moment'})} "
                "WHERE lanes.id = v.lane"
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
            text(
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


def settle(session: Session, outcomes: Sequence[Outcome], *, worker: str) -> None:
    """Store what became of the messages and give their lanes back.

    A receipt always counts. Anything else counts only while `worker` still holds the lane: after
    that it is another's to say.
    """
    if not outcomes:
        return
    columns = {
        "id": "int",
        "state": "text",
        "finished_at": "moment",
        "not_before": "moment",
        "set_aside": "bool",
        "uncertain": "bool",
        "channel_ref": "text",
        "message_ref": "text",
        "reason": "text",
    }
    rows = [_row(message, outcome) for outcome in outcomes for message in outcome.message.all()]
    session.execute(
        text(
            "UPDATE deliveries SET state = v.state, finished_at = v.finished_at, "
            "not_before = coalesce(v.not_before, deliveries.not_before), set_aside = v.set_aside, "
            "uncertain = (deliveries.uncertain OR v.uncertain), channel_ref = v.channel_ref, "
            "message_ref = v.message_ref, reason = v.reason, "
            "view = CASE WHEN v.finished_at IS NULL THEN deliveries.view ELSE NULL END "
            f"FROM {rows_sql(session, columns)} "
            "WHERE deliveries.id = v.id AND deliveries.finished_at IS NULL AND (v.state = 'sent' "
            "OR EXISTS (SELECT 1 FROM lanes WHERE lanes.id = deliveries.lane_id "
            "AND lanes.leased_by = :worker))"
        ),
        {"rows": dump_rows(session, rows), "worker": worker},
    )
    _save_pauses(session, outcomes)
    _note_bundles(session, outcomes)
    release(
        session,
        [
            (outcome.message.lane_id, outcome.at + SPACING if outcome.fate == Fate.SENT else None)
            for outcome in outcomes
        ],
        worker=worker,
    )


def _row(message: Claimed, outcome: Outcome) -> dict[str, Any]:
    final = outcome.fate is not Fate.AGAIN
    # Once it may have arrived, it stays `sending`, so that it is looked for before each attempt.
    may_be_there = outcome.uncertain or message.must_look
    open_state = DeliveryState.SENDING if may_be_there else DeliveryState.QUEUED
    return {
        "id": message.id,
        "state": outcome.fate.value if final else open_state.value,
        "finished_at": outcome.at if final else None,
        "not_before": outcome.retry_at,
        # By the head's count, so that a bundle stays together.
        "set_aside": not final and outcome.message.attempts + 1 >= LANE_PATIENCE,
        "uncertain": outcome.uncertain and final,
        "channel_ref": outcome.receipt.channel if outcome.receipt else None,
        "message_ref": outcome.receipt.message if outcome.receipt else None,
        "reason": outcome.reason[:200] if outcome.reason else None,
    }


def _save_pauses(session: Session, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.pause_until is None:
            continue
        greatest = "max" if is_sqlite(session) else "greatest"
        session.execute(
            text(
                "INSERT INTO pauses (platform, workspace, until) "
                "VALUES (:platform, :workspace, :until) "
                "ON CONFLICT (platform, workspace) DO UPDATE "
                f"SET until = {greatest}(pauses.until, excluded.until)"
            ),
            {
                "platform": outcome.message.platform,
                "workspace": outcome.message.workspace,
                "until": bind_moment(session, outcome.pause_until),
            },
        )


def release(session: Session, lanes: Sequence[tuple[int, datetime | None]], *, worker: str) -> None:
    """Give lanes back; each wants a worker again when its next message is due and it is free."""
    if not lanes:
        return
    rows = dump_rows(session, ({"lane": lane, "free_at": free} for lane, free in lanes))
    source = rows_sql(session, {"lane": "int", "free_at": "moment"})
    if not is_sqlite(session):
        # Whoever is queueing into a lane holds its row: wait, and then see what was queued.
        session.execute(
            text(
                f"SELECT id FROM lanes WHERE id IN (SELECT lane FROM {source}) "
                f"ORDER BY id {for_update(session)}"
            ),
            {"rows": rows},
        )
    greatest = "max" if is_sqlite(session) else "greatest"
    session.execute(
        text(
            f"""
            UPDATE lanes SET leased_until = NULL, leased_by = NULL,
              free_at = coalesce(v.free_at, lanes.free_at),
              next_at = (
                -- PostgreSQL's greatest() passes over NULL: an empty lane must be asked about.
                SELECT CASE WHEN min(o.not_before) IS NOT NULL THEN {greatest}(min(o.not_before),
                  coalesce(v.free_at, lanes.free_at, min(o.not_before))) END
                FROM (
                  SELECT not_before FROM (
                    SELECT not_before FROM deliveries WHERE lane_id = lanes.id
                    AND finished_at IS NULL AND NOT set_aside ORDER BY id LIMIT 1) AS head
                  UNION ALL
                  SELECT not_before FROM deliveries WHERE lane_id = lanes.id
                  AND finished_at IS NULL AND set_aside
                ) AS o)
            FROM {source} WHERE lanes.id = v.lane AND lanes.leased_by = :worker
            """
        ),
        {"rows": rows, "worker": worker},
    )


def failure(message: Claimed, error: PlatformError, *, now: datetime, jitter: float) -> Outcome:
    """What to do after an attempt failed: again later, with backoff, or give up.

    `jitter` (0–1) spreads retries that failed together.
    """
    passing = isinstance(error, RetryLater | Uncertain)
    if not passing or now - (message.started_at or now) > GIVE_UP_AFTER:
        return Outcome(message=message, fate=Fate.FAILED, at=now, reason=error.reason)
    backoff = min(FIRST_BACKOFF * 2 ** min(message.attempts, 12), LONGEST_BACKOFF)
    wait = backoff * (1 + jitter) / 2
    pause_until = None
    if isinstance(error, RetryLater) and error.after is not None:
        wait = max(timedelta(seconds=error.after), wait if error.after == 0 else timedelta())
        pause_until = now + wait if error.everywhere else None
    return Outcome(
        message=message,
        fate=Fate.AGAIN,
        at=now,
        reason=error.reason,
        retry_at=now + wait,
        uncertain=isinstance(error, Uncertain),
        pause_until=pause_until,
    )
