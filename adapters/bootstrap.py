"""The composition root: from settings to a process, put together but not started."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters.asgi import App
from adapters.settings import Settings
from adapters.teams import purge as teams_purge
from adapters.web import documents
from adapters.web.app import Check, make_database_check, make_routes
from adapters.web.metrics import EntenteCollector, Sources
from bot.core.clock import Clock, system_clock
from bot.core.ports import Platform, Platforms
from bot.db.engine import Database
from bot.delivery.postman import Postman
from bot.dispatch.dispatcher import Dispatcher
from bot.dispatch.feature import Feature
from bot.dispatch.prepare import find_next_day, make_prepare, make_unsent
from bot.features.catalogue import make_registry
from jobs.worker import Worker

if TYPE_CHECKING:
    from adapters.slack.process import Access as SlackAccess
    from adapters.slack.process import Slack
    from adapters.teams.process import Access as TeamsAccess
    from adapters.teams.process import Teams


class Adapter(Protocol):
    """A platform's adapter in one process, as running it sees it."""

    @property
    def platform(self) -> Platform:
        """The outbound half."""
        ...

    async def connect(self, *, serves: bool, stop: asyncio.Event) -> None:
        """Connect, however long the platform is away, or until told to stop."""
        ...

    async def follow(self) -> None:
        """Notice what other processes learnt."""
        ...

    async def listen(self) -> None:
        """Read where Entente listens."""
        ...

    async def hush(self) -> None:
        """Hear no more."""
        ...

    async def finish(self) -> None:
        """Wait for what is under way."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


@dataclass(slots=True)
class Entente:
    """One process. `connected`: the platforms that can be written to by now; `probes`: what tells
    how it is, and no more."""

    settings: Settings
    database: Database
    clock: Clock
    postman: Postman
    dispatcher: Dispatcher
    worker: Worker
    asgi: App
    probes: App
    connected: dict[str, Platform]
    slack: "Slack | None" = None
    teams: "Teams | None" = None
    errands: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """Those that are configured, by platform."""
        found: dict[str, Adapter | None] = {"teams": self.teams, "slack": self.slack}
        return {name: adapter for name, adapter in found.items() if adapter is not None}


def build(
    settings: Settings, *, clock: Clock = system_clock, features: tuple[Feature, ...] = ()
) -> Entente:
    """Put a process together. Nothing is opened or started yet."""
    database = Database(settings.database_url)
    registry = make_registry(
        *features, teams_purge.FEATURE, address=settings.public_url, operator=settings.operator
    )
    connected: dict[str, Platform] = {}
    platforms = Platforms(connected)
    postman = Postman(
        database,
        platforms,
        make_prepare(registry),
        clock=clock,
        next_day=find_next_day,
        concurrency=settings.senders,
        lease=timedelta(seconds=settings.lease_seconds),
        unsent=make_unsent(registry),
    )

    async def hurry(lanes: list[int]) -> object:
        return await postman.deliver_due(only=lanes)

    dispatcher = Dispatcher(database, registry, platforms, clock=clock, hurry=hurry)
    worker = Worker(database, registry, postman, clock=clock, platforms=platforms)
    sources = Sources(
        database=database,
        clock=clock,
        dispatcher=dispatcher,
        postman=postman,
        firings=worker.firings,
    )
    collector = CollectorRegistry()
    checks: dict[str, Check] = {"database": make_database_check(database)}
    probes = make_routes(checks, collector)
    routes = [*probes, *documents.make_routes(database, registry, clock)]
    inner = Starlette(routes=routes)
    made = Entente(
        settings,
        database,
        clock,
        postman,
        dispatcher,
        worker,
        asgi=inner,
        probes=Starlette(routes=list(probes)),
        connected=connected,
    )
    if settings.has_teams:
        # Here and not before: its library takes a second or two to import.
        from adapters.teams.process import make_teams

        access = make_teams_access(settings)
        made.teams = make_teams(access, database, dispatcher, made.asgi, clock=clock)
        made.asgi = made.teams.door
    if settings.has_slack:
        from adapters.slack.process import make_slack

        to_slack = make_slack_access(settings)
        made.slack = make_slack(to_slack, database, dispatcher, made.asgi, clock=clock)
        made.asgi = made.slack.door
        inner.router.routes.extend(made.slack.pages)
        checks["slack"] = made.slack.check
    for name, adapter in (("teams", made.teams), ("slack", made.slack)):
        if adapter is not None:
            sources.platform_errors[name] = adapter.platform.errors
            sources.doors[name] = adapter.door.counts.by_outcome
    collector.register(EntenteCollector(sources))
    return made


def make_teams_access(settings: Settings) -> "TeamsAccess":
    """As whom we speak with Microsoft."""
    from adapters.teams.process import Access

    is_single = settings.microsoft_app_type == "SingleTenant"
    return Access(
        app_id=(settings.microsoft_app_id or "").lower(),
        password=_say(settings.microsoft_app_password),
        tenant=settings.microsoft_app_tenant_id if is_single else None,
        timeout=settings.request_timeout,
        targets=settings.teams_targeted,
        local=settings.teams_cloud_url.rstrip("/") if settings.teams_cloud_url else None,
    )


def make_slack_access(settings: Settings) -> "SlackAccess":
    """As whom we speak with Slack."""
    from adapters.slack.process import Access

    return Access(
        api_url=settings.slack_api_url,
        token=_say(settings.slack_bot_token) or None,
        signing_secret=_say(settings.slack_signing_secret),
        app_token=_say(settings.slack_app_token) or None,
        client_id=settings.slack_client_id,
        client_secret=_say(settings.slack_client_secret),
        keys=settings.secret_keys,
        redirect_url=settings.redirect_url,
        timeout=settings.request_timeout,
    )


def _say(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
