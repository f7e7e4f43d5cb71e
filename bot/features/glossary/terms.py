"""Terms: reading them as a viewer may, and changing them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.db.revisions import bump
from bot.features.glossary.folding import fold, is_word
from bot.features.glossary.models import FormKind, Term, TermForm, TermMeaning, TermStatus
from bot.features.glossary.spotting import LONGEST_FORM
from bot.features.glossary.variants import is_variant
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import AudienceKind, Partner
from bot.people.viewer import Viewer, visible_to


def get_scope(alliance_id: str) -> str:
    """The revision that tells whether an alliance's terms have changed."""
    return f"glossary:{alliance_id}"


STATEMENT = "term"
"""The kind of the statements that hold agreed meanings; their subject is the term's id."""

LONGEST_MEANING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A term as one viewer may see it: how it is written, and each partner's meaning."""

    term: Term
    forms: tuple[TermForm, ...] = ()
    meanings: tuple[TermMeaning, ...] = ()
    partners: Mapping[str, str] = field(default_factory=dict)

    def written(self, kind: FormKind) -> list[str]:
        """The forms of one kind."""
        return [form.text for form in self.forms if form.kind == kind]

    def meaning_of(self, partner_id: str | None) -> TermMeaning | None:
        """What a partner means."""
        return next((m for m in self.meanings if m.partner_id == partner_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What somebody says a term is. None leaves a thing as it is."""

    name: str
    meaning: str | None = None
    forms: Mapping[FormKind, Sequence[str]] = field(default_factory=dict)
    context: str | None = None
    examples: str | None = None
    review_on: date | None = None
    is_shared: bool = False


def make_key(text: str) -> str:
    """A name as names are compared."""
    return fold(" ".join(text.split()))


def clean_name(text: str) -> str:
    """A form fit to be kept. Raises NotUnderstood if nothing in it can be found, or too much."""
    name = " ".join(text.replace("\0", "").split())
    if not name or len(name) > LONGEST_FORM or not any(map(is_word, name)):
        raise NotUnderstood("term.name_length", field="name", most=LONGEST_FORM)
    return name


def clean_meaning(text: str) -> str:
    """A meaning fit to be kept. Raises NotUnderstood."""
    meaning = text.replace("\0", "").strip()
    if not meaning or len(meaning) > LONGEST_MEANING:
        raise NotUnderstood("term.meaning_length", field="meaning", most=LONGEST_MEANING)
    return meaning


# Reading


def find(session: Session, viewer: Viewer, words: str) -> list[Entry]:
    """The terms written so, in any of their forms; those in use first."""
    ids = select(TermForm.term_id).where(
        col(TermForm.alliance_id) == viewer.alliance_id, col(TermForm.key) == make_key(words)
    )
    found = session.exec(
        select(Term)
        .where(visible_to(viewer, Term), col(Term.id).in_(ids))
        .order_by(col(Term.created_at), col(Term.id))
    ).all()
    return load(session, viewer, sorted(found, key=lambda t: t.status == TermStatus.RETIRED))


def get_or_raise(session: Session, viewer: Viewer, term_id: str) -> Entry:
    """One term by id. Raises NotFound, also if it is not the viewer's to see."""
    term = session.exec(
        select(Term).where(visible_to(viewer, Term), col(Term.id) == term_id)
    ).first()
    if term is None:
        raise NotFound("term.not_found")
    return load(session, viewer, [term])[0]


def get_all(
    session: Session, viewer: Viewer, *, status: TermStatus | None = None, most: int = 1000
) -> list[Entry]:
    """The viewer's terms by name, retired ones only if asked for."""
    wanted = col(Term.status) == status if status else col(Term.status) != TermStatus.RETIRED
    chosen = (
        select(Term).where(visible_to(viewer, Term), wanted).order_by(col(Term.key)).limit(most)
    )
    return load(session, viewer, session.exec(chosen).all())


def search(session: Session, viewer: Viewer, words: str, *, most: int = 20) -> list[Entry]:
    """Terms that hold these words in a form or a meaning that the viewer may see."""
    pattern = f"%{_escape_like(make_key(words))}%"
    plain = f"%{_escape_like(' '.join(words.split()))}%"
    by_form = select(TermForm.term_id).where(
        col(TermForm.alliance_id) == viewer.alliance_id,
        col(TermForm.key).like(pattern, escape="\\"),
    )
    by_meaning = select(TermMeaning.term_id).where(
        visible_to(viewer, TermMeaning), col(TermMeaning.text).ilike(plain, escape="\\")
    )
    found = session.exec(
        select(Term)
        .where(
            visible_to(viewer, Term),
            col(Term.status) != TermStatus.RETIRED,
            or_(col(Term.id).in_(by_form), col(Term.id).in_(by_meaning)),
        )
        .order_by(col(Term.key), col(Term.id))
        .limit(most)
    ).all()
    return load(session, viewer, found)


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def load(session: Session, viewer: Viewer, found: Iterable[Term]) -> list[Entry]:
    """Terms with their forms, and the meanings that the viewer may see."""
    chosen = list(found)
    ids = [term.id for term in chosen]
    forms: dict[str, list[TermForm]] = {}
    meanings: dict[str, list[TermMeaning]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for form in session.exec(
            select(TermForm).where(col(TermForm.term_id).in_(some)).order_by(col(TermForm.id))
        ):
            forms.setdefault(form.term_id, []).append(form)
        for meaning in session.exec(
            select(TermMeaning).where(
                visible_to(viewer, TermMeaning), col(TermMeaning.term_id).in_(some)
            )
        ):
            meanings.setdefault(meaning.term_id, []).append(meaning)
    names = get_partner_names(session, viewer.alliance_id)
    return [
        Entry(
            term=term,
            forms=tuple(forms.get(term.id, ())),
            meanings=tuple(
                sorted(meanings.get(term.id, ()), key=lambda m: names.get(m.partner_id, ""))
            ),
            partners=names,
        )
        for term in chosen
    ]


def get_partner_names(session: Session, alliance_id: str) -> dict[str, str]:
    """The alliance's partners by id."""
    rows = session.exec(
        select(Partner.id, Partner.name).where(col(Partner.alliance_id) == alliance_id)
    ).all()
    return dict(rows)


# Changing


def require_partner(viewer: Viewer) -> str:
    """The viewer's partner: whoever is unplaced speaks for nobody. Raises NotAllowed."""
    if viewer.partner_id is None:
        raise NotAllowed("term.unplaced")
    return viewer.partner_id


def add(session: Session, viewer: Viewer, wording: Wording, *, now: datetime) -> Entry:
    """A new term with the viewer's partner's meaning, for that partner alone unless `is_shared`.

    If the viewer's partner knows the word already but has not said what it means, the meaning goes
    to that term, whose forms stay those of whoever brought it. Raises Conflict if it has a meaning
    there, NotAllowed for the unplaced.
    """
    partner_id = require_partner(viewer)
    name = clean_name(wording.name)
    meaning = clean_meaning(wording.meaning or "")
    known = [e for e in find(session, viewer, name) if e.term.status != TermStatus.RETIRED]
    if any(
        (own := entry.meaning_of(partner_id)) is not None and is_variant(own.text, meaning)
        for entry in known
    ):
        raise Conflict("term.same", field="name", name=name)
    fitting = next((e for e in known if e.meaning_of(partner_id) is None), None)
    if fitting is not None:
        term = fitting.term
    else:
        term = _insert(session, viewer, partner_id, name, wording, now=now)
    _write_meaning(session, viewer, term, meaning, now=now, is_shared=wording.is_shared)
    if fitting is None or may_rewrite(viewer, term):
        set_forms(session, term, wording.forms)
    refresh_status(session, term, now=now)
    return get_or_raise(session, viewer, term.id)


def _insert(
    session: Session, viewer: Viewer, partner_id: str, name: str, wording: Wording, *, now: datetime
) -> Term:
    is_shared = wording.is_shared and viewer.is_manager
    term = Term(
        alliance_id=viewer.alliance_id,
        partner_id=partner_id,
        member_id=viewer.member_id,
        name=name,
        key=make_key(name),
        context=(wording.context or "")[:200],
        examples=(wording.examples or "")[:1000],
        review_on=wording.review_on,
        created_at=now,
        audience_kind=AudienceKind.ALLIANCE if is_shared else AudienceKind.PARTNER,
        audience_id=None if is_shared else partner_id,
    )
    session.add(term)
    session.flush()
    _add_form(session, term, FormKind.NAME, name)
    return term


def set_forms(session: Session, term: Term, forms: Mapping[FormKind, Sequence[str]]) -> None:
    """Take over how the term is written, kind by kind; kinds that are not named stay."""
    if not forms:
        return
    present = session.exec(select(TermForm).where(col(TermForm.term_id) == term.id)).all()
    for form in present:
        if FormKind(form.kind) in forms:
            session.delete(form)
    session.flush()
    for kind, texts in forms.items():
        for text in texts:
            _add_form(session, term, kind, clean_name(text))


def _add_form(session: Session, term: Term, kind: FormKind, text: str) -> None:
    key = make_key(text)
    known = session.exec(
        select(TermForm.id).where(col(TermForm.term_id) == term.id, col(TermForm.key) == key)
    ).first()
    if known is None:
        session.add(
            TermForm(alliance_id=term.alliance_id, term_id=term.id, kind=kind, text=text, key=key)
        )
        session.flush()


def _write_meaning(
    session: Session, viewer: Viewer, term: Term, text: str, *, now: datetime, is_shared: bool
) -> TermMeaning:
    """The viewer's partner's meaning; a manager's word confirms it. Only a manager shares it."""
    partner_id = require_partner(viewer)
    drop_notes(session, [term.id], partner_id)
    meaning = session.exec(
        select(TermMeaning).where(
            col(TermMeaning.term_id) == term.id, col(TermMeaning.partner_id) == partner_id
        )
    ).first()
    if meaning is None:
        meaning = TermMeaning(
            alliance_id=term.alliance_id,
            term_id=term.id,
            partner_id=partner_id,
            member_id=viewer.member_id,
            text=text,
            changed_at=now,
            audience_kind=AudienceKind.PARTNER,
            audience_id=partner_id,
        )
    elif meaning.confirmed_by_id is not None and not viewer.is_manager:
        raise NotAllowed("term.confirmed_meaning", partner=viewer.partner_name)
    meaning.text, meaning.member_id, meaning.changed_at = text, viewer.member_id, now
    meaning.confirmed_by_id = viewer.member_id if viewer.is_manager else None
    meaning.import_id = None  # theirs now: an undo of the import leaves it alone
    if not viewer.is_manager:
        # What stood there was nobody's confirmed word; these words are not yet for others to read.
        meaning.audience_kind, meaning.audience_id = AudienceKind.PARTNER, partner_id
    session.add(meaning)
    session.flush()
    if is_shared and viewer.is_manager:
        _widen(session, term, meaning)
    return meaning


def drop_notes(session: Session, term_ids: Sequence[str], partner_id: str) -> None:
    """What other partners noted for themselves that this one means gives way to its own word."""
    session.execute(
        delete(TermMeaning).where(
            col(TermMeaning.term_id).in_(term_ids),
            col(TermMeaning.partner_id) == partner_id,
            col(TermMeaning.audience_kind) == AudienceKind.PARTNER,
            col(TermMeaning.audience_id) != partner_id,
        )
    )


def edit(
    session: Session, viewer: Viewer, term_id: str, wording: Wording, *, edition: int, now: datetime
) -> Entry:
    """Change a term as its own side's manager or the one who added it may.

    `edition` is the one that was read; raises Conflict if somebody was faster. The other partner's
    meaning is never touched, and neither are name and forms of a term that others added.
    """
    partner_id = require_partner(viewer)
    entry = get_or_raise(session, viewer, term_id)
    term = entry.term
    session.refresh(term, with_for_update=True)
    if term.edition != edition:
        raise Conflict("term.changed_meanwhile", name=term.name)
    if wording.meaning is not None and wording.meaning.strip():
        text = clean_meaning(wording.meaning)
        own = entry.meaning_of(partner_id)
        if own is None or own.text != text or (viewer.is_manager and own.confirmed_by_id is None):
            _write_meaning(session, viewer, term, text, now=now, is_shared=False)
    if may_rewrite(viewer, term):
        name = clean_name(wording.name)
        if name != term.name:
            term.name, term.key = name, make_key(name)
            set_forms(session, term, {FormKind.NAME: [name]})
        set_forms(session, term, wording.forms)
        term.context = term.context if wording.context is None else wording.context[:200]
        term.examples = term.examples if wording.examples is None else wording.examples[:1000]
        term.review_on = wording.review_on
    if wording.is_shared and viewer.is_manager:
        session.flush()
        share(session, viewer, term.id, now=now)
    touch(session, term)
    refresh_status(session, term, now=now)
    return get_or_raise(session, viewer, term.id)


def may_rewrite(viewer: Viewer, term: Term) -> bool:
    """Whether name, forms and context are the viewer's to change: their partner brought it, and
    they are its manager or added it themselves."""
    return term.partner_id == viewer.partner_id and (
        viewer.is_manager or term.member_id == viewer.member_id
    )


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


def confirm_own(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """A manager says that their partner means just this. Raises NotAllowed, NotFound, Conflict."""
    entry = get_or_raise(session, viewer, term_id)
    meaning = entry.meaning_of(require_partner(viewer))
    if not viewer.is_manager:
        raise NotAllowed("term.manager_confirms", partner=viewer.partner_name)
    if meaning is None:
        raise NotFound("term.no_own_meaning", name=entry.term.name)
    if meaning.confirmed_by_id is not None:
        raise Conflict("term.confirmed_already", name=entry.term.name)
    meaning.confirmed_by_id, meaning.changed_at = viewer.member_id, now
    meaning.import_id = None
    session.add(meaning)
    touch(session, entry.term)
    return get_or_raise(session, viewer, term_id)


def share(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """Let the whole alliance read the viewer's partner's meaning: its manager alone may. If others
    have shared the same word, the meanings come together in one term."""
    entry = get_or_raise(session, viewer, term_id)
    partner_id = require_partner(viewer)
    if not viewer.is_manager:
        raise NotAllowed("term.manager_shares", partner=viewer.partner_name)
    meaning = entry.meaning_of(partner_id)
    if meaning is None:
        raise NotFound("term.no_own_meaning", name=entry.term.name)
    term = entry.term
    if term.audience_kind != AudienceKind.ALLIANCE:
        term = _merge(session, viewer, term, meaning)
    meaning.confirmed_by_id = meaning.confirmed_by_id or viewer.member_id
    _widen(session, term, meaning)
    touch(session, term)
    refresh_status(session, term, now=now)
    return get_or_raise(session, viewer, term.id)


def _widen(session: Session, term: Term, meaning: TermMeaning) -> None:
    meaning.audience_kind, meaning.audience_id = AudienceKind.ALLIANCE, None
    term.audience_kind, term.audience_id = AudienceKind.ALLIANCE, None
    session.add(meaning)
    session.add(term)
    session.flush()


def _merge(session: Session, viewer: Viewer, term: Term, meaning: TermMeaning) -> Term:
    """The shared term of the same word that has no meaning of this partner yet, with the meaning
    and forms moved there; or the term itself."""
    taken = select(TermMeaning.term_id).where(
        visible_to(viewer, TermMeaning), col(TermMeaning.partner_id) == meaning.partner_id
    )
    shared = session.exec(
        select(Term)
        .where(
            col(Term.alliance_id) == viewer.alliance_id,
            col(Term.key) == term.key,
            col(Term.id) != term.id,
            col(Term.audience_kind) == AudienceKind.ALLIANCE,
            col(Term.status) != TermStatus.RETIRED,
            col(Term.id).not_in(taken),
        )
        .order_by(col(Term.created_at))
    ).first()
    if shared is None:
        return term
    drop_notes(session, [shared.id], meaning.partner_id)
    meaning.term_id = shared.id
    session.add(meaning)
    for form in session.exec(select(TermForm).where(col(TermForm.term_id) == term.id)).all():
        _add_form(session, shared, FormKind(form.kind), form.text)
        session.delete(form)
    session.flush()
    session.delete(term)
    session.flush()
    return shared


def dispute(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """Say that an agreed or unquestioned meaning is not what one's side means."""
    entry = get_or_raise(session, viewer, term_id)
    require_partner(viewer)
    if entry.term.audience_kind != AudienceKind.ALLIANCE:
        raise Conflict("term.dispute_private", name=entry.term.name)
    if entry.term.is_disputed:
        raise Conflict("term.disputed_already", name=entry.term.name)
    entry.term.is_disputed, entry.term.contested_at = True, now
    touch(session, entry.term)
    refresh_status(session, entry.term, now=now)
    return get_or_raise(session, viewer, term_id)


def retire(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """Take a term out of use: the side that brought it may, while no other side means something
    by it. Raises NotAllowed, Conflict."""
    entry = get_or_raise(session, viewer, term_id)
    partner_id = require_partner(viewer)
    if not may_rewrite(viewer, entry.term):
        raise NotAllowed("term.not_yours", name=entry.term.name)
    if any(meaning.partner_id != partner_id for meaning in entry.meanings):
        raise Conflict("term.in_use_elsewhere", name=entry.term.name)
    if entry.term.status == TermStatus.RETIRED:
        raise Conflict("term.retired_already", name=entry.term.name)
    entry.term.status = TermStatus.RETIRED
    touch(session, entry.term)
    return get_or_raise(session, viewer, term_id)


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
