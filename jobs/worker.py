"""The worker: APScheduler ticks, and at each tick what is due is done.

The schedule itself is rows in the database; APScheduler only knows how often to look.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.core.clock import Clock
from bot.db.engine import Database
from bot.delivery.postman import Postman
from bot.dispatch.feature import RecurringJob, Registry
from bot.schedules.firing import Fired, claim_period, fire_due
from jobs import forget_seen_events, prune_deliveries

log = structlog.get_logger(__name__)

DELIVER_EVERY = 0.5
FIRE_EVERY = 1.0
JOBS_EVERY = 30.0
"""Seconds between looks."""

PAUSE = 0.001
"""Seconds between batches, in which others get to write (SQLite has one writer)."""

CORE_JOBS: tuple[RecurringJob, ...] = (forget_seen_events.JOB, prune_deliveries.JOB)


class Worker:
    """Fires reminders, sends what is queued, runs recurring jobs."""

    def __init__(
        self, database: Database, registry: Registry, postman: Postman, *, clock: Clock
    ) -> None:
        self.firings: dict[str, int] = {"fired": 0, "late": 0, "skipped": 0}
        self._database = database
        self._registry = registry
        self._postman = postman
        self._clock = clock
        self._jobs = (*CORE_JOBS, *registry.jobs.values())
        self._stopping = False
        self._under_way: set[asyncio.Task[object]] = set()
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._every(FIRE_EVERY, "fire", self.fire)
        self._every(DELIVER_EVERY, "deliver", self.deliver)
        # Each job ticks by itself, so that one that fails leaves the others alone.
        for job in self._jobs:
            self._every(JOBS_EVERY, job.name, partial(self._run_job, job))
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
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _tick(self, work: Callable[[], Awaitable[object]]) -> None:
        # A task of its own, so that the scheduler's end doesn't cut it off mid-way.
        task = asyncio.ensure_future(work())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await asyncio.shield(task)
        except DBAPIError as error:
            log.warning("database away, trying again", reason=type(error.orig).__name__)

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
        return total

    def _fire_batch(self, session: Session) -> Fired:
        return fire_due(session, now=self._clock())

    def _count(self, batch: Fired) -> None:
        self.firings["fired"] += batch.fired
        self.firings["late"] += batch.late
        self.firings["skipped"] += batch.skipped

    async def deliver(self) -> int:
        """Send all that is due; answers how many attempts were made."""
        return await self._postman.deliver_due()

    async def run_jobs(self) -> None:
        """Run the recurring jobs whose period nobody has taken."""
        for job in self._jobs:
            if self._stopping:
                return
            await self._run_job(job)

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
