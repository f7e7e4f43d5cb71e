"""How time passes: the real worker does what is due, while the clock runs or is moved ahead."""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from adapters.local.clock import PlaygroundClock
from adapters.local.hub import Hub
from adapters.local.world import World
from bot.db.engine import Database
from bot.delivery.models import Lane
from bot.features.onboarding.models import Journey
from bot.schedules.models import ReminderClock

log = structlog.get_logger(__name__)

TICK = 0.5
"""Seconds between looks while nobody moves the clock."""

LONGEST_STEP = timedelta(hours=6)
"""When the clock is moved ahead, recurring jobs get to run at least this often."""

SMALLEST_STEP = timedelta(seconds=1)
NOW = "now"


class Works(Protocol):
    """The worker, as far as time needs it."""

    async def fire(self) -> object:
        """Fire what is due."""
        ...

    async def deliver(self) -> object:
        """Send what is due."""
        ...

    async def run_jobs(self) -> object:
        """Run the recurring jobs whose period has come."""
        ...


class Pace:
    """Moves the clock and lets the worker work; never both at once."""

    def __init__(
        self, clock: PlaygroundClock, worker: Works, database: Database, world: World, hub: Hub
    ) -> None:
        self.lock = asyncio.Lock()
        """Held while something is sent: a lease must not run out because the clock was moved."""
        self._clock = clock
        self._worker = worker
        self._database = database
        self._world = world
        self._hub = hub
        self._ticking: asyncio.Task[None] | None = None
        self._minute = ""

    def start(self) -> None:
        """Let time pass by itself."""
        self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Let time stand still; what is under way is finished, and the moment kept."""
        if self._ticking is not None:
            async with self.lock:
                self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        self._keep()

    async def _tick(self) -> None:
        while True:
            try:
                await self.work()
            except DBAPIError as error:
                log.warning("database busy, trying again", reason=type(error.orig).__name__)
            minute = f"{self._clock():%H:%M}"
            if minute != self._minute:
                self._minute = minute
                self._keep()
                self._hub.publish()
            await asyncio.sleep(TICK)

    def _keep(self) -> None:
        self._world.set_fact(NOW, self._clock().isoformat())

    async def work(self) -> None:
        """Do what is due at this moment."""
        async with self.lock:
            await self._worker.fire()
            await self._worker.run_jobs()
            await self._worker.deliver()

    async def advance(self, by: timedelta) -> None:
        """Move ahead, stopping at every moment at which something is due."""
        await self._advance_to(self._clock() + by)

    async def advance_to_next(self) -> bool:
        """Move to the next scheduled moment; False if there is none."""
        upcoming = await self._database.in_read(self._get_next)
        if upcoming is None:
            return False
        await self._advance_to(max(upcoming, self._clock()))
        return True

    async def _advance_to(self, target: datetime) -> None:
        while True:
            await self.work()
            now = self._clock()
            if now >= target:
                break
            upcoming = await self._database.in_read(self._get_next)
            soonest = min(upcoming or target, now + LONGEST_STEP, target)
            async with self.lock:
                self._clock.move_to(min(max(soonest, now + SMALLEST_STEP), target))
        self._keep()
        self._hub.publish()

    @staticmethod
    def _get_next(session: Session) -> datetime | None:
        """The next moment at which something fires or is sent."""
        fires = session.exec(select(func.min(col(ReminderClock.next_at)))).one()
        sends = session.exec(select(func.min(col(Lane.next_at)))).one()
        steps = session.exec(select(func.min(col(Journey.next_at)))).one()
        moments = (fires, sends, steps)
        return min((moment for moment in moments if moment is not None), default=None)
