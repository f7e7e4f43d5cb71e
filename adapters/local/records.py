"""What the simulated chat consists of."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.forms import Form
from bot.core.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One company's chat."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in a workspace, or Entente itself."""

    id: str
    workspace: str
    name: str
    role: str
    zone: str
    is_bot: bool = False

    @property
    def direct(self) -> str:
        """The id of this person's direct messages with Entente."""
        return f"D-{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel of one workspace; people of the others are in it too if it is shared."""

    id: str
    workspace: str
    name: str
    topic: str = ""
    is_shared: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. People's messages have a `text`, Entente's a `view`."""

    number: int
    channel: str
    thread: str | None
    author: str
    private_to: str | None
    text: str
    view: View | None
    at: datetime

    @property
    def id(self) -> str:
        """The message's name in events and receipts."""
        return f"M{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A dialog that is open for one person: a form, or a view that a form became."""

    id: str
    person: str
    form: Form | None = None
    view: View | None = None
    opened_from: str = ""
