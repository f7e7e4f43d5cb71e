"""What a file of terms would do: its rows, understood, and set beside the terms that are there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.ids import new_id
from bot.features.glossary import terms
from bot.features.glossary.details import Details, key_forms
from bot.features.glossary.folding import is_word
from bot.features.glossary.models import FormKind, Term, TermForm, TermMeaning, TermStatus
from bot.features.glossary.sheets import Sheet
from bot.features.glossary.spotting import LONGEST_FORM
from bot.features.glossary.terms import LONGEST_MEANING, make_key
from bot.features.glossary.variants import is_variant
from bot.people.models import AudienceKind, Member
from bot.people.viewer import Viewer, visible_to

FEW: Final = 1000
"""So many are looked up by name; for more, all that is there is read."""


class Outcome(StrEnum):
    """What a row does: a new term or meaning, nothing, something else or more about what is one's
    own to change, or a meaning that differs from another partner's."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    CONFLICTING = "conflicting"


@dataclass(slots=True)
class Row:
    """One line of the file, understood."""

    number: int
    partner_id: str
    name: str
    text: str
    forms: dict[FormKind, list[str]]
    context: str = ""
    examples: str = ""
    review_on: date | None = None


@dataclass(slots=True)
class Sense:
    """A term, there already or to be made, with the meanings it has or gets, by partner; `present`
    are the ids of those it has, `shared` the partners of those that everybody reads, `noted` those
    of what one's own side thinks they mean. `details`: what is known beside, if that is the
    viewer's to change; `more`: what the file adds to it. `is_read_by_all`: the term itself is."""

    id: str
    key: str
    is_new: bool
    name: str
    meanings: dict[str, str] = field(default_factory=dict)
    present: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)
    rows: dict[str, Row] = field(default_factory=dict)
    details: Details | None = None
    more: Details = field(default_factory=Details)
    is_read_by_all: bool = False


@dataclass(slots=True)
class Plan:
    """What a file would do. `broken`: the numbers of rows that are left out, by the reason.
    `read_by_all`, `kept`: how many of the changed meanings everybody reads already, and how many
    are one side's alone and stay so. `denied`: rows that say of a partner what it does not say
    itself; nothing is done for them. `described`: how many of the terms of which the file says more
    everybody reads."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    broken: dict[str, list[int]] = field(default_factory=dict)
    senses: list[Sense] = field(default_factory=list)
    conflicts: list[tuple[str, str, str]] = field(default_factory=list)
    denied: list[tuple[str, str, str]] = field(default_factory=list)
    read_by_all: int = 0
    kept: int = 0
    described: int = 0


def read_rows(
    sheet: Sheet, mapping: Mapping[str, int], partners: Mapping[str, str], own: str
) -> tuple[list[Row], dict[str, list[int]]]:
    """The lines of a sheet, and the numbers of those that are left out, by the reason.

    `partners` are ids by name. Raises NotUnderstood if no column holds terms or meanings."""
    return read_lines(enumerate(sheet.rows, sheet.first), mapping, partners, own)


def read_lines(
    lines: Iterable[tuple[int, Sequence[str]]],
    mapping: Mapping[str, int],
    partners: Mapping[str, str],
    own: str,
) -> tuple[list[Row], dict[str, list[int]]]:
    """The same of some lines, each with its number."""
    if "term" not in mapping or "meaning" not in mapping:
        raise NotUnderstood("terms_file.no_columns", field="term")
    known = {make_key(name): partner for name, partner in partners.items()}
    rows: list[Row] = []
    broken: dict[str, list[int]] = {}
    for number, cells in lines:
        values = {name: cells[column] for name, column in mapping.items() if column < len(cells)}
        if not any(cells):
            continue
        name, text = " ".join(values["term"].split()), values["meaning"]
        said = make_key(values.get("partner", ""))
        partner = known.get(said) if said else own
        reason = _find_retired(values) or find_fault(name, text, partner) or _find_day_fault(values)
        if reason or partner is None:
            broken.setdefault(reason, []).append(number)
            continue
        rows.append(
            Row(
                number=number,
                partner_id=partner,
                name=name,
                text=text,
                forms=read_forms(values),
                context=values.get("context", "")[:200],
                examples=values.get("examples", "")[:1000],
                review_on=read_day(values.get("review_on", "")),
            )
        )
    return rows, broken


def _find_retired(values: Mapping[str, str]) -> str:
    """What is out of use where it comes from is not put to use here."""
    return "retired" if make_key(values.get("status", "")) == TermStatus.RETIRED else ""


def _find_day_fault(values: Mapping[str, str]) -> str:
    said = values.get("review_on", "")
    return "review" if said and read_day(said) is None else ""


def read_day(text: str) -> date | None:
    """The day in `2027-03-31`, or in a moment that begins so; None if there is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def find_fault(name: str, text: str, partner: str | None) -> str:
    """Why a row makes no sense, by a word; nothing if it does."""
    if partner is None:
        return "partner"
    if not name or not any(map(is_word, name)):
        return "no_term"
    if len(name) > LONGEST_FORM:
        return "long_term"
    if not text:
        return "no_meaning"
    return "long_meaning" if len(text) > LONGEST_MEANING else ""


