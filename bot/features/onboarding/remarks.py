"""The one question at the end: what was missing?"""

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Note, Option, Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.onboarding import showing
from bot.features.onboarding.giving import find, react
from bot.features.onboarding.models import Feedback, StepState
from bot.features.onboarding.tracks import QUESTION

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
    context.session.add(
        Feedback(
            alliance_id=journey.alliance_id,
            partner_id=context.viewer.partner_id,
            member_id=context.viewer.member_id if is_named else None,
            day=context.now.date().isoformat()[:7],
            text=text,
        )
    )
    return Answer(view=view(Text(text=say("onboarding.thanks"))))


def press_nothing(context: Context, event: ButtonPressed) -> Answer:
    """Nothing was missing."""
    given, journey, _ = find(context, event.value)
    react(context, given, journey)
    given.state = StepState.READ
    context.session.add(given)
    return Answer(refresh=view(Text(text=say("onboarding.thanks_nothing"))))
