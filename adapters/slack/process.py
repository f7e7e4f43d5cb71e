"""All of Slack's adapter in one process, put together from what an operator set."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session
from starlette.routing import Route

from adapters.asgi import App
from adapters.slack.app import SlackApp, SocketHandler
from adapters.slack.door import Door, Listening
from adapters.slack.oauth import PURPOSE as OAUTH_PURPOSE
from adapters.slack.oauth import OAuth, get_authorize_url, make_installed
from adapters.slack.parse import PLATFORM
from adapters.slack.send import SlackPlatform
from adapters.slack.tokens import PURPOSE, Tokens
from adapters.slack.vault import Vault
from bot.core.clock import Clock
from bot.core.errors import SettingsError
from bot.db.engine import Database
from bot.dispatch.dispatcher import Dispatcher
from bot.people import accounts, alliances, channels, installations

log = structlog.get_logger(__name__)

NOT_OUR_TOKEN: Final = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"}
)

NOT_OUR_APP_TOKEN: Final = NOT_OUR_TOKEN | {"not_allowed_token_type", "missing_scope"}

LONGEST_WAIT: Final = 30.0
"""Seconds between tries to connect."""

OPEN_WITHIN: Final = 10.0
"""Seconds for one try to open the socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """As whom Entente speaks with Slack: in one workspace with `token`, or in many (with
    `client_id`) with their own, encrypted with `keys`. `app_token`: Slack is heard over a socket;
    `timeout` in seconds."""

    api_url: str
    token: str | None
    signing_secret: str
    app_token: str | None
    client_id: str | None
    client_secret: str
    keys: Sequence[str] = field(repr=False)
    redirect_url: str
    timeout: float

    def make_client(self) -> AsyncWebClient:
        """What calls Slack."""
        return AsyncWebClient(
            self.token,
            base_url=self.api_url.rstrip("/") + "/",
            timeout=int(max(self.timeout, 1)),
            # No retries of the library's: a request that broke may have arrived (the outbox looks).
            retry_handlers=[],
        )


@dataclass(slots=True)
class Slack:
    """The adapter's parts. `pages`: where workspaces install Entente, if there are many."""

    platform: SlackPlatform
    app: SlackApp
    door: Door
    database: Database
    app_token: str | None
    pages: Sequence[Route] = ()
    socket: SocketHandler | None = None
    opening: asyncio.Task[None] | None = None

    async def connect(self, *, serves: bool, stop: asyncio.Event) -> None:
        """Connect, however long Slack is away. Raises SettingsError for a token that is not good:
        that is the operator's to mend. A socket that can't be opened yet holds nothing up."""
        await _try_until(self._try_to_connect, stop)
        if not self.app.is_connected:
            return
        if self.app.tokens is None and await self.database.in_write(self._save_own):
            await self.app.announce(make_installed(self.app.workspace, is_back=True))
        if serves and self.app_token is not None and not stop.is_set():
            # The library's client can only be made within a running loop.
            socket = SocketHandler(self.app, self.door, app_token=self.app_token)
            self.socket = socket
            if not await _unless_stopped(self._try_to_open(socket), stop):
                self.opening = asyncio.create_task(self._keep_opening(socket, stop))

    async def _try_to_open(self, socket: SocketHandler) -> bool:
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await socket.open()
        except SlackApiError as error:
            reason = error.response.get("error")
            if reason in NOT_OUR_APP_TOKEN:
                problem = (
                    f"Slack does not accept SLACK_APP_TOKEN ({reason}). Make one under Basic "
                    "Information, App-Level Tokens, with the scope connections:write."
                )
                raise SettingsError([problem]) from None
            log.warning("socket refused", reason=reason)
            return False
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("socket out of reach", reason=type(error).__name__)
            return False
        return True

    async def _keep_opening(self, socket: SocketHandler, stop: asyncio.Event) -> None:
        async def open_it() -> bool:
            try:
                return await self._try_to_open(socket)
            except SettingsError:
                # Taken back while Slack was away: what can be sent is sent, and `check` tells.
                log.exception("app token refused")
                return False

        await _try_until(open_it, stop)

    async def _try_to_connect(self) -> bool:
        try:
            await self.app.connect()
        except SlackApiError as error:
            reason = error.response.get("error")
            if reason in NOT_OUR_TOKEN:
                raise SettingsError([_say_refused(reason)]) from None
            log.warning("slack refused", reason=reason)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("slack out of reach", reason=type(error).__name__)
        return self.app.is_connected

    def _save_own(self, session: Session) -> bool:
        """Keep what Slack says of the one workspace; whether Entente had been removed from it."""
        app = self.app
        return installations.note_present(
            session, PLATFORM, app.workspace, name=app.name, bot_user=app.bot_user
        )

    async def follow(self) -> None:
        """Notice what other processes learnt of installations."""
        await self.app.follow()

    async def listen(self) -> None:
        """Read in which channels Entente listens."""

        listening = self.app.listening

        def read(session: Session) -> None:
            listening.linked = channels.get_linked_ids(session, PLATFORM)
            listening.known = channels.get_known_ids(session, PLATFORM)
            listening.gone = accounts.get_deactivated_ids(session, PLATFORM)
            listening.welcoming = alliances.get_welcoming_ids(session, PLATFORM)

        await self.database.in_read(read)

    async def check(self) -> str | None:
        """What keeps it from hearing or speaking, in words; None if nothing does."""
        if not self.app.is_connected:
            return "not connected to Slack yet"
        refusal = await self.platform.get_refusal()
        if refusal is not None:
            return _say_refused(refusal)
        if self.socket is not None and not await self.socket.client.is_connected():
            return "the socket to Slack is down"
        return None

    async def hush(self) -> None:
        """Hear no more over the socket, and exchange no more tokens."""
        if self.app.tokens is not None:
            self.app.tokens.stop()
        if self.opening is not None:
            self.opening.cancel()
            await asyncio.wait({self.opening})
        if self.socket is not None:
            await self.socket.close_async()  # type: ignore[no-untyped-call]

    async def finish(self) -> None:
        """Wait for what is under way."""
        await self.app.responder.finish()
        if self.app.tokens is not None:
            await self.app.tokens.finish()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.app.close()


