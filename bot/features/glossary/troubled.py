"""What of the terms needs a manager: meanings that wait for their word, terms that cry wolf, that
nobody settles, or that are due to be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, exists, select

from bot.core.views import Block, Button, Note, Text, actions
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.features.glossary import terms
from bot.features.glossary.checks import ENOUGH
from bot.features.glossary.models import Term, TermProposal, TermStatus
from bot.features.glossary.terms import Entry
from bot.features.glossary.views import make_waiting_buttons
from bot.people import optouts
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import Version, VersionState

STALE: Final = timedelta(days=14)
"""A contested term without a proposal for so long has made no progress."""

SOON: Final = timedelta(days=7)
SHOWN: Final = 6
SHOWN_WAITING: Final = 5
MOST: Final = 1000


class Trouble(StrEnum):
    """Why a term needs a look."""

    WOLF = "wolf"
    STALE = "stale"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """A term and why it needs a look."""

    term: Term
    why: Trouble


def make_subject(term_id: str) -> str:
    """What a manager opts out of who puts a term aside."""
    return f"weekly:{term_id}"


def get_troubled(session: Session, viewer: Viewer, *, now: datetime) -> list[Troubled]:
    """The terms that need a look and that the viewer has not put aside: those that wait longest
    first within each kind."""
    found: dict[str, Troubled] = {}
    for why in Trouble:
        for term in session.exec(
            select(Term)
            .where(visible_to(viewer, Term), terms.in_status(None), _choose(viewer, why, now))
            .order_by(_FIRST[why], col(Term.key), col(Term.id))
            .limit(MOST)
        ):
            found.setdefault(term.id, Troubled(term=term, why=why))
    aside = optouts.get_subjects(session, viewer.member_id, prefix=make_subject(""), now=now)
    return [each for each in found.values() if make_subject(each.term.id) not in aside]


def _choose(viewer: Viewer, why: Trouble, now: datetime) -> ColumnElement[bool]:
    if why == Trouble.WOLF:
        return (col(Term.shown) >= ENOUGH) & (col(Term.dismissed) * 2 > col(Term.shown))
    if why == Trouble.STALE:
        is_proposed = exists().where(
            col(TermProposal.term_id) == col(Term.id),
            col(Version.statement_id) == col(TermProposal.statement_id),
            col(Version.state) == VersionState.PROPOSED,
        )
        is_old = col(Term.contested_at) < now - STALE
        return (col(Term.status) == TermStatus.CONTESTED) & is_old & ~is_proposed
    # Who brought a term looks at it again; the others could not say that they have.
    is_own = col(Term.partner_id) == (viewer.partner_id or "")
    return is_own & (col(Term.review_on) <= (now + SOON).date())


_FIRST: Final[Mapping[Trouble, Any]] = {
    Trouble.WOLF: col(Term.dismissed).desc(),
    Trouble.STALE: col(Term.contested_at),
    Trouble.REVIEW: col(Term.review_on),
}
"""Which of each kind come first."""


def render(session: Session, viewer: Viewer, *, now: datetime) -> list[Block]:
    """A row for each, with what can be done; how many more there are."""
    found = get_troubled(session, viewer, now=now)
    if not found:
        return []
    blocks: list[Block] = [Text(text=say("weekly.terms"))]
    for each in found[:SHOWN]:
        buttons = actions(*_make_buttons(each, viewer))
        blocks += [Text(text=_say(each, now=now)), *((buttons,) if buttons else ())]
    more = len(found) - SHOWN
    if more > 0:
        blocks.append(Note(text=say("weekly.more_terms", count=more)))
    return blocks


def _say(each: Troubled, *, now: datetime) -> str:
    term = each.term
    waited = (now - term.contested_at).days if term.contested_at else 0
    counts = {"count": waited} if each.why == Trouble.STALE else {}
    return say(
        f"weekly.trouble_{each.why}",
        name=term.name,
        shown=term.shown,
        dismissed=term.dismissed,
        date=say_day(term.review_on) if term.review_on else "",
        **counts,
    )


def _make_buttons(each: Troubled, viewer: Viewer) -> list[Button]:
    term = each.term
    own = {
        Trouble.WOLF: Button(label=words("weekly.anew"), action="weekly.anew", value=term.id),
        Trouble.STALE: Button(label=words("term.agree"), opens="term.agree", value=term.id),
        Trouble.REVIEW: Button(
            label=words("weekly.reviewed"), action="weekly.reviewed", value=term.id
        ),
    }
    ask = f"{viewer.alliance_id}:{term.name}"
    return [
        own[each.why],
        Button(label=words("weekly.look"), action="term.pick", value=term.id),
        Button(label=words("weekly.ask"), opens="weekly.ask", value=ask),
        Button(label=words("weekly.later"), action="weekly.later", value=term.id),
    ]


def render_waiting(session: Session, viewer: Viewer) -> list[Block]:
    """Meanings of the viewer's side that nobody has confirmed."""
    wanted = terms.waiting_for(viewer)
    total = terms.count(session, viewer, wanted)
    if not total:
        return []
    blocks: list[Block] = [Text(text=say("weekly.waiting"))]
    for entry in terms.get_some(session, viewer, wanted, most=SHOWN_WAITING):
        buttons = make_waiting_buttons(entry, viewer)
        blocks += [Text(text=_say_waiting(entry, viewer)), *((buttons,) if buttons else ())]
    if total > SHOWN_WAITING:
        blocks.append(Note(text=say("weekly.more_waiting", count=total - SHOWN_WAITING)))
    return blocks


def _say_waiting(entry: Entry, viewer: Viewer) -> str:
    own = entry.meaning_of(viewer.partner_id)
    meaning = " ".join(own.text.split())[:300] if own else ""
    return say("weekly.waits", name=entry.term.name, meaning=meaning)


def count_waiting(session: Session, viewer: Viewer) -> int:
    """How many meanings wait for the viewer's side's managers."""
    return terms.count(session, viewer, terms.waiting_for(viewer))
