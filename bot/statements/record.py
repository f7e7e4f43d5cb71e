"""Statements as part of an alliance's record: all their versions, with the chain of hashes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.core.records import Problem, items_of, text_of
from bot.people import origins
from bot.people.models import AudienceKind, Brought, Committee, Member, Partner
from bot.people.viewer import Viewer, visible_to
from bot.statements import versions
from bot.statements.models import Statement, Version, VersionState

LONGEST = 20_000
_HELD = ("in_force", "confirmed")
_TEXT = {"type": "string", "maxLength": 200}

VERSION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": LONGEST},
        "number": {"type": "integer"},
        "state": {"type": "string", "maxLength": 20},
        "at": _TEXT,
        "by": _TEXT,
        "partner": _TEXT,
        "asked": {**_TEXT, "description": "The committee whose seats were asked to confirm it."},
        "rule": {
            **_TEXT,
            "description": "What it takes: `all`, `count` and of how many partners, or `silence`"
            " and for how many working days.",
        },
        "basis": {**_TEXT, "description": "Consensus, escalation, or the final say."},
        "review_on": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\d$"},
        "statement_id": _TEXT,
        "partner_id": _TEXT,
        "member_id": _TEXT,
        "previous_hash": _TEXT,
        "hash": _TEXT,
    },
}


def make_schema(**more: Any) -> dict[str, Any]:
    """The schema of a list of statements; `more` are the properties that tell them apart."""
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["versions"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "maxLength": 64},
                "partner": {"type": "string", "maxLength": 80},
                "audience": {"type": "string", "maxLength": 100},
                **more,
                "versions": {"type": "array", "minItems": 1, "items": VERSION_SCHEMA},
            },
        },
    }


def dump(
    session: Session,
    viewer: Viewer,
    kind: str,
    describe: Callable[[str], Mapping[str, Any]] = lambda _subject: {},
) -> list[dict[str, Any]]:
    """The statements of one kind that the viewer may see, oldest first, versions in order; then
    those that came with a record and wait for their partner's manager, as proposals."""
    statements = session.exec(
        select(Statement)
        .where(visible_to(viewer, Statement), col(Statement.kind) == kind)
        .order_by(col(Statement.created_at), col(Statement.id))
    ).all()
    found: dict[str, list[dict[str, Any]]] = {}
    bodies = {committee.id: committee.name for committee in get_committees(session, viewer)}
    for version, member, partner in session.exec(
        select(Version, Member.name, Partner.name)
        .join(Member, col(Member.id) == col(Version.member_id))
        .join(Partner, col(Partner.id) == col(Version.partner_id))
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Version.statement_id).in_([statement.id for statement in statements]),
            versions.readable_by(viewer),
        )
        .order_by(col(Version.number))
    ):
        body = bodies.get(version.committee_id or "")
        state = _state_for(viewer, version)
        dumped = {**_dump_version(version, member, partner, body), "state": state}
        found.setdefault(version.statement_id, []).append(dumped)
    names = {p.id: p.name for p in session.exec(select(Partner).where(_ours(viewer)))}
    kept = [
        {
            "id": statement.id,
            **_say_partner(names.get(statement.partner_id or "")),
            "audience": say_audience(session, statement.audience_kind, statement.audience_id),
            **describe(statement.subject),
            "versions": found[statement.id],
        }
        for statement in statements
        if statement.id in found
    ]
    waiting = [
        _dump_waiting(brought, names, describe)
        for brought in origins.get_waiting(session, viewer, kind)
    ]
    return [*kept, *waiting]


