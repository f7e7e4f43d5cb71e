"""What the core asks of a platform. Each adapter brings one `Platform`; a strict fake of it for
tests is in `bot.testing`, and both are held to the same contract suite."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.core.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way. To a channel, or to `user` by direct message (no channel), or to
    `user` alone within a channel (both). `key` travels with the message where the platform can
    keep it, so that the message can be found again."""

    key: str
    workspace: str
    channel: str | None
    user: str | None
    thread: str | None
    view: View


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where a message went: the platform's ids of its channel and of itself."""

    channel: str
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQuery:
    """Who is this?"""

    workspace: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProfile:
    """A person as the platform knows them. `workspace` is their home; None if it won't say."""

    user: str
    workspace: str | None
    name: str
    zone: str | None = None
    email: str | None = None
    is_guest: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuery:
    """What is this channel, and who is in it?"""

    workspace: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelProfile:
    """A channel as the platform knows it. `is_shared`: people of another organisation are in it;
    `workspaces`: whose, where the platform says so. `is_member`: Entente is in it and may post."""

    channel: str
    name: str
    is_shared: bool
    is_member: bool
    is_archived: bool = False
    is_private: bool = False
    workspaces: tuple[str, ...] = ()


Query = UserQuery | ChannelQuery
Profile = UserProfile | ChannelProfile


class Unsearchable(Exception):
    """The platform can't say whether a message is there."""


class Platform(Protocol):
    """The outbound half of an adapter. Methods are coroutines; each request has a time limit."""

    name: str
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
