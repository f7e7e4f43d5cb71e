"""A partner's own word in a form: an objection with its reason, or a yes given elsewhere."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.core.errors import NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import ChoiceInput, DateInput, Form, TextInput
from bot.core.views import Button, Note, Option, Quote, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.features.confirmations.answers import (
    get_conflict_clause,
    note_settled,
    say_given,
    tell_author,
)
from bot.features.confirmations.found import find, find_for_side, get_author, get_reader
from bot.features.confirmations.inputs import check_may_answer, read_text
from bot.features.confirmations.views import render_wording
from bot.people import history
from bot.statements import voices
from bot.statements.models import VersionState


def open_object(context: Context, value: str) -> Form:
    """Why, and what would help."""
    found = find(context, value)
    check_may_answer(context, found)
    author, _ = get_author(context.session, found.version)
    partner = context.viewer.partner_name or ""
    return Form(
        name="confirmations.object",
        title=words("confirm.object_title"),
        submit=words("confirm.object_submit", short=partner)[:24],
        context={"version": found.version.id},
        items=(
            Text(
                text=say(
                    "confirm.object_intro", title=found.title, partner=partner, person=author.name
                )
            ),
            *render_wording(context.registry, context.session, found.version),
            TextInput(name="reason", label=words("confirm.object_label"), multiline=True),
        ),
    )


def submit_object(context: Context, event: FormSubmitted) -> Answer:
    """The partner objects; the author gets the reason, and ways on."""
    found = find(context, event.context.get("version", ""))
    reason = read_text(event, "reason")
    voice = voices.object_to(
        context.session,
        context.viewer,
        found.version,
        found.statement,
        reason=reason,
        now=context.now,
    )
    history.record(context.session, context.viewer, "confirmation.given", voice.id, now=context.now)
    reader = get_reader(context.viewer)
    content = view(
        Text(text=say("confirm.objection", title=found.title, **reader)),
        Quote(text=reason),
        Text(text=say("confirm.objection_next")),
        *get_conflict_clause(context, found),
        actions(
            Button(
                label=words("confirm.talk"),
                action="confirmations.talk",
                value=voice.id,
                style="primary",
            ),
            Button(
                label=words("confirm.new_wording"),
                opens="confirmations.reword",
                value=f"version:{found.version.id}",
            ),
        ),
        Note(text=say("confirm.suggestion_why", title=found.title)),
    )
    author = tell_author(context, found, content)
    if found.version.state != VersionState.PROPOSED:
        note_settled(context, found.version)
    text = say("confirm.objected", title=found.title, partner=reader["partner"], person=author)
    return Answer(view=view(Text(text=text)))


def open_elsewhere(context: Context, value: str) -> Form:
    """A manager records that their side said yes in a meeting or by e-mail."""
    found = find_for_side(context, value)
    context.require(Needs.MANAGER)
    return Form(
        name="confirmations.elsewhere",
        title=words("confirm.elsewhere_title"),
        submit=words("confirm.elsewhere_submit"),
        context={"version": found.version.id},
        items=(
            Text(
                text=say(
                    "confirm.elsewhere_intro",
                    partner=context.viewer.partner_name,
                    title=found.title,
                )
            ),
            ChoiceInput(
                name="how",
                label=words("confirm.elsewhere_how"),
                options=tuple(
                    Option(value=each, label=words(f"standing.how_{each}"))
                    for each in ("meeting", "email")
                ),
                selected=("meeting",),
            ),
            DateInput(
                name="when",
                label=words("confirm.elsewhere_when"),
                value=_get_today(context).isoformat(),
            ),
        ),
    )


def _get_today(context: Context) -> date:
    return context.now.astimezone(ZoneInfo(context.zone)).date()


def submit_elsewhere(context: Context, event: FormSubmitted) -> Answer:
    """Record it, marked as such."""
    found = find_for_side(context, event.context.get("version", ""))
    how = str(event.values.get("how") or "")
    if how not in {"meeting", "email"}:
        raise NotUnderstood("help.required", field="how")
    try:
        when = date.fromisoformat(str(event.values.get("when") or ""))
    except ValueError:
        raise NotUnderstood("help.required", field="when") from None
    if when > _get_today(context):
        raise NotUnderstood("confirm.elsewhere_future", field="when")
    voice = voices.record_own_side(
        context.session,
        context.viewer,
        found.version,
        found.statement,
        given_in=how,
        given_on=when,
        now=context.now,
    )
    history.record(context.session, context.viewer, "confirmation.given", voice.id, now=context.now)
    recorded = say("confirm.recorded", title=found.title, partner=context.viewer.partner_name or "")
    return Answer(view=view(Text(text=recorded), *say_given(context, found)[1:]))
