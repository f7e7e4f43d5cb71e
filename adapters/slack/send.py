"""Slack's outbound half: send, look for, and read. Nothing here retries: the outbox does."""

import asyncio
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.render import render_message
from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import (
    ChannelProfile,
    ChannelQuery,
    Outgoing,
    Profile,
    Query,
    Receipt,
    Unsearchable,
    UserProfile,
    UserQuery,
)

METADATA = "entente_delivery"
PAGES = 20
"""How many pages of history are looked through for a message that may have arrived."""

BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""Slack failed on its side: the message may or may not be there."""

UNREADABLE = frozenset(
    {
        "missing_scope",
        "not_in_channel",
        "channel_not_found",
        "not_allowed_token_type",
        "access_denied",
        "no_permission",
        "method_not_supported_for_channel_type",
    }
)


class SlackPlatform:
    """Sends by one bot token."""

    name = "slack"

    def __init__(self, client: AsyncWebClient, *, request_timeout: float) -> None:
        self.client = client
        self.request_timeout = request_timeout
        self._direct: dict[str, str] = {}
        self.errors: dict[str, int] = {}

    async def send(self, message: Outgoing) -> Receipt:
        """Post once. Raises RetryLater, Uncertain or Undeliverable."""
        content = render_message(message.view)
        # One limit for all of it: what is sent must have ended before somebody else may try.
        until = self._deadline()
        if message.channel is not None and message.user is not None:
            return await self._send_private(message, content, until)
        channel = message.channel or await self._open_direct(message.user or "", until)
        answer = await self._call(
            "chat.postMessage",
            {
                "channel": channel,
                "thread_ts": message.thread,
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": {"event_type": METADATA, "event_payload": {"key": message.key}},
                **content,
            },
            until,
            writes=True,
        )
        return Receipt(channel=str(answer["channel"]), message=str(answer["ts"]))

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.request_timeout

    async def _send_private(
        self, message: Outgoing, content: dict[str, Any], until: float
    ) -> Receipt:
        answer = await self._call(
            "chat.postEphemeral",
            {
                "channel": message.channel,
                "user": message.user,
                "thread_ts": message.thread,
                **content,
            },
            until,
            writes=True,
        )
        return Receipt(channel=message.channel or "", message=_text(answer.get("message_ts")))

    async def _open_direct(self, user: str, until: float) -> str:
        if user not in self._direct:
            answer = await self._call("conversations.open", {"users": user}, until)
            self._direct[user] = str(answer["channel"]["id"])
        return self._direct[user]

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """The message by the key in its metadata. Private and threaded ones can't be looked for:
        `conversations.history` leaves them out."""
        if message.thread is not None or (message.channel and message.user):
            raise Unsearchable
        channel = message.channel or await self._open_direct(message.user or "", self._deadline())
        query: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 200,
        }
        for _ in range(PAGES):
            answer = await self._read_history(query)
            for found in answer.get("messages", []):
                metadata = found.get("metadata") or {}
                if (metadata.get("event_payload") or {}).get("key") == message.key:
                    return Receipt(channel=channel, message=str(found["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            query["cursor"] = cursor
        raise Unsearchable

    async def _read_history(self, query: dict[str, Any]) -> Any:
        try:
            return await self._call("conversations.history", query, self._deadline())
        except Undeliverable as error:
            if error.reason in UNREADABLE:
                raise Unsearchable from error
            raise

    async def fetch(self, query: Query) -> Profile:
        """Read a user or a channel."""
        if isinstance(query, UserQuery):
            answer = await self._call("users.info", {"user": query.user}, self._deadline())
            return parse_user(answer["user"])
        if isinstance(query, ChannelQuery):
            answer = await self._call(
                "conversations.info", {"channel": query.channel}, self._deadline()
            )
            return parse_channel(answer["channel"])
        raise Undeliverable("unknown query")

    async def _call(
        self, method: str, values: dict[str, Any], until: float, *, writes: bool = False
    ) -> Any:
        """Call until that moment of the loop's clock. Raises PlatformError."""
        given = {name: value for name, value in values.items() if value is not None}
        try:
            async with asyncio.timeout_at(until):
                # Slack reads nested values in JSON bodies only where a method writes.
                if writes:
                    return await self.client.api_call(method, json=given)
                return await self.client.api_call(method, params=given)
        except SlackApiError as error:
            problem = read_error(error, writes=writes)
        except (AttributeError, ValueError):
            # The library trips over answers that are no JSON objects: something in between.
            problem = Uncertain("unreadable") if writes else RetryLater("unreadable")
        except aiohttp.ClientConnectorError:
            problem = RetryLater("unreachable")
        except TimeoutError:
            problem = Uncertain("timeout") if writes else RetryLater("timeout")
        except aiohttp.ClientError:
            problem = Uncertain("disconnected") if writes else RetryLater("disconnected")
        self.errors[problem.reason] = self.errors.get(problem.reason, 0) + 1
        raise problem


def read_error(error: SlackApiError, *, writes: bool = True) -> PlatformError:
    """What an error of Slack's means for a message. Slack limits each method by itself: reading
    too often is no reason to stop writing. An answer without Slack's word for it is not Slack's."""
    response = error.response
    # The library hands over its own response, or the HTTP library's if it could not read that.
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    headers = getattr(response, "headers", {}) or {}
    said = _get(response, "error")
    reason = str(said or f"http_{status}")
    if status == 429 or reason in {"ratelimited", "rate_limited"}:
        after = _seconds(headers.get("Retry-After") or headers.get("retry-after"))
        return RetryLater("ratelimited", after=after, everywhere=writes)
    if status >= 500 or reason in BROKEN or not said:
        return Uncertain(reason) if writes else RetryLater(reason)
    return Undeliverable(reason)


def _get(response: Any, name: str) -> Any:
    try:
        return response.get(name)
    except (AttributeError, ValueError):
        return None


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 1.0)
    except ValueError:
        return 30.0


def _text(value: object) -> str | None:
    return str(value) if value else None


def parse_user(user: Any) -> UserProfile:
    """Slack's user. On Enterprise Grid the organisation is told by the enterprise, not the team."""
    profile = user.get("profile") or {}
    enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name")
    return UserProfile(
        user=str(user["id"]),
        workspace=_text(enterprise or user.get("team_id")),
        name=str(name or user.get("name") or user["id"]),
        zone=_text(user.get("tz")),
        email=_text(profile.get("email")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
    )


def _get_workspaces(channel: Any) -> tuple[str, ...]:
    named = [*(channel.get("shared_team_ids") or ()), *(channel.get("connected_team_ids") or ())]
    return tuple(dict.fromkeys(str(team) for team in named if team))


def parse_channel(channel: Any) -> ChannelProfile:
    """Slack's channel. `is_ext_shared` tells of other organisations; `is_shared` is broader."""
    return ChannelProfile(
        channel=str(channel["id"]),
        name=str(channel.get("name") or channel["id"]),
        is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        is_member=bool(channel.get("is_member")),
        is_archived=bool(channel.get("is_archived")),
        is_private=bool(channel.get("is_private")),
        workspaces=_get_workspaces(channel),
    )
