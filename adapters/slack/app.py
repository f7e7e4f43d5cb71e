"""Slack on Bolt: one listener a kind of payload, which parses, dispatches and responds."""

import re
import time
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_base_handler import AsyncBaseSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.door import Door, Listening
from adapters.slack.parse import parse
from adapters.slack.respond import Responder
from adapters.slack.send import SlackPlatform
from bot.core.events import Event
from bot.dispatch.dispatcher import Dispatcher

log = structlog.get_logger(__name__)

ANYTHING = re.compile("")
EVENT = "entente_event"


class SlackApp:
    """The inbound half, for one workspace by its token. `connect` first."""

    def __init__(
        self,
        client: AsyncWebClient,
        platform: SlackPlatform,
        dispatcher: Dispatcher,
        listening: Listening,
    ) -> None:
        self.workspace = ""
        self.name = ""
        self.bot_user = ""
        self.is_connected = False
        self.listening = listening
        self.responder = Responder(client)
        self._client = client
        self._platform = platform
        self._dispatcher = dispatcher
        self._authorized: AuthorizeResult | None = None
        self.bolt = self._make_bolt()

    async def connect(self) -> None:
        """Ask Slack who we are. Raises SlackApiError if the token is not good."""
        if self._client.session is None:
            # One session a process; connections are let go before Slack's side drops them.
            self._client.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=10),
                timeout=aiohttp.ClientTimeout(total=self._client.timeout),
            )
        who = await self._client.auth_test()
        self.workspace = str(who.get("enterprise_id") or who["team_id"])
        self.name = str(who.get("team") or "")
        self.bot_user = str(who["user_id"])
        self._authorized = AuthorizeResult(
            enterprise_id=who.get("enterprise_id"),
            team_id=who["team_id"],
            bot_user_id=self.bot_user,
            bot_id=who.get("bot_id"),
            bot_token=self._client.token,
        )
        self.listening.set_bot_users(frozenset({self.bot_user}))
        self.is_connected = True

    async def close(self) -> None:
        """Let go of the connections to Slack."""
        self.is_connected = False
        if self._client.session is not None:
            await self._client.session.close()

    def _make_bolt(self) -> AsyncApp:
        async def authorize() -> AuthorizeResult:
            # Ours: no call home for each event, as Bolt's own would make.
            if self._authorized is None:
                raise RuntimeError("not connected to Slack yet")
            return self._authorized

        # The door has checked the signature and turned away our own messages.
        app = AsyncApp(
            # Without a token: Bolt would warn that ours is not the one it uses.
            client=AsyncWebClient(base_url=self._client.base_url),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
        )
        app.event(ANYTHING)(self._hear)
        app.command(ANYTHING)(self._hear)
        app.action(ANYTHING)(self._hear)
        app.view(ANYTHING)(self._hear)
        app.shortcut(ANYTHING)(self._hear)
        return app

    async def _hear(self, body: dict[str, Any], ack: AsyncAck, context: AsyncBoltContext) -> None:
        event: Event = context[EVENT]
        answer = await self._dispatcher.dispatch(event)
        said = await self.responder.respond(event, body, answer)
        if said is None:
            await ack()
        elif "response_action" in said:
            await ack(**said)
        else:
            await ack(said)

    async def handle(self, payload: dict[str, Any], key: str) -> tuple[int, bytes, str]:
        """Run a payload through Bolt. `key` identifies the request."""
        response = await self.dispatch(payload, key)
        body = response.body or ""
        kind = response.first_headers().get("content-type", "text/plain")
        return response.status, body.encode(), kind

    async def dispatch(self, payload: dict[str, Any], key: str) -> BoltResponse:
        """Bolt's response to a payload whose origin is established.

        What is no event for us never reaches Bolt, which answers 404 to what it has no listener
        for, and raises on some payloads that lack what it expects.
        """
        event = parse(
            payload,
            key=f"slack:{key}",
            workspace=self.workspace,
            bot_users=self.listening.bot_users,
        )
        if event is None and payload.get("type") != "url_verification":
            return BoltResponse(status=200, body="")
        # In this mode Bolt takes the payload as it is, instead of reading it a second time.
        request = AsyncBoltRequest(body=payload, mode="socket_mode", context={EVENT: event})
        return await self.bolt.async_dispatch(request)


class SocketHandler(AsyncBaseSocketModeHandler):
    """Socket Mode: the same door, the same app, another wire."""

    def __init__(self, app: SlackApp, door: Door, *, app_token: str) -> None:
        self.app = app.bolt
        self._slack = app
        self._door = door
        web_client = AsyncWebClient(app_token, base_url=app._client.base_url)
        self.client: AsyncBaseSocketModeClient = SocketModeClient(
            app_token=app_token, web_client=web_client
        )
        self.client.socket_mode_request_listeners.append(self.handle)

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """One envelope: acknowledged once it is done with, so that Slack sends it again if not."""
        started = time.time()
        payload = dict(req.payload)
        if not self._door.is_wanted(payload):
            response = BoltResponse(status=200, body="")
        else:
            response = await self._slack.dispatch(payload, req.envelope_id)
        await send_async_response(client, req, response, started)
