"""Saying that a term does not fit, or is not used any more, with the reason: as one line, and as a
form on each sense of it."""

from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import changing, retiring, telling
from bot.features.glossary.forms import enter_term
from bot.features.glossary.handlers import get_word, keep, with_one
from bot.features.glossary.records import note, restore_contest
from bot.features.glossary.retiring import LONGEST_REASON
from bot.features.glossary.terms import Entry, get_disputes, require_partner
from bot.features.glossary.views import render_entries


def dispute(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term dispute WORD`: this is not what we mean."""
    return with_one(context, get_word(arguments), lambda entry: _dispute(context, entry, ""))


def withdraw(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term undispute WORD`: what was agreed on fits after all."""
    return with_one(context, get_word(arguments), lambda entry: _withdraw(context, entry))


def press_withdraw(context: Context, event: ButtonPressed) -> Answer:
    """Take the dispute of one sense back."""
    return _withdraw(context, enter_term(context, event.value))


def retire(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term retire WORD`: nobody uses it any more."""
    return with_one(context, get_word(arguments), lambda entry: _retire(context, entry, ""))


def open_dispute(context: Context, value: str) -> Form:
    """Why it does not fit."""
    return _make_form(context, value, "dispute", words("term.dispute"))


def open_retire(context: Context, value: str) -> Form:
    """Why nobody uses it any more."""
    entry = enter_term(context, value)
    if changing.is_joint(entry.term):
        return _make_form(context, value, "retire", words("term.agree_submit"), intro="retire_all")
    return _make_form(context, value, "retire", words("term.retire"))


def _make_form(context: Context, value: str, verb: str, label: str, *, intro: str = "") -> Form:
    entry = enter_term(context, value)
    require_partner(context.viewer)
    return Form(
        name="term." + verb,
        title=words(f"term.object_title_{verb}"),
        submit=label,
        context={"term": entry.term.id},
        items=(
            Text(text=say(f"term.object_intro_{intro or verb}", name=entry.term.name)),
            TextInput(
                name="reason",
                label=words("term.reason"),
                multiline=True,
                required=False,
                max_length=LONGEST_REASON,
            ),
        ),
    )


def submit_dispute(context: Context, event: FormSubmitted) -> Answer:
    """Dispute one sense."""
    return _dispute(context, _enter(context, event), _read_reason(event))


def submit_retire(context: Context, event: FormSubmitted) -> Answer:
    """Retire one sense."""
    return _retire(context, _enter(context, event), _read_reason(event))


def _enter(context: Context, event: FormSubmitted) -> Entry:
    return enter_term(context, event.context.get("term", ""))


def _read_reason(event: FormSubmitted) -> str:
    return " ".join(str(event.values.get("reason") or "").split())[:LONGEST_REASON]


def _dispute(context: Context, entry: Entry, reason: str) -> Answer:
    before = note(entry, context.viewer.partner_id)
    disputed = changing.dispute(context.session, context.viewer, entry.term.id, now=context.now)
    keep(context, "term.disputed", disputed, before, reason=reason)
    said = say("term.disputed", name=entry.term.name)
    shown = render_entries([disputed], context.viewer, context.zone)
    return Answer(view=view(Text(text=said), *shown.blocks))


def _withdraw(context: Context, entry: Entry) -> Answer:
    session, term_id = context.session, entry.term.id
    before = note(entry, context.viewer.partner_id)
    dispute = get_disputes(session, [term_id]).get(term_id)
    changed = changing.withdraw(session, context.viewer, term_id, now=context.now)
    if dispute is not None:
        restore_contest(changed.term, dispute.before)
    change = keep(context, "term.undisputed", changed, before)
    if dispute is not None:
        telling.tell_withdrawn(context, change, dispute, changed)
    said = say("term.undisputed", name=changed.term.name)
    shown = render_entries([changed], context.viewer, context.zone)
    return Answer(view=view(Text(text=said), *shown.blocks))


def _retire(context: Context, entry: Entry, reason: str) -> Answer:
    if changing.is_joint(entry.term):
        retiring.propose(context.session, context.viewer, entry.term, reason, now=context.now)
        return Answer(view=view(Text(text=say("term.retire_asked", name=entry.term.name))))
    before = note(entry, context.viewer.partner_id)
    retired = changing.retire(context.session, context.viewer, entry.term.id, now=context.now)
    keep(context, "term.retired", retired, before, reason=reason)
    return Answer(view=view(Text(text=say("term.retired_now", name=entry.term.name))))
