"""Changing terms: each side its own meanings, and what it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.features.glossary.models import FormKind, Term, TermForm, TermMeaning, TermStatus
from bot.features.glossary.standing import (
    begin_anew,
    get_told,
    is_news,
    refresh_status,
    touch,
)
from bot.features.glossary.terms import (
    Entry,
    clean_meaning,
    clean_name,
    find,
    get_or_raise,
    make_key,
    require_partner,
)
from bot.features.glossary.variants import is_variant
from bot.people.models import AudienceKind, Member
from bot.people.viewer import Viewer, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What somebody says a term is. None leaves a thing as it is."""

    name: str
    meaning: str | None = None
    forms: Mapping[FormKind, Sequence[str]] = field(default_factory=dict)
    context: str | None = None
    examples: str | None = None
    review_on: date | None = None
    owner_id: str | None = None
    is_shared: bool = False


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
        owner_id=check_owner(session, partner_id, wording.owner_id),
        created_at=now,
        audience_kind=AudienceKind.ALLIANCE if is_shared else AudienceKind.PARTNER,
        audience_id=None if is_shared else partner_id,
    )
    session.add(term)
    session.flush()
    _add_form(session, term, FormKind.NAME, name)
    return term


def check_owner(session: Session, partner_id: str, member_id: str | None) -> str | None:
    """Somebody of one's own side who looks after a term; None for nobody. Raises NotFound."""
    if not member_id:
        return None
    member = session.get(Member, member_id)
    if member is None or member.partner_id != partner_id or member.left_at is not None:
        raise NotFound("term.no_owner", field="owner")
    return member.id


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
    before = get_told(meaning) if meaning is not None else None
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
    if is_news(get_told(meaning), before):
        begin_anew(session, [term])
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
            require_unsettled(term)
            term.name, term.key = name, make_key(name)
            set_forms(session, term, {FormKind.NAME: [name]})
        set_forms(session, term, wording.forms)
        term.context = term.context if wording.context is None else wording.context[:200]
        term.examples = term.examples if wording.examples is None else wording.examples[:1000]
        term.review_on = wording.review_on
        if wording.owner_id is not None:
            term.owner_id = check_owner(session, partner_id, wording.owner_id)
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


def require_unsettled(term: Term) -> None:
    """Raise Conflict for a term on which the partners have agreed: one side alone neither renames
    it nor takes it away."""
    if term.agreed_version_id is not None:
        raise Conflict("term.agreed_stays", name=term.name)


def is_joint(term: Term) -> bool:
    """Whether only the partners together take a term out of use: they have agreed on it."""
    return term.audience_kind == AudienceKind.ALLIANCE and term.agreed_version_id is not None


def may_retire(entry: Entry, viewer: Viewer) -> bool:
    """Whether the viewer may take a term out of use, as far as they can tell."""
    return (
        may_rewrite(viewer, entry.term)
        and entry.term.agreed_version_id is None
        and all(meaning.partner_id == viewer.partner_id for meaning in entry.meanings)
    )


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
    if get_told(meaning) is not None:
        begin_anew(session, [entry.term])
    touch(session, entry.term)
    refresh_status(session, entry.term, now=now)
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
    term, before = entry.term, get_told(meaning)
    if term.audience_kind != AudienceKind.ALLIANCE:
        term = _merge(session, viewer, term, meaning)
    meaning.confirmed_by_id = meaning.confirmed_by_id or viewer.member_id
    meaning.changed_at = now
    _widen(session, term, meaning)
    if is_news(meaning.text, before):
        begin_anew(session, [term])
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
    entry.term.is_disputed = True
    touch(session, entry.term)
    refresh_status(session, entry.term, now=now)
    return get_or_raise(session, viewer, term_id)


def withdraw(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """Take a dispute back, so that what the partners agreed on before stands again: whoever
    disputed the term may, and their side's managers. Raises NotAllowed, Conflict."""
    entry = get_or_raise(session, viewer, term_id)
    if not entry.term.is_disputed:
        raise Conflict("term.not_disputed", name=entry.term.name)
    if not entry.may_withdraw:
        raise NotAllowed("term.not_your_dispute", name=entry.term.name)
    entry.term.is_disputed = False
    touch(session, entry.term)
    refresh_status(session, entry.term, now=now)
    return get_or_raise(session, viewer, term_id)


def retire(session: Session, viewer: Viewer, term_id: str, *, now: datetime) -> Entry:
    """Take a term out of use: the side that brought it may, while no other side means something
    by it and the partners have not agreed on it. Raises NotAllowed, Conflict."""
    entry = get_or_raise(session, viewer, term_id)
    partner_id = require_partner(viewer)
    if not may_rewrite(viewer, entry.term):
        raise NotAllowed("term.not_yours", name=entry.term.name)
    if any(meaning.partner_id != partner_id for meaning in entry.meanings):
        raise Conflict("term.in_use_elsewhere", name=entry.term.name)
    if entry.term.status == TermStatus.RETIRED:
        raise Conflict("term.retired_already", name=entry.term.name)
    require_unsettled(entry.term)
    entry.term.status = TermStatus.RETIRED
    touch(session, entry.term)
    return get_or_raise(session, viewer, term_id)
