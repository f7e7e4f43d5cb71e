"""What changed about a term: for its history, and for an undo."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.core.views import Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say
from bot.features.glossary import changing, standing, terms
from bot.features.glossary.models import FormKind, Term, TermMeaning, TermStatus
from bot.features.glossary.terms import Entry
from bot.people.models import AudienceKind, Change


def note(entry: Entry, partner_id: str | None) -> dict[str, object]:
    """A term and one partner's meaning, as an undo needs them."""
    term, own = entry.term, entry.meaning_of(partner_id)
    return {
        "name": term.name,
        "context": term.context,
        "examples": term.examples,
        "review_on": term.review_on.isoformat() if term.review_on else None,
        "owner": term.owner_id,
        "forms": {kind.value: entry.written(kind) for kind in FormKind},
        "is_shared": own is not None and own.audience_kind == AudienceKind.ALLIANCE,
        "meaning": own.text if own else None,
        "confirmed_by": own.confirmed_by_id if own else None,
        "changed_at": own.changed_at.isoformat() if own else None,
        "contested_at": term.contested_at.isoformat() if term.contested_at else None,
        "status": term.status,
    }


_ASIDE: Final = {"contested_at": None, "status": None}
"""That others contest a term is no change of it."""


def mark(entry: Entry, partner_id: str | None) -> str:
    """Tells whether a term, or what this partner means by it, was changed: what other partners mean
    is not in it, so that of two who write at once each keeps their own side's words."""
    noted = {**note(entry, partner_id), **_ASIDE}
    return hashlib.sha256(orjson.dumps(noted, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _is_as_noted(entry: Entry, change: Change) -> bool:
    """Whether nobody changed a term since."""
    return {**note(entry, change.partner_id), **_ASIDE} == {**change.after, **_ASIDE}


def restore_contest(term: Term, before: Mapping[str, Any]) -> None:
    """What is agreed again was contested then, and not by what is taken back."""
    noted = before.get("contested_at")
    if term.status == TermStatus.AGREED:
        term.contested_at = datetime.fromisoformat(noted) if noted else None


def undo_added(context: Context, change: Change) -> Answer:
    """Take a new term back, or the meaning that was added to an older one."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    own = entry.meaning_of(change.partner_id)
    if own is None:
        raise NotFound("undo.nothing")
    changing.require_unsettled(entry.term)
    if _is_used_elsewhere(context.session, entry.term, change.partner_id or ""):
        context.session.delete(own)
        context.session.flush()
        standing.touch(context.session, entry.term)
        standing.refresh_status(context.session, entry.term, now=context.now)
    else:
        context.session.delete(entry.term)
        context.session.flush()
        standing.bump_terms(context.session, change.alliance_id)
    return Answer(view=view(Text(text=say("term.undone_added", name=entry.term.name))))


def _is_used_elsewhere(session: Session, term: Term, partner_id: str) -> bool:
    """Whether others have said what they mean by it, be it to themselves alone."""
    found = session.exec(
        select(TermMeaning.id).where(
            col(TermMeaning.term_id) == term.id, col(TermMeaning.partner_id) != partner_id
        )
    )
    return found.first() is not None


def undo_edited(context: Context, change: Change) -> Answer:
    """Put a term back as it was before an edit, unless somebody changed it since."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    if not _is_as_noted(entry, change):
        raise Conflict("term.changed_meanwhile", name=entry.term.name)
    if change.before["name"] != entry.term.name:
        changing.require_unsettled(entry.term)
    restore(context.session, entry, change.partner_id or "", change.before)
    standing.refresh_status(context.session, entry.term, now=context.now)
    restore_contest(entry.term, change.before)
    return Answer(view=view(Text(text=say("term.undone", name=entry.term.name))))


def restore(session: Session, entry: Entry, partner_id: str, before: dict[str, Any]) -> None:
    """Make a term what `note` noted; one that another partner brought stays as it is written."""
    term = entry.term
    if term.partner_id == partner_id:
        _rewrite(session, term, before)
    own = entry.meaning_of(partner_id)
    if own is not None and before["meaning"] is None:
        session.delete(own)
    elif own is not None:
        own.text, own.confirmed_by_id = before["meaning"], before["confirmed_by"]
        own.changed_at = datetime.fromisoformat(before["changed_at"])
        if not before["is_shared"]:
            own.audience_kind, own.audience_id = AudienceKind.PARTNER, partner_id
        session.add(own)
    session.flush()
    standing.narrow(session, term)
    standing.touch(session, term)


def _rewrite(session: Session, term: Term, before: dict[str, Any]) -> None:
    term.name, term.context, term.examples = before["name"], before["context"], before["examples"]
    term.key, term.owner_id = terms.make_key(term.name), before["owner"]
    review = before["review_on"]
    term.review_on = date.fromisoformat(review) if review else None
    changing.set_forms(
        session, term, {FormKind(kind): forms for kind, forms in before["forms"].items()}
    )


def undo_confirmed(context: Context, change: Change) -> Answer:
    """A meaning is a proposal again."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    own = entry.meaning_of(change.partner_id)
    if own is None:
        raise NotFound("undo.nothing")
    own.confirmed_by_id = None
    context.session.add(own)
    standing.touch(context.session, entry.term)
    standing.refresh_status(context.session, entry.term, now=context.now)
    restore_contest(entry.term, change.before)
    return Answer(view=view(Text(text=say("term.undone", name=entry.term.name))))


def undo_disputed(context: Context, change: Change) -> Answer:
    """A dispute is taken back."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    entry.term.is_disputed = False
    standing.touch(context.session, entry.term)
    standing.refresh_status(context.session, entry.term, now=context.now)
    restore_contest(entry.term, change.before)
    return Answer(view=view(Text(text=say("term.undone", name=entry.term.name))))


def undo_withdrawn(context: Context, change: Change) -> Answer:
    """A term is disputed again."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    entry.term.is_disputed = True
    standing.touch(context.session, entry.term)
    standing.refresh_status(context.session, entry.term, now=context.now)
    noted = change.before.get("contested_at")
    entry.term.contested_at = datetime.fromisoformat(str(noted)) if noted else context.now
    return Answer(view=view(Text(text=say("term.undone", name=entry.term.name))))


def undo_retired(context: Context, change: Change) -> Answer:
    """A term is in use again."""
    entry = terms.get_or_raise(context.session, context.viewer, change.subject_id)
    entry.term.status = TermStatus.PROPOSED  # no more than a beginning: see refresh_status
    standing.touch(context.session, entry.term)
    standing.refresh_status(context.session, entry.term, now=context.now)
    return Answer(view=view(Text(text=say("term.undone", name=entry.term.name))))
