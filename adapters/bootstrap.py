"""The composition root: from settings to running processes."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import aiohttp
import structlog
import uvicorn
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.applications import Starlette

from adapters.asgi import App
from adapters.serving import Server
from adapters.settings import Settings
from adapters.slack import oauth, tokens
from adapters.slack.app import SlackApp, SocketHandler
from adapters.slack.door import Door, Listening
from adapters.slack.oauth import OAuth, make_installed
from adapters.slack.send import SlackPlatform
from adapters.slack.tokens import Tokens
from adapters.slack.vault import Vault
from adapters.teams import purge as teams_purge
from adapters.web import documents
from adapters.web.app import Check, make_routes
from adapters.web.metrics import EntenteCollector, Sources
from bot.core.clock import Clock, system_clock
from bot.core.errors import DatabaseNotReady
from bot.core.ports import Platform, Platforms
from bot.db import migrate
from bot.db.engine import Database
from bot.db.revisions import get_number
from bot.delivery.postman import Postman
from bot.dispatch.dispatcher import Dispatcher
from bot.dispatch.feature import Feature
from bot.dispatch.prepare import make_prepare
from bot.features.catalogue import make_registry
from bot.people import accounts, channels, installations
from jobs.worker import Worker

if TYPE_CHECKING:
    from adapters.teams.process import Access, Teams

log = structlog.get_logger(__name__)

REFRESH = 1.0
"""Seconds between looks for changes that other processes made."""

SWITCH_INTERVAL = 0.0005
"""Seconds: the loop and the writer thread hand an event to each other four times, and with
Python's usual 5 ms each may wait that long for its turn."""

STOP_WITHIN = 7.0
"""Seconds in which a process must be gone after SIGTERM."""

NOT_OUR_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)


@dataclass(slots=True)
class Slack:
    """All of Slack's adapter in one process."""

    client: AsyncWebClient
    platform: SlackPlatform
    app: SlackApp
    door: Door | None = None
    socket: SocketHandler | None = None


@dataclass(slots=True)
class Entente:
    """One process, put together but not started."""

    settings: Settings
    database: Database
    clock: Clock
    postman: Postman
    dispatcher: Dispatcher
    worker: Worker
    slack: Slack | None
    teams: "Teams | None"
    asgi: App
    errands: set[asyncio.Task[None]] = field(default_factory=set)


def build(
    settings: Settings, *, clock: Clock = system_clock, features: tuple[Feature, ...] = ()
) -> Entente:
    """Put a process together. Nothing is opened or started yet."""
    database = Database(settings.database_url)
    registry = make_registry(*features, teams_purge.FEATURE, address=settings.public_url)
    client, slack_platform, kept = _make_slack_client(settings, database, clock)
    by_name: dict[str, Platform] = {"slack": slack_platform} if slack_platform else {}
    platforms = Platforms(by_name)
    postman = Postman(
        database,
        platforms,
        make_prepare(registry),
        clock=clock,
        concurrency=settings.senders,
        lease=timedelta(seconds=settings.lease_seconds),
    )

    async def hurry(lanes: list[int]) -> object:
        return await postman.deliver_due(only=lanes)

    dispatcher = Dispatcher(database, registry, platforms, clock=clock, hurry=hurry)
    worker = Worker(database, registry, postman, clock=clock, platforms=platforms)
    sources = Sources(
        database=database, dispatcher=dispatcher, postman=postman, firings=worker.firings
    )
    collector = CollectorRegistry()
    checks: dict[str, Check] = {"database": _make_database_check(database)}
    routes = [*make_routes(checks, collector), *documents.make_routes(database, registry, clock)]
    inner = Starlette(routes=routes)
    asgi: App = inner
    teams: Teams | None = None
    slack: Slack | None = None
    if settings.has_teams:
        # Here and not before: its library takes a second or two to import.
        from adapters.teams.process import make_teams

        teams = make_teams(make_access(settings), database, dispatcher, asgi, clock=clock)
        by_name["teams"] = teams.platform
        sources.platform_errors["teams"] = teams.platform.errors
        sources.doors["teams"] = make_door_counts(teams.door)
        asgi = teams.door
    if client is not None and slack_platform is not None:
        slack = _make_slack(settings, client, slack_platform, dispatcher, asgi, kept)
        if kept is not None:
            pages = _make_oauth(settings, database, client, kept, slack.app, clock)
            inner.router.routes.extend(pages.make_routes())
        sources.platform_errors["slack"] = slack_platform.errors
        checks["slack"] = _make_slack_check(slack)
        if slack.door is not None:
            sources.doors["slack"] = make_door_counts(slack.door)
            asgi = slack.door
    collector.register(EntenteCollector(sources))
    return Entente(settings, database, clock, postman, dispatcher, worker, slack, teams, asgi)


