"""What a feature registers, and the registry of all of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sqlmodel import Session

from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
)
from bot.core.forms import Form
from bot.core.views import Block, View
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer, Fetch
from bot.dispatch.grammar import Arguments
from bot.people.models import Change
from bot.people.viewer import Viewer
from bot.schedules.models import Reminder

if TYPE_CHECKING:
    from bot.dispatch.context import Context

Result = Answer | Fetch | None


class Needs(StrEnum):
    """Who may use something; asked anew at every use."""

    NOTHING = "nothing"
    MEMBER = "member"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Words that people say to Entente. `help` is a key of the message catalogue; without it the
    command is an alias that help leaves out. `reads`: it changes nothing."""

    phrase: str
    handle: Callable[["Context", CommandInvoked, Arguments], Result]
    help: str = ""
    usage: str = ""
    needs: Needs = Needs.MEMBER
    reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonAction:
    """What a button or menu does. Its value comes from the client, and may name a thing of another
    alliance than the one at hand: the handler enters the thing's alliance and authorises."""

    name: str
    handle: Callable[["Context", ButtonPressed], Result]
    reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormKind:
    """A form: how it opens (reading only) for a value, updates while open, and what it does. Each
    of the three authorises anew, as a button does."""

    name: str
    open: Callable[["Context", str], Form]
    submit: Callable[["Context", FormSubmitted], Result]
    change: Callable[["Context", FormChanged], Form] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderKind:
    """Something reminders can bring. `render` reads what a reminder shows at a moment, as seen by
    the partner who set it up; a Skip if there is nothing to show. `label` is a catalogue key."""

    name: str
    label: str
    render: Callable[[Session, Reminder, datetime], Sequence[Block] | Skip]
    needs_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Deliveries that are rendered at the moment of sending, by the name of their topic.

    `while_pending`: they may go to a channel in which Entente is otherwise still silent, since a
    manager asked for just this post.
    """

    name: str
    render: Callable[["Registry", Session, Claimed, datetime], View | Skip]
    while_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringJob:
    """Work done once a period. `run` does one short batch and says whether more is left."""

    name: str
    every: timedelta
    run: Callable[["Registry", Session, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSection:
    """A part of the home view; lower `order` first; nothing to say: no blocks."""

    order: int
    render: Callable[["Context", Viewer], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Wants every event of one kind, beside commands, buttons and forms."""

    kind: type[Event]
    handle: Callable[["Context", "Event"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One folder of `bot/features`, as the rest of Entente sees it.

    `matcher` says of a message's text whether the feature wants it; `undo` takes back a recorded
    change by its action.
    """

    name: str
    commands: tuple[Command, ...] = ()
    buttons: tuple[ButtonAction, ...] = ()
    forms: tuple[FormKind, ...] = ()
    reminder_kinds: tuple[ReminderKind, ...] = ()
    topics: tuple[Topic, ...] = ()
    jobs: tuple[RecurringJob, ...] = ()
    home: tuple[HomeSection, ...] = ()
    listeners: tuple[Listener, ...] = ()
    matcher: Callable[[str], bool] | None = None
    undo: Mapping[str, Callable[["Context", Change], Answer | Fetch]] = field(default_factory=dict)


class Registry:
    """All features, looked up by what they registered. Raises ValueError if two collide."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        self.commands = _index((c.phrase, c) for f in features for c in f.commands)
        self.buttons = _index((b.name, b) for f in features for b in f.buttons)
        self.forms = _index((k.name, k) for f in features for k in f.forms)
        self.reminder_kinds = _index((k.name, k) for f in features for k in f.reminder_kinds)
        self.topics = _index((t.name, t) for f in features for t in f.topics)
        self.jobs = _index((j.name, j) for f in features for j in f.jobs)
        self.undo = _index(item for f in features for item in f.undo.items())
        self.home = sorted((s for f in features for s in f.home), key=lambda s: s.order)
        self.listeners: dict[type[Event], list[Listener]] = {}
        for listener in (item for f in features for item in f.listeners):
            self.listeners.setdefault(listener.kind, []).append(listener)
        self._matchers = tuple(f.matcher for f in features if f.matcher is not None)

    def wants(self, text: str) -> bool:
        """Whether any feature wants a message with this text."""
        return any(matcher(text) for matcher in self._matchers)


V = TypeVar("V")


def _index(items: Iterable[tuple[str, V]]) -> dict[str, V]:
    index: dict[str, V] = {}
    for name, item in items:
        if name in index:
            raise ValueError(f"two features register {name!r}")
        index[name] = item
    return index
