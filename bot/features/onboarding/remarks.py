"""The one question at the end: what was missing?"""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Note, Option, Quote, Text, View, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.onboarding import showing
from bot.features.onboarding.giving import find, react
from bot.features.onboarding.models import Feedback, StepState
from bot.features.onboarding.tracks import QUESTION
from bot.people.models import Alliance, Member

TOPIC = "onboarding_remark"
LONGEST_REMARK = 2000


def open_remark(context: Context, value: str) -> Form:
    """What was missing?"""
    _, _, step = find(context, value, holds=False)
    if step.name != QUESTION:
        raise NotFound("onboarding.not_yours")
    manager = showing.get_own_manager(context.session, context.viewer.member_id)
    return Form(
        name="onboarding.remark",
        title=words("onboarding.remark_title"),
        submit=words("onboarding.remark_submit"),
        context={"given": value},
        items=(
            TextInput(
                name="text",
                label=words("onboarding.question_label"),
                multiline=True,
                max_length=LONGEST_REMARK,
            ),
            ChoiceInput(
                name="named",
                label=words("onboarding.remark_name"),
                options=(
                    Option(value="yes", label=words("onboarding.remark_named")),
                    Option(value="no", label=words("onboarding.remark_unnamed")),
                ),
                selected=("no",),
            ),
            Note(
                text=say(
                    "onboarding.remark_note",
                    person=manager.name if manager else words("onboarding.no_manager"),
                )
            ),
        ),
    )


def submit_remark(context: Context, event: FormSubmitted) -> Answer:
    """Keep the answer for the person's own managers, and tell them."""
    given, journey, step = find(context, event.context.get("given", ""))
    text = str(event.values.get("text") or "").strip()
    if step.name != QUESTION or context.viewer.partner_id is None:
        raise NotFound("onboarding.not_yours")
    if not text or len(text) > LONGEST_REMARK:
        raise NotUnderstood("north_star.length", field="text", most=LONGEST_REMARK)
    if given.state == StepState.READ:
        raise NotFound("onboarding.answered")
    react(context, given, journey)
    given.state = StepState.READ
    is_named = event.values.get("named") in {"yes", ("yes",)}
    context.session.add(given)
    remark = Feedback(
        alliance_id=journey.alliance_id,
        partner_id=context.viewer.partner_id,
        member_id=context.viewer.member_id if is_named else None,
        day=context.now.date().isoformat()[:7],
        text=text,
    )
    context.session.add(remark)
    context.session.flush()
    _tell_managers(context, remark)
    return Answer(view=view(Text(text=say("onboarding.thanks"))))


def _tell_managers(context: Context, remark: Feedback) -> None:
    """In their hours; what came without a name, a day later: the moment would be one."""
    for member_id in showing.get_manager_ids(context.session, remark.partner_id):
        if member_id != context.viewer.member_id:
            tell_unasked(
                context.session,
                remark.alliance_id,
                member_id,
                topic=TOPIC,
                subject=f"{remark.id}:{member_id}",
                now=context.now,
                wait=timedelta(days=0 if remark.member_id else 1),
            )


def render_topic(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """An answer, for a manager of the side it was given to."""
    remark_id, _, member_id = message.subject.partition(":")
    remark = session.get(Feedback, remark_id)
    if remark is None or member_id not in showing.get_manager_ids(session, remark.partner_id):
        return Skip("not theirs to read")
    alliance = session.get_one(Alliance, remark.alliance_id)
    member = session.get(Member, remark.member_id) if remark.member_id else None
    text = (
        say("onboarding.remark_told", alliance=alliance.name, person=member.name)
        if member
        else say("onboarding.remark_told_unnamed", alliance=alliance.name)
    )
    return view(Text(text=text), Quote(text=remark.text), Note(text=say("onboarding.remark_why")))


def press_nothing(context: Context, event: ButtonPressed) -> Answer:
    """Nothing was missing."""
    given, journey, _ = find(context, event.value)
    react(context, given, journey)
    given.state = StepState.READ
    context.session.add(given)
    return Answer(refresh=view(Text(text=say("onboarding.thanks_nothing"))))