def _dump_waiting(
    brought: Brought, names: Mapping[str, str], describe: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    """What came, as it came: but nothing of it holds here, and partners and committees are called
    as they are by now."""
    item: Mapping[str, Any] = brought.content["record"]
    own, chosen = names.get(brought.partner_id or "", ""), _choose(item)
    is_owned = "partner" in item
    return {
        **item,
        "id": brought.origin,
        **_say_partner(own if is_owned else None),
        **describe(str(brought.content["subject"])),
        "versions": [
            {
                **version,
                **_say_partner(own if "partner" in version else None),
                "state": _say_state(version, is_chosen=version is chosen),
            }
            for version in items_of(item.get("versions"))
        ],
    }


def _say_state(version: Mapping[str, Any], *, is_chosen: bool) -> str:
    """What a version that came counts for where it waits: of those that held or were proposed one
    is proposed, and no other."""
    if is_chosen:
        return VersionState.PROPOSED.value
    said = text_of(version, "state", "in_force")
    return VersionState.SUPERSEDED.value if said in {*_HELD, "proposed"} else said


def _say_partner(name: str | None) -> dict[str, str]:
    return {"partner": name} if name else {}


def _ours(viewer: Viewer) -> Any:
    return col(Partner.alliance_id) == viewer.alliance_id


def _dump_version(
    version: Version, member: str, partner: str, committee: str | None
) -> dict[str, Any]:
    asked = {"asked": committee} if committee else {}
    return {
        "number": version.number,
        "text": version.text,
        "state": version.state,
        "by": member,
        "partner": partner,
        "at": version.created_at.isoformat(),
        **asked,
        **_dump_rule(version),
        "review_on": version.review_on.isoformat() if version.review_on else None,
        "statement_id": version.statement_id,
        "partner_id": version.partner_id,
        "member_id": version.member_id,
        "previous_hash": version.previous_hash,
        "hash": version.hash,
    }


def _state_for(viewer: Viewer, version: Version) -> str:
    """What a version counts for; for people of a partner that left, what it counted for then."""
    left_at = viewer.left_at
    if left_at is None or version.partner_id == viewer.partner_id:
        return version.state
    if version.settled_at is not None and version.settled_at > left_at:
        return VersionState.PROPOSED.value
    if version.stood_until is not None and version.stood_until > left_at:
        is_joint = version.settled_at is not None
        return (VersionState.CONFIRMED if is_joint else VersionState.IN_FORCE).value
    return version.state


def _dump_rule(version: Version) -> dict[str, str]:
    """What it took, and on what ground it was put forward, if the partners were asked."""
    if not version.rule_kind:
        return {}
    counts = {"count": f" {version.rule_count}", "silence": f" {version.rule_days}"}
    return {
        "rule": f"{version.rule_kind}{counts.get(version.rule_kind, '')}",
        "basis": version.basis,
    }


def say_audience(session: Session, kind: str, audience_id: str | None) -> str:
    """Who may see a thing, as a record says it: `alliance`, `partner`, or `committee NAME`."""
    if kind == AudienceKind.COMMITTEE:
        committee = session.get(Committee, audience_id)
        return f"committee {committee.name}" if committee else "committee"
    return kind


def load(
    session: Session,
    viewer: Viewer,
    kind: str,
    found: Any,
    *,
    now: datetime,
    tell_apart: Callable[[Mapping[str, Any]], str] = lambda _item: "",
) -> int:
    """Lay what held in the record before the managers of the viewer's partner, where it is new;
    answers how many that were. Nothing holds before one of them puts it in force.

    `tell_apart` gives a statement's subject.
    """
    count = 0
    for item in items_of(found):
        subject, text = tell_apart(item), _get_text(item)
        if not text or _is_own(session, viewer, item, text):
            continue
        present = versions.get_in_force_at(
            session, viewer.alliance_id, viewer.partner_id or "", kind
        )
        if subject in present and present[subject].text == text:
            continue
        count += origins.note(
            session,
            viewer,
            kind,
            origins.make_origin(item, viewer.partner_name or "", subject),
            now=now,
            fingerprint=origins.get_fingerprint(text),
            content={"subject": subject, "text": text, "record": item},
        )
    return count


def take(session: Session, viewer: Viewer, brought: Brought, *, now: datetime) -> Version:
    """Put what came in force at the viewer's partner. Raises Conflict if it says the same."""
    brought.done_at = now
    session.add(brought)
    return versions.put_in_force(
        session,
        viewer,
        brought.section,
        text=str(brought.content["text"]),
        subject=str(brought.content["subject"]),
        now=now,
    )


def _choose(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The version that held in the record; if none did, the one that was proposed last."""
    all_of_them = list(items_of(item.get("versions")))
    held = [v for v in all_of_them if v.get("state", "in_force") in _HELD]
    open_ones = [v for v in all_of_them if v.get("state") == "proposed"]
    return next(reversed(held or open_ones), None)


def _get_text(item: Mapping[str, Any]) -> str:
    chosen = _choose(item)
    text = text_of(chosen, "text") if chosen is not None else ""
    if len(text) > LONGEST:
        raise Problem(f"expected at most {LONGEST} characters")
    return text


def _is_own(session: Session, viewer: Viewer, item: Mapping[str, Any], text: str) -> bool:
    """Whether this is a statement of this very alliance, which says so already."""
    statement = session.get(Statement, text_of(item, "id")[:24])
    if statement is None or statement.alliance_id != viewer.alliance_id:
        return False
    said = session.exec(
        select(Version.text).where(
            col(Version.statement_id) == statement.id,
            col(Version.state).not_in([VersionState.WITHDRAWN]),
        )
    ).all()
    return text in said


def get_committees(session: Session, viewer: Viewer) -> Sequence[Committee]:
    """All committees of the viewer's alliance, by name: a record names them."""
    return session.exec(
        select(Committee).where(col(Committee.alliance_id) == viewer.alliance_id)
    ).all()
