"""The worker: APScheduler ticks, and at each tick what is due is done.

The schedule itself is rows in the database; APScheduler only knows how often to look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from bot.core.clock import Clock
from bot.core.errors import PlatformError, RetryLater
from bot.core.ports import Platforms, Profile, Query
from bot.db.engine import Database
from bot.delivery.postman import Postman
from bot.dispatch.feature import Due, Errand, RecurringJob, Registry
from bot.schedules.firing import Fired, claim_period, fire_due
from jobs import forget_seen_events, prune_deliveries, purge_removed

log = structlog.get_logger(__name__)

DELIVER_EVERY = 0.5
FIRE_EVERY = 1.0
JOBS_EVERY = 30.0
"""Seconds between looks."""

PAUSE = 0.001
"""Seconds between batches, in which others get to write (SQLite has one writer)."""

CORE_JOBS: tuple[RecurringJob, ...] = (
    forget_seen_events.JOB,
    prune_deliveries.JOB,
    purge_removed.JOB,
)


class Worker:
    """Fires reminders, sends what is queued, runs recurring jobs."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        postman: Postman,
        *,
        clock: Clock,
        platforms: Platforms | None = None,
    ) -> None:
        self.firings: dict[str, int] = {"fired": 0, "late": 0, "skipped": 0}
        self._database = database
        self._registry = registry
        self._postman = postman
        self._clock = clock
        self._platforms = platforms or Platforms()
        self._jobs = (*CORE_JOBS, *registry.jobs.values())
        self._stopping = False
        self._under_way: set[asyncio.Task[Any]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._every(FIRE_EVERY, "fire", self.fire)
        self._every(DELIVER_EVERY, "deliver", self.deliver)
        # Each job ticks by itself, so that one that fails leaves the others alone.
        for job in self._jobs:
            self._every(JOBS_EVERY, job.name, partial(self._run_job, job))
        for errand in self._registry.errands.values():
            self._every(JOBS_EVERY, errand.name, partial(self._run_errand, errand))
        self._scheduler.start()

    def _every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self._scheduler.add_job(
            self._tick,
            "interval",
            [work],
            id=name,
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    async def stop(self) -> None:
        """Begin nothing more; what is being sent is finished and stored."""
        self._stopping = True
        self._postman.stop()
        if not self._scheduler.running:
            return
        # Its end cuts off what it began and calls that an error: that comes last.
        self._scheduler.pause()
        await asyncio.sleep(0)  # What has just been begun gets to see that it must not.
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._scheduler.shutdown(wait=False)

    async def _tick(self, work: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.current_task()
        if self._stopping or task is None:
            return
        self._under_way.add(task)
        try:
            await work()
        except DBAPIError as error:
            log.warning("database away, trying again", reason=type(error.orig).__name__)
        finally:
            self._under_way.discard(task)

    async def fire(self) -> Fired:
        """Fire all that is due; answers what was done."""
        total = Fired()
        while not self._stopping:
            batch = await self._database.in_write(self._fire_batch)
            if batch.looked_at == 0:
                break
            total = Fired(
                fired=total.fired + batch.fired,
                late=total.late + batch.late,
                skipped=total.skipped + batch.skipped,
            )
            self._count(batch)
            await asyncio.sleep(PAUSE if self._database.is_sqlite else 0)
        for due in self._registry.due:
            await self._fire_others(due)
        return total

    async def _fire_others(self, due: Due) -> None:
        while not self._stopping:
            done = await self._database.in_write(
                lambda session: due.run(self._registry, session, self._clock())
            )
            if done == 0:
                return
            await asyncio.sleep(PAUSE if self._database.is_sqlite else 0)

    def _fire_batch(self, session: Session) -> Fired:
        return fire_due(session, now=self._clock())

    def _count(self, batch: Fired) -> None:
        self.firings["fired"] += batch.fired
        self.firings["late"] += batch.late
        self.firings["skipped"] += batch.skipped

    async def work(self) -> Mapping[str, str]:
        """Do all that is due, in one transaction, and send it: for a process that has its database
        to itself. What fails leaves the rest alone, is undone and comes up again at the next round;
        answers which parts that were, with the kind of error."""
        failed = dict(await self._database.in_write(self._do_all))
        for errand in self._registry.errands.values():
            try:
                await self._run_errand(errand)
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - one errand must not hold up the others
                failed[errand.name] = type(error).__name__
        await self.deliver()
        return failed

    def _do_all(self, session: Session) -> Mapping[str, str]:
        now = self._clock()
        parts: list[tuple[str, Callable[[], object]]] = [
            ("fire", partial(self._fire_all, session)),
            *(
                (due.name, partial(_until_nothing, partial(due.run, self._registry, session, now)))
                for due in self._registry.due
            ),
            *((job.name, partial(self._run_whole_job, session, job, now)) for job in self._jobs),
        ]
        done = {name: _do_apart(session, part) for name, part in parts}
        return {name: reason for name, reason in done.items() if reason is not None}

    def _fire_all(self, session: Session) -> None:
        while (batch := self._fire_batch(session)).looked_at:
            self._count(batch)

    def _run_whole_job(self, session: Session, job: RecurringJob, now: datetime) -> None:
        if claim_period(session, job.name, every=job.every, now=now):
            _until_nothing(partial(job.run, self._registry, session, now))

    async def deliver(self) -> int:
        """Send all that is due; answers how many attempts were made."""
        return await self._postman.deliver_due()

    async def run_jobs(self) -> None:
        """Run the recurring jobs whose period nobody has taken."""
        for job in self._jobs:
            if self._stopping:
                return
            await self._run_job(job)
        for errand in self._registry.errands.values():
            await self._run_errand(errand)

    async def _run_errand(self, errand: Errand) -> None:
        now = self._clock()

        def begin(session: Session) -> list[tuple[str, Query]]:
            if not claim_period(session, errand.name, every=errand.every, now=now):
                return []
            return list(errand.ask(self._registry, session, now))

        asked = await self._database.in_write(begin)
        while asked and not self._stopping:
            found = [await self._fetch(platform, query) for platform, query in asked]

            def store(
                session: Session,
                asked: list[tuple[str, Query]] = asked,
                found: list[Profile | PlatformError] = found,
            ) -> list[tuple[str, Query]]:
                more = errand.store(self._registry, session, asked, found, now)
                return list(errand.ask(self._registry, session, now)) if more else []

            asked = await self._database.in_write(store)

    async def _fetch(self, name: str, query: Query) -> Profile | PlatformError:
        platform = self._platforms.by_name.get(name)
        if platform is None:
            return RetryLater("platform not connected here")
        if self._stopping:
            return RetryLater("stopping")
        try:
            return await platform.fetch(query)
        except PlatformError as error:
            return error

    async def _run_job(self, job: RecurringJob) -> None:
        now = self._clock()

        def begin(session: Session) -> bool:
            if not claim_period(session, job.name, every=job.every, now=now):
                return False
            return job.run(self._registry, session, now)

        more = await self._database.in_write(begin)
        while more and not self._stopping:
            await asyncio.sleep(PAUSE)
            more = await self._database.in_write(
                lambda session: job.run(self._registry, session, now)
            )


def _do_apart(session: Session, part: Callable[[], object]) -> str | None:
    """Do one part of a round; if it fails, that part alone is undone, and the kind of error the
    answer."""
    try:
        with session.begin_nested():
            part()
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - one part must not hold up the others
        return type(error).__name__
    return None


def _until_nothing(more: Callable[[], object]) -> None:
    while more():
        pass
