"""Following through: owners are asked in their hours, less and less often; review dates come up."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import ChoiceInput, DateInput, Form, TextInput
from bot.core.views import Button, Note, Option, Quote, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.feature import RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.features.decisions import log, tasks
from bot.features.decisions.asking import find as find_decision
from bot.features.decisions.asking import tell
from bot.features.decisions.forms import NAME, read_day
from bot.features.decisions.log import COUNTS
from bot.features.decisions.models import Decision, Task, TaskKind, TaskState
from bot.features.decisions.start import Start
from bot.features.decisions.views import make_show, shorten
from bot.people import history
from bot.people.models import Change, Member, Partner, Role, RoleKind
from bot.schedules import reminders
from bot.schedules.firing import claim_period

ASK = "decisions.task"
REVIEW = "decisions.review"
DATE = "decisions.task_date"
REFUSE = "decisions.task_refuse"
GIVE = "decisions.task_give"
TELL = "decisions.task_tell"

EVERY = timedelta(hours=1)
BATCH = 50
REVIEW_LATEST = timedelta(days=14)
ONCE = timedelta(days=36_500)


# Asking


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Ask the owners whose day has come. True if more are left."""
    due = tasks.get_due(session, now.date(), most=BATCH)
    for task in due:
        _send(session, task.owner_id, task.alliance_id, topic=ASK, subject=task.id, now=now)
        tasks.note_asked(session, task, now=now)
    _ask_reviews(session, now)
    return len(due) == BATCH


def _send(
    session: Session, member_id: str, alliance_id: str, *, topic: str, subject: str, now: datetime
) -> None:
    """Within the person's hours; whoever has muted Entente is not asked."""
    address = get_member_address(session, member_id)
    if address is None:
        return
    message = Deliver(
        to=address,
        topic=topic,
        subject=subject,
        alliance_id=alliance_id,
        unasked=True,
        not_before=reminders.get_working_moment(session, alliance_id, member_id, now=now),
    )
    enqueue(session, message, now=now)


def _ask_reviews(session: Session, now: datetime) -> None:
    due = session.exec(
        select(Decision).where(
            col(Decision.review_on) <= now.date(),
            col(Decision.review_on) > now.date() - REVIEW_LATEST,
            col(Decision.closed_at).is_(None),
        )
    ).all()
    for decision in due:
        key = f"decision_review:{decision.id}:{decision.review_on:%m%d}"
        if claim_period(session, key, every=ONCE, now=now):
            _send(
                session,
                decision.member_id,
                decision.alliance_id,
                topic=REVIEW,
                subject=decision.id,
                now=now,
            )


JOB = RecurringJob(name="decision_follow_through", every=EVERY, run=run)


