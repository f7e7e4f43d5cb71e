"""Putting a decision on record: numbered, worded, and put to the partners if it takes that."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.features.decisions import log, search, tasks
from bot.features.decisions.log import COUNTS, KIND, Entry, State
from bot.features.decisions.models import Decision, Task, TaskKind, Weight
from bot.features.decisions.tasks import NewTask
from bot.people import history
from bot.people.models import AudienceKind, Channel, Committee
from bot.people.viewer import Viewer
from bot.statements import proposals, versions
from bot.statements.models import Basis, Version

LONGEST_WHAT = 600
LONGEST_WHY = 3000
LONGEST_MINUTED = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a decision was captured: an alliance's channel, a message there, and its thread.
    `known`: what the person was shown to have been captured from that thread before."""

    channel: Channel | None = None
    message: str = ""
    thread: str = ""
    permalink: str = ""
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A decision as somebody filled it in."""

    what: str
    why: str = ""
    alternatives: str = ""
    weight: Weight = Weight.NOTED
    basis: Basis = Basis.CONSENSUS
    committee: Committee | None = None
    audience: AudienceKind = AudienceKind.ALLIANCE
    serves: str = ""
    inform: tuple[str, ...] = ()
    minuted: str = ""
    review_on: date | None = None
    planned_on: date | None = None
    approvals: tuple[NewTask, ...] = ()
    actions: tuple[NewTask, ...] = ()
    supersedes: Decision | None = None
    source: Source = field(default_factory=Source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What saving brought. `is_alone`: no other partner has joined that could be asked."""

    entry: Entry
    is_alone: bool = False


def check(session: Session, viewer: Viewer, draft: Draft, *, now: datetime) -> None:
    """Raise what is wrong with a draft, with the field at fault."""
    if viewer.partner_id is None:
        raise NotAllowed("decisions.unplaced")
    if not draft.what.strip() or len(draft.what) > LONGEST_WHAT:
        raise NotUnderstood("decisions.length", field="what", most=LONGEST_WHAT)
    for name in ("why", "alternatives"):
        if len(getattr(draft, name)) > LONGEST_WHY:
            raise NotUnderstood("decisions.length", field=name, most=LONGEST_WHY)
    if len(draft.minuted) > LONGEST_MINUTED:
        raise NotUnderstood("decisions.length", field="minuted", most=LONGEST_MINUTED)
    for name in ("review_on", "planned_on"):
        day = getattr(draft, name)
        if day is not None and day <= now.date():
            raise NotUnderstood("decisions.past", field=name)
    if draft.weight == Weight.ASKED and draft.audience == AudienceKind.PARTNER:
        raise NotUnderstood("decisions.asked_hidden", field="audience")
    if draft.audience == AudienceKind.COMMITTEE and draft.committee is None:
        raise NotUnderstood("decisions.no_body", field="committee")
    if draft.supersedes is not None:
        check_replaceable(session, draft.supersedes)
        _check_replacing(viewer, draft, draft.supersedes)


def check_replaceable(session: Session, former: Decision) -> None:
    """Raise Conflict for what was replaced already, NotFound for what was taken back."""
    entry = log.get_entry(session, former)
    if entry.replaced_by is not None:
        by = log.say_number(entry.replaced_by)
        raise Conflict("decisions.replaced_already", name=entry.name, by=by)
    if entry.state == State.WITHDRAWN:
        raise NotFound("decisions.not_found")


def _check_replacing(viewer: Viewer, draft: Draft, former: Decision) -> None:
    """What the partners were asked about, and what another side noted, nobody replaces without
    asking (what was planned may end in whatever was decided); and whoever could read it can read
    what takes its place."""
    name = log.say_number(former.number)
    is_own = former.weight == Weight.NOTED and former.partner_id == viewer.partner_id
    is_free = is_own or former.weight == Weight.PLANNED
    if draft.weight == Weight.NOTED and not is_free:
        raise NotUnderstood("decisions.replace_asks", field="weight", name=name)
    body = draft.committee.id if draft.committee else None
    is_wide_enough = draft.audience == AudienceKind.ALLIANCE or (
        (former.audience_kind, former.audience_id)
        == (draft.audience, body if draft.audience == AudienceKind.COMMITTEE else viewer.partner_id)
    )
    if not is_wide_enough:
        raise NotUnderstood("decisions.replace_hidden", field="audience", name=name)


