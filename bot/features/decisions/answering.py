"""What people answer when they are asked about an approval, an action, or a decision to look at."""

from sqlmodel import col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import ChoiceInput, DateInput, Form, TextInput
from bot.core.views import Button, Note, Option, Quote, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.features.decisions import log, tasks
from bot.features.decisions.announcing import may_see
from bot.features.decisions.asking import find as find_decision
from bot.features.decisions.asking import tell
from bot.features.decisions.capture import check_may_change
from bot.features.decisions.forms import read_day
from bot.features.decisions.log import Step
from bot.features.decisions.models import Decision, Task, TaskKind, TaskState
from bot.features.decisions.views import make_show
from bot.people import history
from bot.people.alliances import get_managers
from bot.people.models import AudienceKind, Change, Member
from bot.statements.sides import get_sides

DATE = "decisions.task_date"
REFUSE = "decisions.task_refuse"
GIVE = "decisions.task_give"
TELL = "decisions.task_tell"
REVIEW = "decisions.review_date"


def find(context: Context, task_id: str) -> Task:
    """What the acting person may answer; they are in its alliance from here on. Raises NotFound,
    NotAllowed, Conflict."""
    found = _find_visible(context, task_id)
    tasks.check_owner(context.viewer, found)
    return found


def _find_visible(context: Context, task_id: str) -> Task:
    """One that the acting person may see. Raises NotFound, told alike for others' and for none."""
    context.find(Task, task_id, "decisions.task_not_found")
    return tasks.get_task_or_raise(context.session, context.viewer, task_id)


def press_done(context: Context, event: ButtonPressed) -> Answer:
    """It is done."""
    task = find(context, event.value)
    tasks.finish(context.session, task, now=context.now)
    history.record(context.session, context.viewer, "task.done", task.id, now=context.now)
    return Answer(refresh=view(Text(text=say("decisions.task_thanks", what=task.what))))


def undo_settled(context: Context, change: Change) -> Answer:
    """It is open again, done or not approved."""
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
    history.record(context.session, context.viewer, "task.refused", task.id, now=context.now)
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
    _tell_others(context, task)
    return Answer(view=view(Text(text=say("decisions.told_others"))))


def _tell_others(context: Context, task: Task) -> None:
    """Those who speak for the other partners, as far as they may see the decision."""
    session = context.session
    decision = session.get_one(Decision, task.decision_id)
    content = view(
        Text(
            text=say(
                "decisions.risk",
                name=log.say_number(decision.number),
                partner=context.viewer.partner_name,
            )
        ),
        Quote(text=task.shown),
        actions(make_show(decision)),
        Note(text=say("decisions.risk_why")),
    )
    is_closed = decision.audience_kind == AudienceKind.COMMITTEE
    body = decision.committee_id if is_closed else None
    for side in get_sides(session, decision.alliance_id, body, now=context.now):
        for member in side.electors:
            is_other = side.partner_id != task.partner_id
            if is_other and may_see(session, decision, member.id, now=context.now):
                tell(context, member.id, content)


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
    check_may_change(context.viewer, decision)
    decision.review_on = None
    context.session.add(decision)
    member_id = context.viewer.member_id
    log.note_step(context.session, decision, Step.REVIEWED, now=context.now, member_id=member_id)
    name = log.say_number(decision.number)
    again = Button(label=words("decisions.review_again"), opens=REVIEW, value=decision.id)
    return Answer(refresh=view(Text(text=say("decisions.review_kept", name=name)), actions(again)))


def open_review(context: Context, value: str) -> Form:
    """When to look at it the next time."""
    decision = find_decision(context, value)
    check_may_change(context.viewer, decision)
    return Form(
        name=REVIEW,
        title=words("decisions.review_again"),
        submit=words("decisions.save"),
        context={"decision": decision.id},
        items=(
            DateInput(
                name="review_on",
                label=words("decisions.label_review_on"),
                hint=words("decisions.hint_review_on"),
            ),
        ),
    )


def submit_review(context: Context, event: FormSubmitted) -> Answer:
    """Its author is asked then. Raises NotUnderstood for a day that has passed."""
    decision = find_decision(context, event.context.get("decision", ""))
    check_may_change(context.viewer, decision)
    day = read_day(event.values, "review_on")
    if day is None or day <= context.now.date():
        raise NotUnderstood("decisions.past", field="review_on")
    decision.review_on = day
    context.session.add(decision)
    name = log.say_number(decision.number)
    said = say("decisions.review_set", name=name, date=say_day(day))
    return Answer(view=view(Text(text=said)))
