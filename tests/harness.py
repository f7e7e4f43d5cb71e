"""The whole bot for tests: real HTTP, a real database, and a clock that the test moves."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from adapters import bootstrap, running
from adapters.settings import Settings, load_settings
from bot.delivery.models import Lane
from bot.dispatch.feature import Feature
from bot.features.onboarding.models import Journey
from bot.schedules.models import ReminderClock
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams

T = TypeVar("T")

MONDAY = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


class ManualClock:
    """A clock that moves when told to."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


def make_settings(
    database_url: str,
    slack: FakeSlack | None,
    teams: FakeTeams | None = None,
    **overrides: object,
) -> Settings:
    """Settings that point at the fakes."""
    values: dict[str, object] = {"_env_file": None, "DATABASE_URL": database_url, "PORT": 0}
    if slack is not None:
        values |= {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
    if teams is not None:
        values |= {
            "MICROSOFT_APP_ID": teams.app_id,
            "MICROSOFT_APP_PASSWORD": teams.password,
            "MICROSOFT_APP_TYPE": "MultiTenant" if teams.is_multi_tenant else "SingleTenant",
            "MICROSOFT_APP_TENANT_ID": None if teams.is_multi_tenant else teams.home,
            "ENTENTE_TEAMS_CLOUD_URL": teams.url,
        }
    return load_settings(**(values | overrides))


class Bot:
    """Entente in a thread of its own, serving HTTP on loopback. Its worker ticks when told to."""

    def __init__(
        self,
        database_url: str,
        slack: FakeSlack | None,
        clock: Callable[[], datetime],
        *,
        teams: FakeTeams | None = None,
        features: tuple[Feature, ...] = (),
        **overrides: object,
    ) -> None:
        settings = make_settings(database_url, slack, teams, **overrides)
        self.entente = bootstrap.build(settings, clock=clock, features=features)
        self.clock = clock
        self.slack = slack
        self.teams = teams
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.call(self._start())
        self.be_called()
        return self

    def be_called(self) -> None:
        """Have the platforms call this process from now on."""
        if self.slack is not None:
            self.slack.events_url = f"{self.url}/slack/events"
        if self.teams is not None:
            self.teams.messages_url = f"{self.url}/api/messages"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        self._server = running.make_server(self.entente)
        self._server.open()
        while not self._server.started:
            await asyncio.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        await running.start(self.entente, serves=True, works=False, stop=asyncio.Event())

    async def _stop(self) -> None:
        await running.shut_down(self.entente, self._server)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the bot's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def set_off(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin a coroutine in the bot's loop, while the test goes on."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def settle(self) -> None:
        """Let everything that was set off come to its end; what a platform's limit of one message
        a second holds up goes out too."""
        self.call(self._settle())
        if isinstance(self.clock, ManualClock):
            self.clock.advance(timedelta(seconds=2))
            self.call(self.entente.worker.deliver())

    async def _settle(self) -> None:
        await self.entente.dispatcher.finish()
        for adapter in self.entente.adapters.values():
            await adapter.finish()
        await self.entente.dispatcher.finish()  # What an adapter said at last is sent, too.
        await running.listen(self.entente)

    def work(self) -> None:
        """What the worker does when it ticks: fire, send, run the recurring jobs."""
        self.call(self._work())

    async def _work(self) -> None:
        await running.listen(self.entente)
        await self.entente.worker.fire()
        await self.entente.worker.run_jobs()
        await self.entente.worker.deliver()

    def advance(self, by: timedelta) -> None:
        """Let time pass: from one due moment to the next, and at least every half day, the worker
        does what is due."""
        assert isinstance(self.clock, ManualClock)
        end = self.clock.now + by
        while self.clock.now < end:
            latest = min(self.clock.now + timedelta(hours=12), end)
            self.clock.now = min(self._next_moment() or latest, latest)
            self.work()

    def _next_moment(self) -> datetime | None:
        now = self.clock()
        moments = self.read(
            lambda session: [
                session.exec(select(func.min(column)).where(column > now)).one()
                for column in (
                    col(ReminderClock.next_at),
                    col(Lane.next_at),
                    col(Journey.next_at),
                )
            ]
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def read(self, work: Callable[[Session], T]) -> T:
        """Look into the database."""
        with self.entente.database.read() as session:
            return work(session)