def render_ask(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The question to an owner, as things stand when it is sent."""
    task = session.get(Task, message.subject)
    if task is None or task.state != TaskState.OPEN:
        return Skip("settled meanwhile")
    decision = session.get_one(Decision, task.decision_id)
    owner = session.get_one(Member, task.owner_id)
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
        Note(text=say(f"decisions.why_{task.kind}")),
    )


def render_review(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """On the day of a review: still right?"""
    decision = session.get(Decision, message.subject)
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
        Note(text=say("decisions.review_why")),
    )


# Answering


def find(context: Context, task_id: str) -> Task:
    """What the acting person may answer; they are in its alliance from here on. Raises NotFound,
    NotAllowed, Conflict."""
    found = _find_visible(context, task_id)
    tasks.check_owner(context.viewer, found)
    return found


def _find_visible(context: Context, task_id: str) -> Task:
    """One that the acting person may see. Raises NotFound, told alike for others' and for none."""
    task = context.session.get(Task, task_id)
    if task is None:
        raise NotFound("decisions.task_not_found")
    try:
        context.enter(task.alliance_id)
    except NotFound:
        raise NotFound("decisions.task_not_found") from None
    return tasks.get_task_or_raise(context.session, context.viewer, task_id)


def press_done(context: Context, event: ButtonPressed) -> Answer:
    """It is done."""
    task = find(context, event.value)
    tasks.finish(context.session, task, now=context.now)
    history.record(context.session, context.viewer, "task.done", task.id, now=context.now)
    return Answer(refresh=view(Text(text=say("decisions.task_thanks", what=task.what))))


def undo_done(context: Context, change: Change) -> Answer:
    """It is open again."""
    task = tasks.get_task_or_raise(context.session, context.viewer, change.subject_id)
    tasks.reopen(context.session, task, now=context.now)
    return Answer(view=view(Text(text=say("decisions.task_reopened", what=task.what))))


def open_date(context: Context, value: str) -> Form:
    """A new date."""
    task = find(context, value)
    return Form(
        name=DATE,
        title=words("decisions.task_new_date"),
        submit=words("decisions.save"),
        context={"task": task.id},
        items=(
            DateInput(
                name="due_on",
                label=words("decisions.label_due_on"),
                value=task.due_on.isoformat() if task.due_on else "",
            ),
        ),
    )


def submit_date(context: Context, event: FormSubmitted) -> Answer:
    """Keep the new date; its owner is asked again then."""
    task = find(context, event.context.get("task", ""))
    day = read_day(event.values, "due_on")
    if day is None:
        raise NotUnderstood("decisions.past", field="due_on")
    tasks.put_off(context.session, task, due_on=day, now=context.now)
    said = say("decisions.task_put_off", what=task.what, date=say_day(day))
    return Answer(view=view(Text(text=said)))


def open_refuse(context: Context, value: str) -> Form:
    """Not approved: why, for one's own manager."""
    task = find(context, value)
    _check_approval(task)
    return Form(
        name=REFUSE,
        title=words("decisions.task_refused"),
        submit=words("decisions.save"),
        context={"task": task.id},
        items=(
            Text(text=say("decisions.refuse_note", partner=context.viewer.partner_name)),
            TextInput(
                name="reason",
                label=words("decisions.label_reason"),
                multiline=True,
                max_length=600,
            ),
        ),
    )


def _check_approval(task: Task) -> None:
    if task.kind != TaskKind.APPROVAL:
        raise Conflict("decisions.task_no_approval")


def submit_refuse(context: Context, event: FormSubmitted) -> Answer:
    """Keep the reason; one's own managers decide what the counterparts learn."""
    task = find(context, event.context.get("task", ""))
    _check_approval(task)
    reason = str(event.values.get("reason") or "").strip()
    if not reason:
        raise NotUnderstood("decisions.length", field="reason", most=600)
    tasks.refuse(context.session, task, reason=reason, now=context.now)
    _tell_managers(context, task)
    said = say("decisions.refuse_told", partner=context.viewer.partner_name)
    return Answer(view=view(Text(text=said)))


def _tell_managers(context: Context, task: Task) -> None:
    decision = context.session.get_one(Decision, task.decision_id)
    content = view(
        Text(
            text=say(
                "decisions.refused",
                person=context.viewer.member_name,
                what=task.what,
                name=log.say_number(decision.number),
                partner=context.viewer.partner_name,
            )
        ),
        Quote(text=task.reason),
        actions(
            Button(label=words("decisions.tell_others"), opens=TELL, value=task.id),
            make_show(decision),
        ),
        Note(text=say("decisions.refused_why")),
    )
    for member_id in get_managers(context.session, task.partner_id):
        tell(context, member_id, content)


def get_managers(session: Session, partner_id: str) -> list[str]:
    """The members who manage for a partner now."""
    return list(
        session.exec(
            select(Role.member_id).where(
                col(Role.partner_id) == partner_id,
                col(Role.kind) == RoleKind.MANAGER,
                col(Role.until).is_(None),
            )
        )
    )


def open_tell(context: Context, value: str) -> Form:
    """What the other partners are to read: the manager's own words."""
    task = _find_refused(context, value)
    return Form(
        name=TELL,
        title=words("decisions.tell_others"),
        submit=words("decisions.save"),
        context={"task": task.id},
        items=(
            Text(text=say("decisions.tell_note")),
            TextInput(
                name="words",
                label=words("decisions.label_words"),
                value=task.shown,
                multiline=True,
                max_length=600,
            ),
        ),
    )


def _find_refused(context: Context, task_id: str) -> Task:
    found = _find_visible(context, task_id)
    if not context.viewer.is_manager or found.partner_id != context.viewer.partner_id:
        raise NotFound("decisions.task_not_found")
    if found.state != TaskState.REFUSED:
        raise Conflict("decisions.task_closed")
    return found


def submit_tell(context: Context, event: FormSubmitted) -> Answer:
    """From now on the others read these words."""
    task = _find_refused(context, event.context.get("task", ""))
    text = str(event.values.get("words") or "").strip()
    if not text:
        raise NotUnderstood("decisions.length", field="words", most=600)
    tasks.say_to_others(context.session, task, words=text, now=context.now)
    history.record(context.session, context.viewer, "task.told", task.id, now=context.now)
    return Answer(view=view(Text(text=say("decisions.told_others"))))


def undo_told(context: Context, change: Change) -> Answer:
    """The others read nothing of it again."""
    task = tasks.get_task_or_raise(context.session, context.viewer, change.subject_id)
    tasks.say_to_others(context.session, task, words="", now=context.now)
    return Answer(view=view(Text(text=say("decisions.untold_others"))))


def open_give(context: Context, value: str) -> Form:
    """Not mine: whose then? Nobody in mind: one's own manager."""
    task = find(context, value)
    managers = get_managers(context.session, task.partner_id)
    people = context.session.exec(
        select(Member)
        .where(col(Member.partner_id) == task.partner_id, col(Member.left_at).is_(None))
        .order_by(col(Member.name))
        .limit(99)
    ).all()
    options = tuple(
        Option(value=member.id, label=member.name[:75])
        for member in people
        if member.id != task.owner_id
    )
    if not options:
        raise Conflict("decisions.give_nobody")
    likely = next((m for m in managers if m in {option.value for option in options}), "")
    return Form(
        name=GIVE,
        title=words("decisions.task_not_mine"),
        submit=words("decisions.save"),
        context={"task": task.id},
        items=(
            ChoiceInput(
                name="owner",
                label=words("decisions.label_owner"),
                options=options,
                selected=(likely,) if likely else (),
            ),
        ),
    )


def submit_give(context: Context, event: FormSubmitted) -> Answer:
    """Somebody else of the same partner is asked."""
    task = find(context, event.context.get("task", ""))
    owner = context.session.get(Member, str(event.values.get("owner") or ""))
    if owner is None or owner.alliance_id != task.alliance_id:
        raise NotFound("members.not_found", field="owner")
    tasks.hand_over(context.session, task, owner, now=context.now)
    said = say("decisions.task_given", what=task.what, person=owner.name)
    return Answer(view=view(Text(text=said)))


def press_right(context: Context, event: ButtonPressed) -> Answer:
    """A decision was looked at again, and stands."""

    decision = find_decision(context, event.value)
    decision.review_on = None
    context.session.add(decision)
    name = log.say_number(decision.number)
    return Answer(refresh=view(Text(text=say("decisions.review_kept", name=name))))
