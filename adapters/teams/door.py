"""The door: raw ASGI in front of everything Teams sends.

Each request is read once, its token checked, and answered at once if nobody wants it; only the rest
reaches the library. A request that is refused never gets any further.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog

from adapters.asgi import App, Counts, Receive, Scope, Send, answer, read_body
from adapters.teams.cloud import Cloud
from adapters.teams.keys import KeysOutOfReach
from adapters.teams.names import PLATFORM, compact, get_user, split_thread
from adapters.teams.prose import read_posted
from adapters.teams.tokens import Refused, Tokens

Payload = dict[str, Any]
Handle = Callable[[Payload], Awaitable[Payload | None]]
"""Takes an activity; answers the body of an invoke response, or None."""

log = structlog.get_logger(__name__)

PATH: Final = "/api/messages"
LARGEST: Final = 1_000_000
CHANNEL: Final = "msteams"

_FORWARDED: Final = (b"forwarded", b"via", b"x-real-ip")
_LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(slots=True)
class Listening:
    """Where Entente listens at the moment: our ids of linked channels; and in which of them it
    `heard` what did not mention it, until that is `noted`."""

    linked: frozenset[str] = frozenset()
    heard: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)


class NotTaken(Exception):
    """A request is refused: with this status, for this reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Door:
    """Teams' requests, before anything else looks at them. Without `tokens` it is anonymous: for
    the simulator on this machine, and for nobody else."""

    def __init__(
        self,
        inner: App,
        handle: Handle,
        *,
        cloud: Cloud,
        tokens: Tokens | None,
        listening: Listening,
        wants_text: Callable[[str, str, str, str], bool],
    ) -> None:
        self.counts = Counts()
        self._inner = inner
        self._handle = handle
        self._cloud = cloud
        self._tokens = tokens
        self._listening = listening
        self._wants_text = wants_text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to `/api/messages`; pass on any other."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        try:
            payload = await self._read(scope, receive)
        except NotTaken as refusal:
            self.counts.refuse(refusal.reason)
            log.info("request refused", reason=refusal.reason)
            await answer(send, refusal.status, b"refused", "text/plain")
            return
        if not self.is_wanted(payload):
            await answer(send, 200, b"{}" if payload["type"] == "invoke" else b"")
            return
        body = await self._handle(payload)
        await answer(send, 200, orjson.dumps(body) if body is not None else b"")

    async def _read(self, scope: Scope, receive: Receive) -> Payload:
        """The activity of a request that is Teams'. Raises NotTaken."""
        if scope["method"] != "POST":
            raise NotTaken(405, "method")
        headers = dict(scope["headers"])
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":
            raise NotTaken(415, "content_type")
        check = await self._check(scope, headers)
        body = await read_body(receive, most=LARGEST)
        if body is None:
            raise NotTaken(413, "too_large")
        payload = read_activity(body)
        if payload is None:
            raise NotTaken(400, "not_an_activity")
        if check is not None and not check(payload):
            raise NotTaken(401, "other_address")
        if not self._cloud.trusts(payload["serviceUrl"]):
            raise NotTaken(403, "service_url")
        return payload

    async def _check(
        self, scope: Scope, headers: dict[bytes, bytes]
    ) -> Callable[[Payload], bool] | None:
        if self._tokens is None:
            _check_local(scope, headers)
            return None
        try:
            claims = await self._tokens.check(headers.get(b"authorization", b""))
        except Refused as refusal:
            raise NotTaken(401, refusal.reason) from None
        except KeysOutOfReach:
            # Not the sender's fault: Teams sends it again.
            raise NotTaken(503, "keys_out_of_reach") from None
        return claims.fit

    def is_wanted(self, payload: Payload) -> bool:
        """Whether anything behind the door may want this; counted either way."""
        try:
            wanted = self._wants(payload)
        except (LookupError, TypeError, AttributeError):
            # A list or a number where Teams sends an object or an id: nothing of Teams'.
            wanted = False
        if wanted:
            self.counts.passed += 1
        else:
            self.counts.turned_away += 1
        return wanted

    def _wants(self, payload: Payload) -> bool:
        kind = payload["type"]
        sender = payload.get("from") or {}
        if sender.get("role") == "bot" or str(sender.get("id") or "").startswith("28:"):
            return kind in {"conversationUpdate", "installationUpdate"}
        if kind == "message":
            return self._wants_message(payload)
        if kind == "messageReaction":
            # Bots hear only of reactions to what they wrote themselves.
            is_direct = payload["conversation"].get("conversationType") == "personal"
            return is_direct or self._is_linked(payload)
        if kind == "invoke":
            return payload.get("name") in INVOKES
        return kind in {"conversationUpdate", "installationUpdate"}

    def _wants_message(self, payload: Payload) -> bool:
        conversation = payload["conversation"]
        if conversation.get("conversationType") == "personal" or payload.get("value") is not None:
            return True
        me = payload["recipient"]["id"]
        for entity in payload.get("entities") or ():
            if entity.get("type") == "mention" and entity["mentioned"].get("id") == me:
                return True
        if not self._is_linked(payload):
            return False
        channel = compact(split_thread(str(conversation["id"]))[0])
        if channel not in self._listening.noted:
            self._listening.heard.add(channel)
        text = read_posted(payload) or str(payload.get("text") or "")
        return self._wants_text(PLATFORM, channel, get_user(payload["from"]), text)

    def _is_linked(self, payload: Payload) -> bool:
        base, _ = split_thread(str(payload["conversation"]["id"]))
        return compact(base) in self._listening.linked


INVOKES: Final = frozenset(
    {
        "adaptiveCard/action",
        "task/fetch",
        "task/submit",
        "composeExtension/fetchTask",
        "composeExtension/submitAction",
    }
)
"""Invokes that there is a handler for (see parse.py); any other is answered with nothing."""


def _check_local(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Only this machine, and nothing that a proxy or a web page passed on. Raises NotTaken."""
    if any(name in headers for name in _FORWARDED) or any(
        name.startswith(b"x-forwarded") for name in headers
    ):
        raise NotTaken(403, "forwarded")
    client = scope.get("client")
    if not client or client[0] not in {"127.0.0.1", "::1"}:
        raise NotTaken(403, "not_local")
    host = headers.get(b"host", b"").decode("latin-1").rpartition(":")[0]
    if host not in _LOCAL_HOSTS or b"origin" in headers:
        raise NotTaken(403, "not_local")


def read_activity(body: bytes) -> Payload | None:
    """The activity in a request, or None if it is none of Teams'."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict) or found.get("channelId") != CHANNEL:
        return None
    texts = (found.get("type"), found.get("serviceUrl"))
    return found if all(isinstance(text, str) and text for text in texts) else None