def read_forms(values: Mapping[str, str]) -> dict[FormKind, list[str]]:
    """How else a term is written, several with semicolons between them."""
    found: dict[FormKind, list[str]] = {}
    for kind in (FormKind.SPELLED_OUT, FormKind.ALIAS, FormKind.DISCOURAGED):
        parts = values.get(kind.value, "").replace("\n", ";").split(";")
        texts = [" ".join(part.split()) for part in parts]
        kept = [t for t in texts if t and len(t) <= LONGEST_FORM and any(map(is_word, t))][:20]
        if kept:
            found[kind] = kept
    return found


def make_plan(
    session: Session, viewer: Viewer, rows: Iterable[Row], *, only_meanings: bool = False
) -> Plan:
    """What these rows would do to the terms that the viewer sees; nothing is changed. What else
    they say of the viewer's own terms is taken over, unless `only_meanings`."""
    own = terms.require_partner(viewer)
    # One partner after the other, so that the second finds all that the first means.
    waiting: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        waiting.setdefault((make_key(row.name), row.partner_id), []).append(row)
    by_key = _load_senses(session, viewer, {key for key, _ in waiting})
    if viewer.is_manager and not only_meanings:
        _load_details(session, own, by_key)
    plan = Plan()
    for (key, _), some in waiting.items():
        senses = by_key.setdefault(key, [])
        left = [row for row in some if not _fits_as_it_is(plan, senses, row)]
        for row in left:
            # What the one before it brought may say the same.
            if row is left[0] or not _fits_as_it_is(plan, senses, row):
                _place(plan, senses, row, own, alone=len(left) == 1, known=len(left) < len(some))
    plan.senses = [s for senses in by_key.values() for s in senses if s.rows or s.more]
    plan.described = sum(bool(s.more) and s.is_read_by_all for s in plan.senses)
    return plan


def _load_senses(session: Session, viewer: Viewer, keys: Collection[str]) -> dict[str, list[Sense]]:
    """The senses that the viewer sees, by key: those of a few keys, or all."""
    found: dict[str, list[Sense]] = {}
    by_id: dict[str, Sense] = {}
    wanted = col(Term.key).in_(keys) if len(keys) <= FEW else true()
    # Columns, not objects: thousands of terms are read to place a few.
    for term_id, key, name in session.exec(
        select(Term.id, Term.key, Term.name)
        .where(visible_to(viewer, Term), col(Term.status) != TermStatus.RETIRED, wanted)
        .order_by(col(Term.created_at), col(Term.id))
    ):
        sense = Sense(id=term_id, key=key, is_new=False, name=name)
        by_id[term_id] = sense
        found.setdefault(key, []).append(sense)
    columns = (
        col(TermMeaning.id),
        col(TermMeaning.term_id),
        col(TermMeaning.partner_id),
        col(TermMeaning.text),
        col(TermMeaning.audience_kind),
        and_(
            col(TermMeaning.confirmed_by_id).is_(None),
            col(TermMeaning.partner_id) != col(Member.partner_id),
            col(Member.partner_id) == viewer.partner_id,
        ),
    )
    for meaning_id, term_id, partner_id, text, kind, is_noted in session.execute(
        sql_select(*columns)
        .join(Member, col(Member.id) == col(TermMeaning.member_id))
        .where(visible_to(viewer, TermMeaning), _of(TermMeaning, by_id))
    ):
        if term_id not in by_id:
            continue
        by_id[term_id].meanings[partner_id] = text
        by_id[term_id].present[partner_id] = meaning_id
        if kind == AudienceKind.ALLIANCE:
            by_id[term_id].shared.add(partner_id)
        if is_noted:
            by_id[term_id].noted.add(partner_id)
    return found


