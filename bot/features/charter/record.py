"""Charters in an alliance's record, clause by clause."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.records import problem_at, text_of
from bot.dispatch.feature import RecordSection
from bot.dispatch.messages import words
from bot.features.charter.clauses import CLAUSES, KIND
from bot.people.viewer import Viewer
from bot.statements import record


def _dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    names = {c.id: c.name for c in record.get_committees(session, viewer)}

    def describe(subject: str) -> Mapping[str, Any]:
        committee_id, _, clause = subject.rpartition("/")
        body = {"committee": names[committee_id]} if committee_id in names else {}
        return {**body, "clause": clause}

    return record.dump(session, viewer, KIND, describe)


def _load(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    ids = {c.name.casefold(): c.id for c in record.get_committees(session, viewer)}

    def tell_apart(item: Mapping[str, Any]) -> str:
        clause, committee = text_of(item, "clause"), text_of(item, "committee")
        if clause not in CLAUSES:
            raise problem_at(item, "clause", f"expected one of {', '.join(CLAUSES)}")
        if committee and committee.casefold() not in ids:
            raise problem_at(item, "committee", "expected a name that stands under committees")
        return f"{ids[committee.casefold()] if committee else ''}/{clause}"

    count = record.load(session, viewer, KIND, found, now=now, tell_apart=tell_apart)
    if not count:
        return []
    return [words("record.charter", count=count, partner=viewer.partner_name)]


RECORD = RecordSection(
    order=50,
    name=KIND,
    dump=_dump,
    load=_load,
    schema=record.make_schema(
        committee={"type": "string", "maxLength": 80}, clause={"enum": list(CLAUSES)}
    ),
)
