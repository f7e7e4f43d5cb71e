"""The log: decisions by number, in lists, and what each of them counts for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.core.errors import NotFound
from bot.db.revisions import bump
from bot.features.decisions.models import (
    Decision,
    DecisionBook,
    DecisionStep,
    Listening,
    ListeningKind,
    Weight,
)
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import AudienceKind, Channel
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import STANDING, Statement, Version, VersionState
from bot.statements.waiting import get_waiting

KIND = "decision"
PAGE = 8

_NUMBER = re.compile(r"^\s*[dD]?\s*-?\s*(\d{1,7})\s*$")
_NEXT = text(
    "INSERT INTO decision_books (alliance_id, last_number, pin) VALUES (:alliance, 1, :pin) "
    "ON CONFLICT (alliance_id) DO UPDATE SET last_number = decision_books.last_number + 1 "
    "RETURNING last_number"
)


class State(StrEnum):
    """What a decision counts for, as people read it."""

    PLANNED = "planned"
    DRAFT = "draft"
    NOTED = "noted"
    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What else stands in a decision's history. Reviewed: it was looked at again, and stands."""

    REVIEWED = "reviewed"


COUNTS = frozenset({State.NOTED, State.IN_FORCE, State.CONFIRMED})
GOES_ON = COUNTS | {State.PLANNED, State.DRAFT, State.PROPOSED}
"""The states of a decision in which what it needs is followed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision as it stands: its newest wording (none while it is only planned), and what took
    its place."""

    decision: Decision
    state: State
    version: Version | None = None
    statement: Statement | None = None
    replaced_by: int | None = None

    @property
    def name(self) -> str:
        """The number as people say it."""
        return say_number(self.decision.number)


def say_number(number: int) -> str:
    """`D-12`."""
    return f"D-{number}"


def read_number(said: str) -> int | None:
    """The number in `D-12`, `d12` or `12`; None if it is none."""
    found = _NUMBER.match(said)
    return int(found[1]) if found else None


def take_number(session: Session, alliance_id: str) -> int:
    """The alliance's next number. Until the transaction ends nobody else gets one."""
    default = DecisionBook(alliance_id=alliance_id).pin
    row = session.execute(_NEXT, {"alliance": alliance_id, "pin": default}).one()
    return int(row[0])


def get_book(session: Session, alliance_id: str) -> DecisionBook:
    """The alliance's settings; unsaved defaults if there are none yet."""
    return session.get(DecisionBook, alliance_id) or DecisionBook(alliance_id=alliance_id)


def get_decision_or_raise(session: Session, viewer: Viewer, decision_id: str) -> Decision:
    """A decision by id. Raises NotFound, also if the viewer may not see it."""
    found = session.exec(
        select(Decision).where(visible_to(viewer, Decision), col(Decision.id) == decision_id)
    ).first()
    if found is None:
        raise NotFound("decisions.not_found")
    return found


def get_by_number(session: Session, viewer: Viewer, said: str) -> Decision:
    """A decision by what people call it. Raises NotFound, also if the viewer may not see it."""
    number = read_number(said)
    found = session.exec(
        select(Decision).where(visible_to(viewer, Decision), col(Decision.number) == number)
    ).first()
    if number is None or found is None:
        raise NotFound("decisions.not_found")
    return found


