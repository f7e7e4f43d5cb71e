"""5. The outbox on PostgreSQL: claiming and settling, and how it grows with processes."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

import procrastinate
import psycopg
from procrastinate.types import JSONValue
from sqlalchemy import text

from adapters.slack.send import PACE
from benchmarks import databases, drain
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from bot.core.ports import Receipt
from bot.db.engine import Database
from bot.delivery.claiming import claim
from bot.delivery.lanes import Claimed, Fate, Outcome
from bot.delivery.postman import LOOPS
from bot.delivery.settling import settle

BATCH = 100
BATCHES = 60
LEASE = timedelta(seconds=60)
JOBS = 1_500
ROUNDS = 3
MESSAGES = 3_000
PROCESSES = (1, 2, 4)
AIMS = {2: 1.8, 4: 3.0}


def run() -> Report:
    """Measure."""
    report = Report(
        name="outbox",
        title="The outbox on PostgreSQL",
        how="Claim and receipt in batches of 100 (`bot.delivery.claiming` and `settling`), batch "
        "by batch in turn with bare psycopg: the fewest statements that lose no message, claim "
        "and receipt a transaction each. Then a worker process of each kind: Entente's, with its "
        f"{LOOPS} batches under way at once, and procrastinate's, running {JOBS:,} jobs that do "
        "nothing, 20 at a time; medians of three rounds in turn. Then "
        f"{MESSAGES:,} messages to as many channels, drained by processes with a postman each "
        "(the real checks before sending) and a platform that answers after 20 ms; medians of "
        "three rounds in turn.",
        columns=("What", "A second"),
    )
    ours, bare = _compare_batches()
    rounds = [(_run_loops(), _run_procrastinate()) for _ in range(ROUNDS)]
    messages, jobs = (median(found) for found in zip(*rounds, strict=True))
    report.rows += [
        ("Entente, batch by batch: messages claimed and settled", f"{ours:,.0f}"),
        ("Bare SQL, batch by batch: messages claimed and settled", f"{bare:,.0f}"),
        ("Entente, a process: messages claimed and settled", f"{messages:,.0f}"),
        ("procrastinate, a process: jobs that do nothing", f"{jobs:,.0f}"),
    ]
    report.ratios += [
        Ratio(what="Claim and receipt, Entente / bare SQL", value=ours / bare, aim=0.6),
        Ratio(what="Messages / procrastinate's jobs, a second", value=messages / jobs, aim=20),
    ]
    _add_processes(report)
    return report


# -- batches ---------------------------------------------------------------------------------------


def _compare_batches() -> tuple[float, float]:
    """Messages a second of ours, and of the bare SQL."""
    with databases.postgresql() as address:
        database = Database(address)
        count = (BATCHES + 5) * 2 * BATCH
        World(database).add_deliveries(count, lanes=count)
        with psycopg.connect(address) as connection:
            spent: dict[str, list[float]] = {"ours": [], "bare": []}
            held: list[Claimed] = []
            for number in range(BATCHES + 5):
                begun = time.perf_counter()
                held = _one_batch(database, held)
                ours = time.perf_counter() - begun
                bare = _time(lambda: _one_bare_batch(connection))
                if number >= 5:  # statements are prepared by then
                    spent["ours"].append(ours)
                    spent["bare"].append(bare)
            _one_batch(database, held)
            _check(connection, count)
        database.close()
    return BATCH / median(spent["ours"]), BATCH / median(spent["bare"])


def _time(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _one_batch(database: Database, held: list[Claimed]) -> list[Claimed]:
    """Settle a batch and claim the next, in one transaction as a postman does."""
    now = datetime.now(UTC)
    outcomes = [
        Outcome(
            message=message,
            fate=Fate.SENT,
            at=now,
            free_at=PACE.when_free(now, before=message.free_at),
            receipt=Receipt(channel=message.channel or "", message=f"1800000000.{message.id:06d}"),
        )
        for message in held
    ]
    with database.write() as session:
        settle(session, outcomes, worker="bench")
        return claim(session, worker="bench", now=now, lease=LEASE, limit=BATCH)


def _run_loops() -> float:
    """Messages a second of one process, with as many batches under way as a postman has."""
    with databases.postgresql() as address:
        database = Database(address)
        count = (BATCHES + 5) * LOOPS * BATCH
        World(database).add_deliveries(count, lanes=count)
        with ThreadPoolExecutor(LOOPS) as threads:
            # Statements are prepared, and each thread has its connection, by then.
            held = list(threads.map(partial(_run_batches, database, 5), [[]] * LOOPS))
            begun = time.perf_counter()
            held = list(threads.map(partial(_run_batches, database, BATCHES), held))
            spent = time.perf_counter() - begun
        for each in held:
            _one_batch(database, each)
        with psycopg.connect(address) as connection:
            _check(connection, count)
        database.close()
    return BATCHES * LOOPS * BATCH / spent


def _run_batches(database: Database, batches: int, held: list[Claimed]) -> list[Claimed]:
    for _ in range(batches):
        held = _one_batch(database, held)
    return held


_LEASE = (
    "UPDATE lanes SET leased_until = %(until)s, leased_by = 'bare' WHERE id = ANY(ARRAY(SELECT id "
    "FROM lanes WHERE next_at <= %(now)s AND (leased_until IS NULL OR leased_until <= %(now)s) "
    "ORDER BY next_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)) RETURNING id"
)
_START = (
    "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, started_at = %(now)s "
    "WHERE lane_id = ANY(%(lanes)s) AND finished_at IS NULL RETURNING id, lane_id, view"
)
_SENT = (
    "UPDATE deliveries d SET state = 'sent', finished_at = %(now)s, channel_ref = 'C', "
    "message_ref = v.ref, view = NULL FROM unnest(%(ids)s::bigint[], %(refs)s::text[]) AS "
    "v(id, ref) WHERE d.id = v.id"
)
_LOCK = "SELECT id FROM lanes WHERE id = ANY(%(lanes)s) ORDER BY id FOR NO KEY UPDATE"
_FREE = (
    "UPDATE lanes SET leased_until = NULL, leased_by = NULL, free_at = %(free)s, next_at = "
    "(SELECT greatest(min(o.not_before), %(free)s) FROM deliveries o WHERE o.lane_id = lanes.id "
    "AND o.finished_at IS NULL HAVING count(*) > 0) WHERE id = ANY(%(lanes)s)"
)


def _one_bare_batch(connection: psycopg.Connection) -> None:
    now = datetime.now(UTC)
    claimed = {"now": now, "until": now + LEASE, "limit": BATCH}
    with connection.transaction():
        lanes = [row[0] for row in connection.execute(_LEASE, claimed)]
        held = connection.execute(_START, {"now": now, "lanes": lanes}).fetchall()
    ids = [row[0] for row in held]
    refs = [f"1800000000.{number:06d}" for number in ids]
    with connection.transaction():
        # Without this lock and the look at what is queued, a message that comes in now is lost.
        connection.execute(_LOCK, {"lanes": lanes})
        connection.execute(_SENT, {"now": now, "ids": ids, "refs": refs})
        connection.execute(_FREE, {"free": PACE.when_free(now, before=None), "lanes": lanes})


def _check(connection: psycopg.Connection, count: int) -> None:
    found = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'sent'").fetchone()
    if found != (count,):
        raise AssertionError(f"{found} of {count} sent")


# -- procrastinate ---------------------------------------------------------------------------------


def _run_procrastinate() -> float:
    with databases.postgresql() as address:
        return asyncio.run(_run_jobs(address))


async def _run_jobs(address: str) -> float:
    """Jobs a second."""
    connector = procrastinate.PsycopgConnector(conninfo=address, min_size=4, max_size=24)
    app = procrastinate.App(connector=connector)

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        pass

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        jobs: list[dict[str, JSONValue]] = [{"number": number} for number in range(JOBS)]
        await nothing.batch_defer_async(*jobs)
        begun = time.perf_counter()
        await app.run_worker_async(concurrency=20, wait=False, install_signal_handlers=False)
        return JOBS / (time.perf_counter() - begun)


# -- processes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drained:
    """How fast so many processes were."""

    processes: int
    rate: float


def _add_processes(report: Report) -> None:
    rates: dict[int, list[float]] = {processes: [] for processes in PROCESSES}
    with databases.postgresql() as address:
        database = Database(address)
        World(database).add_deliveries(MESSAGES, lanes=MESSAGES)
        for _ in range(ROUNDS):
            for processes, found in rates.items():
                found.append(drain.measure(address, processes=processes, messages=MESSAGES))
                _refill(database)
        database.close()
    medians = {processes: median(found) for processes, found in rates.items()}
    for processes, rate in medians.items():
        report.rows.append((f"Entente: messages sent by {processes} process(es)", f"{rate:,.0f}"))
    report.ratios += [
        Ratio(what=f"{processes} processes / one", value=medians[processes] / medians[1], aim=aim)
        for processes, aim in AIMS.items()
    ]


def _refill(database: Database) -> None:
    """All messages as if they had never been sent."""
    now = datetime.now(UTC)
    with database.write() as session:
        session.execute(
            text(
                "UPDATE deliveries SET state = 'queued', finished_at = NULL, message_ref = NULL, "
                """view = '{"blocks": []}', attempts = 0, started_at = NULL"""
            )
        )
        values = {"now": now}
        session.execute(text("UPDATE lanes SET next_at = :now, free_at = NULL"), values)
    with database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        plain.exec_driver_sql("VACUUM ANALYZE deliveries")
        plain.exec_driver_sql("VACUUM ANALYZE lanes")
