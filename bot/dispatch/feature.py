"""What a feature registers, and the registry of all of them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import Session

from bot.core.documents import Document, File
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    MessagePosted,
    ShortcutInvoked,
)
from bot.core.forms import Form
from bot.core.ports import Query
from bot.core.views import Block, Option
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Content, Skip
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.grammar import Arguments
from bot.people.models import Change
from bot.people.viewer import Viewer
from bot.schedules.models import Reminder
from bot.statements.models import Statement, Version

if TYPE_CHECKING:
    from bot.dispatch.context import Context

Result = Answer | Fetch | None


class Needs(StrEnum):
    """Who may use something; asked anew at every use. Keeper: a manager, or who was one when their
    partner left or the alliance ended."""

    NOTHING = "nothing"
    MEMBER = "member"
    MANAGER = "manager"
    KEEPER = "keeper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Words that people say to Entente. `help` is a key of the message catalogue; without it the
    command is an alias that help leaves out. `not_on`: platforms that don't tell what it takes;
    help leaves it out there, and the handler says what does the same. `reads`: it changes nothing;
    `prepares`: but it leads to a change. `for_former`: people may use it whose partner has left or
    whose alliance has ended; what only reads they may anyway. `bare`: nothing follows it; with more
    words it is not this command, and the nearest are named. `aloud`: its answer can be said to a
    whole channel (`bot/dispatch/aloud.py`); its handler asks of the viewer nothing but what they
    may see.
    """

    phrase: str
    handle: Callable[["Context", CommandInvoked, Arguments], Result]
    help: str = ""
    usage: str = ""
    needs: Needs = Needs.MEMBER
    reads: bool = False
    prepares: bool = False
    for_former: bool = False
    not_on: frozenset[str] = frozenset()
    bare: bool = False
    aloud: bool = False

    @property
    def only_shows(self) -> bool:
        """Whether it neither changes anything nor leads to a change."""
        return self.reads and not self.prepares

    @property
    def is_for_former(self) -> bool:
        """Whether they may use it whose partner has left or whose alliance has ended."""
        return self.for_former or (self.only_shows and self.needs != Needs.MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A way of asking in one's own words, for what is no command: `pattern` is matched against the
    whole of it, and its group `subject` is what is asked about. The handler answers None if it is
    no question of its own after all; then the next one is asked. `aloud` is as with commands."""

    name: str
    pattern: re.Pattern[str]
    handle: Callable[["Context", CommandInvoked, str], Result]
    aloud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonAction:
    """What a button or menu does. Its value comes from the client, and may name a thing of another
    alliance than the one at hand: the handler enters the thing's alliance and authorises."""

    name: str
    handle: Callable[["Context", ButtonPressed], Result]
    reads: bool = False
    for_former: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """An entry in the menu of a message. `label` and `description` are keys of the catalogue;
    `reads`: it changes nothing, as one that only opens a form."""

    name: str
    label: str
    description: str
    handle: Callable[["Context", ShortcutInvoked], Result]
    reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Looks at the messages of linked channels, in which every partner's manager has agreed to
    what is read.

    `load` builds what `wants` looks things up in; it is built again, in every process, within two
    seconds after the revision of `scope` is bumped. `wants` is asked for each message (state,
    platform, channel, user, text), at the door: it takes microseconds and no database. A message
    that any watch wants is handled by all of them, each with its state, in one transaction. What
    `wants` counts in the state, `drain` takes out of it every few seconds (None: nothing) and
    `store` writes down; a crash loses it. `carry` hands to a state that was built anew what the one
    before it (the first argument) has counted meanwhile.
    """

    name: str
    scope: str
    load: Callable[[Session], Any]
    wants: Callable[[Any, str, str, str, str], bool]
    handle: Callable[["Context", MessagePosted, Any], None]
    drain: Callable[[Any], Any] | None = None
    store: Callable[[Session, Any, datetime], None] | None = None
    carry: Callable[[Any, Any], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """Files that a feature makes something of when they are sent to Entente without a command, by
    the ends of their names (`.docx`). The handler gets what was written beside it. Of two features
    that want a file, the first is asked."""

    suffixes: frozenset[str]
    handle: Callable[["Context", CommandInvoked, Arguments], Result]
    needs: Needs = Needs.MEMBER


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
    the partner who set it up; a Skip if there is nothing to show. `label` is a catalogue key.

    A kind that can be about one of several things says which there are (`choices`, the first of
    them what it is without a choice), reads one from the words of a line (`read_choice`: the
    choice, and how many words named it), and says a choice in words (`describe`). It finds the
    chosen one in the reminder's options, as `choice`.

    `render_closed`: the same for the members of one committee (its id) and nobody else, who may see
    more; it is asked at the moment of sending alone. `render_open`: the same for other partners to
    read: of what only its own side may see no more than stood at a moment (the last argument), up
    to which that side has agreed. A kind without it shows nothing that is one side's alone.

    `draws`: it chooses itself whom to write to when it has fired; its reminders take no places, and
    go to whoever set them up, to say what happens in their name.
    """

    name: str
    label: str
    render: Callable[[Session, Reminder, datetime], Sequence[Block] | Skip]
    render_closed: Callable[[Session, Reminder, datetime, str], Sequence[Block] | Skip] | None = (
        None
    )
    render_open: (
        Callable[[Session, Reminder, datetime, datetime], Sequence[Block] | Skip] | None
    ) = None
    needs_text: bool = False
    choices: Callable[[Session, Viewer], Sequence[Option]] | None = None
    read_choice: Callable[[Session, Viewer, Sequence[str]], tuple[str, int]] | None = None
    describe: Callable[[Session, str], str] | None = None
    draws: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Deliveries that are rendered at the moment of sending, by the name of their topic.

    `while_pending`: they may go to a channel in which Entente is otherwise still silent, since a
    manager asked for just this post. `unsent`: hears, when what became of it is stored, of one
    that will reach nobody, because it failed for good or was skipped.
    """

    name: str
    render: Callable[["Registry", Session, Claimed, datetime], Content]
    while_pending: bool = False
    unsent: Callable[["Registry", Session, Claimed, datetime], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringJob:
    """Work done once a period. `run` does one short batch and says whether more is left."""

    name: str
    every: timedelta
    run: Callable[["Registry", Session, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that comes due at moments of its own. `run` does one short batch in a transaction
    and answers how much that was; it is called again until nothing is left."""

    name: str
    run: Callable[["Registry", Session, datetime], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Something that a member will be told unasked unless it settles before: when at the earliest,
    and what, in a few plain words."""

    at: datetime
    what: str
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something to be read from a platform once a period, with nobody asking.

    `ask` says what (the platform's name with each query), in a transaction of its own; the
    queries run outside of any; `store` keeps what was found, in their order, or why it was not,
    and says whether more is to be asked at once.
    """

    name: str
    every: timedelta
    ask: Callable[["Registry", Session, datetime], Sequence[tuple[str, Query]]]
    store: Callable[["Registry", Session, Sequence[tuple[str, Query]], Found, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """Something that a private link opens, as its owner may see it at that moment."""

    name: str
    render: Callable[["Registry", Session, Viewer, str, datetime], Document | File]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSection:
    """A part of the home view; lower `order` first; nothing to say: no blocks."""

    order: int
    render: Callable[["Context", Viewer], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSection:
    """What waits for this viewer's yes beside wordings, with its buttons and what leads to the rest
    of it: a part of what `confirm` shows. Lower `order` first; nothing waits: no blocks."""

    order: int
    render: Callable[["Context", Viewer], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSection:
    """A part of `status`: how things stand for this viewer; lower `order` first; nothing to say: no
    blocks."""

    order: int
    render: Callable[[Session, Viewer, datetime], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingSection:
    """A part of the briefing book and of the readable export: what this viewer may see of it now.
    `title` is a key of the catalogue; lower `order` first; nothing to say: no blocks."""

    order: int
    title: str
    render: Callable[[Session, Viewer, datetime], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSection:
    """A part of the weekly digest of one manager: what happened since a moment, and what waits.
    Lower `order` first; nothing to say: no blocks."""

    order: int
    render: Callable[[Session, Viewer, datetime, datetime], Sequence[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingPart:
    """One of the inputs in which a wording is changed; `label` is a catalogue key, `longest` the
    most characters."""

    name: str
    label: str
    longest: int
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementKind:
    """Statements of one kind, as those who confirm them see them.

    `name` is the statements' own `kind`; `title` says in a few plain words which one it is ("North
    Star", "D-12"); `render` shows the whole wording, a quotation of it if there is none; `settled`
    hears, in the same transaction, that a version was confirmed, objected to, withdrawn, or lapsed;
    `proposed`, that another wording was put to the partners.
    `is_private`: that a statement is kept from the others, and can't be put to them. `longest`: the
    most characters that a wording may have. `read_subject`: which one the words of a line name,
    where a kind has several; raises NotFound.
    `get_committee`: the id of the committee whose own matter a statement is, if it is one's.
    `parts`: what its wordings consist of, if they have parts; `split` takes a wording apart into
    as many, and `join` makes one of them.
    """

    name: str
    title: Callable[[Session, Statement], str]
    render: Callable[[Session, Version], Sequence[Block]] | None = None
    settled: Callable[["Registry", Session, Version, datetime], None] | None = None
    proposed: Callable[[Session, Version, datetime], None] | None = None
    is_private: Callable[[Session, Statement], bool] | None = None
    longest: int | None = None
    read_subject: Callable[["Context", str], str] | None = None
    get_committee: Callable[[Statement], str | None] | None = None
    parts: tuple[WordingPart, ...] = ()
    split: Callable[[str], Sequence[str]] = lambda text: (text,)
    join: Callable[[Sequence[str]], str] = "".join

    def keeps(self, session: Session, statement: Statement) -> bool:
        """Whether a statement is kept from the other partners."""
        return self.is_private is not None and self.is_private(session, statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSection:
    """A part of an alliance's record, as plain data that JSON and YAML hold.

    `dump` answers all of it that the viewer may see. `load` takes such data over into the
    viewer's alliance: as proposals, never doubled, nothing in it confirms anything; it answers
    what it did, a line each, and raises a Problem for what can't be so. Lower `order` is loaded
    first. `schema` is the JSON schema of such data. An item that names its `partner` is loaded
    with a viewer of that partner, and with no other; items may have an `id`, by which the same
    item is known again (`bot/people/origins.py`).
    """

    order: int
    name: str
    dump: Callable[[Session, Viewer], Any]
    load: Callable[[Session, Viewer, Any, datetime], Sequence[str]]
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Wants every event of one kind, beside commands, buttons and forms."""

    kind: type[Event]
    handle: Callable[["Context", "Event"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a step that is read by itself. `key` (39 characters at most, no colon) stands for
    what it says: where that changes, so does the key, and it is to be read anew."""

    key: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something newcomers are shown, by the name that onboarding's tracks call it by.

    `render` shows it as the viewer may see it, and is asked at the moment it is shown; no blocks
    leave the step out. `pieces`, where it is long: the same, to be read one after the other.
    `title` is a catalogue key. `acknowledge`: offer *I've read it*. `offers`: a meeting; there is
    nothing to be read in it.
    """

    name: str
    title: str
    render: Callable[[Session, Viewer, datetime], Sequence[Block]]
    pieces: Callable[[Session, Viewer, datetime], Sequence[Piece]] | None = None
    acknowledge: bool = False
    offers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What is being deleted with a workspace: the platform's ids of `users` and `channels`, our ids
    of `members` (who are nameless after that) and of `partners` (who leave); last of all the
    platform's id of the `workspace` itself."""

    platform: str
    workspace: str | None = None
    users: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One folder of `bot/features`, as the rest of Entente sees it. `undo` takes back a recorded
    change by its action; `undo_unmanaged` names the actions that whoever did them may take back
    though they are no manager (any more): the handler authorises. `on_conflict` says how a body
    (the committee's id, or None for the alliance) agreed to deal with disagreement. `purge` deletes
    what the feature's own tables know of people, channels and partners that are being deleted (what
    has an audience is seen to). `foresee` says what people will be told unasked, as far as the
    moment is known."""

    name: str
    commands: tuple[Command, ...] = ()
    questions: tuple[Question, ...] = ()
    buttons: tuple[ButtonAction, ...] = ()
    forms: tuple[FormKind, ...] = ()
    files: tuple[FileKind, ...] = ()
    reminder_kinds: tuple[ReminderKind, ...] = ()
    topics: tuple[Topic, ...] = ()
    jobs: tuple[RecurringJob, ...] = ()
    due: tuple[Due, ...] = ()
    errands: tuple[Errand, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    home: tuple[HomeSection, ...] = ()
    status: tuple[StatusSection, ...] = ()
    waiting: tuple[WaitingSection, ...] = ()
    steps: tuple[Step, ...] = ()
    listeners: tuple[Listener, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    watches: tuple[Watch, ...] = ()
    briefing: tuple[BriefingSection, ...] = ()
    digest: tuple[DigestSection, ...] = ()
    record: tuple[RecordSection, ...] = ()
    statements: tuple[StatementKind, ...] = ()
    on_conflict: Callable[[Session, Viewer, str | None], Sequence[Block]] | None = None
    undo: Mapping[str, Callable[["Context", Change], Answer | Fetch]] = field(default_factory=dict)
    undo_unmanaged: frozenset[str] = frozenset()
    purge: Callable[[Session, Purged], None] | None = None
    foresee: Callable[["Registry", Session, datetime], Sequence[Coming]] | None = None


class Registry:
    """All features, looked up by what they registered. Raises ValueError if two collide.

    `address`: where people's browsers reach this installation, if they can; `operator`: who runs
    it, by a name that people know, if that was set.
    """

    def __init__(
        self,
        features: Sequence[Feature],
        *,
        address: str | None = None,
        operator: str | None = None,
    ) -> None:
        self.features = tuple(features)
        self.operator = operator
        self.address = address.rstrip("/") if address else None
        self.commands = _index((c.phrase, c) for f in features for c in f.commands)
        self.questions = tuple(q for f in features for q in f.questions)
        self.buttons = _index((b.name, b) for f in features for b in f.buttons)
        self.forms = _index((k.name, k) for f in features for k in f.forms)
        self.files = tuple(kind for f in features for kind in f.files)
        self.reminder_kinds = _index((k.name, k) for f in features for k in f.reminder_kinds)
        self.topics = _index((t.name, t) for f in features for t in f.topics)
        self.jobs = _index((j.name, j) for f in features for j in f.jobs)
        self.due = tuple(d for f in features for d in f.due)
        self.errands = _index((e.name, e) for f in features for e in f.errands)
        self.documents = _index((d.name, d) for f in features for d in f.documents)
        self.undo = _index(item for f in features for item in f.undo.items())
        self.steps = _index((s.name, s) for f in features for s in f.steps)
        self.undo_unmanaged = frozenset(action for f in features for action in f.undo_unmanaged)
        self.home = sorted((s for f in features for s in f.home), key=lambda s: s.order)
        self.status = sorted((s for f in features for s in f.status), key=lambda s: s.order)
        self.waiting = sorted((s for f in features for s in f.waiting), key=lambda s: s.order)
        self.listeners: dict[type[Event], list[Listener]] = {}
        for listener in (item for f in features for item in f.listeners):
            self.listeners.setdefault(listener.kind, []).append(listener)
        self.shortcuts = _index((s.name, s) for f in features for s in f.shortcuts)
        self.watches = _index((w.name, w) for f in features for w in f.watches)
        self.briefing = sorted((s for f in features for s in f.briefing), key=lambda s: s.order)
        self.digest = sorted((s for f in features for s in f.digest), key=lambda s: s.order)
        self.statements = _index((s.name, s) for f in features for s in f.statements)
        self.on_conflict = tuple(f.on_conflict for f in features if f.on_conflict is not None)
        self.record = sorted((s for f in features for s in f.record), key=lambda s: s.order)

    def foresee(self, session: Session, *, now: datetime) -> list[Coming]:
        """What people will be told unasked later than `now`, soonest first, as far as that is
        known."""
        found = [
            coming
            for feature in self.features
            if feature.foresee is not None
            for coming in feature.foresee(self, session, now)
        ]
        return sorted((each for each in found if each.at > now), key=lambda each: each.at)


V = TypeVar("V")


def _index(items: Iterable[tuple[str, V]]) -> dict[str, V]:
    index: dict[str, V] = {}
    for name, item in items:
        if name in index:
            raise ValueError(f"two features register {name!r}")
        index[name] = item
    return index
