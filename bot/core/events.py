"""What happened on a platform, in words that are no platform's own.

Adapters parse payloads into these; dispatch hands them to the features. All ids of users, channels,
messages and workspaces are the platform's own, as text. `key` identifies the happening for
de-duplication: two events with one key are one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FormValue = str | tuple[str, ...] | None
"""What one form input holds: a text, an option, a date or time in ISO form, or several ids."""


class PlaceKind(StrEnum):
    """Where something happened."""

    CHANNEL = "channel"
    DIRECT = "direct"
    HOME = "home"
    FORM = "form"


class Via(StrEnum):
    """How a command was given."""

    SLASH = "slash"
    MENTION = "mention"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person who did it. `workspace` is their home workspace, `zone` the time zone they are in,
    where the event tells it."""

    user: str
    workspace: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it happened; `thread` is the id of the thread's first message."""

    kind: PlaceKind
    channel: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `workspace` is the installation through which it was heard."""

    key: str
    platform: str
    workspace: str
    actor: Actor
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Event):
    """Somebody wrote a message that some feature's matcher wants."""

    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionAdded(Event):
    """Somebody reacted to a message with an emoji, named as the platform names it."""

    message: str
    emoji: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """A file that came with a message: the platform's id of it, and the name it was given."""

    file: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandInvoked(Event):
    """Words meant for Entente: `/alliance …`, `@Entente …`, or a direct message.

    People and channels stand in `text` as `<@ID>` or `<#ID>`, with an optional `|name`. `files`:
    what was sent along, in direct messages alone.
    """

    via: Via
    text: str
    trigger: str | None = None
    files: tuple[SharedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPressed(Event):
    """A press on a button or a choice from a menu; `value` comes back from the client: trust it
    for nothing."""

    action: str
    value: str
    message: str | None = None
    trigger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutInvoked(Event):
    """A shortcut on a message; `text` is the message's, as people read it: without markup, but for
    mentions (`<@ID>`)."""

    shortcut: str
    message: str
    text: str
    trigger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChanged(Event):
    """An input of an open form changed; the form may be updated while open."""

    form: str
    values: Mapping[str, FormValue]
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(FormChanged):
    """A form was sent off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened(Event):
    """Somebody opened Entente's home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """The actor joined the channel; Entente itself if `is_self`."""

    is_self: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """The actor left the channel; Entente itself if `is_self`."""

    is_self: bool = False


class ChannelChange(StrEnum):
    """What happened to a channel."""

    RENAMED = "renamed"
    TEAM_RENAMED = "team_renamed"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    SHARED = "shared"
    UNSHARED = "unshared"
    MOVED = "moved"
    INSTALLED_ANEW = "installed_anew"
    """Entente was installed there once more, or another version of it: what it hears may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged(Event):
    """A channel changed; `value` is its new name (renamed), that of the team it is one of (team
    renamed), or its new id (moved)."""

    change: ChannelChange
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """The account `user` was switched off, or on again. Who did it is not told."""

    user: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceJoined(Event):
    """The acting person is new in the workspace itself, in whichever channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInstalled(Event):
    """Entente was installed in a workspace; `is_back`: once more, after it had been removed."""

    is_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRemoved(Event):
    """Entente was removed from a workspace, or its token was revoked. `installation`: the
    platform's id of what it was installed in; `at`: when, by the platform's own time."""

    installation: str = ""
    at: datetime | None = None
