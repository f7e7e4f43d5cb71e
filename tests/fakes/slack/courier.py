"""What Slack sends to the bot: signed requests or envelopes, seen from the tests' side."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp

from .errors import BotUnreachable
from .records import Channel, Delivery, Json, Message, Response, ResponseUrl, Trigger, View
from .server import Server

T = TypeVar("T")
ACKNOWLEDGE_SECONDS = 3.0


class Courier:
    """Delivers to the bot and waits for its answer; callable from any thread but the server's."""

    def __init__(self, server: Server, signing_secret: str) -> None:
        self.server = server
        self.world = server.world
        self.signing_secret = signing_secret
        self.events_url: str | None = None
        self.patience = 10.0
        self.raises_when_unreachable = True
        self.deliveries: dict[str, Delivery] = {}
        self.responses: list[Response] = []

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the server's loop and wait for it."""
        return self.server.submit(work).result()

    def deliver(self, delivery: Delivery, retry: tuple[int, str] | None = None) -> Response:
        """Deliver one thing; the bot's answer."""
        return self.deliver_all([delivery], retry)[0]

    def deliver_all(
        self, deliveries: Sequence[Delivery], retry: tuple[int, str] | None = None
    ) -> list[Response]:
        """Deliver several things at the same moment; the answers in the same order."""

        async def together() -> list[Response]:
            return await asyncio.gather(*(self.send(one, retry) for one in deliveries))

        return self.wait(together())

    async def send(self, delivery: Delivery, retry: tuple[int, str] | None = None) -> Response:
        """Deliver one thing, within the server's loop."""
        if delivery.event_id:
            self.deliveries[delivery.event_id] = delivery
        start = time.monotonic()
        try:
            if self.events_url is None:
                status, body = await self._send_envelope(delivery, retry)
                response = Response(status, body, {}, delivery, time.monotonic() - start)
            else:
                response = await self._send_request(delivery, retry)
        except BotUnreachable as error:
            if self.raises_when_unreachable:
                raise
            response = Response(0, str(error), {}, delivery, time.monotonic() - start)
        if response.ok and response.elapsed > ACKNOWLEDGE_SECONDS:
            self.world.object(f"acknowledged {delivery.kind} after {response.elapsed:.1f} s")
        with self.world.lock:
            self.responses.append(response)
            self.world.changed()
        return response

    async def _send_envelope(
        self, delivery: Delivery, retry: tuple[int, str] | None
    ) -> tuple[int, str]:
        # An app that does not want an event over Socket Mode may just not acknowledge it.
        patience = min(self.patience, ACKNOWLEDGE_SECONDS)
        try:
            return await self.server.sockets.send(delivery, retry, patience)
        except TimeoutError:
            raise BotUnreachable("no Socket Mode connection is open") from None

    async def _send_request(self, delivery: Delivery, retry: tuple[int, str] | None) -> Response:
        body, content_type = encode(delivery)
        headers = {**self.sign(body), "Content-Type": content_type}
        if retry is not None:
            headers["X-Slack-Retry-Num"] = str(retry[0])
            headers["X-Slack-Retry-Reason"] = retry[1]
        return await self.post(body, headers, delivery)

    async def post(self, body: bytes, headers: Mapping[str, str], delivery: Delivery) -> Response:
        """Send a request as it is; raises BotUnreachable when nobody answers."""
        if self.events_url is None:
            raise BotUnreachable("events_url is not set: Socket Mode has no requests")
        start = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=self.patience)
        agent = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", **headers}
        try:
            async with self.server.session.post(
                self.events_url, data=body, headers=agent, timeout=timeout, allow_redirects=False
            ) as answer:
                text = await answer.text()
                elapsed = time.monotonic() - start
                return Response(answer.status, text, dict(answer.headers), delivery, elapsed)
        except TimeoutError:
            raise BotUnreachable(f"no answer from {self.events_url} in {self.patience} s") from None
        except aiohttp.ClientError as error:
            raise BotUnreachable(f"{self.events_url}: {type(error).__name__}: {error}") from error

    def sign(self, body: bytes | str, timestamp: float | None = None) -> dict[str, str]:
        """The headers of a genuine request (signature version 0)."""
        raw = body.encode() if isinstance(body, str) else body
        at = str(int(time.time() if timestamp is None else timestamp))
        secret = self.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + at.encode() + b":" + raw, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    def trigger(self, user: str, view: View | None = None, channel: Channel | None = None) -> str:
        """A trigger_id for what a user does now."""
        name = f"{len(self.world.triggers) + 1}.{int(self.world.now())}.{self.world.new_secret()}"
        with self.world.lock:
            self.world.triggers[name] = Trigger(
                user, self.world.now(), view.id if view else None, channel
            )
        return name

    def response_url(
        self, kind: str, grant_to: str, channel: Channel, through: Any, message: Message | None
    ) -> tuple[str, ResponseUrl]:
        """A response_url for what a user does now, through an installation."""
        secret = self.world.new_secret()
        grant = ResponseUrl(grant_to, channel, through, self.world.now(), message)
        with self.world.lock:
            self.world.response_urls[secret] = grant
        return f"{self.server.base_url}/{kind}/{through.team.id}/{secret}", grant


def encode(delivery: Delivery) -> tuple[bytes, str]:
    """The body and content type of a delivery over HTTP."""
    payload: Json = delivery.payload
    if delivery.kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if delivery.kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"