def get_by_ids(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[Decision]:
    """Those of these decisions that the viewer may see, in this order."""
    rows = session.exec(
        select(Decision).where(visible_to(viewer, Decision), col(Decision.id).in_(ids))
    ).all()
    by_id = {decision.id: decision for decision in rows}
    return [by_id[one] for one in ids if one in by_id]


def get_of_thread(
    session: Session, viewer: Viewer, channel: Channel | None, thread: str
) -> Sequence[Decision]:
    """What was captured from a thread already, oldest first."""
    if channel is None or not thread:
        return []
    return session.exec(
        select(Decision)
        .where(
            visible_to(viewer, Decision),
            col(Decision.channel_id) == channel.id,
            col(Decision.thread) == thread,
            col(Decision.closed_at).is_(None),
        )
        .order_by(col(Decision.number))
    ).all()


def was_captured(
    session: Session, channel: Channel, thread: str | None, *, by: str | None, since: datetime
) -> bool:
    """Whether what people agree to there has been captured, as far as a partner (`by`) may know:
    something of this thread; outside of threads, something of the channel since then."""
    known = (col(Decision.audience_kind) != AudienceKind.PARTNER) | (
        col(Decision.audience_id) == (by or "")
    )
    here = col(Decision.thread) == thread if thread else col(Decision.created_at) >= since
    found = select(Decision.id).where(
        col(Decision.channel_id) == channel.id, col(Decision.closed_at).is_(None), known, here
    )
    return session.exec(found.limit(1)).first() is not None


def get_recent_of(session: Session, viewer: Viewer, what: str, *, now: datetime) -> Decision | None:
    """What the viewer saved in these very words within the hour: a button pressed twice."""
    return session.exec(
        select(Decision).where(
            col(Decision.alliance_id) == viewer.alliance_id,
            col(Decision.member_id) == viewer.member_id,
            col(Decision.what) == what,
            col(Decision.created_at) > now - timedelta(hours=1),
            col(Decision.closed_at).is_(None),
        )
    ).first()


def get_page(
    session: Session, viewer: Viewer, which: str, *, now: datetime, offset: int = 0
) -> tuple[list[Decision], bool]:
    """One page of a list, and whether there is more. `which`: `recent`, `pending`, `mine`,
    `coming`, or a committee's id."""
    query = select(Decision).where(
        visible_to(viewer, Decision), *_narrow(session, viewer, which, now=now)
    )
    if which == "coming":
        query = query.order_by(col(Decision.planned_on), col(Decision.number))
    else:
        query = query.order_by(col(Decision.search_row).desc())
    rows = session.exec(query.offset(offset).limit(PAGE + 1)).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def _narrow(
    session: Session, viewer: Viewer, which: str, *, now: datetime
) -> list[ColumnElement[bool]]:
    if which == "recent":
        return [col(Decision.weight) != Weight.PLANNED]
    if which == "coming":
        return [is_coming(viewer.alliance_id)]
    if which == "pending":
        return [col(Decision.id).in_(pending_ids(viewer.alliance_id))]
    if which == "mine":
        waiting_for_me = [
            one.statement.subject
            for one in get_waiting(session, viewer, now=now)
            if one.statement.kind == KIND
        ]
        return [col(Decision.id).in_(waiting_for_me)]
    return [col(Decision.committee_id) == which]


def is_coming(alliance_id: str) -> ColumnElement[bool]:
    """The condition under which a decision is still to be taken: what was planned, and nothing
    that counts has taken its place."""
    after = aliased(Decision)
    taken = (
        select(after.supersedes_id)
        .join(Statement, col(Statement.subject) == col(after.id))
        .join(Version, col(Version.statement_id) == col(Statement.id))
        .where(
            col(after.alliance_id) == alliance_id,
            col(after.supersedes_id).is_not(None),
            col(after.closed_at).is_(None),
            col(Statement.kind) == KIND,
            or_(
                col(Version.state).in_(STANDING),
                col(Version.stood_until).is_not(None),
            ),
        )
    )
    return and_(
        col(Decision.weight) == Weight.PLANNED,
        col(Decision.closed_at).is_(None),
        col(Decision.id).not_in(taken),
    )


def pending_ids(alliance_id: str) -> SelectOfScalar[str]:
    """The ids of the alliance's decisions that wait for the partners."""
    return (
        select(Statement.subject)
        .join(Version, col(Version.statement_id) == col(Statement.id))
        .where(
            col(Statement.alliance_id) == alliance_id,
            col(Statement.kind) == KIND,
            col(Version.state) == VersionState.PROPOSED,
        )
    )


def get_entries(session: Session, decisions: Sequence[Decision]) -> list[Entry]:
    """What each counts for, in their order; three queries however many there are."""
    ids = [decision.id for decision in decisions]
    versions: dict[str, tuple[Version, Statement]] = {}
    for version, statement in session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.kind) == KIND,
            col(Statement.subject).in_(ids),
            # Whether more people may read it is another question than what it counts for.
            col(Version.widens).is_(False) | (col(Version.state) == VersionState.CONFIRMED),
        )
        .order_by(col(Version.created_at), col(Version.number))
    ):
        versions[statement.subject] = (version, statement)
    followers = session.exec(
        select(Decision).where(
            col(Decision.supersedes_id).in_(ids), col(Decision.closed_at).is_(None)
        )
    ).all()
    after = _get_replacements(session, followers)
    return [_make_entry(decision, versions, after) for decision in decisions]


