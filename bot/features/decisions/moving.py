"""Decisions that come with an alliance's record: drafts here, with what they were there.

Nobody here has confirmed them, so they count for nothing before somebody puts them to the partners.
Number, date, names, chain and approvals stay with them, to be read and to be taken along again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, func, select

from bot.core.records import items_of, problem_at, text_of
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.features.decisions import capture, log
from bot.features.decisions.capture import Draft
from bot.features.decisions.log import State
from bot.features.decisions.models import Decision, DecisionBook, TaskState, Weight
from bot.people import committees, origins
from bot.people.models import AudienceKind, Brought, Committee
from bot.people.viewer import Viewer
from bot.statements import record

NAME: Final = "decisions"
CHAIN: Final = "chain"
HISTORY: Final[tuple[str, ...]] = (
    "state",
    "weight",
    "captured_by",
    "captured_at",
    "basis",
    "serves",
    "needs_to_know",
    "thread",
    "replaces",
    "replaced_by",
    "hash",
    "approvals",
    "actions",
    CHAIN,
)
"""What a decision was where it comes from, and is not here."""

TASKS: Final = ("approvals", "actions")

SHOWN: Final = 80
"""Characters of a decision in what an import reports."""


def get_histories(
    session: Session, viewer: Viewer, decisions: Sequence[Decision]
) -> dict[str, dict[str, Any]]:
    """What those of these decisions that came with a record were there, by their ids here. What
    they needed is told to the side alone that it came for."""
    owners = {decision.id: decision.partner_id for decision in decisions}
    rows = session.exec(
        select(Brought).where(
            col(Brought.alliance_id) == viewer.alliance_id,
            col(Brought.section) == NAME,
            col(Brought.local_id).in_(owners),
        )
    ).all()
    names = origins.get_partner_names(session, viewer.alliance_id)
    found: dict[str, dict[str, Any]] = {}
    for brought in rows:
        kept: dict[str, Any] = {
            key: brought.content[key] for key in HISTORY if key in brought.content
        }
        is_own = owners[brought.local_id or ""] == viewer.partner_id
        for key in TASKS:
            if key in kept:
                tasks = items_of(kept[key]) if is_own else ()
                # Whose they are may be called otherwise by now.
                kept[key] = [{**task, "partner": viewer.partner_name} for task in tasks]
        if CHAIN in kept:
            kept[CHAIN] = [_rename(version, names) for version in items_of(kept[CHAIN])]
        found[brought.local_id or ""] = kept
    return found


def _rename(version: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A version with the name that its partner has by now; without one, if that can't be told."""
    said = text_of(version, "partner")
    name = names.get(text_of(version, "partner_id")) or next(
        (name for name in names.values() if name.casefold() == said.casefold()), None
    )
    kept = {key: value for key, value in version.items() if key != "partner"}
    return {**kept, "partner": name} if name else kept


def say_history(session: Session, viewer: Viewer, decision: Decision) -> str:
    """That a decision came with a record, and what it was there; nothing for any other."""
    came = get_histories(session, viewer, [decision]).get(decision.id)
    if came is None:
        return ""
    taken, person = _read_moment(came), text_of(came, "captured_by")
    lines = [
        say(
            "decisions.came" if taken and person else "decisions.came_shortly",
            state=words(f"decisions.was_{came.get('state') or State.NOTED}"),
            person=person,
            date=say_day(taken.date()) if taken else "",
        )
    ]
    lines += [
        say("decisions.came_task", what=text_of(task, "what"), owner=text_of(task, "owner", "–"))
        for key in TASKS
        for task in items_of(came.get(key))
    ]
    return "\n".join(lines)


def load(session: Session, viewer: Viewer, data: Any, now: datetime) -> Sequence[str]:
    """Take decisions over from an alliance's record: as drafts of the viewer's side that nobody
    confirmed here, under their numbers where these are free. What came before is left as it is by
    now. Raises Problem for a date that is none, and a committee that is not there."""
    done: list[str] = []
    new = [item for item in items_of(data) if _is_new(session, viewer, item)]
    if not new:
        return done
    _reserve(session, viewer.alliance_id, [_read_number(item) for item in new])
    for item in new:
        decision = _save(session, viewer, item, now=now)
        content = {**item, **{key: _get_own(item, key, viewer) for key in TASKS}}
        origin = _make_origin(viewer, item)
        origins.note(session, viewer, NAME, origin, now=now, local_id=decision.id, content=content)
        what = decision.what
        shown = what if len(what) <= SHOWN else f"{what[:SHOWN].rsplit(' ', 1)[0]}…"
        name = log.say_number(decision.number)
        done.append(words("decisions.loaded", name=name, what=shown, partner=viewer.partner_name))
    _give_back(session, viewer.alliance_id)
    return done


def _make_origin(viewer: Viewer, item: Mapping[str, Any]) -> str:
    number = text_of(item, "number") or text_of(item, "what")
    return origins.make_origin(item, viewer.partner_name or "", number)


