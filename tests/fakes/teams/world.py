"""What is there: tenants, people, teams with channels, chats, and messages with cards."""

import itertools
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Card = dict[str, Any]


@dataclass(eq=False)
class Tenant:
    """A company's directory."""

    name: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(eq=False)
class Member:
    """Somebody in a directory. `account`: Teams' own id of them, for this bot; `has_blocked`: they
    take no messages from it in their own chat."""

    name: str
    tenant: Tenant
    zone: str
    aad: str = field(default_factory=lambda: str(uuid.uuid4()))
    account: str = ""
    is_guest: bool = False
    is_gone: bool = False
    has_blocked: bool = False
    email: str | None = None

    def __post_init__(self) -> None:
        self.account = f"29:1{uuid.uuid4().hex}{uuid.uuid4().hex}-{self.name.lower()[:8]}_x"

    def in_roster(self, tenant: Tenant) -> Json:
        """As a conversation's list of members shows them."""
        domain = f"{self.tenant.name.lower()}.example"
        principal = f"{self.name.lower()}@{domain}"
        return {
            "id": self.account,
            "name": self.name,
            "aadObjectId": self.aad,
            "objectId": self.aad,
            "givenName": self.name,
            "email": self.email or principal,
            "userPrincipalName": f"{principal}#EXT#" if self.is_guest else principal,
            "tenantId": (tenant if self.is_guest else self.tenant).id,
            "userRole": "guest" if self.is_guest else "user",
        }


@dataclass(eq=False)
class Message:
    """A message; `target`: who alone sees it; `formatted`: what a person wrote, as HTML."""

    id: str
    place: "Channel | Chat"
    by_bot: bool
    author: Member | None
    text: str = ""
    formatted: str = ""
    summary: str = ""
    card: Card | None = None
    thread: str | None = None
    target: Member | None = None
    edits: int = 0
    deleted: bool = False
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Team:
    """A team, in which Entente is installed or not."""

    name: str
    tenant: Tenant
    has_bot: bool
    id: str = field(default_factory=lambda: f"19:{uuid.uuid4().hex}@thread.tacv2")
    group: str = field(default_factory=lambda: str(uuid.uuid4()))
    channels: list["Channel"] = field(default_factory=list)
    is_archived: bool = False


@dataclass(eq=False)
class Channel:
    """A channel of a team; shared ones have people of other tenants."""

    name: str
    team: Team
    kind: str = "standard"
    id: str = field(default_factory=lambda: f"19:{uuid.uuid4().hex}@thread.tacv2")
    members: list[Member] = field(default_factory=list)
    is_gone: bool = False

    @property
    def tenant(self) -> Tenant:
        return self.team.tenant

    @property
    def has_bot(self) -> bool:
        return self.team.has_bot


@dataclass(eq=False)
class Chat:
    """A person's chat with Entente, or a group's."""

    kind: str
    tenant: Tenant
    members: list[Member]
    has_bot: bool = True
    name: str | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            random = uuid.uuid4().hex
            is_personal = self.kind == "personal"
            self.id = f"a:1{random * 4}" if is_personal else f"19:{random}@thread.v2"


@dataclass(eq=False)
class Call:
    """One request of the bot's."""

    method: str
    path: str
    body: Any
    status: int = 0
    token: str = ""


class World:
    """Everything, under one lock."""

    def __init__(self, bot: str, app_id: str) -> None:
        self.lock = threading.RLock()
        self.bot = bot
        self.app_id = app_id
        self.tenants: list[Tenant] = []
        self.people: list[Member] = []
        self.teams: list[Team] = []
        self.chats: list[Chat] = []
        self.messages: list[Message] = []
        self.calls: list[Call] = []
        self.objections: list[str] = []
        self.has_targets = True
        self.lists_bot = False
        """Whether Entente itself stands among a conversation's members."""
        self.refuses_strangers = "ForbiddenOperationException"
        """The code with which a chat with somebody of another tenant is refused."""
        self._numbers = itertools.count(int(time.time() * 1000))

    def new_id(self) -> str:
        """An id of a message: the moment, in milliseconds."""
        return str(next(self._numbers))

    def object(self, what: str) -> None:
        """Note what a good client would not have done."""
        with self.lock:
            self.objections.append(what)

    def find_place(self, identifier: str) -> "Channel | Chat | None":
        """The channel or chat with an id."""
        for team in self.teams:
            for channel in team.channels:
                if channel.id == identifier and not channel.is_gone:
                    return channel
        return next((chat for chat in self.chats if chat.id == identifier), None)

    def find_member(self, identifier: str) -> Member | None:
        """A person by Teams' id or their directory's."""
        return next((m for m in self.people if identifier in {m.account, m.aad}), None)

    def direct(self, member: Member) -> Chat:
        """A person's chat with Entente."""
        for chat in self.chats:
            if chat.kind == "personal" and chat.members == [member]:
                return chat
        chat = Chat("personal", member.tenant, [member])
        self.chats.append(chat)
        return chat
