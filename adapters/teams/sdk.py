"""Bot Framework's library, and nothing else in Entente imports it.

It is used for a turn for each activity that passed the door, and for the connector's client to
write with. Its faults end here (each has a test): requests are proved before they reach it, so
that its own validation, key cache and MSAL applications are never asked; one client an address,
on our own HTTP session, without its retries; invoke responses are serialised once; nothing
swallows an error.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final

import aiohttp
from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
    ErrorResponseException,
)
from botframework.connector import AsyncBfPipeline, BotFrameworkConnectorConfiguration
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)
from msrest.exceptions import ClientException
from msrest.pipeline import Request, Response, SansIOHTTPPolicy
from msrest.pipeline.aiohttp import AsyncHTTPSender
from msrest.universal_http.async_abc import AsyncClientResponse

from adapters.teams.login import Login
from adapters.teams.names import PLATFORM
from adapters.teams.refusals import read_refusal
from bot.core.errors import RetryLater, Uncertain

Payload = dict[str, Any]
Hear = Callable[[Payload], Awaitable[Payload | None]]
"""Handles an activity; answers the body of an invoke response."""

CARD: Final = "application/vnd.microsoft.card.adaptive"
MOST_CLIENTS: Final = 64


class _Answered(AsyncClientResponse):  # type: ignore[misc]
    """An answer of the connector's, read whole."""

    def __init__(self, request: Any, answer: aiohttp.ClientResponse, body: bytes) -> None:
        # The library's errors hold what is called internal here: that is to be all of it.
        super().__init__(request, self)
        self.status_code = answer.status
        self.headers = answer.headers
        self.reason = answer.reason
        self._body = body

    def body(self) -> bytes:
        """The bytes."""
        return self._body


class _Sender(AsyncHTTPSender):  # type: ignore[misc]
    """Sends on our session, once. The library's own sends with `requests` in a thread, and builds
    lists of a thousand codes for each client to decide what to repeat."""

    def __init__(self, connect: Callable[[], aiohttp.ClientSession]) -> None:
        self._connect = connect

    async def __aexit__(self, *details: object) -> None:
        """Nothing to let go: the session is the process's."""

    async def send(self, request: Request, **config: Any) -> Response:
        """One request."""
        http = request.http_request
        async with self._connect().request(
            http.method, http.url, data=http.data, headers=http.headers, allow_redirects=False
        ) as answer:
            return Response(request, _Answered(http, answer, await answer.read()))


class _Bearer(SansIOHTTPPolicy):  # type: ignore[misc]
    """Puts our token on each request."""

    token = ""

    def on_request(self, request: Request, **kwargs: Any) -> None:
        """Without a token (the local simulator) nothing."""
        if self.token:
            request.http_request.headers["Authorization"] = f"Bearer {self.token}"


class _Plain:
    """Lets plain JSON through, which the library would take apart and put together again for
    longer than the request takes; its own models go its own way."""

    def __init__(self, serializer: Any) -> None:
        self._serializer = serializer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._serializer, name)

    def body(self, data: Any, data_type: str, **more: Any) -> Any:
        """What goes into a request."""
        return data if isinstance(data, dict) else self._serializer.body(data, data_type, **more)


