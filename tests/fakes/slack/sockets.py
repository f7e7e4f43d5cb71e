"""Socket Mode: connections of the bot, envelopes sent over them, and their acknowledgements."""

import asyncio
import itertools
import json
import uuid

from aiohttp import WSMsgType, web

from .records import Delivery, Json
from .world import World

MOST_CONNECTIONS = 10


class Sockets:
    """The open connections; lives in the server's event loop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tickets: set[str] = set()
        self.active: list[web.WebSocketResponse] = []
        self.every: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json | None]]] = {}
        self._turns = itertools.count()
        self._opened = asyncio.Condition()

    def issue(self, base: str) -> str:
        """The address for one new connection (apps.connections.open)."""
        ticket = self.world.new_secret()
        self.tickets.add(ticket)
        return f"{base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self.world.app_id}"

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            raise web.HTTPForbidden(text="unknown or used ticket")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.every.add(socket)
        try:
            await self._greet(socket)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(socket, message.data)
        finally:
            self._forget(socket)
        return socket

    async def _greet(self, socket: web.WebSocketResponse) -> None:
        if len(self.active) >= MOST_CONNECTIONS:
            self.world.object("more than 10 Socket Mode connections")
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            return
        self.active.append(socket)
        hello = {
            "type": "hello",
            "num_connections": len(self.active),
            "debug_info": {"host": "fake", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.world.app_id},
        }
        await socket.send_json(hello)
        self.world.changed()
        async with self._opened:
            self._opened.notify_all()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self.every.discard(socket)
        if socket in self.active:
            self.active.remove(socket)
        for owner, future in list(self._waiting.values()):
            if owner is socket and not future.done():
                future.set_result(None)
        self.world.changed()

    def _acknowledge(self, socket: web.WebSocketResponse, text: str) -> None:
        try:
            answer = json.loads(text)
            name = answer["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.world.object(f"a Socket Mode message that is no acknowledgement: {text[:100]}")
            return
        owner, future = self._waiting.get(name, (None, None))
        if future is None or owner is not socket:
            self.world.object(f"acknowledges an unknown envelope over this connection: {name}")
        elif not future.done():
            future.set_result(answer)

    async def send(
        self, delivery: Delivery, retry: tuple[int, str] | None, patience: float
    ) -> tuple[int, str]:
        """Send an envelope over one connection: status and body; 504 if nobody acknowledges."""
        socket = await self._choose(patience)
        name = str(uuid.uuid4())
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[name] = (socket, future)
        try:
            await socket.send_json(self._envelope(name, delivery, retry))
            answer = await asyncio.wait_for(future, patience)
        except (TimeoutError, ConnectionError):
            return 504, "not acknowledged"
        finally:
            del self._waiting[name]
        if answer is None:
            return 504, "the connection closed before the acknowledgement"
        return 200, self._body(delivery, answer.get("payload"))

    def _body(self, delivery: Delivery, payload: object) -> str:
        if not payload:
            return ""
        if not delivery.accepts_payload:
            kind = delivery.payload.get("type", delivery.kind)
            self.world.object(f"acknowledges {kind} with a payload, which Slack ignores")
        return json.dumps(payload)

    def _envelope(self, name: str, delivery: Delivery, retry: tuple[int, str] | None) -> Json:
        envelope: Json = {
            "envelope_id": name,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.accepts_payload,
        }
        if delivery.kind == "events_api":
            number, reason = retry or (0, "")
            envelope.update(retry_attempt=number, retry_reason=reason)
        return envelope

    async def _choose(self, patience: float) -> web.WebSocketResponse:
        async with self._opened:
            await asyncio.wait_for(self._opened.wait_for(lambda: self.active), patience)
        return self.active[next(self._turns) % len(self.active)]

    async def disconnect(self, reason: str) -> None:
        """Tell the connections to go away; they get no more envelopes."""
        leaving, self.active = self.active, []
        for socket in leaving:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        self.world.changed()

    async def close(self) -> None:
        """Close all connections."""
        for socket in list(self.every):
            await socket.close()
