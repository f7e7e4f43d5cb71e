"""Terms: reading them as a viewer may, and what is fit to be kept of one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import Session, col, func, select

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.features.glossary.folding import fold, is_word
from bot.features.glossary.models import FormKind, Term, TermForm, TermMeaning, TermStatus
from bot.features.glossary.spotting import LONGEST_FORM
from bot.people.models import Change, Member, MemberAccount, Partner
from bot.people.viewer import Viewer, get_viewers, visible_to


def get_scope(alliance_id: str) -> str:
    """The revision that tells whether an alliance's terms have changed."""
    return f"glossary:{alliance_id}"


STATEMENT = "term"
"""The kind of the statements that hold agreed meanings; their subject is the term's id."""

LONGEST_MEANING = 1000

MOST_WORDS = 8
"""So many words count in a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A term as one viewer may see it: how it is written, each partner's meaning, and who looks
    after it. `may_withdraw`: that it is disputed is the viewer's, or their side's, to take back."""

    term: Term
    forms: tuple[TermForm, ...] = ()
    meanings: tuple[TermMeaning, ...] = ()
    partners: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    may_withdraw: bool = False

    def written(self, kind: FormKind) -> list[str]:
        """The forms of one kind."""
        return [form.text for form in self.forms if form.kind == kind]

    def meaning_of(self, partner_id: str | None) -> TermMeaning | None:
        """What a partner means."""
        return next((m for m in self.meanings if m.partner_id == partner_id), None)


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
    """The viewer's terms, retired ones only if asked for; see `get_some`."""
    return get_some(
        session,
        viewer,
        in_status(status),
        most=most,
        oldest_first=status == TermStatus.CONTESTED,
    )


def get_every(session: Session, viewer: Viewer, *, most: int) -> list[Entry]:
    """The viewer's terms, retired ones too, by name."""
    return get_some(session, viewer, true(), most=most)


def get_some(
    session: Session,
    viewer: Viewer,
    wanted: ColumnElement[bool],
    *,
    most: int,
    offset: int = 0,
    oldest_first: bool = False,
) -> list[Entry]:
    """Those of the viewer's terms that are wanted, by name, or the longest contested first."""
    order = [col(Term.contested_at)] if oldest_first else []
    chosen = (
        select(Term)
        .where(visible_to(viewer, Term), wanted)
        .order_by(*order, col(Term.key), col(Term.id))
        .offset(offset)
        .limit(most)
    )
    return load(session, viewer, session.exec(chosen).all())


def count(session: Session, viewer: Viewer, wanted: ColumnElement[bool]) -> int:
    """How many of the viewer's terms are wanted."""
    return session.exec(
        select(func.count(col(Term.id))).where(visible_to(viewer, Term), wanted)
    ).one()


def in_status(status: TermStatus | None) -> ColumnElement[bool]:
    """Terms of this status; None: those in use."""
    return col(Term.status) == status if status else col(Term.status) != TermStatus.RETIRED


def waiting_for(viewer: Viewer) -> ColumnElement[bool]:
    """Terms whose meaning for the viewer's partner nobody has confirmed."""
    unconfirmed = select(TermMeaning.term_id).where(
        visible_to(viewer, TermMeaning),
        col(TermMeaning.partner_id) == (viewer.partner_id or ""),
        col(TermMeaning.confirmed_by_id).is_(None),
    )
    return and_(in_status(None), col(Term.id).in_(unconfirmed))


def holding(viewer: Viewer, words: str) -> ColumnElement[bool]:
    """Terms that hold each of these words in a form, in a meaning that the viewer may see, or in
    what the partners agreed on; of very many words the first count."""
    some = list(dict.fromkeys(words.split()))[:MOST_WORDS]
    return and_(in_status(None), *(_holding_one(viewer, word) for word in some))