class Connector:
    """Writes into conversations. Methods raise PlatformError, and end at `until`, a moment of the
    loop's clock."""

    def __init__(self, login: Login, connect: Callable[[], aiohttp.ClientSession]) -> None:
        self._login = login
        self._sender = _Sender(connect)
        self._bearer = _Bearer()
        self._clients: dict[str, ConnectorClient] = {}

    def get_client(self, service_url: str) -> ConnectorClient:
        """The client for an address: made once, as making one takes 16 ms."""
        client = self._clients.get(service_url)
        if client is None:
            if len(self._clients) >= MOST_CLIENTS:
                self._clients.clear()
            configuration = BotFrameworkConnectorConfiguration(
                self._bearer, service_url, pipeline_type=None, sender=self._sender
            )
            configuration.custom_pipeline = AsyncBfPipeline(configuration)
            client = ConnectorClient(self._bearer, custom_configuration=configuration)
            client.conversations._serialize = _Plain(client.conversations._serialize)
            self._clients[service_url] = client
        return client

    async def post(
        self, service_url: str, conversation: str, message: Payload, *, until: float
    ) -> str:
        """A new message; its id."""
        operations = self.get_client(service_url).conversations
        activity = _to_activity(message)
        made = await self._call(
            lambda: operations.send_to_conversation(conversation, activity), until
        )
        return str(made.id) if made and made.id else ""

    async def update(
        self,
        service_url: str,
        conversation: str,
        message_id: str,
        message: Payload,
        *,
        until: float,
    ) -> None:
        """Put a message in another's place."""
        operations = self.get_client(service_url).conversations
        activity = {**_to_activity(message), "id": message_id}
        await self._call(
            lambda: operations.update_activity(conversation, message_id, activity), until
        )

    async def open_direct(
        self, service_url: str, *, bot: str, account: str, tenant: str, until: float
    ) -> str:
        """The chat of a person with Entente, made if there is none; its id."""
        operations = self.get_client(service_url).conversations
        parameters = _Parameters(
            is_group=False,
            bot=ChannelAccount(id=bot) if bot else None,
            members=[ChannelAccount(id=account)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        made = await self._call(lambda: operations.create_conversation(parameters), until)
        return str(made.id)

    async def _call(self, work: Callable[[], Awaitable[Any]], until: float) -> Any:
        try:
            async with asyncio.timeout_at(until):
                token = self._bearer.token = await self._login.get_token()
                return await work()
        except ErrorResponseException as error:
            answer = error.response
            if answer.status_code == 401:
                self._login.forget(token)
            raise read_refusal(
                answer.status_code, answer.headers, answer.body(), writes=True
            ) from None
        except (ClientException, ValueError) as error:
            # The second is what is raised beneath the library for an answer that is no JSON.
            raise Uncertain(f"unreadable: {type(error).__name__}") from None
        except aiohttp.ClientConnectorError:
            raise RetryLater("unreachable") from None
        except TimeoutError:
            raise Uncertain("timeout") from None
        except aiohttp.ClientError:
            raise Uncertain("disconnected") from None


class _Parameters(ConversationParameters):  # type: ignore[misc]
    """A chat to be made. The library's own spells the tenant's name in a way of its own."""

    _attribute_map: ClassVar = {
        **ConversationParameters._attribute_map,
        "tenant_id": {"key": "tenantId", "type": "str"},
    }


def _to_activity(message: Payload) -> Payload:
    """A message with a card."""
    return {
        "type": "message",
        "summary": message["summary"],
        "attachments": [{"contentType": CARD, "content": message["card"]}],
    }


class _Factory(ConnectorFactory):  # type: ignore[misc]
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str | None = None) -> ConnectorClient:
        """The one client for this address."""
        return self._connector.get_client(service_url)


class _Proved(BotFrameworkAuthentication):  # type: ignore[misc]
    """Everything was proved at the door: the library validates nothing and logs in nowhere."""

    def __init__(self, connector: Connector) -> None:
        self._factory = _Factory(connector)

    async def authenticate_request(self, activity: Activity, auth_header: str) -> Any:
        """Never: what reaches the library has passed the door."""
        raise PermissionError("a request that did not come through the door")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> Any:
        """Never: streaming is not offered."""
        raise PermissionError("a request that did not come through the door")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """Clients for all turns."""
        return self._factory

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Nobody signs in through Entente."""
        return

    def result(self, app_id: str) -> AuthenticateRequestResult:
        """What the door has found."""
        found = AuthenticateRequestResult()
        found.claims_identity = ClaimsIdentity({"aud": app_id}, True)
        found.connector_factory = self._factory
        return found


class Turns(CloudAdapterBase):  # type: ignore[misc]
    """Runs activities that were proved through the library's turns."""

    def __init__(self, connector: Connector, hear: Hear, *, app_id: str) -> None:
        self._proved = _Proved(connector)
        self._hear = hear
        self._result = self._proved.result(app_id)
        super().__init__(self._proved)

    async def run(self, payload: Payload) -> Payload | None:
        """Handle an activity; the body of its invoke response, if it is an invoke. Whatever the
        handler raises is raised."""

        async def on_turn(context: TurnContext) -> None:
            body = await self._hear(payload)
            if payload["type"] == ActivityTypes.invoke:
                value = InvokeResponse(status=200, body=body or {})
                said = Activity(type=ActivityTypes.invoke_response, value=value)
                await context.send_activity(said)

        made = await self.process_activity(self._result, _read_activity(payload), on_turn)
        # The library would serialise the body once here and once more on its way out.
        return made.body if made is not None else None


def _read_activity(payload: Payload) -> Activity:
    """As much of an activity as a turn needs; all of it is read by our own parser."""
    conversation = payload.get("conversation") or {}
    return Activity(
        type=payload["type"],
        id=payload.get("id"),
        name=payload.get("name"),
        channel_id=PLATFORM_CHANNEL,
        service_url=payload["serviceUrl"],
        conversation=ConversationAccount(id=conversation.get("id")),
        from_property=ChannelAccount(id=(payload.get("from") or {}).get("id")),
        recipient=ChannelAccount(id=(payload.get("recipient") or {}).get("id")),
    )


PLATFORM_CHANNEL: Final = f"ms{PLATFORM}"
