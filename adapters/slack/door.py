"""The door: raw ASGI in front of everything Slack sends.

Most events in a busy workspace are none of Entente's business. The door reads each request once,
checks its signature, and answers at once what nobody wants; only the rest reaches Bolt. Socket Mode
asks the same `is_wanted`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
import structlog
from slack_sdk.signature import SignatureVerifier

from adapters.asgi import App, Counts, Receive, Scope, Send, answer, read_body
from adapters.slack.parse import PLATFORM
from adapters.slack.paths import PATH
from adapters.slack.twins import Handle, Twins

log = structlog.get_logger(__name__)

_MENTIONED = re.compile(r"<@([A-Z0-9]+)[>|]")

LARGEST: Final = 1_000_000
"""Bytes of a request. Slack's own are far smaller."""


@dataclass(slots=True)
class Listening:
    """What Entente listens to at the moment, kept up to date from the database. `linked`: channels
    in which it reads; `known`: those and the pending ones; `bot_users`: its own users; `gone`:
    people whose accounts are switched off; `welcoming`: workspaces whose newcomers are brought
    in."""

    linked: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    bot_users: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    welcoming: frozenset[str] = frozenset()

    def set_bot_users(self, users: frozenset[str]) -> None:
        """Take over Entente's own users, one for each installation."""
        self.bot_users = users

    def is_mentioned(self, text: str) -> bool:
        """Whether a text mentions one of them; however many there are, it is read once."""
        return "<@" in text and not self.bot_users.isdisjoint(_MENTIONED.findall(text))


class Door:
    """Slack's requests, before anything else looks at them."""

    def __init__(
        self,
        inner: App,
        handle: Handle,
        *,
        signing_secret: str,
        listening: Listening,
        wants_text: Callable[[str, str, str, str], bool],
    ) -> None:
        self.counts = Counts()
        self._inner = inner
        self._twins = Twins(handle)
        # In Socket Mode there may be none: then nothing that comes over HTTP is Slack's.
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._listening = listening
        self._wants_text = wants_text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to `/slack/events`; pass on any other."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._inner(scope, receive, send)
            return
        if scope["method"] != "POST":
            await self._refuse(send, 405, "method")
            return
        body = await read_body(receive, most=LARGEST)
        if body is None:
            await self._refuse(send, 413, "too_large")
            return
        headers = dict(scope["headers"])
        signature = headers.get(b"x-slack-signature", b"").decode("latin-1")
        if not self._is_signed(body, headers, signature):
            await self._refuse(send, 401, "signature")
            return
        payload = read_payload(body, headers.get(b"content-type", b""))
        if payload is None:
            await self._refuse(send, 400, "not_a_payload")
            return
        if not self.is_wanted(payload):
            await answer(send, 200, b"")
            return
        status, said, kind = await self._twins.handle_once(payload, signature)
        await answer(send, status, said, kind)

    def _is_signed(self, body: bytes, headers: dict[bytes, bytes], signature: str) -> bool:
        timestamp = headers.get(b"x-slack-request-timestamp", b"").decode("latin-1")
        if self._verifier is None or not signature:
            return False
        if not timestamp.isascii() or not timestamp.isdigit():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (UnicodeDecodeError, ValueError, TypeError):
            return False

    def is_wanted(self, payload: dict[str, Any]) -> bool:
        """Whether anything behind the door may want this; counted either way."""
        try:
            wanted = self._wants(payload)
        except TypeError:
            # A list or an object where Slack sends an id or a name: nothing of Slack's.
            wanted = False
        if wanted:
            self.counts.passed += 1
        else:
            self.counts.turned_away += 1
        return wanted

    def _wants(self, payload: dict[str, Any]) -> bool:
        kind = payload.get("type")
        if kind == "event_callback":
            return self._wants_event(payload)
        return kind in _REQUESTS or (kind is None and "command" in payload)

    def _wants_event(self, payload: dict[str, Any]) -> bool:
        event = payload.get("event")
        if not isinstance(event, dict):
            return False
        kind = event.get("type")
        if kind == "message":
            return self._wants_message(event)
        if kind == "reaction_added":
            return self._wants_reaction(event)
        if kind == "user_change":
            # Slack tells of every change of anybody's status: only comings and goings concern us.
            user = event.get("user")
            if not isinstance(user, dict):
                return False
            return bool(user.get("deleted")) or user.get("id") in self._listening.gone
        if kind == "team_join":
            user = event.get("user")
            if not isinstance(user, dict) or user.get("is_bot"):
                return False
            grid = user.get("enterprise_user")
            homes = {user.get("team_id"), grid.get("enterprise_id") if grid else None}
            return not homes.isdisjoint(self._listening.welcoming)
        if kind in _CHANNEL_EVENTS:
            channel = event.get("channel") or event.get("old_channel_id")
            found = channel.get("id") if isinstance(channel, dict) else channel
            return found in self._listening.known
        return kind in _ALWAYS

    def _wants_reaction(self, event: dict[str, Any]) -> bool:
        """In linked channels; and to what we wrote to somebody directly."""
        item = event.get("item")
        if not isinstance(item, dict):
            return False
        channel = item.get("channel")
        is_direct = isinstance(channel, str) and channel.startswith("D")
        return channel in self._listening.linked or (
            is_direct and event.get("item_user") in self._listening.bot_users
        )

    def _wants_message(self, event: dict[str, Any]) -> bool:
        if event.get("bot_id") or event.get("user") in self._listening.bot_users:
            return False
        if event.get("channel_type") == "im":
            return event.get("subtype") in _WRITTEN
        text = event.get("text")
        if not isinstance(text, str):
            return False
        if self._listening.is_mentioned(text):
            return True
        channel, user = event.get("channel"), event.get("user")
        if channel not in self._listening.linked or event.get("subtype") not in _WRITTEN:
            return False
        return self._wants_text(PLATFORM, channel, str(user or ""), text)

    async def _refuse(self, send: Send, status: int, reason: str) -> None:
        self.counts.refuse(reason)
        log.info("request refused", reason=reason)
        await answer(send, status, b"refused", "text/plain")


_REQUESTS = frozenset({"url_verification", "block_actions", "view_submission", "message_action"})
"""Payloads other than events and commands that there is a handler for (see parse.py)."""

_WRITTEN = frozenset({None, "", "file_share", "thread_broadcast"})
_ALWAYS = frozenset(
    {
        "app_mention",
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
        # Rare, and they may come at once after the channel's id has changed.
        "channel_shared",
        "channel_unshared",
    }
)
_CHANNEL_EVENTS = frozenset(
    {
        "member_joined_channel",
        "member_left_channel",
        "channel_rename",
        "channel_archive",
        "channel_unarchive",
        "channel_deleted",
        "channel_id_changed",
        "group_rename",
        "group_archive",
        "group_unarchive",
        "group_deleted",
    }
)


def read_payload(body: bytes, content_type: bytes) -> dict[str, Any] | None:
    """The payload: JSON, a form with a `payload` in JSON, or a slash command's form."""
    try:
        if content_type.startswith(b"application/json"):
            found = orjson.loads(body)
        elif not content_type.startswith(b"application/x-www-form-urlencoded"):
            return None
        else:
            form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
            found = orjson.loads(form["payload"]) if "payload" in form else form
    except (orjson.JSONDecodeError, UnicodeDecodeError, ValueError):
        return None
    return found if isinstance(found, dict) and found else None
