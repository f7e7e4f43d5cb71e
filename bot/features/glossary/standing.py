"""How far the partners are with a term, and that others notice what changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from bot.db.revisions import bump
from bot.features.glossary.models import Term, TermKnown, TermMeaning, TermStatus
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


def begin_anew(session: Session, found: Sequence[Term]) -> None:
    """What people did with hints about these terms counts no more, nor that a channel knows them:
    they mean something else now, or a manager wants people to be told again. 500 at most."""
    for term in found:
        term.shown = term.accepted = term.dismissed = 0
        session.add(term)
    ids = [term.id for term in found]
    session.execute(delete(TermKnown).where(col(TermKnown.term_id).in_(ids)))


def get_told(meaning: TermMeaning) -> str | None:
    """What everybody is told that a partner means: its own word that all may read."""
    is_told = meaning.audience_kind == AudienceKind.ALLIANCE and meaning.confirmed_by_id is not None
    return meaning.text if is_told else None


def is_news(told: str | None, before: str | None) -> bool:
    """Whether everybody is told something that they were not told before."""
    return told is not None and (before is None or not is_variant(told, before))


def refresh_status(session: Session, term: Term, *, now: datetime) -> None:
    """Work out anew how far the partners are with a term."""
    refresh_many(session, [term], now=now)


def refresh_many(session: Session, found: Sequence[Term], *, now: datetime) -> None:
    """The same for several terms. What one partner keeps to itself does not count: others could
    tell from it."""
    shared: dict[str, list[TermMeaning]] = {}
    session.flush()
    for meaning in session.exec(
        select(TermMeaning).where(
            col(TermMeaning.term_id).in_([term.id for term in found]),
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
        )
    ):
        shared.setdefault(meaning.term_id, []).append(meaning)
    for term in found:
        _set_status(term, shared.get(term.id, []), now=now)
        session.add(term)
    session.flush()
    for alliance_id in {term.alliance_id for term in found}:
        bump_terms(session, alliance_id)


def get_shared(session: Session, term_ids: Sequence[str]) -> set[str]:
    """Which of these terms have a meaning that all may read."""
    return set(
        session.exec(
            select(TermMeaning.term_id).where(
                col(TermMeaning.term_id).in_(term_ids),
                col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
            )
        )
    )


def narrow(session: Session, term: Term) -> None:
    """A term of which no meaning is shared any more is its own side's again, unless the partners
    agreed on it, or others have put a meaning of their own there: they could not reach it any
    more."""
    kept = session.exec(
        select(TermMeaning.id).where(
            col(TermMeaning.term_id) == term.id,
            or_(
                col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
                col(TermMeaning.audience_id) != term.partner_id,
            ),
        )
    ).first()
    if kept is None and term.agreed_version_id is None:
        term.audience_kind, term.audience_id = AudienceKind.PARTNER, term.partner_id
        session.add(term)
        session.flush()


def _set_status(term: Term, shared: Sequence[TermMeaning], *, now: datetime) -> None:
    if term.status == TermStatus.RETIRED:
        return
    if term.is_disputed or _is_torn(term, shared):
        was_settled = term.status == TermStatus.AGREED
        term.status = TermStatus.CONTESTED
        term.contested_at = now if was_settled else term.contested_at or now
    elif term.agreed_at is not None:
        term.status = TermStatus.AGREED
    else:
        term.status, term.contested_at = TermStatus.PROPOSED, None


def _is_torn(term: Term, shared: Sequence[TermMeaning]) -> bool:
    """Whether what partners say they mean goes against one another, or against what they agreed on
    earlier: what they meant before that is settled with it."""
    if term.agreed_at is None:
        return differ([meaning.text for meaning in shared])
    return any(
        meaning.confirmed_by_id is not None
        and meaning.changed_at > term.agreed_at
        and not is_variant(meaning.text, term.agreed_text)
        for meaning in shared
    )


def differ(texts: Sequence[str]) -> bool:
    """Whether any two of these meanings say different things."""
    return any(
        not is_variant(one, other)
        for number, one in enumerate(texts)
        for other in texts[number + 1 :]
    )
