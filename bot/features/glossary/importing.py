"""Doing what rows of terms would do, all of it or nothing in a few statements; and undoing it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, delete, select

from bot.core.ids import new_id
from bot.db.bulk import is_sqlite
from bot.features.glossary import changing, rewriting, standing, terms
from bot.features.glossary.models import FormKind, Term, TermForm, TermMeaning, TermStatus
from bot.features.glossary.planning import Plan, Sense
from bot.features.glossary.terms import make_key
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer

SOME: Final = 300
"""Terms taken away in one go."""


def apply(
    session: Session,
    viewer: Viewer,
    plan: Plan,
    *,
    import_id: str,
    is_shared: bool,
    now: datetime,
    is_confirmed: bool = True,
    is_unseen: bool = False,
) -> dict[str, object]:
    """Do what the plan says; answers what an undo needs. The importing manager's own meanings are
    confirmed with that (unless not `is_confirmed`), those of other partners wait for theirs. A new
    meaning gets the audience of the import; one that is changed keeps its own. `is_unseen`: nobody
    is to see what is new before `reveal`."""
    partner_id = terms.require_partner(viewer)
    audience = _unseen(import_id) if is_unseen else _audience(partner_id, is_shared=is_shared)
    base = {"alliance_id": viewer.alliance_id, "member_id": viewer.member_id, **audience}
    new_terms: list[dict[str, object]] = []
    forms: list[dict[str, object]] = []
    meanings: list[dict[str, object]] = []
    anew: set[str] = set()
    changed = rewriting.reword(session, viewer, plan, anew, now=now, is_confirmed=is_confirmed)
    details = rewriting.describe(session, viewer, plan, now=now)
    for sense in plan.senses:
        if sense.is_new:
            new = _make_term(sense, base, partner_id, import_id, now)
            new_terms.append(new | _make_status(sense, is_shared=is_shared, now=now))
            forms.extend(_make_forms(sense, viewer.alliance_id))
        for partner, row in sense.rows.items():
            if partner in sense.present:
                continue
            own = partner == partner_id and viewer.is_manager and is_confirmed
            if own and is_shared:
                anew.add(sense.id)
            meanings.append(
                {
                    **base,
                    "id": new_id(),
                    "term_id": sense.id,
                    "partner_id": partner,
                    "confirmed_by_id": viewer.member_id if own else None,
                    "text": row.text,
                    "changed_at": now,
                    "import_id": import_id or None,
                }
            )
    for model, rows in ((Term, new_terms), (TermForm, forms)):
        if rows:
            session.connection().execute(insert(model), rows)
    _insert_meanings(session, meanings, partner_id)
    touched = _refresh(session, [s.id for s in plan.senses if not s.is_new], anew, now=now)
    standing.bump_terms(session, viewer.alliance_id)
    return {"meanings": changed, "details": details, **touched}


def _audience(partner_id: str, *, is_shared: bool) -> dict[str, str | None]:
    if is_shared:
        return {"audience_kind": AudienceKind.ALLIANCE, "audience_id": None}
    return {"audience_kind": AudienceKind.PARTNER, "audience_id": partner_id}


def _unseen(import_id: str) -> dict[str, str | None]:
    """What only a partner with the id of the import could see: nobody."""
    return {"audience_kind": AudienceKind.PARTNER, "audience_id": import_id}


def reveal(
    session: Session, alliance_id: str, import_id: str, partner_id: str, *, is_shared: bool
) -> None:
    """Let those for whom an import is see all that it brought unseen, in one step."""
    for model in (Term, TermMeaning):
        session.execute(
            update(model)
            .where(col(model.import_id) == import_id, col(model.audience_id) == import_id)
            .values(**_audience(partner_id, is_shared=is_shared))
        )
    standing.bump_terms(session, alliance_id)


def _insert_meanings(
    session: Session, meanings: Sequence[dict[str, object]], partner_id: str
) -> None:
    """What others keep to themselves is not known here: of another partner its own word stands, and
    what others noted of this one gives way."""
    own = [str(row["term_id"]) for row in meanings if row["partner_id"] == partner_id]
    for start in range(0, len(own), 500):
        changing.drop_notes(session, own[start : start + 500], partner_id)
    if meanings:
        insert_into = sqlite_insert if is_sqlite(session) else postgresql_insert
        statement = insert_into(TermMeaning).on_conflict_do_nothing(
            index_elements=["term_id", "partner_id"]
        )
        session.connection().execute(statement, list(meanings))


def _refresh(
    session: Session, ids: Sequence[str], anew: Container[str], *, now: datetime
) -> dict[str, object]:
    """Bring the terms up to date that were there before and are changed: whoever may read one of
    a term's meanings may see the term. `anew`: those of which everybody is told something new.
    Answers `terms`, whose they were alone until now by id, and `reopened`, the ids of those on
    which the partners had agreed."""
    widened: dict[str, object] = {}
    reopened: list[str] = []
    for some in _load_terms(session, ids):
        shared = standing.get_shared(session, [term.id for term in some])
        for term in some:
            if term.audience_kind != AudienceKind.ALLIANCE and term.id in shared:
                widened[term.id] = term.audience_id
                term.audience_kind, term.audience_id = AudienceKind.ALLIANCE, None
            else:
                widened[term.id] = None
            term.edition += 1
        standing.begin_anew(session, [term for term in some if term.id in anew])
        agreed = [term for term in some if term.status == TermStatus.AGREED]
        standing.refresh_many(session, some, now=now)
        reopened += [term.id for term in agreed if term.status == TermStatus.CONTESTED]
    return {"terms": widened, "reopened": reopened}


def _load_terms(session: Session, ids: Sequence[str]) -> Iterator[Sequence[Term]]:
    for start in range(0, len(ids), 500):
        yield session.exec(select(Term).where(col(Term.id).in_(ids[start : start + 500]))).all()


def _make_term(
    sense: Sense,
    base: Mapping[str, object],
    partner_id: str,
    import_id: str,
    now: datetime,
) -> dict[str, object]:
    row = next(iter(sense.rows.values()))
    return {
        **base,
        "id": sense.id,
        "partner_id": partner_id,
        "owner_id": None,
        "name": sense.name,
        "key": sense.key,
        "context": row.context,
        "examples": row.examples,
        "is_disputed": False,
        "review_on": row.review_on,
        "edition": 1,
        "shown": 0,
        "accepted": 0,
        "dismissed": 0,
        "created_at": now,
        "agreed_at": None,
        "agreed_text": "",
        "agreed_version_id": None,
        "import_id": import_id or None,
    }


def _make_status(sense: Sense, *, is_shared: bool, now: datetime) -> dict[str, object]:
    if is_shared and standing.differ(list(sense.meanings.values())):
        return {"status": TermStatus.CONTESTED, "contested_at": now}
    return {"status": TermStatus.PROPOSED, "contested_at": None}


def _make_forms(sense: Sense, alliance_id: str) -> list[dict[str, object]]:
    forms: dict[str, dict[str, object]] = {}
    written = [(FormKind.NAME, sense.name)]
    for row in sense.rows.values():
        written += [(kind, text) for kind, texts in row.forms.items() for text in texts]
    for kind, text in written:
        key = make_key(text)
        if key not in forms:
            forms[key] = {
                "id": new_id(),
                "alliance_id": alliance_id,
                "term_id": sense.id,
                "kind": kind,
                "text": text,
                "key": key,
            }
    return list(forms.values())


def hide(session: Session, alliance_id: str, import_id: str) -> int:
    """Let nobody see any more, in one step, what goes with an import: its meanings unless their own
    side has taken them over since, its terms too unless a meaning stayed or the partners have
    agreed on them. Answers how many terms go."""
    used = select(TermMeaning.term_id).where(
        or_(col(TermMeaning.import_id).is_(None), col(TermMeaning.import_id) != import_id),
        col(TermMeaning.term_id).in_(select(Term.id).where(col(Term.import_id) == import_id)),
    )
    gone = session.execute(
        update(Term)
        .where(
            col(Term.import_id) == import_id,
            col(Term.id).not_in(used),
            col(Term.agreed_version_id).is_(None),
        )
        .values(**_unseen(import_id))
    )
    session.execute(
        update(TermMeaning)
        .where(col(TermMeaning.import_id) == import_id)
        .values(**_unseen(import_id))
    )
    session.expire_all()
    standing.bump_terms(session, alliance_id)
    return int(getattr(gone, "rowcount", 0))


def remove_some(session: Session, import_id: str, *, now: datetime) -> int:
    """Delete some of what an import brought and nobody sees any more; a term that others use by now
    is the import's no more. Answers how many terms that were, 0 once nothing is left."""
    found = session.exec(select(Term).where(col(Term.import_id) == import_id).limit(SOME)).all()
    unseen = [term.id for term in found if term.audience_id == import_id]
    session.execute(delete(Term).where(col(Term.id).in_(unseen)))
    kept = [term for term in found if term.audience_id != import_id]
    _delete_meanings(session, import_id, [term.id for term in kept])
    for term in kept:
        term.import_id = None
        session.add(term)
    if kept:
        standing.refresh_many(session, kept, now=now)
    session.flush()
    return len(found)


def put_back(
    session: Session, import_id: str, before: Mapping[str, object], *, now: datetime
) -> None:
    """Undo what an import did to terms that were there: what it changed says again what it said,
    unless it was changed once more; what it let everybody see is its own side's again."""
    rewriting.restore_words(session, _read_kept(before, "meanings"), now=now)
    rewriting.restore_details(session, _read_kept(before, "details"), now=now)
    touched = _read_kept(before, "terms")
    for some in _load_terms(session, sorted(touched)):
        _delete_meanings(session, import_id, [term.id for term in some])
        for term in some:
            if touched[term.id]:
                standing.narrow(session, term)
        standing.refresh_many(session, some, now=now)


def _delete_meanings(session: Session, import_id: str, term_ids: Sequence[str]) -> None:
    session.execute(
        delete(TermMeaning).where(
            col(TermMeaning.import_id) == import_id, col(TermMeaning.term_id).in_(term_ids)
        )
    )


def _read_kept(before: Mapping[str, object], name: str) -> Mapping[str, Any]:
    """A part of what was kept for an undo."""
    kept = before.get(name)
    return kept if isinstance(kept, dict) else {}
