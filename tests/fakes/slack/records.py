"""The things that Slack holds: teams, people, channels, messages, views and permissions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

DEFAULT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
        "users:read.email",
    }
)


@dataclass(eq=False)
class Team:
    """A workspace; it is its own organisation, or one of many of an `enterprise`'s (its id)."""

    id: str
    name: str
    enterprise: str | None = None

    @property
    def organisation(self) -> str:
        """The id by which other organisations know it: its enterprise's, if it is one's."""
        return self.enterprise or self.id

    @property
    def domain(self) -> str:
        """The part of the address before `.slack.com`."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass(eq=False)
class Member:
    """A person or a bot user, as `users.info` knows them."""

    id: str
    name: str
    team: Team
    tz: str = "Etc/UTC"
    email: str | None = None
    is_email_confirmed: bool = True
    locale: str = "en-US"
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False

    @property
    def handle(self) -> str:
        """The short lower-case name (`user_name` in payloads)."""
        return re.sub(r"[^\w.-]+", ".", self.name.lower())


@dataclass(eq=False)
class Installation:
    """The app in one workspace, with its own token and bot user; or, if `is_organisation`, in all
    of the team's enterprise. `ends_at`: when a token that rotates ends."""

    team: Team
    token: str
    bot: Member
    bot_id: str
    scopes: set[str]
    revoked: bool = False
    is_organisation: bool = False
    refresh: str | None = None
    ends_at: float | None = None

    @property
    def enterprise(self) -> str | None:
        """The enterprise's id."""
        return self.team.enterprise


@dataclass(eq=False)
class Channel:
    """A conversation of any kind; `peer` is the person at the other end of a DM with a bot."""

    id: str
    name: str
    team: Team
    members: list[str] = field(default_factory=list)
    shared_with: list[Team] = field(default_factory=list)
    is_private: bool = False
    is_archived: bool = False
    kind: str = "channel"
    peer: str | None = None
    created: int = 0
    removed_bots: set[str] = field(default_factory=set)

    @property
    def is_ext_shared(self) -> bool:
        """Whether another organisation is connected."""
        return bool(self.shared_with)

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message with one person."""
        return self.kind == "im"

    @property
    def type(self) -> str:
        """The `channel_type` of message events: channel, group, im or mpim."""
        return "group" if self.kind == "channel" and self.is_private else self.kind

    @property
    def mention(self) -> str:
        """How a message refers to it."""
        return f"<#{self.id}>"


@dataclass(eq=False)
class Message:
    """A message, ephemeral when `ephemeral_to` names who alone sees it."""

    channel: Channel
    ts: str
    user: str
    text: str
    team: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    edited: Json | None = None
    bot_id: str | None = None
    ephemeral_to: str | None = None
    deleted: bool = False
    client_msg_id: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    arguments: Json = field(default_factory=dict)
    entered: dict[str, dict[str, Json]] = field(default_factory=dict)
    responses: list["Response"] = field(default_factory=list)

    @property
    def by_bot(self) -> bool:
        """Whether an app wrote it."""
        return self.bot_id is not None


@dataclass(eq=False)
class View:
    """A modal or a home tab as one user sees it; `errors` are those of the last submission."""

    id: str
    user: str
    payload: Json
    installation: Installation
    hash: str
    root_id: str
    previous_id: str | None = None
    entered: dict[str, Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    is_open: bool = True
    origin: Channel | None = None

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.payload["type"])

    @property
    def blocks(self) -> list[Json]:
        """The blocks as recorded, ids filled in."""
        blocks: list[Json] = self.payload["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The callback id, empty when the app gave none."""
        return str(self.payload.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """What the app keeps in the view."""
        return str(self.payload.get("private_metadata") or "")

    @property
    def title(self) -> str:
        """The text of the title."""
        return str((self.payload.get("title") or {}).get("text", ""))


@dataclass(eq=False)
class Call:
    """One request of the bot: `status` is the HTTP status, `error` Slack's word if it failed."""

    method: str
    arguments: Json
    at: float
    team: str | None = None
    status: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Code:
    """What Slack sends people back with from its page, to be exchanged once."""

    team: Team
    installer: str
    redirect_uri: str
    is_organisation: bool = False


@dataclass(frozen=True)
class Delivery:
    """Something for the bot: an event, a command or an interaction; `kind` as in Socket Mode."""

    kind: str
    payload: Json
    accepts_payload: bool = False

    @property
    def event_id(self) -> str | None:
        """The id by which events are de-duplicated."""
        return self.payload.get("event_id")


@dataclass(frozen=True)
class Response:
    """What the bot answered to a delivery; over Socket Mode, 504 means: not acknowledged."""

    status: int
    body: str
    headers: Mapping[str, str]
    delivery: Delivery
    elapsed: float

    @property
    def ok(self) -> bool:
        """Whether Slack takes it for an acknowledgement."""
        return self.status == 200

    @property
    def event_id(self) -> str | None:
        """The id of the delivered event."""
        return self.delivery.event_id

    @property
    def text(self) -> str:
        """The body."""
        return self.body

    @property
    def json(self) -> Any:
        """The body as JSON, or None if it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(eq=False)
class Trigger:
    """The right to open one modal; `view` is the modal in which it arose."""

    user: str
    at: float
    view: str | None = None
    channel: Channel | None = None
    used: bool = False


@dataclass(eq=False)
class ResponseUrl:
    """The right to answer an interaction five times in thirty minutes."""

    user: str
    channel: Channel
    installation: Installation
    at: float
    message: Message | None = None
    uses: int = 0
