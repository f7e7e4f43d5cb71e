"""Following through: owners are asked in their hours, less and less often; review dates come up."""

from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.dates import say_day
from bot.dispatch.feature import Coming, RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.decisions import log, tasks
from bot.features.decisions.answering import DATE, GIVE, REFUSE
from bot.features.decisions.forms import NAME
from bot.features.decisions.log import COUNTS
from bot.features.decisions.models import Decision, Task, TaskKind, TaskState
from bot.features.decisions.start import Start
from bot.features.decisions.views import make_show, shorten
from bot.people.alliances import get_managers
from bot.people.models import Alliance, Member, Partner
from bot.schedules import reminders
from bot.schedules.firing import claim_period

ASK = "decisions.task"
REVIEW = "decisions.review"

EVERY = timedelta(hours=1)
BATCH = 50
REVIEW_LATEST = timedelta(days=14)
ONCE = timedelta(days=36_500)


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Ask the owners whose day has come. True if more are left."""
    due = tasks.get_due(session, now.date(), most=BATCH)
    about = [session.get_one(Decision, task.decision_id) for task in due]
    going_on = log.get_going_on(session, about)
    for task in due:
        if task.decision_id in going_on:
            _ask(session, task, now=now)
            tasks.note_asked(session, task, now=now)
        else:
            tasks.wait(session, task, now=now)
    _ask_reviews(session, now)
    return len(due) == BATCH


def _ask(session: Session, task: Task, *, now: datetime) -> None:
    """Its owner; if they are gone from their side, it is a manager's of that side from now on."""
    heir = _get_heir(session, task.owner_id, task.partner_id)
    subject = task.id
    if heir is not None:
        subject = f"{task.id}|{task.owner_id}"
        tasks.hand_over(session, task, heir, now=now)
    tell_unasked(session, task.alliance_id, task.owner_id, topic=ASK, subject=subject, now=now)


def _get_heir(session: Session, member_id: str, partner_id: str) -> Member | None:
    """Who takes over from somebody who has left, or speaks for another partner now; nobody while
    they are there, or while their side has no manager."""
    member = session.get_one(Member, member_id)
    if member.left_at is None and member.partner_id == partner_id:
        return None
    managers = get_managers(session, partner_id)
    return session.get_one(Member, managers[0]) if managers else None


def _ask_reviews(session: Session, now: datetime) -> None:
    due = session.exec(
        select(Decision)
        .join(Alliance, col(Alliance.id) == col(Decision.alliance_id))
        .where(
            col(Alliance.ended_at).is_(None),
            col(Decision.review_on) <= now.date(),
            col(Decision.review_on) > now.date() - REVIEW_LATEST,
            col(Decision.closed_at).is_(None),
        )
    ).all()
    for decision in due:
        key = f"decision_review:{decision.id}:{decision.review_on:%y%m%d}"
        if claim_period(session, key, every=ONCE, now=now):
            heir = _get_heir(session, decision.member_id, decision.partner_id)
            tell_unasked(
                session,
                decision.alliance_id,
                heir.id if heir else decision.member_id,
                topic=REVIEW,
                subject=f"{decision.id}|{decision.member_id}" if heir else decision.id,
                now=now,
            )


def foresee(_registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next question about each approval and action, and each review."""
    rows = session.exec(
        select(Task, Decision)
        .join(Decision, col(Decision.id) == col(Task.decision_id))
        .join(Alliance, col(Alliance.id) == col(Task.alliance_id))
        .where(
            col(Task.state) == TaskState.OPEN,
            col(Task.ask_on).is_not(None),
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Task.ask_on), col(Task.id))
        .limit(BATCH)
    ).all()
    going_on = log.get_going_on(session, [decision for _, decision in rows])
    asked = [
        _come(session, decision, task.owner_id, task.kind, task.ask_on, now=now)
        for task, decision in rows
        if task.ask_on is not None and decision.id in going_on
    ]
    looked_at = session.exec(
        select(Decision)
        .join(Alliance, col(Alliance.id) == col(Decision.alliance_id))
        .where(
            col(Alliance.ended_at).is_(None),
            col(Decision.review_on) > now.date(),
            col(Decision.closed_at).is_(None),
        )
        .order_by(col(Decision.review_on), col(Decision.id))
        .limit(BATCH)
    ).all()
    reviewed = [
        _come(session, decision, decision.member_id, "review", decision.review_on, now=now)
        for decision in looked_at
        if decision.review_on is not None
    ]
    return [*asked, *reviewed]


def _come(
    session: Session, decision: Decision, member_id: str, kind: str, day: date, *, now: datetime
) -> Coming:
    begins = max(datetime.combine(day, time.min, UTC), now)
    return Coming(
        at=reminders.get_working_moment(session, decision.alliance_id, member_id, now=begins),
        what=words(f"decisions.coming_{kind}", name=log.say_number(decision.number)),
        member_id=member_id,
    )


JOB = RecurringJob(name="decision_follow_through", every=EVERY, run=run)


def render_ask(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The question to an owner, as things stand when it is sent."""
    task_id, _, former_id = message.subject.partition("|")
    task = session.get(Task, task_id)
    if task is None or task.state != TaskState.OPEN:
        return Skip("settled meanwhile")
    decision = session.get_one(Decision, task.decision_id)
    if log.get_entry(session, decision).state not in log.GOES_ON:
        return Skip("its decision does not count")
    owner = session.get_one(Member, task.owner_id)
    if owner.partner_id != task.partner_id:
        return Skip("its owner is on another side now")
    when = "late" if task.due_on and task.due_on < now.date() else "ahead"
    lead = say(
        f"decisions.ask_{when}_{task.kind}",
        person=owner.name,
        name=log.say_number(decision.number),
        what=task.what,
        partner=session.get_one(Partner, task.partner_id).name,
        date=say_day(task.due_on) if task.due_on else words("decisions.no_date"),
    )
    return view(
        Text(text=lead),
        Note(text=f"*{say('decisions.about', what=shorten(decision.what))}*"),
        actions(
            Button(
                label=words("decisions.task_done"),
                action="decisions.task_done",
                value=task.id,
                style="primary",
            ),
            Button(label=words("decisions.task_new_date"), opens=DATE, value=task.id),
            Button(label=words("decisions.task_refused"), opens=REFUSE, value=task.id)
            if task.kind == TaskKind.APPROVAL
            else None,
            Button(label=words("decisions.task_not_mine"), opens=GIVE, value=task.id),
        ),
        Note(text=_say_why(session, f"decisions.why_{task.kind}", former_id)),
    )


def render_review(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """On the day of a review: still right?"""
    decision_id, _, former_id = message.subject.partition("|")
    decision = session.get(Decision, decision_id)
    if decision is None or log.get_entry(session, decision).state not in COUNTS:
        return Skip("the decision does not count any more")
    start = Start(alliance=decision.alliance_id, replaces=decision.id)
    return view(
        Text(text=say("decisions.review", name=log.say_number(decision.number))),
        Quote(text=decision.what),
        actions(
            Button(
                label=words("decisions.review_right"),
                action="decisions.still_right",
                value=decision.id,
                style="primary",
            ),
            Button(label=words("decisions.replace"), opens=NAME, value=start.dump()),
            make_show(decision),
        ),
        Note(text=_say_why(session, "decisions.review_why", former_id)),
    )


def _say_why(session: Session, key: str, former_id: str) -> str:
    """Why this came to this person; `former_id`: to whom it would have come before."""
    former = session.get(Member, former_id) if former_id else None
    return say("decisions.why_inherited", person=former.name) if former else say(key)
