"""The HTTP side: login, signing keys and connector, in a thread with an event loop of its own."""

import asyncio
import json
import secrets
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .cards import MOST_MESSAGE, check_card, check_size
from .errors import ConnectorError
from .keys import Signer
from .world import Call, Channel, Chat, Json, Member, Message, World

SCOPE = "https://api.botframework.com/.default"


@dataclass
class Fault:
    """What happens to the next request that writes."""

    kind: str
    status: int = 500
    retry_after: int | None = None
    arrives: bool = False
    code: str = "ServiceError"
    location: str | None = None
    released: "Future[None]" = field(default_factory=Future)


class Server:
    """Serves one World."""

    def __init__(self, world: World, *, password: str, tenant: str) -> None:
        self.world = world
        self.password = password
        self.tenant = tenant
        self.base_url = ""
        self.files: dict[str, bytes] = {}
        self.faults: deque[Fault] = deque()
        self.held: list[Fault] = []
        self.tokens: set[str] = set()
        self.logins = 0
        self.hangs_reading = False
        self.fails_reading = False
        self.refuses_all = False
        self.has_keys = True
        self.on_post: Callable[[], None] | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-teams", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._started.wait()
        self.signer = Signer(self.world.app_id, self.service_url)

    def release(self) -> None:
        """Answer what is held, and hold no more."""
        self.faults.clear()
        for fault in self.held:
            if not fault.released.done():
                fault.released.set_result(None)

    def stop(self) -> None:
        self.release()
        self.loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @property
    def service_url(self) -> str:
        return f"{self.base_url}/teams/"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        app = web.Application(client_max_size=8 * 1024**2)
        add = app.router.add_route
        add("GET", "/v1/.well-known/openidconfiguration", self._metadata)
        add("GET", "/keys", self._keys)
        add("POST", "/{tenant}/oauth2/v2.0/token", self._login)
        add("*", "/teams/v3/{rest:.*}", self._connector)
        add("GET", "/files/{id}", self._file)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _metadata(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": "https://api.botframework.com",
                "jwks_uri": f"{self.base_url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        self.signer.reads += 1
        if not self.has_keys:
            return web.Response(status=503)
        return web.json_response(self.signer.jwks())

    async def _login(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.logins += 1
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self.world.app_id,
            "client_secret": self.password,
            "scope": SCOPE,
        }
        if request.match_info["tenant"] != self.tenant:
            return web.json_response({"error": "invalid_tenant"}, status=400)
        if dict(form) != wanted:
            return web.json_response({"error": "invalid_client"}, status=401)
        token = secrets.token_hex(16)
        self.tokens.add(token)
        return web.json_response(
            {"token_type": "Bearer", "expires_in": 3599, "access_token": token}
        )

    async def _file(self, request: web.Request) -> web.Response:
        """In somebody's OneDrive: whoever has the address may read it."""
        if "Authorization" in request.headers:
            self.world.object("a token was sent to where files lie")
        content = self.files.get(request.match_info["id"])
        if content is None or request.query.get("tempauth") != self.password:
            return web.Response(status=403)
        return web.Response(body=content)

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        parts = request.raw_path.partition("?")[0].removeprefix("/teams/v3/").split("/")
        path = [web_unquote(part) for part in parts]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(request.method, "/".join(path), None, token=token)
        with self.world.lock:
            self.world.calls.append(call)
        if self.on_post is not None and request.method == "POST":
            self.on_post()
        fault = self.faults.popleft() if self.faults and request.method != "GET" else None
        if self.refuses_all and request.method != "GET":
            fault = Fault("fail", 503)
        if self.fails_reading and request.method == "GET":
            fault = Fault("fail", 503)
        if self.hangs_reading and request.method == "GET":
            fault = Fault("hang")
        if fault is not None and fault.kind == "fail":
            refusal = self._refuse(
                call, ConnectorError(fault.status, fault.code), fault.retry_after
            )
            if fault.location is not None:
                refusal.headers["Location"] = fault.location
            return refusal
        answer: web.Response | None = None
        if fault is None or fault.arrives:
            answer = self._execute(call, path, raw, token, dict(request.query))
        if fault is not None:
            if fault.kind == "hang":
                self.held.append(fault)
                await asyncio.shield(asyncio.wrap_future(fault.released))
                if request.method == "GET":
                    return self._execute(call, path, raw, token, dict(request.query))
                if answer is not None:
                    return answer
            elif request.transport is not None:
                request.transport.abort()
            return web.Response()
        assert answer is not None
        return answer

    def _execute(
        self, call: Call, path: list[str], raw: bytes, token: str, query: dict[str, str]
    ) -> web.Response:
        try:
            if token not in self.tokens:
                raise ConnectorError(401, "Unauthorized")
            call.body = json.loads(raw) if raw else None
            with self.world.lock:
                body, status = self._route(call.method, path, call.body, query)
        except ConnectorError as error:
            return self._refuse(call, error)
        except (KeyError, TypeError, ValueError) as error:
            self.world.object(f"{call.method} {call.path}: {type(error).__name__}: {error}")
            return self._refuse(call, ConnectorError(400, "BadSyntax"))
        call.status = status
        return web.json_response(body, status=status)

    def _refuse(
        self, call: Call, error: ConnectorError, retry_after: int | None = None
    ) -> web.Response:
        call.status = error.status
        if error.code in {"BadSyntax", "MessageSizeTooBig"}:
            self.world.object(f"{call.method} {call.path}: {error}")
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        body = {"error": {"code": error.code, "message": error.message}}
        return web.json_response(body, status=error.status, headers=headers)

    def _route(
        self, method: str, path: list[str], body: Any, query: dict[str, str]
    ) -> tuple[Any, int]:
        match method, path:
            case "POST", ["conversations"]:
                return self._create(body), 201
            case "POST", ["conversations", place, "activities"]:
                return self._post(place, body, query), 201
            case "PUT", ["conversations", place, "activities", message]:
                return self._update(place, message, body), 200
            case "GET", ["conversations", place, "members", member]:
                return self._member(place, member), 200
            case "GET", ["conversations", place, "pagedmembers"]:
                return self._members(place, query), 200
            case "GET", ["teams", team]:
                return self._team(team), 200
            case "GET", ["teams", team, "conversations"]:
                return self._channels(team), 200
        raise ConnectorError(404, "NotFound", "/".join(path))

    def _create(self, body: Json) -> Json:
        """Only a chat with one person can be made, and only in their own tenant."""
        if body.get("isGroup") is not False or len(body.get("members") or ()) != 1:
            raise ConnectorError(400, "BadSyntax", "one member, and isGroup false")
        if not body.get("tenantId"):
            raise ConnectorError(400, "BadSyntax", "tenantId is missing")
        member = self.world.find_member(body["members"][0]["id"])
        if member is None or member.account != body["members"][0]["id"]:
            raise ConnectorError(400, "BadArgument", "no such member")
        homes = {team.tenant.id for team in self.world.teams if team.has_bot}
        homes |= {m.place.tenant.id for m in self.world.messages if not m.by_bot and _is_own(m)}
        if member.tenant.id not in homes:
            raise ConnectorError(403, self.world.refuses_strangers, "of another tenant")
        return {"id": self.world.direct(member).id}

    def _place(self, identifier: str) -> tuple[Channel | Chat, str | None]:
        base, _, thread = identifier.partition(";messageid=")
        place = self.world.find_place(base)
        if place is None:
            raise ConnectorError(404, "ConversationNotFound")
        if not place.has_bot:
            raise ConnectorError(403, "BotNotInConversationRoster")
        if isinstance(place, Channel) and place.team.is_archived:
            raise ConnectorError(403, "ConversationArchived")
        if thread and not isinstance(place, Channel):
            raise ConnectorError(400, "BadSyntax", "a chat has no threads")
        if thread and not any(m.id == thread for m in self.world.messages):
            raise ConnectorError(404, "ActivityNotFoundInConversation")
        return place, thread or None

    def _post(self, identifier: str, body: Json, query: dict[str, str]) -> Json:
        place, thread = self._place(identifier)
        if isinstance(place, Chat) and place.kind == "personal" and place.members[0].has_blocked:
            raise ConnectorError(403, "MessageWritesBlocked")
        message = self._read(body)
        message.place, message.thread = place, thread
        if query.get("isTargetedActivity") == "true":
            message.target = self._target(place, body)
        self.world.messages.append(message)
        return {"id": message.id}

    def _target(self, place: Channel | Chat, body: Json) -> Member:
        member = self.world.find_member(str((body.get("recipient") or {}).get("id")))
        if not self.world.has_targets:
            raise ConnectorError(403, "TargetedMessagesNotAllowed")
        if member is None or member not in place.members:
            raise ConnectorError(400, "InvalidRecipient")
        if isinstance(place, Chat) and place.kind == "personal":
            raise ConnectorError(400, "TargetedMessagesNotAllowed")
        return member

    def _read(self, body: Json) -> Message:
        if body.get("type") != "message":
            raise ConnectorError(400, "BadSyntax", "not a message")
        check_size(body, MOST_MESSAGE)
        attachments = body.get("attachments") or ()
        if not attachments and not body.get("text"):
            raise ConnectorError(400, "BadSyntax", "an empty message")
        card = None
        if attachments:
            (attachment,) = attachments
            if attachment["contentType"] != "application/vnd.microsoft.card.adaptive":
                raise ConnectorError(400, "BadSyntax", attachment["contentType"])
            card = attachment["content"]
            check_card(card)
            if not body.get("summary"):
                raise ConnectorError(400, "BadSyntax", "a card without a summary")
        return Message(
            id=self.world.new_id(),
            place=Chat("personal", self.world.tenants[0], []),
            by_bot=True,
            author=None,
            text=str(body.get("text") or ""),
            summary=str(body.get("summary") or ""),
            card=card,
        )

    def _update(self, identifier: str, message_id: str, body: Json) -> Json:
        place, _ = self._place(identifier)
        for message in self.world.messages:
            if message.id == message_id and message.place is place and message.by_bot:
                if message.target is not None:
                    raise ConnectorError(404, "ActivityNotFoundInConversation")
                read = self._read(body)
                message.card, message.text, message.summary = read.card, read.text, read.summary
                message.edits += 1
                return {"id": message_id}
        raise ConnectorError(404, "ActivityNotFoundInConversation")

    def _member(self, identifier: str, wanted: str) -> Json:
        place, _ = self._place(identifier)
        member = self.world.find_member(wanted)
        if member is None or member.is_gone or member not in place.members:
            raise ConnectorError(404, "MemberNotFoundInConversation")
        return member.in_roster(place.tenant)

    def _members(self, identifier: str, query: dict[str, str]) -> Json:
        place, _ = self._place(identifier)
        size = min(int(query.get("pageSize", "200")), 3)
        start = int(query.get("continuationToken") or 0)
        shown = [m.in_roster(place.tenant) for m in place.members[start : start + size]]
        if self.world.lists_bot and start == 0:
            shown.insert(0, {"id": self.world.bot, "name": "Entente"})
        left = len(place.members) > start + size
        return {"members": shown, "continuationToken": str(start + size) if left else None}

    def _team(self, identifier: str) -> Json:
        for team in self.world.teams:
            if team.id == identifier and team.has_bot:
                return {"id": team.id, "name": team.name, "aadGroupId": team.group}
        raise ConnectorError(404, "NotFound")

    def _channels(self, identifier: str) -> Json:
        for team in self.world.teams:
            if team.id == identifier and team.has_bot:
                return {
                    "conversations": [
                        {
                            "id": channel.id,
                            "name": None if channel.name == "General" else channel.name,
                            "type": channel.kind,
                        }
                        for channel in team.channels
                    ]
                }
        raise ConnectorError(404, "NotFound")


def _is_own(message: Message) -> bool:
    """Whether somebody wrote it to Entente in their own chat."""
    return isinstance(message.place, Chat) and message.place.kind == "personal"


def web_unquote(part: str) -> str:
    from urllib.parse import unquote

    return unquote(part)