def save(session: Session, viewer: Viewer, draft: Draft, *, now: datetime) -> Saved:
    """Put a decision on record. Raises as `check` does, and Conflict if somebody else captured the
    same thread in the meantime: they are named, and the person may save once more."""
    check(session, viewer, draft, now=now)
    number = log.take_number(session, viewer.alliance_id)
    _check_unseen(session, viewer, draft.source)
    decision = _make(viewer, draft, number=number, now=now)
    session.add(decision)
    session.flush()
    log.note_step(
        session, decision, State(_STARTS[draft.weight]), now=now, member_id=viewer.member_id
    )
    for wanted in (*draft.approvals, *draft.actions):
        tasks.add(session, viewer, decision, wanted, now=now)
    is_alone = False
    if draft.weight == Weight.ASKED:
        is_alone = put_to_partners(session, viewer, decision, now=now) is None
    elif draft.weight == Weight.NOTED:
        _write(session, viewer, decision, now=now)
        note_replaced(session, decision, now=now)
    history.record(session, viewer, "decision.captured", decision.id, now=now)
    return Saved(entry=log.get_entry(session, decision), is_alone=is_alone)


_STARTS = {
    Weight.NOTED: State.NOTED,
    Weight.ASKED: State.PROPOSED,
    Weight.DRAFT: State.DRAFT,
    Weight.PLANNED: State.PLANNED,
}


def _check_unseen(session: Session, viewer: Viewer, source: Source) -> None:
    unseen = [
        decision
        for decision in log.get_of_thread(session, viewer, source.channel, source.thread)
        if decision.id not in source.known
    ]
    if unseen:
        raise Conflict(
            "decisions.just_captured",
            field="what",
            name=log.say_number(unseen[-1].number),
            what=unseen[-1].what[:200],
        )


def _make(viewer: Viewer, draft: Draft, *, number: int, now: datetime) -> Decision:
    owner = {
        AudienceKind.ALLIANCE: None,
        AudienceKind.PARTNER: viewer.partner_id,
        AudienceKind.COMMITTEE: draft.committee.id if draft.committee else None,
    }
    what, why = close_up(draft.what), draft.why.strip()
    return Decision(
        alliance_id=viewer.alliance_id,
        audience_kind=draft.audience,
        audience_id=owner[draft.audience],
        number=number,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        committee_id=draft.committee.id if draft.committee else None,
        supersedes_id=draft.supersedes.id if draft.supersedes else None,
        weight=draft.weight,
        basis=draft.basis,
        what=what,
        why=why,
        alternatives=draft.alternatives.strip(),
        serves=draft.serves,
        inform=list(draft.inform),
        minuted=draft.minuted.strip(),
        words=search.make_words(what, why, draft.alternatives, draft.minuted),
        channel_id=draft.source.channel.id if draft.source.channel else None,
        message=draft.source.message,
        thread=draft.source.thread,
        permalink=draft.source.permalink[:500],
        created_at=now,
        planned_on=draft.planned_on,
        review_on=draft.review_on,
    )


def compose(what: str, why: str) -> str:
    """The wording that partners confirm: what was decided, and why. An empty line parts the two, so
    there is none in the first."""
    what = close_up(what)
    return f"{what}\n\n{why}" if why else what


def close_up(what: str) -> str:
    """What was decided, without empty lines."""
    return _EMPTY.sub("\n", what.strip())


_EMPTY = re.compile(r"\n\s*\n\s*")


def split(wording: str) -> tuple[str, str]:
    """What was decided, and why, of a wording."""
    what, _, why = wording.partition("\n\n")
    return what.strip(), why.strip()


def _write(session: Session, viewer: Viewer, decision: Decision, *, now: datetime) -> Version:
    return versions.put_in_force(
        session,
        viewer,
        KIND,
        text=compose(decision.what, decision.why),
        subject=decision.id,
        review_on=decision.review_on,
        now=now,
    )


