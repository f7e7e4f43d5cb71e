"""4. 100,000 reminders due at one moment, against one bare INSERT … SELECT of the same rows."""

import pickle
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import text
from sqlmodel import Session

from benchmarks import databases
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from bot.db.bulk import bind_moment
from bot.db.engine import Database
from bot.schedules import firing
from bot.schedules.rhythm import Rhythm, next_due
from jobs.worker import PAUSE

REMINDERS = 100_000
LANES = 5_000
ROUNDS = 5
AIMS = {"SQLite": 3.0, "PostgreSQL": 2.0}

_BARE = (
    "INSERT INTO firings (clock_id, reminder_id, due_at, fired_at, state) "
    "SELECT id, reminder_id, next_at, :now, 'fired' FROM reminder_clocks WHERE next_at <= :now",
    "INSERT INTO deliveries (lane_id, alliance_id, state, topic, subject, unasked, set_aside, "
    "uncertain, attempts, created_at, not_before, expires_at) "
    "SELECT t.lane_id, t.alliance_id, 'queued', 'reminder', CAST(f.id AS varchar), "
    "t.member_id IS NOT NULL, false, false, 0, :now, :now, :fresh "
    "FROM firings f JOIN reminder_targets t ON t.clock_id = f.clock_id ORDER BY f.id",
)


@dataclass(frozen=True, slots=True)
class Fired:
    """Seconds until all was committed, and until the first."""

    total: float
    first: float


def run() -> Report:
    """Measure."""
    report = Report(
        name="firing",
        title="100,000 reminders due at one moment",
        how="About 200 different rhythms in five zones, 5,000 channels. Entente's batches as the "
        "worker runs them (short transactions, pauses for other writers, the next moment of each "
        "reminder worked out, lanes woken) against one transaction with two bare "
        "`INSERT … SELECT` of the same firings and deliveries. Medians of five rounds in turn, "
        "each begun without anything memoised. Beside it APScheduler's own "
        "`SQLAlchemyJobStore` with as many interval jobs, once: it reads all that are due, and "
        "stores their next run times one by one.",
        columns=("Database", "What", "Seconds", "Reminders a second", "First committed after"),
    )
    for name, make in databases.BY_NAME.items():
        _compare(report, name, make)
    return report


def _compare(report: Report, name: str, make: Callable[[], AbstractContextManager[str]]) -> None:
    ours, bare = [], []
    with make() as address:
        database = Database(address)
        world = World(database)
        world.add_reminders(REMINDERS, lanes=LANES)
        for _ in range(ROUNDS):
            bare.append(_insert_bare(database))
            _rewind(database, world.moment)
            ours.append(_fire(database))
            _rewind(database, world.moment)
        database.close()
    with make() as address:
        jobs = _run_jobs(address)
    total, first = median(f.total for f in ours), median(f.first for f in ours)
    _add_rows(report, name, Fired(total, first), median(bare), jobs)
    what = f"{name}: seconds, Entente / bare INSERT … SELECT"
    report.ratios += [
        Ratio(what=what, value=total / median(bare), aim=AIMS[name], at_most=True),
        Ratio(
            what=f"{name}: first outbox row committed after",
            value=100 * first / total,
            aim=5,
            at_most=True,
            unit="% of the time",
        ),
    ]


def _add_rows(report: Report, name: str, ours: Fired, bare: float, jobs: float) -> None:
    rate = REMINDERS / ours.total
    report.rows += [
        (name, "Entente", f"{ours.total:.2f}", f"{rate:,.0f}", f"{ours.first * 1000:.0f} ms"),
        (name, "Bare SQL", f"{bare:.2f}", f"{REMINDERS / bare:,.0f}", "at the end"),
        (
            name,
            "APScheduler",
            f"{jobs:.2f}",
            f"{REMINDERS / jobs:,.0f} (Entente: {jobs / ours.total:.0f}×)",
            "",
        ),
    ]


def _fire(database: Database) -> Fired:
    """As `Worker.fire` does."""
    for memo in (firing._work_out, next_due, Rhythm.from_text):
        memo.cache_clear()
    begun, first, fired = time.perf_counter(), 0.0, 0
    while True:
        with database.write() as session:
            batch = firing.fire_due(session, now=datetime.now(UTC)).fired
        first = first or time.perf_counter() - begun
        fired += batch
        if batch == 0:
            break
        time.sleep(PAUSE if database.is_sqlite else 0)
    total = time.perf_counter() - begun
    _check(database, fired)
    return Fired(total, first)


def _check(database: Database, fired: int) -> None:
    with database.read() as session:
        for table in ("firings", "deliveries"):
            found = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            if found != REMINDERS:
                raise AssertionError(f"{found} {table}, {fired} fired")


def _insert_bare(database: Database) -> float:
    now = datetime.now(UTC)

    def values(session: Session) -> dict[str, object]:
        fresh = bind_moment(session, now + timedelta(hours=36))
        return {"now": bind_moment(session, now), "fresh": fresh}

    begun = time.perf_counter()
    with database.write() as session:
        for statement in _BARE:
            session.execute(text(statement), values(session))
    spent = time.perf_counter() - begun
    _check(database, REMINDERS)
    return spent


def _rewind(database: Database, moment: datetime) -> None:
    """All as it was before the moment."""
    with database.write() as session:
        session.execute(text("DELETE FROM deliveries"))
        session.execute(text("DELETE FROM firings"))
        moved = {"at": bind_moment(session, moment)}
        session.execute(text("UPDATE reminder_clocks SET next_at = :at"), moved)
        session.execute(text("UPDATE lanes SET next_at = NULL"))
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in ("deliveries", "firings", "reminder_clocks", "lanes"):
                plain.exec_driver_sql(f"VACUUM ANALYZE {table}")


_ran = threading.Semaphore(0)


def job() -> None:
    """What APScheduler runs."""
    _ran.release()


def _run_jobs(address: str) -> float:
    """The seconds in which APScheduler gets through jobs that are all due."""
    database = Database(address)
    store = SQLAlchemyJobStore(engine=database.engine)
    scheduler = BackgroundScheduler(
        timezone="UTC", jobstores={"default": store}, executors={"default": {"type": "debug"}}
    )
    scheduler.start(paused=True)
    _add_jobs(scheduler, store)
    begun = time.perf_counter()
    scheduler.resume()
    for _ in range(REMINDERS):
        _ran.acquire()
    spent = time.perf_counter() - begun
    scheduler.shutdown()
    database.close()
    return spent


def _add_jobs(scheduler: BackgroundScheduler, store: SQLAlchemyJobStore) -> None:
    """Jobs as the store writes them, but all in one transaction: adding them is not measured."""
    due = datetime.now(UTC) - timedelta(seconds=1)
    trigger = IntervalTrigger(days=1, timezone="UTC")
    made = (
        Job(
            scheduler,
            func=job,
            args=(),
            kwargs={},
            trigger=trigger,
            executor="default",
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
            next_run_time=due,
        )
        for _ in range(REMINDERS)
    )
    rows = [
        {
            "id": one.id,
            "next_run_time": due.timestamp(),
            "job_state": pickle.dumps(one.__getstate__(), store.pickle_protocol),
        }
        for one in made
    ]
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), rows)
