"""What a decision still needs: approvals, private to their partner, and actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.features.decisions import log
from bot.features.decisions.models import Decision, Task, TaskKind, TaskState
from bot.people.models import Alliance, AudienceKind, Member
from bot.people.viewer import Viewer, visible_to

LONGEST = 200
FIRST_ASK = timedelta(days=7)
"""Who owns something without a date is asked about it after this long."""

AGAIN = (timedelta(days=3), timedelta(days=7), timedelta(days=14))
"""How long after each question the next one comes; the last goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """An approval or action as somebody wrote it."""

    kind: TaskKind
    what: str
    owner_id: str
    partner_id: str
    due_on: date | None = None


def add(
    session: Session, viewer: Viewer, decision: Decision, new: NewTask, *, now: datetime
) -> Task:
    """Keep one. An approval is seen by its own partner alone; an action by whoever sees the
    decision."""
    if not new.what.strip() or len(new.what) > LONGEST:
        raise NotUnderstood("decisions.length", most=LONGEST)
    private = new.kind == TaskKind.APPROVAL
    task = Task(
        alliance_id=decision.alliance_id,
        decision_id=decision.id,
        audience_kind=AudienceKind.PARTNER if private else decision.audience_kind,
        audience_id=new.partner_id if private else decision.audience_id,
        partner_id=new.partner_id,
        owner_id=new.owner_id,
        kind=new.kind,
        what=new.what.strip(),
        due_on=new.due_on,
        ask_on=new.due_on or (now + FIRST_ASK).date(),
        changed_at=now,
    )
    session.add(task)
    session.flush()
    return task


def get_tasks(session: Session, viewer: Viewer, decision: Decision) -> Sequence[Task]:
    """Those of a decision that the viewer may see, oldest first."""
    return session.exec(
        select(Task)
        .where(
            visible_to(viewer, Task),
            col(Task.decision_id) == decision.id,
            col(Task.state) != TaskState.DROPPED,
        )
        .order_by(col(Task.kind), col(Task.id))
    ).all()


def get_all(session: Session, viewer: Viewer) -> dict[str, list[Task]]:
    """Those of all decisions that the viewer may see, by decision, oldest first."""
    found: dict[str, list[Task]] = {}
    for task in session.exec(
        select(Task)
        .where(visible_to(viewer, Task), col(Task.state) != TaskState.DROPPED)
        .order_by(col(Task.kind), col(Task.id))
    ):
        found.setdefault(task.decision_id, []).append(task)
    return found


def get_others(session: Session, viewer: Viewer, decision: Decision) -> dict[str, list[Task]]:
    """The approvals of other partners, by partner: of these nothing may be shown but how many are
    open, and what their manager chose to say (`shown`)."""
    rows = session.exec(
        select(Task)
        .where(
            col(Task.decision_id) == decision.id,
            col(Task.alliance_id) == viewer.alliance_id,
            col(Task.kind) == TaskKind.APPROVAL,
            col(Task.partner_id) != (viewer.partner_id or ""),
            col(Task.state) != TaskState.DROPPED,
        )
        .order_by(col(Task.id))
    ).all()
    found: dict[str, list[Task]] = {}
    for task in rows:
        found.setdefault(task.partner_id, []).append(task)
    return found


def get_task_or_raise(session: Session, viewer: Viewer, task_id: str) -> Task:
    """One that the viewer may see. Raises NotFound, told alike for others' and for none."""
    task = session.exec(
        select(Task).where(visible_to(viewer, Task), col(Task.id) == task_id)
    ).first()
    if task is None:
        raise NotFound("decisions.task_not_found")
    return task


def check_owner(viewer: Viewer, task: Task) -> None:
    """Raise NotAllowed unless it is the viewer's, or they manage for its partner; Conflict unless
    it is open."""
    mine = task.owner_id == viewer.member_id
    managing = viewer.is_manager and viewer.partner_id == task.partner_id
    if not mine and not managing:
        raise NotAllowed("decisions.task_not_yours")
    if task.state != TaskState.OPEN:
        raise Conflict("decisions.task_closed")


def finish(session: Session, task: Task, *, now: datetime) -> None:
    """It is done."""
    _close(session, task, TaskState.DONE, now=now)