def put_to_partners(
    session: Session, viewer: Viewer, decision: Decision, *, now: datetime
) -> Version | None:
    """Ask the partners to confirm a decision; what was one side's alone is theirs to read from here
    on, if a manager asks them. None if no other has joined: then it is in force at the viewer's
    partner only. Raises Conflict for one side's own, if the viewer is no manager."""
    if decision.audience_kind == AudienceKind.PARTNER:
        if not viewer.is_manager:
            raise Conflict("decisions.asked_hidden")
        open_to_all(session, decision, now=now)
    committee = session.get(Committee, decision.committee_id) if decision.committee_id else None
    decision.weight = Weight.ASKED
    session.add(decision)
    before = session.get(Decision, decision.supersedes_id) if decision.supersedes_id else None
    replaced = log.get_entry(session, before).statement if before else None
    try:
        return proposals.propose(
            session,
            viewer,
            KIND,
            text=compose(decision.what, decision.why),
            subject=decision.id,
            committee=committee,
            for_committee_only=decision.audience_kind == AudienceKind.COMMITTEE,
            basis=Basis(decision.basis or Basis.CONSENSUS),
            review_on=decision.review_on,
            supersedes_id=replaced.id if replaced else None,
            now=now,
        )
    except Conflict as error:
        if error.key != "confirm.alone":
            raise
        _write(session, viewer, decision, now=now)
        return None


def open_to_all(session: Session, decision: Decision, *, now: datetime) -> None:
    """Everybody may read it from here on, with what is to be done; approvals stay with their
    side."""
    to_do = select(Task).where(
        col(Task.decision_id) == decision.id, col(Task.kind) == TaskKind.ACTION
    )
    for row in (decision, *session.exec(to_do)):
        row.audience_kind, row.audience_id = AudienceKind.ALLIANCE, None
        row.changed_at = now
        session.add(row)
    session.flush()


def note_replaced(session: Session, decision: Decision, *, now: datetime) -> None:
    """A decision counts: the history of the one whose place it takes says so, and what else was put
    forward in that one's place takes the place of this one, if it is confirmed later."""
    former = session.get(Decision, decision.supersedes_id) if decision.supersedes_id else None
    if former is None:
        return
    log.note_step(session, former, State.SUPERSEDED, now=now, member_id=None)
    own = log.get_entry(session, decision).statement
    others = session.exec(
        select(Decision).where(
            col(Decision.supersedes_id) == former.id,
            col(Decision.id) != decision.id,
            col(Decision.closed_at).is_(None),
        )
    ).all()
    for entry in log.get_entries(session, others):
        if entry.state in COUNTS | {State.SUPERSEDED}:
            continue
        entry.decision.supersedes_id = decision.id
        session.add(entry.decision)
        if entry.statement is not None and own is not None:
            entry.statement.supersedes_id = own.id
            session.add(entry.statement)
    session.flush()


def follow_wording(session: Session, decision: Decision, version: Version) -> None:
    """Take over the newest wording into what lists and searches show."""
    if compose(decision.what, decision.why) == version.text:
        return
    what, decision.why = split(version.text)
    decision.what = what[:LONGEST_WHAT]
    decision.changed_at = version.created_at
    index_words(decision)
    session.add(decision)
    session.flush()


def index_words(decision: Decision) -> None:
    """Let a decision be found by what it says now."""
    decision.words = search.make_words(
        decision.what, decision.why, decision.alternatives, decision.minuted
    )


def withdraw(session: Session, viewer: Viewer, decision: Decision, *, now: datetime) -> None:
    """Take a decision back: its author may, or a manager of the same partner; one that all partners
    confirmed is replaced instead. Raises NotAllowed, Conflict."""
    check_may_change(viewer, decision)
    entry = log.get_entry(session, decision)
    if entry.state in {State.CONFIRMED, State.SUPERSEDED, State.WITHDRAWN}:
        raise Conflict("decisions.replace_instead", name=entry.name)
    if entry.version is not None and entry.state in {State.PROPOSED, State.OBJECTED}:
        proposals.withdraw_proposal(session, entry.version, now=now)
    elif entry.version is not None and entry.state in {State.NOTED, State.IN_FORCE}:
        versions.withdraw(session, entry.version)
    decision.closed_at = now
    session.add(decision)
    tasks.drop_all(session, decision, now=now)
    log.note_step(session, decision, State.WITHDRAWN, now=now, member_id=viewer.member_id)


def check_may_change(viewer: Viewer, decision: Decision) -> None:
    """Raise NotAllowed unless the viewer captured it, or manages for the same partner."""
    own = viewer.is_manager or viewer.member_id == decision.member_id
    if not own or viewer.partner_id != decision.partner_id:
        raise NotAllowed("decisions.not_author")
