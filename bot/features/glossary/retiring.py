"""Taking a term out of use on which the partners agreed: they all confirm that, as they did what it
means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from bot.core.errors import Conflict
from bot.core.views import Block, Heading, Quote, Text
from bot.dispatch.feature import Registry, StatementKind
from bot.dispatch.messages import say, words
from bot.features.glossary.models import Term, TermStatus
from bot.features.glossary.standing import touch
from bot.people.viewer import Viewer
from bot.statements import proposals
from bot.statements.models import Statement, Version, VersionState

STATEMENT: Final = "term_retired"
"""The kind of the statements that a term is out of use; their subject is the term's id."""

LONGEST_REASON: Final = 500
"""Characters of why a term does not fit, or goes."""


def propose(session: Session, viewer: Viewer, term: Term, reason: str, *, now: datetime) -> Version:
    """Ask the partners whether a term goes out of use. Raises Conflict if it is, and whatever
    `proposals.propose` raises."""
    if term.status == TermStatus.RETIRED:
        raise Conflict("term.retired_already", name=term.name)
    text = reason or words("term.retire_reason", name=term.name)
    return proposals.propose(session, viewer, STATEMENT, text=text, subject=term.id, now=now)


def settle(registry: Registry, session: Session, version: Version, now: datetime) -> None:
    """Once it is confirmed, the term is out of use."""
    term = _get_term(session, session.get_one(Statement, version.statement_id))
    if version.state == VersionState.CONFIRMED and term is not None:
        term.status, term.is_disputed = TermStatus.RETIRED, False
        touch(session, term)


def get_title(session: Session, statement: Statement) -> str:
    """What a request calls it."""
    term = _get_term(session, statement)
    return words("term.title_retire", name=term.name if term else "")


def render(session: Session, version: Version) -> Sequence[Block]:
    """Which term, what the partners agreed on, and why it is to go."""
    term = _get_term(session, session.get_one(Statement, version.statement_id))
    if term is None:
        return (Quote(text=version.text),)
    return (
        Heading(text=term.name[:150]),
        Text(text=say("term.retire_agreed")),
        Quote(text=term.agreed_text),
        Text(text=say("term.retire_why")),
        Quote(text=version.text),
    )


def _get_term(session: Session, statement: Statement) -> Term | None:
    return session.get(Term, statement.subject)


KIND = StatementKind(
    name=STATEMENT, title=get_title, render=render, settled=settle, longest=LONGEST_REASON
)