def _of(table: type[TermMeaning | TermForm], ids: Collection[str]) -> ColumnElement[bool]:
    return col(table.term_id).in_(ids) if len(ids) <= FEW else true()


def _load_details(session: Session, own: str, by_key: Mapping[str, Sequence[Sense]]) -> None:
    """What is known of the terms that the `own` partner brought: its managers change it."""
    by_id = {sense.id: sense for senses in by_key.values() for sense in senses}
    columns = (
        col(Term.id),
        col(Term.context),
        col(Term.examples),
        col(Term.review_on),
        col(Term.audience_kind),
    )
    wanted = col(Term.id).in_(by_id) if len(by_id) <= FEW else true()
    chosen = sql_select(*columns).where(col(Term.partner_id) == own, wanted)
    for term_id, context, examples, review_on, audience in session.execute(chosen):
        if term_id in by_id:
            by_id[term_id].details = Details(context, examples, review_on)
            by_id[term_id].is_read_by_all = audience == AudienceKind.ALLIANCE
    for term_id, kind, key, text in session.exec(
        select(TermForm.term_id, TermForm.kind, TermForm.key, TermForm.text)
        .join(Term, col(Term.id) == col(TermForm.term_id))
        .where(col(Term.partner_id) == own, _of(TermForm, by_id))
    ):
        details = by_id[term_id].details if term_id in by_id else None
        if details is not None:
            details.forms[key] = (FormKind(kind), text)


def _fits_as_it_is(plan: Plan, senses: Sequence[Sense], row: Row) -> bool:
    """Whether this is said already, or agrees with what another partner says."""
    for sense in senses:
        text = sense.meanings.get(row.partner_id)
        if text is not None and is_variant(text, row.text):
            plan.counts[Outcome.CHANGED if _describe(sense, row) else Outcome.SAME] += 1
            return True
    for sense in senses:
        if row.partner_id not in sense.meanings and any(
            is_variant(text, row.text) for text in sense.meanings.values()
        ):
            _give(sense, row)
            plan.counts[Outcome.NEW] += 1
            return True
    return False


def _place(
    plan: Plan, senses: list[Sense], row: Row, own: str, *, alone: bool, known: bool
) -> None:
    """Find a sense for what fits none. `alone`: the file has no other such row of this partner;
    `known`: another of its rows says what the partner says here."""
    theirs = [sense for sense in senses if row.partner_id in sense.present]
    free = next((sense for sense in senses if row.partner_id not in sense.meanings), None)
    is_own = row.partner_id == own
    if alone and len(theirs) == 1 and (free is None if is_own else _is_noted(theirs, row)):
        _give(theirs[0], row)
        plan.counts[Outcome.CHANGED] += 1
        plan.read_by_all += row.partner_id in theirs[0].shared
        plan.kept += row.partner_id not in theirs[0].shared
        return
    if theirs and not (is_own or known or _is_noted(theirs, row)):
        # What a partner means is for its own people to change, and to say in a second sense.
        plan.counts[Outcome.CONFLICTING] += 1
        plan.denied.append((row.name, theirs[0].meanings[row.partner_id], row.text))
        return
    if free is None:
        free = Sense(id=new_id(), key=make_key(row.name), is_new=True, name=row.name)
        senses.append(free)
    other = next(iter(free.meanings.values()), None)
    plan.counts[Outcome.NEW if other is None else Outcome.CONFLICTING] += 1
    if other is not None:
        plan.conflicts.append((row.name, other, row.text))
    _give(free, row)


def _is_noted(theirs: Sequence[Sense], row: Row) -> bool:
    return all(row.partner_id in sense.noted for sense in theirs)


def _give(sense: Sense, row: Row) -> None:
    sense.meanings[row.partner_id] = row.text
    sense.rows[row.partner_id] = row
    _describe(sense, row)


def _describe(sense: Sense, row: Row) -> bool:
    """Whether a row says more of a term than its meaning and what is known of it."""
    if sense.details is None:
        return False
    said = Details(row.context, row.examples, row.review_on, key_forms(row.forms))
    more = said.without(sense.details)
    sense.more.add(more)
    return bool(more)
