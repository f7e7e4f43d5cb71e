"""What the connector's refusals mean for a message.

Sources: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from bot.core.clock import Clock
from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable

_WORDS: Final = {
    "ConversationNotFound": "channel_not_found",
    "BotNotInConversationRoster": "not_in_channel",
    "ForbiddenOperationException": "not_in_channel",
    "ConversationArchived": "is_archived",
    "MemberNotFoundInConversation": "user_not_found",
    "NotFound": "channel_not_found",
    "ConversationBlockedByUser": "blocked_by_user",
    "MessageWritesBlocked": "blocked_by_user",
    "BotDisabledByAdmin": "disabled_by_admin",
}
"""Teams' words that mean the same on every platform."""

UNTARGETED: Final = frozenset(
    {"TargetedMessagesNotAllowed", "NotEnoughPermissions", "http_403", "http_405"}
)
"""Refusals to show something to one person in a channel that are about the tenant, not about that
person, place or message. Teams documents no word of its own for it: with one that is not among
these, each message is tried, and falls back."""

AGAIN: Final = timedelta(days=1)
"""After so long a tenant that refused targeted messages is tried again."""

GONE: Final = frozenset({"channel_not_found", "not_in_channel"})
"""Refusals that say that a conversation is no more, or no more Entente's."""

WAIT: Final = 30.0
"""Seconds to wait if Teams asks for silence without saying how long."""


LIMITED: Final = "ratelimited"


class Limits:
    """Whose limit was reached: a conversation's, or that of Entente in a tenant (50 requests a
    second). Teams does not say. But Entente keeps to each conversation's limits by itself, so a
    second conversation of the same tenant that is refused before the first may go on tells that it
    is the tenant's."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def judge(self, error: RetryLater, *, tenant: str, place: str, now: float) -> RetryLater:
        """A refusal to write into a place, at `now` in seconds; for all in the tenant if it is
        theirs."""
        if error.reason != LIMITED or error.after is None:
            return error
        waiting = {p: until for p, until in self._waiting[tenant].items() if until > now}
        self._waiting[tenant] = {**waiting, place: now + error.after}
        is_all = bool(waiting.keys() - {place})
        return RetryLater(error.reason, after=error.after, everywhere=is_all)


class Targets:
    """In which tenants something can be shown to one person in a channel (targeted messages, a
    preview of Microsoft's): in all that have not refused it lately."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._refused: dict[str, datetime] = {}

    def may(self, tenant: str) -> bool:
        """Whether to try."""
        refused_at = self._refused.get(tenant)
        return refused_at is None or self._clock() >= refused_at + AGAIN

    def note(self, tenant: str, error: PlatformError) -> None:
        """A refusal, if it is the tenant's."""
        if error.reason in UNTARGETED:
            self._refused[tenant] = self._clock()


def read_refusal(
    status: int, headers: Mapping[str, str], body: bytes | str, *, writes: bool
) -> PlatformError:
    """The error for an answer that is no success. Nothing arrived at 412 and 429; at 5xx it may
    have. A limit counts as the conversation's, until more is known."""
    reason = _read_code(body) or f"http_{status}"
    if status == 429:
        return RetryLater(LIMITED, after=read_seconds(headers.get("Retry-After")))
    if status in {401, 408, 412}:
        return RetryLater(reason)
    if status >= 500:
        return Uncertain(reason) if writes else RetryLater(reason)
    return Undeliverable(_WORDS.get(reason, reason)[:80])


def read_seconds(value: object) -> float:
    """`Retry-After` in seconds."""
    try:
        return min(max(float(str(value)), 1.0), 3600.0)
    except ValueError:
        return WAIT


def _read_code(body: bytes | str) -> str:
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return str(error.get("code") or "") if isinstance(error, dict) else ""