def make_access(settings: Settings) -> "Access":
    """As whom we speak with Microsoft."""
    from adapters.teams.process import Access

    password = settings.microsoft_app_password
    is_single = settings.microsoft_app_type == "SingleTenant"
    return Access(
        app_id=(settings.microsoft_app_id or "").lower(),
        password=password.get_secret_value() if password else "",
        tenant=settings.microsoft_app_tenant_id if is_single else None,
        timeout=settings.request_timeout,
        local=settings.teams_cloud_url.rstrip("/") if settings.teams_cloud_url else None,
    )


def _make_slack_client(
    settings: Settings, database: Database, clock: Clock
) -> tuple[AsyncWebClient | None, SlackPlatform | None, Tokens | None]:
    if not settings.has_slack:
        return None, None, None
    token, timeout = settings.slack_bot_token, settings.request_timeout
    client = AsyncWebClient(
        token.get_secret_value() if token else None,
        base_url=settings.slack_api_url.rstrip("/") + "/",
        timeout=int(max(timeout, 1)),
        # No retries of the library's: a request that broke may have arrived (the outbox looks).
        retry_handlers=[],
    )
    kept = None
    if settings.has_many_workspaces:
        kept = Tokens(
            database,
            client,
            Vault(settings.secret_keys, purpose=tokens.PURPOSE),
            clock=clock,
            client_id=settings.slack_client_id or "",
            client_secret=_say(settings.slack_client_secret),
            patience=timeout,
        )
    return client, SlackPlatform(client, request_timeout=timeout, tokens=kept), kept


def _make_oauth(
    settings: Settings,
    database: Database,
    client: AsyncWebClient,
    kept: Tokens,
    app: SlackApp,
    clock: Clock,
) -> OAuth:
    return OAuth(
        database,
        client,
        kept,
        Vault(settings.secret_keys, purpose=oauth.PURPOSE),
        clock=clock,
        client_id=settings.slack_client_id or "",
        client_secret=_say(settings.slack_client_secret),
        redirect_url=settings.redirect_url,
        authorize_url=oauth.get_authorize_url(settings.slack_api_url),
        announce=app.announce,
        follow=app.follow,
    )


