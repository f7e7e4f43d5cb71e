"""The clarification: one line under a message, shown exactly before it is posted, and posted as
Entente's for the author who said yes."""

from collections.abc import Mapping
from typing import Final

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import FormChanged, FormSubmitted, FormValue
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Block, Note, Option, Quote, Text, person, plain, view
from bot.delivery.outbox import Address, Deliver, get_channel_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import Markdown, say, words
from bot.features.glossary.consents import Mode, get_mode
from bot.features.glossary.models import TermMeaning, TermNudge
from bot.features.glossary.nudging import find, settle, unsettle
from bot.features.glossary.senses import (
    DISCOURAGED,
    get_readable,
    get_senses,
    is_shared,
    shorten,
)
from bot.features.glossary.terms import Entry
from bot.people.models import Channel

LONGEST: Final = 400


def open_form(context: Context, value: str) -> Form:
    """What the author may have meant, what their own partner means by it chosen first."""
    nudge, entry = find(context, value)
    own = context.viewer.partner_id
    first = next((m for m in _get_meanings(context, entry, nudge) if m.partner_id == own), None)
    return _make_form(context, nudge, entry, first.id if first else "", _suggest(entry, nudge))


def _get_meanings(context: Context, entry: Entry, nudge: TermNudge) -> list[TermMeaning]:
    if nudge.kind == DISCOURAGED:
        return []
    senses = get_senses(context.session, context.viewer, entry, nudge)
    return get_readable(senses, context.viewer)


def _suggest(entry: Entry, nudge: TermNudge) -> str:
    """The line to begin with. The name of a term that is one side's alone is not offered."""
    if nudge.kind != DISCOURAGED or not is_shared(entry):
        return ""
    return words("checks.says_instead", form=nudge.form, name=entry.term.name)[:LONGEST]


def _make_form(
    context: Context, nudge: TermNudge, entry: Entry, chosen: str, own_words: str
) -> Form:
    meanings = _get_meanings(context, entry, nudge)
    choice = ChoiceInput(
        name="meaning",
        label=words("checks.clarify_choice", form=nudge.form)[:75],
        options=tuple(Option(value=m.id, label=_say_choice(entry, m)) for m in meanings),
        selected=(chosen,) if chosen else (),
        required=False,
        live=True,
    )
    return Form(
        name="checks.clarify",
        title=words("checks.clarify_title"),
        submit=words("checks.clarify_submit"),
        context={"nudge": nudge.id},
        items=(
            Text(text=say("checks.clarify_intro")),
            *((choice,) if meanings else ()),
            TextInput(
                name="text",
                label=words("checks.clarify_own"),
                value=own_words,
                hint=words("checks.clarify_hint") if meanings else "",
                multiline=True,
                required=not meanings,
                max_length=LONGEST,
                live=True,
            ),
            *_preview(context, nudge, meanings, chosen, own_words),
        ),
    )


def _say_choice(entry: Entry, meaning: TermMeaning) -> str:
    """Short enough for every platform; the preview shows all of it."""
    label = f"{entry.partners.get(meaning.partner_id, '')}: {' '.join(meaning.text.split())}"
    return label if len(label) <= 75 else f"{label[:74].rstrip()}…"


def _preview(
    context: Context, nudge: TermNudge, meanings: list[TermMeaning], chosen: str, own_words: str
) -> tuple[Block, ...]:
    line = _make_line(nudge, meanings, chosen, own_words)
    if not line:
        return (Note(text=say("checks.clarify_nothing")),)
    shown = plain(say("checks.clarified", person=context.viewer.member_name, text=line))
    return Text(text=say("checks.clarify_shows")), Quote(text=shown)


def _make_line(nudge: TermNudge, meanings: list[TermMeaning], chosen: str, own_words: str) -> str:
    """One's own words, or what was chosen; nothing if neither is there."""
    line = " ".join(own_words.split())[:LONGEST]
    if line:
        return line
    meaning = next((m for m in meanings if m.id == chosen), None)
    if meaning is None:
        return ""
    return words("checks.means_here", form=nudge.form, meaning=shorten(meaning.text))


def _read(values: Mapping[str, FormValue]) -> tuple[str, str]:
    return str(values.get("meaning") or ""), str(values.get("text") or "")


def change_form(context: Context, event: FormChanged) -> Form:
    """The form with the line as it would be posted now."""
    nudge, entry = find(context, event.context.get("nudge", ""))
    return _make_form(context, nudge, entry, *_read(event.values))


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Post the line in the thread, as Entente's, for the author who said yes to it."""
    nudge, entry = find(context, event.context.get("nudge", ""))
    context.session.refresh(nudge, with_for_update=True)  # pressed twice, it is posted once
    channel = context.session.get(Channel, nudge.channel_id)
    if channel is None or get_mode(context.session, channel) == Mode.OFF:
        raise NotFound("checks.gone")
    text = _make_line(nudge, _get_meanings(context, entry, nudge), *_read(event.values))
    if not text:
        raise NotUnderstood("checks.clarify_missing", field="text")
    if nudge.outcome == "accepted":
        raise NotFound("checks.posted_already")
    base = get_channel_address(context.session, channel)
    author = person(event.platform, event.actor.user, context.viewer.member_name)
    said = say("checks.clarified", person=Markdown(author), text=text)
    address = Address(
        platform=base.platform, workspace=base.workspace, channel=base.channel, thread=nudge.thread
    )
    context.deliver(Deliver(to=address, view=view(Text(text=said)), alliance_id=nudge.alliance_id))
    unsettle(context.session, nudge, entry)
    settle(context.session, nudge, entry, "accepted")
    return Answer(view=view(Text(text=say("checks.posted"))))