def _is_new(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> bool:
    """Whether it neither came before nor is this alliance's own."""
    origin = _make_origin(viewer, item)
    if not text_of(item, "what") or origins.get(session, viewer.alliance_id, NAME, origin):
        return False
    own = session.get(Decision, text_of(item, "id")[:24])
    return own is None or own.alliance_id != viewer.alliance_id


def _read_number(item: Mapping[str, Any]) -> int:
    return log.read_number(text_of(item, "number")) or 0


def _reserve(session: Session, alliance_id: str, numbers: Sequence[int]) -> None:
    """Keep these numbers for what comes under them: no other that comes is to take one."""
    log.take_number(session, alliance_id)
    book = session.get_one(DecisionBook, alliance_id)
    session.refresh(book)  # numbers are given out past the session
    book.last_number = max(book.last_number, *numbers, 0)
    session.add(book)
    session.flush()


def _give_back(session: Session, alliance_id: str) -> None:
    """The next decision gets the number after the last that is there."""
    book = session.get_one(DecisionBook, alliance_id)
    session.refresh(book)
    taken = select(func.max(col(Decision.number))).where(col(Decision.alliance_id) == alliance_id)
    book.last_number = session.exec(taken).one() or 0
    session.add(book)
    session.flush()


def _save(session: Session, viewer: Viewer, item: Mapping[str, Any], *, now: datetime) -> Decision:
    review_on, planned_on = _read_day(item, "review_on"), _read_day(item, "planned_on")
    if text_of(item, "captured_at") and _read_moment(item) is None:
        raise problem_at(item, "captured_at", "expected a moment such as 2027-03-01T09:00:00+00:00")
    is_planned = item.get("state") == State.PLANNED and planned_on is not None
    draft = Draft(
        what=text_of(item, "what"),
        why=text_of(item, "why"),
        alternatives=text_of(item, "alternatives"),
        minuted=text_of(item, "minuted"),
        weight=Weight.PLANNED if is_planned else Weight.DRAFT,
        committee=_read_committee(session, viewer, item),
        audience=AudienceKind.PARTNER,
        review_on=review_on if review_on and review_on > now.date() else None,
        planned_on=planned_on if planned_on and planned_on > now.date() else None,
        supersedes=_get_replaced(session, viewer, item),
    )
    decision = capture.save(session, viewer, draft, now=now).entry.decision
    _renumber(session, decision, _read_number(item))
    return decision


def _read_committee(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> Committee | None:
    name = text_of(item, "committee")
    found = committees.get_committee(session, viewer, name) if name else None
    if name and found is None:
        raise problem_at(item, "committee", "expected a name that stands under committees")
    return found


def _read_day(item: Mapping[str, Any], key: str) -> date | None:
    said = text_of(item, key)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise problem_at(item, key, "expected a day such as 2027-03-01") from None


def _read_moment(item: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(text_of(item, "captured_at"))
    except ValueError:
        return None


def _get_replaced(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> Decision | None:
    """What it takes the place of, if that came with the same record for the same side."""
    number = text_of(item, "replaces")
    if not number:
        return None
    came = session.exec(
        select(Brought).where(
            col(Brought.alliance_id) == viewer.alliance_id,
            col(Brought.partner_id) == viewer.partner_id,
            col(Brought.section) == NAME,
        )
    ).all()
    ids = (brought.local_id for brought in came if brought.content.get("number") == number)
    found = next(ids, None)
    return session.get(Decision, found) if found else None


def _renumber(session: Session, decision: Decision, wanted: int) -> None:
    """Give a decision the number that people know it by, unless another has it."""
    taken = select(Decision.id).where(
        col(Decision.alliance_id) == decision.alliance_id, col(Decision.number) == wanted
    )
    if wanted and session.exec(taken).first() is None:
        decision.number = wanted
        session.add(decision)
        session.flush()


def _get_own(item: Mapping[str, Any], key: str, viewer: Viewer) -> list[Mapping[str, Any]]:
    """The approvals or actions of the viewer's side; another side's are that side's alone."""
    owner = text_of(item, "partner") or viewer.partner_name
    return [task for task in items_of(item.get(key)) if (task.get("partner") or owner) == owner]


_TEXT = {"type": "string"}
_NUMBER = {
    "type": "string",
    "pattern": r"^([dD]-?\d{1,7})?$",
    "description": "a number such as D-4",
}
_DAY = {
    "type": "string",
    "pattern": r"^(\d{4}-\d\d-\d\d)?$",
    "description": "a day such as 2027-03-01",
}
_TASKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["what"],
        "additionalProperties": False,
        "properties": {
            "what": {"type": "string", "pattern": r"\S", "description": "some text"},
            "owner": {"type": "string", "maxLength": 120},
            "partner": {"type": "string", "maxLength": 80},
            "state": {"enum": [state.value for state in TaskState]},
            "due_on": _DAY,
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "They arrive as drafts; nobody has confirmed them where they are imported.",
    "items": {
        "type": "object",
        "required": ["what"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "maxLength": 64},
            "number": _NUMBER,
            "what": {
                "type": "string",
                "pattern": r"\S",
                "description": "some text",
                "maxLength": capture.LONGEST_WHAT,
            },
            "why": {"type": "string", "maxLength": capture.LONGEST_WHY},
            "alternatives": {"type": "string", "maxLength": capture.LONGEST_WHY},
            "minuted": {"type": "string", "maxLength": capture.LONGEST_MINUTED},
            "committee": {"type": "string", "maxLength": 80},
            "partner": {"type": "string", "maxLength": 80},
            "state": {"enum": [state.value for state in State]},
            "weight": {"enum": [weight.value for weight in Weight]},
            "audience": {"enum": [kind.value for kind in AudienceKind]},
            "captured_by": {"type": "string", "maxLength": 120},
            "captured_at": {"type": "string", "maxLength": 40},
            "planned_on": _DAY,
            "review_on": _DAY,
            "replaces": _NUMBER,
            "replaced_by": _NUMBER,
            **dict.fromkeys(("basis", "serves", "needs_to_know", "hash"), _TEXT),
            "thread": {"type": ["string", "null"]},
            "approvals": _TASKS,
            "actions": _TASKS,
            "chain": {"type": "array", "items": record.VERSION_SCHEMA},
        },
    },
}
