"""Terms in lists, page by page, oldest first where somebody waits: all of them, those in one state,
those that hold some words, and the meanings that wait for their own managers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from sqlalchemy import ColumnElement

from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Block, Button, Menu, Note, Quote, Table, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import terms
from bot.features.glossary.handlers import get_word, show_word
from bot.features.glossary.models import TermStatus
from bot.features.glossary.terms import Entry
from bot.features.glossary.views import make_options, make_waiting_buttons, say_meaning
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer

PAGE: Final = 20
FEW: Final = 8
"""A page of things that have buttons of their own."""

ALL: Final = "all"
FOUND: Final = "found"
WAITING: Final = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of a list in an alliance: the kind (a status, or one of the above), how many come
    before it, and the words that were looked for."""

    alliance_id: str
    kind: str = TermStatus.CONTESTED
    offset: int = 0
    words: str = ""

    @classmethod
    def from_value(cls, value: str) -> Self:
        """`ALLIANCE:KIND:OFFSET:WORDS`; what is missing is the beginning of the contested."""
        alliance_id, kind, offset, said = (*value.split(":", 3), "", "", "")[:4]
        known = {ALL, FOUND, WAITING, *TermStatus}
        return cls(
            alliance_id=alliance_id,
            kind=kind if kind in known else TermStatus.CONTESTED,
            offset=int(offset) if offset.isascii() and offset.isdigit() else 0,
            words=said[:200],
        )

    def to_value(self) -> str:
        """The value of a button that leads there."""
        return f"{self.alliance_id}:{self.kind}:{self.offset}:{self.words}"

    @property
    def size(self) -> int:
        """How many are on a page."""
        return FEW if self.kind == WAITING else PAGE

    def choose(self, viewer: Viewer) -> ColumnElement[bool]:
        """Which terms these are."""
        if self.kind == FOUND:
            return terms.holding(viewer, self.words)
        if self.kind == WAITING:
            return terms.waiting_for(viewer)
        return terms.in_status(None if self.kind == ALL else TermStatus(self.kind))


def search(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`terms`: all of them, those in one state, those that wait, or those that hold some words."""
    said = get_word(arguments)
    kind = said.casefold() or ALL
    listing = Listing(alliance_id=context.viewer.alliance_id, kind=FOUND, words=said[:200])
    if kind in {ALL, WAITING, *TermStatus}:
        listing = replace(listing, kind=kind, words="")
    elif not terms.count(context.session, context.viewer, listing.choose(context.viewer)):
        return show_word(context, said)
    return Answer(view=render(context, listing))


def press_list(context: Context, event: ButtonPressed) -> Answer:
    """A list, or its next page."""
    listing = Listing.from_value(event.value)
    context.enter(listing.alliance_id)
    return Answer(view=render(context, listing))


def get_page(context: Context, listing: Listing) -> list[Entry]:
    """The terms on one page."""
    return terms.get_some(
        context.session,
        context.viewer,
        listing.choose(context.viewer),
        most=listing.size,
        offset=listing.offset,
        oldest_first=listing.kind == TermStatus.CONTESTED,
    )


def render(context: Context, listing: Listing) -> View:
    """One page, with what leads on."""
    total = terms.count(context.session, context.viewer, listing.choose(context.viewer))
    found = get_page(context, listing)
    title = Text(text=say(f"term.list_{listing.kind}", count=total, words=listing.words[:80]))
    left = total - listing.offset - len(found)
    shown = _render_waiting(context, found) if listing.kind == WAITING else _render_table(found)
    return view(
        title,
        *shown,
        Note(text=say("term.more", count=left)) if left > 0 else None,
        actions(
            _more_button(listing, len(found)) if left > 0 else None,
            _agree_button(context, listing, found),
        ),
    )


def render_waiting(context: Context, viewer: Viewer) -> Sequence[Block]:
    """The first of the meanings that wait for a manager's yes, and what leads to the others."""
    listing = Listing(alliance_id=viewer.alliance_id, kind=WAITING)
    if not viewer.is_manager or not terms.count(context.session, viewer, listing.choose(viewer)):
        return ()
    return render(context, listing).blocks


def _render_table(found: list[Entry]) -> list[Block]:
    if not found:
        return []
    rows = tuple(
        (entry.term.name[:60], words(f"term.status_{entry.term.status}"), say_meaning(entry)[:240])
        for entry in found
    )
    columns = (words("term.column"), words("term.status"), words("term.meaning"))
    menu = actions(
        Menu(label=words("weekly.look"), action="term.pick", options=make_options(found))
    )
    return [Table(columns=columns, rows=rows), *((menu,) if menu else ())]


def _render_waiting(context: Context, found: list[Entry]) -> list[Block]:
    blocks: list[Block] = []
    for entry in found:
        own = entry.meaning_of(context.viewer.partner_id)
        buttons = make_waiting_buttons(entry, context.viewer)
        blocks += [
            Text(text=say("term.waits", name=entry.term.name)),
            *((Quote(text=own.text),) if own else ()),
            *((buttons,) if buttons else ()),
        ]
    return blocks


def _more_button(listing: Listing, shown: int) -> Button:
    further = replace(listing, offset=listing.offset + shown)
    return Button(label=words("term.list_more"), action="term.list", value=further.to_value())


def _agree_button(context: Context, listing: Listing, found: list[Entry]) -> Button | None:
    """Several meanings may be put to the partners in one go: those of this page."""
    is_open = listing.kind in {TermStatus.CONTESTED, TermStatus.PROPOSED}
    shared = [entry for entry in found if entry.term.audience_kind == AudienceKind.ALLIANCE]
    if not is_open or len(shared) < 2 or context.viewer.partner_id is None:
        return None
    return Button(label=words("term.agree_many"), opens="term.agree_many", value=listing.to_value())
