"""What an import changes about terms that are there already: noted for their history, and put back
when the import is taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.features.glossary import standing
from bot.features.glossary.models import TermMeaning
from bot.features.glossary.planning import Plan
from bot.people import history
from bot.people.history import Part
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer

Kept = Mapping[str, Any]
"""What was there before, by id."""


def reword(
    session: Session,
    viewer: Viewer,
    plan: Plan,
    anew: set[str],
    *,
    now: datetime,
    is_confirmed: bool,
) -> Kept:
    """Give the meanings that are there the words of the file; answers what an undo needs. What was
    noted of another partner stays for that one to confirm. `anew` gets the terms of which
    everybody is told something new."""
    texts = {
        sense.present[partner]: row.text
        for sense in plan.senses
        for partner, row in sense.rows.items()
        if partner in sense.present
    }
    found = _load(session, list(texts))
    parts = [
        Part(
            subject_id=meaning.term_id,
            before={"meaning": meaning.text},
            after={
                "meaning": texts[meaning.id],
                "is_shared": meaning.audience_kind == AudienceKind.ALLIANCE,
            },
        )
        for meaning in found
    ]
    noted = history.record_parts(session, viewer, "term.reworded", parts, now=now)
    kept = {}
    for number, meaning in enumerate(found):
        kept[meaning.id] = {
            "text": meaning.text,
            "confirmed_by": meaning.confirmed_by_id,
            "changed_at": meaning.changed_at.isoformat(),
            "written": texts[meaning.id],
            "change": noted[number] if noted else "",
        }
        told = standing.get_told(meaning)
        meaning.text, meaning.changed_at = texts[meaning.id], now
        is_own = meaning.partner_id == viewer.partner_id
        meaning.confirmed_by_id = viewer.member_id if is_own and is_confirmed else None
        session.add(meaning)
        if standing.is_news(standing.get_told(meaning), told):
            anew.add(meaning.term_id)
    session.flush()
    return kept


def _load(session: Session, ids: Sequence[str]) -> list[TermMeaning]:
    return [
        meaning
        for start in range(0, len(ids), 500)
        for meaning in session.exec(
            select(TermMeaning).where(col(TermMeaning.id).in_(ids[start : start + 500]))
        )
    ]


def restore_words(session: Session, kept: Kept, *, now: datetime) -> None:
    """Meanings say again what they said, unless they were changed once more."""
    undone = []
    for meaning in _load(session, list(kept)):
        before = kept[meaning.id]
        if meaning.text == before["written"]:
            meaning.text, meaning.confirmed_by_id = before["text"], before["confirmed_by"]
            meaning.changed_at = datetime.fromisoformat(before["changed_at"])
            session.add(meaning)
            undone.append(str(before["change"]))
    history.undo_parts(session, undone, now=now)
