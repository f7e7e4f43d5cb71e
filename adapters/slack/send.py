"""Slack's outbound half: send, look for, and read. Nothing here retries: the outbox does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.files import download
from adapters.slack.installations import Installed
from adapters.slack.plain import to_plain
from adapters.slack.render import render_message
from adapters.slack.tokens import Tokens, bearer
from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import (
    ChannelProfile,
    ChannelQuery,
    FileQuery,
    MembersProfile,
    MembersQuery,
    Outgoing,
    Pace,
    Profile,
    Query,
    Receipt,
    ThreadMessage,
    ThreadProfile,
    ThreadQuery,
    Unsearchable,
    UserProfile,
    UserQuery,
)

log = structlog.get_logger(__name__)

METADATA = "entente_delivery"
PAGES = 20
"""How many pages of history are looked through for a message that may have arrived."""

MEMBER_PAGES = 50
"""How many pages of a channel's members are read, of a thousand each."""

THREAD_PAGE = 200
THREAD_PAGES = 5
"""How many pages of a thread are read, of how many messages each."""

THREAD_SECONDS = 1.5
"""After that no further page of a thread is asked for: a form that waits for it must open within
three seconds of the press."""

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


NO_TOKEN = frozenset(
    {"token_revoked", "token_expired", "account_inactive", "invalid_auth", "not_authed"}
)
"""Slack takes this token no more."""

ASK_EVERY = 30.0
"""Seconds between questions whether Slack takes a token again that it refused."""

NOT_FROM_HERE = NO_TOKEN | {
    "app_removed",
    "channel_not_found",
    "not_in_channel",
    "user_not_found",
    "user_not_visible",
    "team_access_not_granted",
}
"""Refusals after which another installation may still be able to: nothing was done."""

T = TypeVar("T")


PACE = Pace(interval=timedelta(seconds=1))
"""One message a second in a channel (docs.slack.dev, rate limits, chat.postMessage)."""


