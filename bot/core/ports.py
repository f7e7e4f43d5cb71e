"""What the core asks of a platform. Each adapter brings one `Platform`; a strict fake of it for
tests is in `bot.testing`, and both are held to the same contract suite."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way. To a channel, or to `user` by direct message (no channel), or to
    `user` alone within a channel (both). `key` travels with the message where the platform can
    keep it, so that the message can be found again. `is_answer`: the person has just
    asked for it; `is_hint`: nobody asked, and others must not even read that something is there."""

    key: str
    workspace: str
    channel: str | None
    user: str | None
    thread: str | None
    view: View
    is_answer: bool = False
    is_hint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a message went: the platform's ids of its channel and of itself."""

    channel: str
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQuery:
    """Who is this? `home`: the person's own workspace, if that is known: it knows most of them."""

    workspace: str
    user: str
    home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProfile:
    """A person as the platform knows them. `workspace` is their home; None if it won't say.
    `email`: only an address that the platform has confirmed. `is_active`: whether their account
    works, as far as the platform tells. `is_told`: whether it told of them at all; if not, what
    was known of them stays."""

    user: str
    workspace: str | None
    name: str
    zone: str | None = None
    email: str | None = None
    is_guest: bool = False
    is_bot: bool = False
    is_active: bool = True
    is_told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuery:
    """What is this channel, and who is in it?"""

    workspace: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelProfile:
    """A channel as the platform knows it; `within`: the name of the team that it is one of, where
    there are such. `is_shared`: people of another organisation are in it;
    `workspaces`: whose, where the platform says so. `is_member`: Entente is in it and may post."""

    channel: str
    name: str
    is_shared: bool
    is_member: bool
    is_archived: bool = False
    is_private: bool = False
    workspaces: tuple[str, ...] = ()
    within: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersQuery:
    """Who is in this channel?"""

    workspace: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersProfile:
    """The users in a channel, Entente and other bots among them."""

    channel: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadQuery:
    """What stands in the thread of this message, and what is its address? Entente looks at a
    thread only when a person points it there. `thread`: its first message, if `message` is a
    later one."""

    workspace: str
    channel: str
    message: str
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage:
    """One message of a thread, as people read it: without markup, but for mentions (`<@ID>`)."""

    message: str
    user: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadProfile:
    """What people wrote in a thread, oldest first. Where the platform refuses to have it read,
    `messages` is empty; `is_partial`: there are later ones that were not read. `permalink` leads to
    the message asked for, where the platform has such links; `thread` is the thread's first
    message, if there is a thread and it can be told."""

    channel: str
    message: str
    thread: str | None = None
    permalink: str | None = None
    messages: tuple[ThreadMessage, ...] = ()
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuery:
    """What is in this file, which somebody sent to Entente? At most `most` bytes are read; a
    larger one is Undeliverable, with the reason `file_too_large`."""

    workspace: str
    file: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file as it was handed over: nothing in it can be trusted."""

    file: str
    name: str
    content: bytes


OTHER_TENANT = "other_tenant"
"""Why a direct message was refused whose reader is of an organisation that the platform does not
let Entente write into: another way may do."""

TOO_LARGE = "file_too_large"
"""Why a file was not read that is larger than was asked for."""

Query = UserQuery | ChannelQuery | MembersQuery | ThreadQuery | FileQuery
Profile = UserProfile | ChannelProfile | MembersProfile | ThreadProfile | FileContent


class Unsearchable(Exception):
    """The platform can't say whether a message is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a platform takes a message at one place: `burst` at once, and in the long run one
    each `interval`."""

    interval: timedelta
    burst: int = 1

    def when_free(self, at: datetime, *, before: datetime | None) -> datetime:
        """From when on the place takes another, after one was sent `at`. `before`: what this said
        the last time, if it was asked.

        The moment may lie in the past, and then says how much of the burst is left (the generic
        cell rate algorithm: one moment a place is all that must be kept).
        """
        rested = at - self.interval * (self.burst - 1)
        return max(rested, before or rested) + self.interval


class Platform(Protocol):
    """The outbound half of an adapter. Methods are coroutines; each request has a time limit."""

    name: str
    pace: Pace
    request_timeout: float
    """Seconds after which a request that was sent counts as `Uncertain`."""

    async def send(self, message: Outgoing) -> Receipt:
        """Send once. Raises RetryLater, Uncertain or Undeliverable."""
        ...

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """The message with this key if it arrived after `since`, or None if it surely didn't.

        Raises Unsearchable where that can't be told, and PlatformError."""
        ...

    async def fetch(self, query: Query) -> Profile:
        """Read something. Raises PlatformError (Undeliverable: there is no such thing)."""
        ...


@dataclass(frozen=True, slots=True)
class Platforms:
    """The platforms this process is connected to, by name."""

    by_name: Mapping[str, Platform] = field(default_factory=dict)
