"""Terms that come with an alliance's record: meanings as proposals, for each partner's own manager
to confirm. What the partners agreed on there is proposed to each of them here."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session

from bot.core.records import items_of, problem_at, text_of
from bot.dispatch.messages import words
from bot.features.glossary import importing, planning, terms
from bot.features.glossary.models import Term, TermStatus
from bot.features.glossary.planning import Row
from bot.features.glossary.sheets import MOST_ROWS
from bot.features.glossary.spotting import LONGEST_FORM
from bot.features.glossary.terms import LONGEST_MEANING
from bot.people import origins
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer
from bot.statements import record

NAME: Final = "terms"


def load(session: Session, viewer: Viewer, data: Any, now: datetime) -> Sequence[str]:
    """Take terms over from such a list: meanings as proposals, which each partner's manager has to
    confirm; what is there already, or came before, is left as it is by now, and what was retired
    there is not put to use here. What was shared there is shared here. Raises Problem for what is
    no term, no meaning or no day."""
    if viewer.partner_id is None:
        return ()
    used = [item for item in items_of(data) if item.get("status") != TermStatus.RETIRED]
    new = [item for item in used if not _is_here(session, viewer, item)]
    names = terms.get_partner_names(session, viewer.alliance_id)
    partners = {terms.make_key(name): partner for partner, name in names.items()}
    own = viewer.partner_id
    rows = [r for number, item in enumerate(new, 1) for r in _read(item, number, partners, own)]
    done = 0
    for is_shared in (True, False):
        chosen = [
            row
            for row, shared in rows
            if shared == is_shared and (is_shared or row.partner_id == viewer.partner_id)
        ]
        plan = planning.make_plan(session, viewer, chosen, only_meanings=True)
        done += sum(len(sense.rows) for sense in plan.senses)
        importing.apply(
            session, viewer, plan, import_id="", is_shared=is_shared, now=now, is_confirmed=False
        )
    for item in new:
        origin = _make_origin(viewer, item)
        origins.note(session, viewer, NAME, origin, now=now, content=item)
    return (words("term.loaded", count=done, partner=viewer.partner_name),) if done else ()


def _make_origin(viewer: Viewer, item: Mapping[str, Any]) -> str:
    """Each side's own: a term holds several sides' meanings."""
    identifier = text_of(item, "id") or text_of(item, "term")
    return origins.make_origin({}, viewer.partner_id or "", identifier)


def _is_here(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> bool:
    """Whether it came before, or is this alliance's own."""
    if origins.get(session, viewer.alliance_id, NAME, _make_origin(viewer, item)) is not None:
        return True
    own = session.get(Term, text_of(item, "id")[:24])
    return own is not None and own.alliance_id == viewer.alliance_id


def _read(
    item: Mapping[str, Any], number: int, partners: Mapping[str, str], own: str
) -> Iterator[tuple[Row, bool]]:
    """What each partner means, and whether everybody may read it. A name that nobody has here is
    the one that the `own` partner had there."""
    _check_day(item)
    agreed, private = text_of(item, "agreed"), set[str]()
    for meaning in items_of(item.get("meanings")):
        partner = partners.get(terms.make_key(text_of(meaning, "partner")), own)
        is_shared = meaning.get("audience") == AudienceKind.ALLIANCE
        if not is_shared:
            private.add(partner)
        if not (agreed and is_shared):
            yield _make_row(item, meaning, "text", partner, number=number), is_shared
    if agreed:
        for partner in partners.values():
            if partner not in private:
                yield _make_row(item, item, "agreed", partner, number=number), True


def _make_row(
    item: Mapping[str, Any], holder: Mapping[str, Any], key: str, partner: str, *, number: int
) -> Row:
    name, text = " ".join(text_of(item, "term").split()), text_of(holder, key)
    if fault := planning.find_fault(name, text, partner):
        if fault in {"no_meaning", "long_meaning"}:
            raise problem_at(holder, key, f"expected 1 to {LONGEST_MEANING} characters")
        raise problem_at(item, "term", f"expected a word, of at most {LONGEST_FORM} characters")
    return Row(
        number=number,
        partner_id=partner,
        name=name,
        text=text,
        forms=planning.read_forms(
            {
                "spelled_out": _join(item.get("spelled_out")),
                "alias": _join(item.get("aliases")),
                "discouraged": _join(item.get("discouraged")),
            }
        ),
        context=text_of(item, "context"),
        examples=text_of(item, "examples"),
        review_on=planning.read_day(text_of(item, "review_on")),
    )


def _check_day(item: Mapping[str, Any]) -> None:
    said = text_of(item, "review_on")
    try:
        if said:
            date.fromisoformat(said)
    except ValueError:
        raise problem_at(item, "review_on", "expected a day such as 2027-03-01") from None


def _join(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value or "")


_TEXTS = {"type": "array", "items": {"type": "string", "maxLength": 200}}
_SOME = {"type": "string", "pattern": r"\S", "description": "some text"}
_WHO = {"enum": [kind.value for kind in AudienceKind]}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Meanings arrive as proposals, for each partner's own manager to confirm.",
    "maxItems": MOST_ROWS,
    "items": {
        "type": "object",
        "required": ["term"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "maxLength": 64},
            "term": {**_SOME, "maxLength": 200},
            "context": {"type": "string", "maxLength": 200},
            "examples": {"type": "string", "maxLength": 1000},
            **dict.fromkeys(("spelled_out", "aliases", "discouraged"), _TEXTS),
            "status": {"enum": [status.value for status in TermStatus]},
            "audience": _WHO,
            "review_on": {
                "type": "string",
                "pattern": r"^(\d{4}-\d\d-\d\d)?$",
                "description": "a day such as 2027-03-01",
            },
            "agreed": {"type": "string", "maxLength": LONGEST_MEANING},
            "agreed_at": {"type": "string", "maxLength": 40},
            "owner": {
                "type": "string",
                "maxLength": 200,
                "description": "who looks after it, to be read; nobody is appointed by it",
            },
            "meanings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["partner", "text"],
                    "additionalProperties": False,
                    "properties": {
                        "partner": {"type": "string", "minLength": 1, "maxLength": 80},
                        "text": {**_SOME, "maxLength": LONGEST_MEANING},
                        "audience": _WHO,
                        "confirmed": {"type": "boolean"},
                    },
                },
            },
            "chain": {"type": "array", "items": record.VERSION_SCHEMA},
        },
    },
}