class SlackPlatform:
    """Sends by the client's own token; with `tokens`, by that of the installation that fits."""

    name = "slack"
    pace = PACE

    def __init__(
        self, client: AsyncWebClient, *, request_timeout: float, tokens: Tokens | None = None
    ) -> None:
        self.client = client
        self.request_timeout = request_timeout
        self._tokens = tokens
        self._direct: dict[tuple[str, str], str] = {}
        self.errors: dict[str, int] = {}
        self._refusal: str | None = None
        self._ask_at = 0.0

    async def send(self, message: Outgoing) -> Receipt:
        """Post once. Raises RetryLater, Uncertain or Undeliverable."""
        content = render_message(message.view)
        # One limit for all of it: what is sent must have ended before somebody else may try.
        until = self._deadline()
        return await self._by_the_nearest(
            message, lambda via: self._send_through(via, message, content, until)
        )

    async def _by_the_nearest(
        self, message: Outgoing, do: Callable[[Installed | None], Awaitable[T]]
    ) -> T:
        """Do it through the first installation that can. Raises what the nearest one said."""
        refusal: Undeliverable | None = None
        async for via in self._get_ways(message):
            try:
                return await self._by(via, do)
            except Undeliverable as error:
                if error.reason not in NOT_FROM_HERE:
                    raise
                refusal = refusal or error
        raise refusal or Undeliverable("app_removed")

    async def _by(self, via: Installed | None, do: Callable[[Installed | None], Awaitable[T]]) -> T:
        try:
            return await do(via)
        except Undeliverable as error:
            renewed = (
                await self._tokens.renew(via)
                if self._tokens is not None and via is not None and error.reason in NO_TOKEN
                else None
            )
            if renewed is None:
                raise
        return await do(renewed)

    async def _get_ways(self, message: Outgoing) -> AsyncIterator[Installed | None]:
        """The installations to try: that of the message's workspace, then those from which its
        channel or person may be reached too. Never one outside of its alliances."""
        if self._tokens is None:
            yield None
            return
        tried = set()
        for via in self._tokens.installations.of_workspace(message.workspace):
            tried.add(via.external_id)
            yield via
        for via in await self._tokens.get_routes(channel=message.channel, user=message.user):
            if via.external_id not in tried:
                tried.add(via.external_id)
                yield via

    async def _send_through(
        self, via: Installed | None, message: Outgoing, content: dict[str, Any], until: float
    ) -> Receipt:
        if message.channel is not None and message.user is not None:
            return await self._send_private(via, message, content, until)
        channel = message.channel or await self._open_direct(via, message.user or "", until)
        answer = await self._call(
            via,
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
        self, via: Installed | None, message: Outgoing, content: dict[str, Any], until: float
    ) -> Receipt:
        answer = await self._call(
            via,
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

    async def _open_direct(self, via: Installed | None, user: str, until: float) -> str:
        # Each installation has a conversation of its own with a person.
        place = (via.bot_user if via else "", user)
        if place not in self._direct:
            answer = await self._call(via, "conversations.open", {"users": user}, until)
            self._direct[place] = str(answer["channel"]["id"])
        return self._direct[place]

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """The message by the key in its metadata. Private and threaded ones can't be looked for:
        `conversations.history` leaves them out; nor direct ones, when the installation that would
        have sent them is gone."""
        if message.thread is not None or (message.channel and message.user):
            raise Unsearchable
        try:
            if message.channel is None and self._tokens is not None:
                own = self._tokens.installations.of_workspace(message.workspace)
                if len(own) != 1:
                    raise Unsearchable
                return await self._by(own[0], lambda via: self._find_through(via, message, since))
            return await self._by_the_nearest(
                message, lambda via: self._find_through(via, message, since)
            )
        except Undeliverable as error:
            if error.reason in UNREADABLE:
                raise Unsearchable from error
            raise

    async def _find_through(
        self, via: Installed | None, message: Outgoing, since: datetime
    ) -> Receipt | None:
        channel = message.channel or await self._open_direct(
            via, message.user or "", self._deadline()
        )
        query: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 200,
        }
        for _ in range(PAGES):
            answer = await self._call(via, "conversations.history", query, self._deadline())
            for found in answer.get("messages", []):
                metadata = found.get("metadata") or {}
                if (metadata.get("event_payload") or {}).get("key") == message.key:
                    return Receipt(channel=channel, message=str(found["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            query["cursor"] = cursor
        raise Unsearchable

    async def fetch(self, query: Query) -> Profile:
        """Read a user, a channel, who is in it, a thread or a file. Raises PlatformError."""
        refusal = Undeliverable("app_removed")
        for via in self._get_readers(query):
            try:
                return await self._by(via, lambda via: self._fetch_through(via, query))
            except Undeliverable as error:
                if error.reason not in NOT_FROM_HERE:
                    raise
                refusal = error
        raise refusal

    def _get_readers(self, query: Query) -> list[Installed | None]:
        """The installations to ask: only those of the workspace that the question came from, and
        of a person's own; another's would see what is none of the asker's business."""
        if self._tokens is None:
            return [None]
        known = self._tokens.installations
        home = known.of_workspace(query.home or "") if isinstance(query, UserQuery) else ()
        return list(dict.fromkeys((*home, *known.of_workspace(query.workspace))))

    async def _fetch_through(self, via: Installed | None, query: Query) -> Profile:
        if isinstance(query, UserQuery):
            answer = await self._call(via, "users.info", {"user": query.user}, self._deadline())
            return parse_user(answer["user"])
        if isinstance(query, ChannelQuery):
            answer = await self._call(
                via, "conversations.info", {"channel": query.channel}, self._deadline()
            )
            return parse_channel(answer["channel"], own=query.workspace, get_home=self._get_home)
        if isinstance(query, MembersQuery):
            return await self._fetch_members(via, query)
        if isinstance(query, FileQuery):
            until = self._deadline()
            answer = await self._call(via, "files.info", {"file": query.file}, until)
            token = await self._get_token(via, until)
            return await download(
                self.client, answer["file"], most=query.most, until=until, token=token
            )
        return await self._fetch_thread(via, query)

    def _get_home(self, team: str) -> str:
        """The organisation of a team that Entente is installed in; else the team itself."""
        installed = self._tokens.installations.get(team) if self._tokens is not None else None
        return installed.workspace if installed is not None else team

    async def _fetch_members(self, via: Installed | None, query: MembersQuery) -> MembersProfile:
        users: list[str] = []
        asked: dict[str, Any] = {"channel": query.channel, "limit": 1000}
        for _ in range(MEMBER_PAGES):
            answer = await self._call(via, "conversations.members", asked, self._deadline())
            users += [str(user) for user in answer.get("members", [])]
            asked["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if not asked["cursor"]:
                break
        return MembersProfile(channel=query.channel, users=tuple(users))

    async def _fetch_thread(self, via: Installed | None, query: ThreadQuery) -> ThreadProfile:
        """A thread is a bonus: Slack may ration or refuse it, and then its address is enough."""
        until = self._deadline()
        named = {"channel": query.channel, "message_ts": query.message}
        link = await self._call(via, "chat.getPermalink", named, until)
        # Whoever reacts to a reply does not say of which thread; the reply's address does.
        permalink = _text(link.get("permalink"))
        roots = parse_qs(urlsplit(permalink or "").query).get("thread_ts", [])
        thread = query.thread or next(iter(roots), None)
        said, is_partial = await self._read_replies(
            via, query.channel, thread or query.message, until
        )
        return ThreadProfile(
            channel=query.channel,
            message=query.message,
            thread=thread,
            permalink=permalink,
            messages=tuple(
                ThreadMessage(
                    message=str(each["ts"]),
                    user=str(each["user"]),
                    text=to_plain(str(each.get("text") or "")),
                )
                for each in said
                if each.get("user") and each.get("ts") and not each.get("bot_id")
            ),
            is_partial=is_partial,
        )

    async def _read_replies(
        self, via: Installed | None, channel: str, root: str, until: float
    ) -> tuple[list[dict[str, Any]], bool]:
        """What stands in a thread, page by page, as far as Slack and the time allow; and whether
        there is more."""
        clock = asyncio.get_running_loop().time
        begun, said = clock(), list[dict[str, Any]]()
        asked: dict[str, Any] = {"channel": channel, "ts": root, "limit": THREAD_PAGE}
        for _ in range(THREAD_PAGES):
            try:
                answer = await self._call(via, "conversations.replies", asked, until)
            except PlatformError as error:
                log.info("thread not read to its end", reason=error.reason, messages=len(said))
                return said, bool(said)
            said += answer.get("messages", [])
            asked["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if not asked["cursor"]:
                return said, False
            if clock() - begun > THREAD_SECONDS:
                break
        return said, True

    async def _get_token(self, via: Installed | None, until: float) -> str:
        if via is None or self._tokens is None:
            return self.client.token or ""
        try:
            async with asyncio.timeout_at(until):
                return await self._tokens.get_token(via)
        except TimeoutError:
            # Nothing was sent.
            raise RetryLater("token is being exchanged") from None

    async def _call(
        self,
        via: Installed | None,
        method: str,
        values: dict[str, Any],
        until: float,
        *,
        writes: bool = False,
    ) -> Any:
        """Call until that moment of the loop's clock. Raises PlatformError."""
        given = {name: value for name, value in values.items() if value is not None}
        headers = None if via is None else bearer(await self._get_token(via, until))
        try:
            async with asyncio.timeout_at(until):
                # Slack reads nested values in JSON bodies only where a method writes.
                if writes:
                    answer = await self.client.api_call(method, json=given, headers=headers)
                else:
                    answer = await self.client.api_call(method, params=given, headers=headers)
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
        else:
            self._refusal = None
            return answer
        self.note_error(problem.reason)
        raise problem

    def note_error(self, reason: str) -> None:
        """Count what Slack refused, or how it could not be reached."""
        self.errors[reason] = self.errors.get(reason, 0) + 1
        # One workspace among many says nothing about the others.
        if self._tokens is None and reason in NO_TOKEN:
            self._refusal = reason

    async def get_refusal(self) -> str | None:
        """Why Slack takes the client's own token no more, until a call succeeds again. Now and then
        one is made for this alone: where nothing is ready, nothing may come that would be said."""
        now = asyncio.get_running_loop().time()
        if self._refusal is not None and now >= self._ask_at:
            self._ask_at = now + ASK_EVERY
            with contextlib.suppress(PlatformError):
                await self._call(None, "auth.test", {}, self._deadline())
        return self._refusal


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
        email=_text(profile.get("email")) if user.get("is_email_confirmed") else None,
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")),
        is_active=not user.get("deleted"),
    )


def _get_connected(channel: Any) -> set[str]:
    """The other organisations in a channel. On Enterprise Grid `connected_team_ids` names them by
    their enterprise, while `shared_team_ids` names their teams, and our own."""
    connected = {str(team) for team in channel.get("connected_team_ids") or () if team}
    if any(team.startswith("E") for team in connected):
        return connected
    internal = {channel.get("context_team_id"), *(channel.get("internal_team_ids") or ())}
    shared = {str(team) for team in channel.get("shared_team_ids") or () if team}
    return connected | (shared - internal)


def parse_channel(
    channel: Any, *, own: str, get_home: Callable[[str], str] = str
) -> ChannelProfile:
    """Slack's channel. `is_ext_shared` tells of other organisations; `is_shared` is broader.
    `own`: the asking organisation; `get_home`: the organisation that a team is known to be of."""
    others = {get_home(team) for team in _get_connected(channel)}
    return ChannelProfile(
        channel=str(channel["id"]),
        name=str(channel.get("name") or channel["id"]),
        is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        is_member=bool(channel.get("is_member")),
        is_archived=bool(channel.get("is_archived")),
        is_private=bool(channel.get("is_private")),
        workspaces=tuple(sorted({own, *others})),
    )
