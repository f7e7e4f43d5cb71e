"""How answers and errors reach the one who acted."""

import structlog

from bot.core.errors import UserError
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    PlaceKind,
    ShortcutInvoked,
    Via,
)
from bot.core.views import Button, Text, actions, view
from bot.delivery.outbox import Address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import FormKind
from bot.dispatch.messages import say, words

log = structlog.get_logger(__name__)


def get_reply_address(event: Event) -> Address:
    """Where a private answer goes: the person alone, in the channel they wrote in."""
    place = event.place
    in_channel = place.kind == PlaceKind.CHANNEL
    return Address(
        platform=event.platform,
        workspace=event.workspace,
        channel=place.channel if in_channel else None,
        user=event.actor.user,
        thread=place.thread if in_channel else None,
    )


def travels_by_outbox(event: Event) -> bool:
    """Whether the platform offers no response of its own in which an answer could travel."""
    return isinstance(event, CommandInvoked) and event.via != Via.SLASH


def open_form(context: Context, event: Event, answer: Answer, kind: FormKind) -> Answer:
    """The form an answer opens; where nothing can open it, a private button that does."""
    assert answer.opens is not None  # noqa: S101 - asked by the caller
    _, value = answer.opens
    if getattr(event, "trigger", None):
        if answer.form is not None:
            return answer
        return Answer(view=answer.view, form=kind.open(context, value), opens=answer.opens)
    label = words(answer.label or kind.label or "help.open_form")
    button = Button(label=label, value=value, opens=kind.name, style="primary")
    return Answer(view=view(Text(text=say("help.form_here")), actions(button)))


def make_refusal(event: Event, error: UserError) -> Answer | None:
    """What the person gets who asked for what can't be; nothing where nobody asked."""
    text = say_error(error)
    if isinstance(event, FormSubmitted):
        return Answer(errors={error.field or "": text})
    if isinstance(event, CommandInvoked | ButtonPressed | ShortcutInvoked):
        return Answer(view=view(Text(text=text)))
    return None


def is_retried(event: Event) -> bool:
    """Whether the platform sends an event again that was not acknowledged."""
    if isinstance(event, CommandInvoked):
        return event.via != Via.SLASH
    return not isinstance(event, ButtonPressed | FormChanged | ShortcutInvoked)


def say_error(error: UserError) -> str:
    """An error in words, as Markdown."""
    try:
        return say(error.key, **error.values)
    except KeyError:
        log.exception("text missing", key=error.key)
        return say("help.unknown", typed="?")


def make_apology(event: Event, reference: str) -> Answer:
    """What the person gets when we failed."""
    text = say("help.broken", reference=reference)
    if isinstance(event, FormChanged):
        return Answer(errors={"": text})
    return Answer(view=view(Text(text=text)))