def _get_replacements(session: Session, followers: Sequence[Decision]) -> dict[str, int]:
    if not followers:
        return {}
    return {
        entry.decision.supersedes_id or "": entry.decision.number
        for entry in get_entries(session, followers)
        if entry.state in COUNTS | {State.SUPERSEDED}
    }


_UNWORDED = {
    Weight.PLANNED: State.PLANNED,
    Weight.DRAFT: State.DRAFT,
    Weight.NOTED: State.NOTED,
    Weight.ASKED: State.DRAFT,
}
"""What a decision without a wording is: none of them counts yet but for those only noted."""


def _make_entry(
    decision: Decision, versions: dict[str, tuple[Version, Statement]], after: dict[str, int]
) -> Entry:
    version, statement = versions.get(decision.id, (None, None))
    replaced_by = after.get(decision.id)
    state = State(version.state) if version is not None else _UNWORDED[Weight(decision.weight)]
    if decision.weight == Weight.NOTED and state == State.IN_FORCE:
        state = State.NOTED
    if decision.closed_at is not None:
        state = State.WITHDRAWN
    elif replaced_by is not None:
        state = State.SUPERSEDED
    return Entry(
        decision=decision,
        state=state,
        version=version,
        statement=statement,
        replaced_by=replaced_by,
    )


def get_entry(session: Session, decision: Decision) -> Entry:
    """What one decision counts for."""
    return get_entries(session, [decision])[0]


def get_going_on(session: Session, decisions: Sequence[Decision]) -> set[str]:
    """The ids of those that count, or may come to count."""
    return {
        entry.decision.id for entry in get_entries(session, decisions) if entry.state in GOES_ON
    }


def note_step(
    session: Session,
    decision: Decision,
    state: State | Step,
    *,
    now: datetime,
    member_id: str | None,
) -> None:
    """Write a line of the decision's history; what points at decisions learns of it in every
    process within two seconds."""
    session.add(DecisionStep(decision_id=decision.id, member_id=member_id, state=state, at=now))
    session.flush()
    note_changed(session, decision)


def note_changed(session: Session, decision: Decision) -> None:
    """What is held in memory of the alliance's decisions is read anew in every process."""
    bump(session, get_scope(decision.alliance_id))
    is_heard = select(Listening.id).where(
        col(Listening.alliance_id) == decision.alliance_id,
        col(Listening.kind) == ListeningKind.REOPENED,
    )
    if session.exec(is_heard.limit(1)).first() is not None:
        bump(session, CHANNELS_SCOPE)


def get_scope(alliance_id: str) -> str:
    """The revision that tells whether an alliance's decisions have changed."""
    return f"decisions:{alliance_id}"


def get_steps(session: Session, decision: Decision) -> Sequence[DecisionStep]:
    """The decision's history, oldest first."""
    return session.exec(
        select(DecisionStep)
        .where(col(DecisionStep.decision_id) == decision.id)
        .order_by(col(DecisionStep.at), col(DecisionStep.id))
    ).all()
