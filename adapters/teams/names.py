"""Names of Teams' and ours: the ids by which the rest of Entente knows people and conversations.

Teams' ids of conversations may be longer than our columns, and a thread's id is its channel's with
the first message behind it. A person's chat with Entente is named by the person: that lasts.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

PLATFORM: Final = "teams"
LONGEST: Final = 80
"""Characters of an id that our tables take."""

_THREAD: Final = ";messageid="


def compact(identifier: str) -> str:
    """An id as our tables hold it: itself, or if it is too long its beginning and a hash."""
    if len(identifier) <= LONGEST:
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()
    return f"{identifier[:39]}~{digest[:40]}"


def split_thread(conversation: str) -> tuple[str, str | None]:
    """The conversation itself, and the first message of the thread that the id names."""
    base, _, message = conversation.partition(_THREAD)
    return base, message or None


def join_thread(conversation: str, thread: str | None) -> str:
    """The id of a thread in a channel; of the channel if there is none."""
    return f"{conversation}{_THREAD}{thread}" if thread else conversation


def make_key(conversation: str, happening: str) -> str:
    """What identifies a happening: ids of messages are unique within their conversation only."""
    where = hashlib.sha256(conversation.encode("utf-8", "replace")).hexdigest()[:24]
    return f"{PLATFORM}:{where}:{compact(happening)}"


def get_user(account: Mapping[str, Any]) -> str:
    """Our id of a person: the one in their directory, which outlives this bot; else Teams' own."""
    return compact(str(account.get("aadObjectId") or account.get("objectId") or account["id"]))
