"""Slack on Bolt: one listener a kind of payload, which parses, dispatches and responds."""

import logging
import re
import time
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_base_handler import AsyncBaseSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.logger import get_bolt_logger
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError

from adapters.slack.door import Door, Listening
from adapters.slack.installations import Installed, Named, read_names
from adapters.slack.parse import get_mentioned, parse
from adapters.slack.respond import Responder
from adapters.slack.send import SlackPlatform
from adapters.slack.tokens import Tokens
from bot.core.events import AppInstalled, AppRemoved, CommandInvoked, Event, PlaceKind
from bot.dispatch.dispatcher import Dispatcher

log = structlog.get_logger(__name__)

NAME = "entente"
"""By which Bolt names its loggers."""

ANYTHING = re.compile("")
EVENT = "entente_event"
VIA = "entente_via"


class SlackApp:
    """The inbound half: for one workspace by the client's own token, or for many by `tokens`.
    `connect` first."""

    def __init__(
        self,
        client: AsyncWebClient,
        platform: SlackPlatform,
        dispatcher: Dispatcher,
        listening: Listening,
        tokens: Tokens | None = None,
    ) -> None:
        self.workspace = ""
        self.name = ""
        self.bot_user = ""
        self.is_connected = False
        self.listening = listening
        self.tokens = tokens
        self.responder = Responder(client, tokens, note_error=platform.note_error)
        self._client = client
        self._platform = platform
        self._dispatcher = dispatcher
        self.bolt = self._make_bolt()

    async def connect(self) -> None:
        """Ask Slack who we are; with many workspaces, our database. Raises SlackApiError if the
        one token is not good."""
        if self._client.session is None:
            # One session a process; connections are let go before Slack's side drops them.
            self._client.session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=10),
                timeout=aiohttp.ClientTimeout(total=self._client.timeout),
            )
        if self.tokens is not None:
            await self.tokens.open()
            self.listening.set_bot_users(self.tokens.installations.bot_users)
            self.is_connected = True
            return
        who = await self._client.auth_test()
        self.workspace = str(who.get("enterprise_id") or who["team_id"])
        self.name = str(who.get("team") or "")
        self.bot_user = str(who["user_id"])
        self.listening.set_bot_users(frozenset({self.bot_user}))
        self.is_connected = True

    async def follow(self) -> None:
        """Learn of installations that came and went."""
        if self.tokens is not None and await self.tokens.follow():
            self.listening.set_bot_users(self.tokens.installations.bot_users)

    async def announce(self, event: AppInstalled) -> None:
        """Tell the features of an installation that is there. It stands, whatever they make of
        it."""
        try:
            await self._dispatcher.dispatch(event)
        except DBAPIError as error:
            log.warning("installation not announced", reason=type(error.orig).__name__)

    async def close(self) -> None:
        """Let go of the connections to Slack."""
        self.is_connected = False
        if self._client.session is not None:
            await self._client.session.close()

    def _make_bolt(self) -> AsyncApp:
        # It reads our token from the environment by itself, to warn that it makes no use of it.
        get_bolt_logger(AsyncApp).addFilter(_is_news)

        async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
            # Ours: no call home for each event, as Bolt's own would make; and no token, since
            # nothing is said through Bolt's client.
            if not self.is_connected:
                raise RuntimeError("not connected to Slack yet")
            via: Installed | None = context.get(VIA)
            return AuthorizeResult(
                enterprise_id=None,
                team_id=via.external_id if via else self.workspace,
                bot_user_id=via.bot_user if via else self.bot_user,
                bot_id=via.bot_id if via else None,
            )

        # The door has checked the signature and turned away our own messages.
        app = AsyncApp(
            name=NAME,
            client=AsyncWebClient(base_url=self._client.base_url),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.event(ANYTHING)(self._answer)
        app.command(ANYTHING)(self._answer)
        app.action(ANYTHING)(self._answer)
        app.view(ANYTHING)(self._answer)
        app.shortcut(ANYTHING)(self._answer)
        return app

    async def _answer(self, body: dict[str, Any], ack: AsyncAck, context: AsyncBoltContext) -> None:
        event: Event = context[EVENT]
        answer = await self._dispatcher.dispatch(event)
        if isinstance(event, AppRemoved):
            # The token is gone in the database: forget it here too, at once.
            await self.follow()
        said = await self.responder.respond(event, body, answer, via=context.get(VIA))
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
        named, via = await self._hear(payload)
        event = parse(
            payload,
            key=f"slack:{key}",
            workspace=named,
            bot_users=self.listening.bot_users,
        )
        if event is None and payload.get("type") != "url_verification":
            return BoltResponse(status=200, body="")
        if self.tokens is not None and event is not None and not isinstance(event, AppRemoved):
            if via is None:
                log.info("nowhere installed", kind=type(event).__name__)
                return BoltResponse(status=200, body="")
            event = self._fit(event, payload)
        # In this mode Bolt takes the payload as it is, instead of reading it a second time.
        context = {EVENT: event, VIA: via}
        request = AsyncBoltRequest(body=payload, mode="socket_mode", context=context)
        return await self.bolt.async_dispatch(request)

    async def _hear(self, payload: dict[str, Any]) -> tuple[str, Installed | None]:
        """Whose people are where this was heard, and through which installation, if there are
        many. One that another process has just learnt of is looked for in the database."""
        if self.tokens is None:
            return self.workspace, None
        via = self.tokens.installations.hear(payload)
        if via is None:
            await self.follow()
            via = self.tokens.installations.hear(payload)
        first = next(read_names(payload), Named(team=None, enterprise=None))
        return (via.workspace if via else first.workspace), via

    def _fit(self, event: Event, payload: dict[str, Any]) -> Event:
        """A mention in a channel with two installations is answered by the one that was named,
        whichever was told of it."""
        if not isinstance(event, CommandInvoked) or event.place.kind != PlaceKind.CHANNEL:
            return event
        assert self.tokens is not None  # noqa: S101 - asked by the caller
        text = (payload.get("event") or {}).get("text")
        user = get_mentioned(str(text or ""), self.listening.bot_users)
        named = self.tokens.installations.get_bot(user) if user else None
        return replace(event, workspace=named.workspace) if named else event


def _is_news(record: logging.LogRecord) -> bool:
    return record.getMessage() != warning_client_prioritized_and_token_skipped()


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

    async def open(self) -> None:
        """Open the socket. Raises SlackApiError. The library goes on for ever where it is refused,
        and with an address that is used up; so each try begins with an address of its own."""
        self.client.wss_uri = await self.client.issue_new_wss_url()
        await self.client.connect()  # type: ignore[no-untyped-call]

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """One envelope: acknowledged once it is done with, so that Slack sends it again if not."""
        started = time.time()
        payload = dict(req.payload)
        if not self._door.is_wanted(payload):
            response = BoltResponse(status=200, body="")
        else:
            response = await self._slack.dispatch(payload, req.envelope_id)
        await send_async_response(client, req, response, started)
