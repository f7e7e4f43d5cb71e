"""What the connector's refusals mean for a message.

Sources: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import OTHER_TENANT

_WORDS: Final = {
    "ConversationNotFound": "channel_not_found",
    "BotNotInConversationRoster": "not_in_channel",
    "ForbiddenOperationException": "not_in_channel",
    "ConversationArchived": "is_archived",
    "MemberNotFoundInConversation": "user_not_found",
    "NotFound": "channel_not_found",
    "ForbiddenCrossTenant": OTHER_TENANT,
}
"""Teams' words that mean the same on every platform."""

OF_ONE: Final = frozenset(
    {*_WORDS.values(), "InvalidRecipient", "BadArgument", "BadSyntax", "MessageSizeTooBig"}
)
"""Refusals that are about one person, place or message: the next may fare better."""

WAIT: Final = 30.0
"""Seconds to wait if Teams asks for silence without saying how long."""


def read_refusal(
    status: int, headers: Mapping[str, str], body: bytes | str, *, writes: bool
) -> PlatformError:
    """The error for an answer that is no success. Nothing arrived at 412 and 429; at 5xx it may
    have. Limits are a conversation's, so that others go on."""
    reason = _read_code(body) or f"http_{status}"
    if status == 429:
        return RetryLater("ratelimited", after=read_seconds(headers.get("Retry-After")))
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