def _holding_one(viewer: Viewer, word: str) -> ColumnElement[bool]:
    pattern = f"%{_escape_like(make_key(word))}%"
    plain = f"%{_escape_like(word)}%"
    by_form = select(TermForm.term_id).where(
        col(TermForm.alliance_id) == viewer.alliance_id,
        col(TermForm.key).like(pattern, escape="\\"),
    )
    by_meaning = select(TermMeaning.term_id).where(
        visible_to(viewer, TermMeaning), col(TermMeaning.text).ilike(plain, escape="\\")
    )
    return or_(
        col(Term.id).in_(by_form),
        col(Term.id).in_(by_meaning),
        col(Term.agreed_text).ilike(plain, escape="\\"),
    )


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
            select(TermForm).where(col(TermForm.term_id).in_(some)).order_by(col(TermForm.text))
        ):
            forms.setdefault(form.term_id, []).append(form)
        for meaning in session.exec(
            select(TermMeaning).where(
                visible_to(viewer, TermMeaning), col(TermMeaning.term_id).in_(some)
            )
        ):
            meanings.setdefault(meaning.term_id, []).append(meaning)
    names = get_partner_names(session, viewer.alliance_id)
    owners = _name_owners(session, chosen)
    withdrawable = _find_withdrawable(session, viewer, chosen)
    return [
        Entry(
            term=term,
            forms=tuple(forms.get(term.id, ())),
            meanings=tuple(
                sorted(meanings.get(term.id, ()), key=lambda m: names.get(m.partner_id, ""))
            ),
            partners=names,
            owner=owners.get(term.owner_id or "", ""),
            may_withdraw=term.id in withdrawable,
        )
        for term in chosen
    ]


def get_disputes(session: Session, term_ids: Collection[str]) -> dict[str, Change]:
    """The last dispute of each of these terms that was not taken back at once."""
    if not term_ids:
        return {}
    found = session.exec(
        select(Change)
        .where(
            col(Change.subject_id).in_(term_ids),
            col(Change.action) == "term.disputed",
            col(Change.undone_at).is_(None),
        )
        .order_by(col(Change.at), col(Change.id))
    )
    return {change.subject_id: change for change in found}


def _find_withdrawable(session: Session, viewer: Viewer, chosen: Iterable[Term]) -> set[str]:
    disputes = get_disputes(session, [term.id for term in chosen if term.is_disputed])
    if not disputes:
        return set()
    own = set(
        session.exec(
            select(MemberAccount.account_id).where(col(MemberAccount.member_id) == viewer.member_id)
        )
    )
    return {
        term_id
        for term_id, change in disputes.items()
        if change.partner_id == viewer.partner_id
        and (viewer.is_manager or change.account_id in own)
    }


def _name_owners(session: Session, found: Iterable[Term]) -> dict[str, str]:
    ids = {term.owner_id for term in found if term.owner_id}
    if not ids:
        return {}
    rows = session.exec(
        select(Member.id, Member.name).where(col(Member.id).in_(ids), col(Member.left_at).is_(None))
    ).all()
    return dict(rows)


def get_partner_names(session: Session, alliance_id: str) -> dict[str, str]:
    """The alliance's partners by id."""
    rows = session.exec(
        select(Partner.id, Partner.name).where(col(Partner.alliance_id) == alliance_id)
    ).all()
    return dict(rows)


def require_partner(viewer: Viewer) -> str:
    """The viewer's partner: whoever is unplaced speaks for nobody. Raises NotAllowed."""
    if viewer.partner_id is None:
        raise NotAllowed("term.unplaced")
    return viewer.partner_id


def find_viewer(session: Session, member_id: str) -> Viewer | None:
    """A member as viewer, as of now."""
    accounts = session.exec(
        select(MemberAccount.account_id).where(col(MemberAccount.member_id) == member_id)
    ).all()
    found = (viewer for account in accounts for viewer in get_viewers(session, account))
    return next((viewer for viewer in found if viewer.member_id == member_id), None)