def _say_refused(reason: object) -> str:
    return (
        f"Slack does not accept SLACK_BOT_TOKEN ({reason}). Copy it again from OAuth & "
        "Permissions in your Slack app's settings."
    )


async def _try_until(attempt: Callable[[], Coroutine[Any, Any, bool]], stop: asyncio.Event) -> None:
    """Try until it is done or there is no more need, with longer and longer waits between."""
    wait = 1.0
    while not stop.is_set() and not await _unless_stopped(attempt(), stop):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
        wait = min(wait * 2, LONGEST_WAIT)


async def _unless_stopped(work: Coroutine[Any, Any, bool], stop: asyncio.Event) -> bool:
    """What it answers; it is given up when the process is to stop."""
    task, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
        return False
    return task.result()


def make_slack(
    access: Access, database: Database, dispatcher: Dispatcher, inner: App, *, clock: Clock
) -> Slack:
    """The adapter, its door in front of `inner`."""
    client = access.make_client()
    tokens = _make_tokens(access, database, client, clock) if access.client_id else None
    platform = SlackPlatform(client, request_timeout=access.timeout, tokens=tokens)
    listening = Listening()
    app = SlackApp(client, platform, dispatcher, listening, tokens)
    door = Door(
        inner,
        app.handle,
        signing_secret=access.signing_secret,
        listening=listening,
        wants_text=dispatcher.watching.wants,
    )
    made = Slack(platform, app, door, database, access.app_token)
    if tokens is not None:
        pages = OAuth(
            database,
            client,
            tokens,
            Vault(access.keys, purpose=OAUTH_PURPOSE),
            clock=clock,
            client_id=access.client_id or "",
            client_secret=access.client_secret,
            redirect_url=access.redirect_url,
            authorize_url=get_authorize_url(access.api_url),
            announce=app.announce,
            follow=app.follow,
        )
        made.pages = pages.make_routes()
    return made


def _make_tokens(
    access: Access, database: Database, client: AsyncWebClient, clock: Clock
) -> Tokens:
    return Tokens(
        database,
        client,
        Vault(access.keys, purpose=PURPOSE),
        clock=clock,
        client_id=access.client_id or "",
        client_secret=access.client_secret,
        patience=access.timeout,
    )
