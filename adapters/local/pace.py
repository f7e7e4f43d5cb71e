"""How time passes: the real worker does what is due, while the clock runs or is moved ahead."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, func, select

from adapters.local.clock import PlaygroundClock
from adapters.local.hub import Hub
from adapters.local.world import World
from bot.db.engine import Database
from bot.delivery.models import Lane
from bot.dispatch.feature import Registry
from bot.features.onboarding.models import Journey
from bot.schedules.models import ReminderClock

log = structlog.get_logger(__name__)

TICK = 0.5
"""Seconds between looks while nobody moves the clock."""

LONGEST_STEP = timedelta(hours=12)
"""When the clock is moved ahead, recurring jobs get to run at least this often."""

SMALLEST_STEP = timedelta(seconds=1)

TOGETHER = timedelta(seconds=30)
"""What is sent so soon after something else is part of the same event."""

MOST_QUIET = 8
"""So many scheduled moments in a row may pass with nothing to read, before one is stopped at."""

NOW = "now"


class Works(Protocol):
    """The worker, as far as time needs it."""

    async def work(self) -> Mapping[str, str]:
        """Do all that is due; answers what failed, with the kind of error."""
        ...


class Pace:
    """Moves the clock and lets the worker work; never both at once."""

    def __init__(
        self,
        clock: PlaygroundClock,
        worker: Works,
        database: Database,
        registry: Registry,
        world: World,
        hub: Hub,
    ) -> None:
        self.lock = asyncio.Lock()
        """Held while something is sent: a lease must not run out because the clock was moved."""
        self._clock = clock
        self._worker = worker
        self._database = database
        self._registry = registry
        self._world = world
        self._hub = hub
        self.failing: Mapping[str, str] = {}
        """What the worker could not do when it last looked, with the kind of error."""
        self._sent = 0
        self._is_ending = False
        self._ticking: asyncio.Task[None] | None = None
        self._minute = ""

    def start(self) -> None:
        """Let time pass by itself."""
        self._ticking = asyncio.create_task(self._tick())

    def note_sending(self) -> None:
        """A message of Entente's went out."""
        self._sent += 1

    def end(self) -> None:
        """Begin nothing more; the clock stops where it is on its way."""
        self._is_ending = True

    async def stop(self) -> None:
        """Let time stand still; what is under way is finished, and the moment kept."""
        self.end()
        if self._ticking is not None:
            async with self.lock:
                self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        self._keep()

    async def _tick(self) -> None:
        while not self._is_ending:
            try:
                await self.work()
            except OperationalError as error:
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
            failing = await self._worker.work()
        if failing != self.failing:
            self.failing = failing
            for part, reason in failing.items():
                log.error("part of the worker's round failed", part=part, reason=reason)
            self._hub.publish()

    async def advance(self, by: timedelta) -> None:
        """Move ahead, stopping at every moment at which something is due."""
        await self._advance_to(self._clock() + by)

    async def advance_to_next(self) -> bool:
        """Move ahead until Entente has written something; False if nothing is scheduled.

        What is scheduled need not lead to a message (a holiday, somebody who muted it): then the
        next one counts.
        """
        before = self._sent
        for _ in range(MOST_QUIET):
            upcoming = await self._database.in_read(self._get_next)
            if upcoming is None:
                return self._sent > before
            await self._advance_to(max(upcoming, self._clock()), past=before)
            if self._sent > before or self._is_ending:
                break
        return True

    async def _advance_to(self, target: datetime, *, past: int | None = None) -> None:
        """`past`: stop on the way as soon as more than so many messages have been sent."""
        while not self._is_ending:
            await self.work()
            now = self._clock()
            upcoming = await self._database.in_read(self._get_next)
            has_sent = past is not None and self._sent > past
            if has_sent and (upcoming is None or upcoming > now + TOGETHER):
                break
            if now >= target and not has_sent:
                break
            soonest = min(upcoming or target, now + LONGEST_STEP)
            if not has_sent:
                soonest = min(soonest, target)
            async with self.lock:
                self._clock.move_to(max(soonest, now + SMALLEST_STEP))
        self._keep()
        self._hub.publish()

    def _get_next(self, session: Session) -> datetime | None:
        """The next moment at which something fires or is sent."""
        fires = session.exec(select(func.min(col(ReminderClock.next_at)))).one()
        sends = session.exec(select(func.min(col(Lane.next_at)))).one()
        steps = session.exec(select(func.min(col(Journey.next_at)))).one()
        nudges = [each.at for each in self._registry.foresee(session, now=self._clock())[:1]]
        moments = (fires, sends, steps, *nudges)
        return min((moment for moment in moments if moment is not None), default=None)
