"""What an import changes about terms that are there already: noted for their history, and put back
when the import is taken back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.features.glossary import standing
from bot.features.glossary.details import Details
from bot.features.glossary.models import Term, TermForm, TermMeaning
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
        for some in _divide(ids)
        for meaning in session.exec(select(TermMeaning).where(col(TermMeaning.id).in_(some)))
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


def describe(session: Session, viewer: Viewer, plan: Plan, *, now: datetime) -> Kept:
    """Take over what the file says of terms beside their meanings; answers what an undo needs."""
    wanted = {sense.id: sense.more for sense in plan.senses if sense.more}
    kept: dict[str, dict[str, Any]] = {}
    parts: list[Part] = []
    for some in _divide(list(wanted)):
        forms: dict[str, dict[str, TermForm]] = {}
        for form in session.exec(select(TermForm).where(col(TermForm.term_id).in_(some))):
            forms.setdefault(form.term_id, {})[form.key] = form
        for term in session.exec(select(Term).where(col(Term.id).in_(some))):
            more = wanted[term.id]
            kept[term.id] = _describe(term, more) | _write(
                session, term, more, forms.get(term.id, {})
            )
            after = {
                "said": more.say(),
                "is_shared": term.audience_kind == AudienceKind.ALLIANCE,
            }
            parts.append(Part(subject_id=term.id, before=kept[term.id]["before"], after=after))
    noted = history.record_parts(session, viewer, "term.detailed", parts, now=now)
    for part, change in zip(parts, noted, strict=False):
        kept[part.subject_id]["change"] = change
    return kept


def _describe(term: Term, more: Details) -> dict[str, Any]:
    before: dict[str, object] = {}
    for name in ("context", "examples", "review_on"):
        if getattr(more, name):
            before[name] = _to_text(getattr(term, name))
            setattr(term, name, getattr(more, name))
    return {"before": before, "written": {name: _to_text(getattr(more, name)) for name in before}}


def _write(
    session: Session, term: Term, more: Details, present: Mapping[str, TermForm]
) -> dict[str, Any]:
    """Add how else a term is written; what it was written like already may be of another kind."""
    kinds: dict[str, list[str]] = {}
    added: list[dict[str, str]] = []
    for key, (kind, text) in more.forms.items():
        form = present.get(key)
        if form is not None:
            kinds[form.id] = [form.kind, kind]
            form.kind = kind
            session.add(form)
            continue
        known = {"alliance_id": term.alliance_id, "term_id": term.id}
        added.append({**known, "id": new_id(), "kind": kind, "text": text, "key": key})
    if added:
        session.connection().execute(insert(TermForm), added)
    session.add(term)
    return {"kinds": kinds, "added": [form["id"] for form in added]}


def restore_details(session: Session, kept: Kept, *, now: datetime) -> None:
    """Terms are described and written as they were, unless that was changed once more."""
    for some in _divide(list(kept)):
        for term in session.exec(select(Term).where(col(Term.id).in_(some))):
            before, written = kept[term.id]["before"], kept[term.id]["written"]
            for name in before:
                if _to_text(getattr(term, name)) == written[name]:
                    setattr(term, name, _read(name, before[name]))
            session.add(term)
        kinds = {form: said for each in some for form, said in kept[each]["kinds"].items()}
        for form in _load_forms(session, list(kinds)):
            if form.kind == kinds[form.id][1]:
                form.kind = kinds[form.id][0]
                session.add(form)
        added = [form for each in some for form in kept[each]["added"]]
        for ids in _divide(added):
            session.execute(delete(TermForm).where(col(TermForm.id).in_(ids)))
    session.flush()
    undone = [str(each["change"]) for each in kept.values() if "change" in each]
    history.undo_parts(session, undone, now=now)


def _load_forms(session: Session, ids: Sequence[str]) -> list[TermForm]:
    return [
        form
        for some in _divide(ids)
        for form in session.exec(select(TermForm).where(col(TermForm.id).in_(some)))
    ]


def _to_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _read(name: str, text: str) -> object:
    if name != "review_on":
        return text
    return date.fromisoformat(text) if text else None


def _divide(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some at a time: a statement takes so many parameters."""
    for start in range(0, len(ids), 500):
        yield ids[start : start + 500]
