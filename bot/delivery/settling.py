"""Settling what became of messages, and giving their lanes back: set-based SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.errors import PlatformError, RetryLater, Uncertain
from bot.db.bulk import (
    among_sql,
    bind_ids,
    bind_moment,
    dump_rows,
    for_update,
    is_sqlite,
    rows_sql,
    sql,
)
from bot.delivery.lanes import Claimed, Fate, Outcome
from bot.delivery.models import DeliveryState

LANE_PATIENCE = 5
"""After so many failed attempts a message is set aside, and its lane goes on."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A message that could not be sent for so long has failed for good."""

FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=15)


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
        "put_off": "bool",
        "uncertain": "bool",
        "channel_ref": "text",
        "message_ref": "text",
        "reason": "text",
    }
    rows = [_row(message, outcome) for outcome in outcomes for message in outcome.message.all()]
    session.connection().execute(
        sql(
            # The lanes' rows are taken before the statement's own work: whoever is queueing into
            # one holds it, and what they queue is seen by the statement after this one.
            f"WITH held AS MATERIALIZED (SELECT id, leased_by FROM lanes "
            f"WHERE {among_sql(session, 'id', 'lanes')} ORDER BY id {for_update(session)}) "
            "UPDATE deliveries SET state = v.state, finished_at = v.finished_at, "
            "not_before = coalesce(v.not_before, deliveries.not_before), "
            "set_aside = coalesce(v.set_aside, false), "
            "attempts = CASE WHEN v.put_off THEN 0 ELSE deliveries.attempts END, "
            "started_at = CASE WHEN v.put_off THEN NULL ELSE deliveries.started_at END, "
            "uncertain = (deliveries.uncertain OR coalesce(v.uncertain, false)), "
            "channel_ref = v.channel_ref, message_ref = v.message_ref, reason = v.reason, "
            "view = CASE WHEN v.finished_at IS NULL THEN deliveries.view ELSE NULL END "
            f"FROM {rows_sql(session, columns)} "
            f"WHERE {among_sql(session, 'deliveries.id')} AND deliveries.id = v.id "
            "AND deliveries.finished_at IS NULL AND (SELECT count(*) FROM held) >= 0 "
            "AND (v.state = 'sent' OR deliveries.lane_id IN "
            "(SELECT id FROM held WHERE leased_by = :worker))"
        ),
        {
            "rows": dump_rows(session, rows),
            "ids": bind_ids(session, [row["id"] for row in rows]),
            "lanes": bind_ids(session, [outcome.message.lane_id for outcome in outcomes]),
            "worker": worker,
        },
    )
    _save_pauses(session, outcomes)
    _note_bundles(session, outcomes)
    release(
        session,
        [(outcome.message.lane_id, outcome.free_at) for outcome in outcomes],
        worker=worker,
        locked=True,
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
            sql(
                "UPDATE lanes SET bundled_at = v.at "
                f"FROM {rows_sql(session, {'lane': 'int', 'at': 'moment'})} "
                "WHERE lanes.id = v.lane"
            ),
            {"rows": dump_rows(session, rows)},
        )


def _row(message: Claimed, outcome: Outcome) -> dict[str, Any]:
    final = outcome.fate is not Fate.AGAIN
    left_out = message.skipped if final else None
    fate = Fate.SKIPPED if left_out else outcome.fate
    reason = left_out or outcome.reason
    receipt = None if left_out else outcome.receipt
    # Once it may have arrived, it stays `sending`, so that it is looked for before each attempt.
    may_be_there = outcome.uncertain or message.must_look
    open_state = DeliveryState.SENDING if may_be_there else DeliveryState.QUEUED
    # What is left out reads as null, and of a message that was sent most is left out.
    row: dict[str, Any] = {"id": message.id, "state": fate.value if final else open_state.value}
    if final:
        row |= {"finished_at": outcome.at, "uncertain": outcome.uncertain}
    else:
        # By the head's count, so that a bundle stays together.
        often = outcome.message.attempts + 1 >= LANE_PATIENCE
        row |= {"set_aside": outcome.is_put_off or often, "put_off": outcome.is_put_off}
    if outcome.retry_at:
        row["not_before"] = outcome.retry_at
    if receipt:
        row |= {"channel_ref": receipt.channel, "message_ref": receipt.message}
    if reason:
        row["reason"] = reason[:200]
    return row


def _save_pauses(session: Session, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.pause_until is None:
            continue
        greatest = "max" if is_sqlite(session) else "greatest"
        session.execute(
            sql(
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


def release(
    session: Session,
    lanes: Sequence[tuple[int, datetime | None]],
    *,
    worker: str,
    locked: bool = False,
) -> None:
    """Give lanes back; each wants a worker again when its next message is due and it is free.

    `locked`: an earlier statement of this transaction holds their rows already.
    """
    if not lanes:
        return
    among, ids = among_sql(session, "lanes.id"), bind_ids(session, [lane for lane, _ in lanes])
    if not locked and not is_sqlite(session):
        # Whoever is queueing into a lane holds its row: wait, and then see what was queued.
        hold = f"SELECT id FROM lanes WHERE {among} ORDER BY id {for_update(session)}"
        session.execute(sql(hold), {"ids": ids})
    greatest = "max" if is_sqlite(session) else "greatest"
    session.execute(
        sql(
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
            FROM {rows_sql(session, {"lane": "int", "free_at": "moment"})}
            WHERE {among} AND lanes.id = v.lane AND lanes.leased_by = :worker
            """
        ),
        {
            "rows": dump_rows(session, ({"lane": lane, "free_at": free} for lane, free in lanes)),
            "ids": ids,
            "worker": worker,
        },
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