def _say(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _make_slack(
    settings: Settings,
    client: AsyncWebClient,
    platform: SlackPlatform,
    dispatcher: Dispatcher,
    inner: App,
    kept: Tokens | None,
) -> Slack:
    listening = Listening()
    app = SlackApp(client, platform, dispatcher, listening, kept)
    secret = settings.slack_signing_secret
    door = Door(
        inner,
        app.handle,
        signing_secret=secret.get_secret_value() if secret else "",
        listening=listening,
        wants_text=dispatcher.watching.wants,
    )
    return Slack(client, platform, app, door)


def _make_database_check(database: Database) -> Check:
    async def check() -> str | None:
        try:
            await asyncio.to_thread(migrate.check_ready, database)
        except (DatabaseNotReady, DBAPIError) as error:
            return str(error).splitlines()[0]
        return None

    return check


def _make_slack_check(slack: Slack) -> Check:
    async def check() -> str | None:
        if not slack.app.is_connected:
            return "not connected to Slack yet"
        if slack.socket is not None and not await slack.socket.client.is_connected():
            return "the socket to Slack is down"
        return None

    return check


class Counted(Protocol):
    """A door's figures."""

    turned_away: int
    passed: int
    refused: dict[str, int]


class HasCounts(Protocol):
    """A door."""

    @property
    def counts(self) -> Counted:
        """Its figures."""
        ...


def make_door_counts(door: HasCounts) -> Callable[[], dict[str, int]]:
    """A door's figures by outcome."""

    def read() -> dict[str, int]:
        counts = door.counts
        refused = {f"refused_{reason}": number for reason, number in counts.refused.items()}
        return {"turned_away": counts.turned_away, "passed": counts.passed, **refused}

    return read


async def run(entente: Entente, *, serves: bool, works: bool) -> None:
    """Run until SIGTERM or SIGINT. Raises DatabaseNotReady, SlackApiError (a bad token)."""
    migrate.check_ready(entente.database)
    sys.setswitchinterval(SWITCH_INTERVAL)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = make_server(entente) if serves else None
    serving = asyncio.create_task(server.serve()) if server else None
    try:
        await start(entente, serves=serves, works=works, stop=stop)
        log.info("started", serves=serves, works=works)
        await _until(stop, serving)
    finally:
        log.info("stopping")
        if server is not None and serving is not None:
            server.should_exit = True
            await serving
        await shut_down(entente)
        log.info("stopped")


async def _until(stop: asyncio.Event, serving: asyncio.Task[None] | None) -> None:
    """Wait for the signal; or for the server to give up, when its port is taken."""
    waiting = asyncio.create_task(stop.wait())
    tasks: set[asyncio.Task[object]] = {waiting}
    if serving is not None:
        tasks.add(serving)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def make_server(entente: Entente) -> Server:
    """The HTTP server of a process, not started yet."""
    settings = entente.settings
    return Server(
        uvicorn.Config(
            entente.asgi,
            host=settings.host,
            port=settings.port,
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
    )


async def start(entente: Entente, *, serves: bool, works: bool, stop: asyncio.Event) -> None:
    """Connect to the platforms and begin to work."""
    if entente.slack is not None:
        await _connect(entente, entente.slack, stop=stop)
        if serves and not stop.is_set():
            await _open_socket(entente.settings, entente.slack)
        if serves or entente.settings.has_many_workspaces:
            _keep(
                entente,
                _keep_listening(entente, lambda: _listen_to_slack(entente), slack=entente.slack),
            )
    if entente.teams is not None and serves and not stop.is_set():
        await listen_to_teams(entente)
        _keep(entente, _keep_listening(entente, lambda: listen_to_teams(entente)))
    if works and not stop.is_set():
        entente.worker.start()


async def _open_socket(settings: Settings, slack: Slack) -> None:
    """In Socket Mode, hear Slack. The library's client can only be made within a running loop."""
    if settings.slack_app_token is None or slack.door is None:
        return
    token = settings.slack_app_token.get_secret_value()
    slack.socket = SocketHandler(slack.app, slack.door, app_token=token)
    await slack.socket.connect_async()  # type: ignore[no-untyped-call]


def _keep(entente: Entente, errand: Coroutine[object, object, None]) -> None:
    task = asyncio.create_task(errand)
    entente.errands.add(task)
    task.add_done_callback(entente.errands.discard)


async def _connect(entente: Entente, slack: Slack, *, stop: asyncio.Event) -> None:
    """Connect, however long Slack is away; a token that is not good is the operator's to mend."""
    wait = 1.0
    while not stop.is_set():
        try:
            await slack.app.connect()
            break
        except SlackApiError as error:
            if error.response.get("error") in NOT_OUR_TOKEN:
                raise
            log.warning("slack refused", reason=error.response.get("error"))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("slack out of reach", reason=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
        wait = min(wait * 2, 30.0)
    if not slack.app.is_connected:
        return

    app = slack.app
    if app.tokens is None and await entente.database.in_write(lambda s: _save_own(s, app)):
        await app.announce(make_installed(app.workspace, is_back=True))
    await refresh_listening(entente, slack)


def _save_own(session: Session, app: SlackApp) -> bool:
    """Keep what Slack says of the one workspace; whether Entente had been removed from it."""
    return installations.note_present(
        session, "slack", app.workspace, name=app.name, bot_user=app.bot_user
    )


async def refresh_listening(entente: Entente, slack: Slack) -> None:
    """Read which channels Entente listens to."""

    def read(session: Session) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return (
            channels.get_linked_ids(session, "slack"),
            channels.get_known_ids(session, "slack"),
            accounts.get_deactivated_ids(session, "slack"),
        )

    await slack.app.follow()
    listening = slack.app.listening
    listening.linked, listening.known, listening.gone = await entente.database.in_read(read)
    await entente.dispatcher.follow_watches()


async def _listen_to_slack(entente: Entente) -> None:
    if entente.slack is not None:
        await refresh_listening(entente, entente.slack)


async def listen_to_teams(entente: Entente) -> None:
    """Read in which channels of Teams Entente listens, and what its features watch for."""
    if entente.teams is not None:
        await entente.teams.follow()
        await entente.teams.listen()
        await entente.dispatcher.follow_watches()


async def _keep_listening(
    entente: Entente, refresh: Callable[[], Awaitable[None]], *, slack: Slack | None = None
) -> None:
    """Follow what other processes change, within two seconds."""
    seen = -1
    while True:
        try:
            number = await entente.database.in_read(
                lambda session: get_number(session, channels.CHANNELS_SCOPE)
            )
            if number != seen:
                await refresh()
                seen = number
            if slack is not None:
                await slack.app.follow()
            await entente.dispatcher.follow_watches()
        except DBAPIError as error:
            log.warning("database away", reason=type(error.orig).__name__)
        await asyncio.sleep(REFRESH)


async def shut_down(entente: Entente) -> None:
    """Stop in order: hear no more, finish what is under way, close."""
    for task in list(entente.errands):
        task.cancel()
    if entente.slack is not None and entente.slack.socket is not None:
        await entente.slack.socket.close_async()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_finish(entente), STOP_WITHIN)
    if entente.slack is not None:
        await entente.slack.app.close()
    if entente.teams is not None:
        await entente.teams.http.close()
    entente.database.close()


async def _finish(entente: Entente) -> None:
    await entente.worker.stop()
    await entente.dispatcher.finish()
    if entente.slack is not None:
        await entente.slack.app.responder.finish()
    if entente.teams is not None:
        await entente.teams.finish()
