"""How far the partners are with a term, and that others notice what changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.db.revisions import bump
from bot.features.glossary.models import Term, TermMeaning, TermStatus
from bot.features.glossary.terms import get_scope
from bot.features.glossary.variants import is_variant
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import AudienceKind


def touch(session: Session, term: Term) -> None:
    """Count a change; other processes notice within two seconds."""
    term.edition += 1
    session.add(term)
    session.flush()
    bump_terms(session, term.alliance_id)


def bump_terms(session: Session, alliance_id: str) -> None:
    """Other processes notice within two seconds that an alliance's terms changed. What watches
    messages is built anew with the channels, so that a withdrawn consent counts at once."""
    bump(session, get_scope(alliance_id))
    bump(session, CHANNELS_SCOPE)


def refresh_status(session: Session, term: Term, *, now: datetime) -> None:
    """Work out anew how far the partners are with a term."""
    refresh_many(session, [term], now=now)


def refresh_many(session: Session, found: Sequence[Term], *, now: datetime) -> None:
    """The same for several terms. What one partner keeps to itself does not count: others could
    tell from it."""
    texts: dict[str, list[str]] = {}
    session.flush()
    for term_id, text in session.exec(
        select(TermMeaning.term_id, TermMeaning.text).where(
            col(TermMeaning.term_id).in_([term.id for term in found]),
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
        )
    ):
        texts.setdefault(term_id, []).append(text)
    for term in found:
        _set_status(term, texts.get(term.id, []), now=now)
        session.add(term)
    session.flush()
    for alliance_id in {term.alliance_id for term in found}:
        bump_terms(session, alliance_id)


def _set_status(term: Term, shared: Sequence[str], *, now: datetime) -> None:
    if term.status == TermStatus.RETIRED:
        return
    if term.is_disputed or (term.agreed_at is None and differ(shared)):
        term.status = TermStatus.CONTESTED
        term.contested_at = term.contested_at or now
    elif term.agreed_at is not None:
        term.status = TermStatus.AGREED
    else:
        term.status, term.contested_at = TermStatus.PROPOSED, None


def differ(texts: Sequence[str]) -> bool:
    """Whether any two of these meanings say different things."""
    return any(
        not is_variant(one, other)
        for number, one in enumerate(texts)
        for other in texts[number + 1 :]
    )