def refuse(session: Session, task: Task, *, reason: str, now: datetime) -> None:
    """The approval is not given, for a reason that stays with its own partner."""
    task.reason = reason[:600]
    _close(session, task, TaskState.REFUSED, now=now)


def _close(session: Session, task: Task, state: TaskState, *, now: datetime) -> None:
    task.state, task.ask_on, task.changed_at = state, None, now
    session.add(task)
    session.flush()


def reopen(session: Session, task: Task, *, now: datetime) -> None:
    """It is open again: an undo."""
    task.state, task.changed_at = TaskState.OPEN, now
    task.reason = task.shown = ""
    task.ask_on = max(task.due_on or now.date(), now.date() + AGAIN[0])
    session.add(task)
    session.flush()


def put_off(session: Session, task: Task, *, due_on: date, now: datetime) -> None:
    """A new date. Raises NotUnderstood for one that has passed."""
    if due_on <= now.date():
        raise NotUnderstood("decisions.past", field="due_on")
    task.due_on = task.ask_on = due_on
    task.asked, task.changed_at = 0, now
    session.add(task)
    session.flush()


def hand_over(session: Session, task: Task, owner: Member, *, now: datetime) -> None:
    """Somebody else of the same partner has it now, and is asked at once. Raises NotAllowed."""
    if owner.partner_id != task.partner_id or owner.left_at is not None:
        raise NotAllowed("decisions.task_other_side", person=owner.name)
    task.owner_id, task.ask_on = owner.id, now.date()
    task.asked, task.changed_at = 0, now
    session.add(task)
    session.flush()


def say_to_others(session: Session, task: Task, *, words: str, now: datetime) -> None:
    """What the other partners read of a refused approval: its manager's own words."""
    task.shown, task.changed_at = words[:600], now
    session.add(task)
    session.flush()


def get_due(session: Session, day: date, *, most: int) -> Sequence[Task]:
    """Open ones whose owner is to be asked by this day, where the alliance goes on."""
    return session.exec(
        select(Task)
        .join(Alliance, col(Alliance.id) == col(Task.alliance_id))
        .where(
            col(Task.state) == TaskState.OPEN,
            col(Task.ask_on) <= day,
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Task.ask_on), col(Task.id))
        .limit(most)
        .with_for_update(skip_locked=True, of=Task)
    ).all()


def note_asked(session: Session, task: Task, *, now: datetime) -> None:
    """Its owner was asked: later again, and ever less often."""
    pause = AGAIN[min(task.asked, len(AGAIN) - 1)]
    task.asked += 1
    task.ask_on = now.date() + pause
    session.add(task)
    session.flush()


def wait(session: Session, task: Task, *, now: datetime) -> None:
    """Nobody is asked as long as its decision does not count; it may come to, once more."""
    task.ask_on = now.date() + AGAIN[1]
    session.add(task)
    session.flush()


def drop_all(session: Session, decision: Decision, *, now: datetime) -> None:
    """The decision was taken back: nobody is asked any more."""
    for task in session.exec(
        select(Task).where(col(Task.decision_id) == decision.id, col(Task.state) == TaskState.OPEN)
    ):
        _close(session, task, TaskState.DROPPED, now=now)


def get_open_of(session: Session, viewer: Viewer) -> Sequence[tuple[Task, Decision]]:
    """What the viewer owns and has not done, by date, of decisions that go on."""
    found = session.exec(
        select(Task, Decision)
        .join(Decision, col(Decision.id) == col(Task.decision_id))
        .where(
            visible_to(viewer, Task),
            col(Task.owner_id) == viewer.member_id,
            col(Task.partner_id) == (viewer.partner_id or ""),
            col(Task.state) == TaskState.OPEN,
        )
        .order_by(col(Task.due_on), col(Task.id))
    ).all()
    going_on = log.get_going_on(session, [decision for _, decision in found])
    return [(task, decision) for task, decision in found if decision.id in going_on]


def get_overdue(session: Session, viewer: Viewer, *, now: datetime) -> set[str]:
    """The ids of the decisions that go on and of which something is late that the viewer may
    see."""
    late = select(Task.decision_id).where(
        visible_to(viewer, Task),
        col(Task.state) == TaskState.OPEN,
        col(Task.due_on) < now.date(),
    )
    return log.get_going_on(
        session, session.exec(select(Decision).where(col(Decision.id).in_(late))).all()
    )
