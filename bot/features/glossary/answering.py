"""What an author does with a hint: this channel knows, not this meaning, less, never."""

from bot.core.events import ButtonPressed
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.glossary import standing
from bot.features.glossary.models import TermKnown
from bot.features.glossary.nudging import (
    SUBJECT,
    find,
    make_subject,
    settle,
    unsettle,
)
from bot.features.glossary.senses import get_senses
from bot.features.glossary.terms import Entry
from bot.people import nudges, optouts


def press_known(context: Context, event: ButtonPressed) -> Answer:
    """This channel knows what the word means."""
    nudge, entry = find(context, event.value)
    for sense in get_senses(context.session, context.viewer, entry, nudge):
        if context.session.get(TermKnown, (nudge.channel_id, sense.term.id)) is None:
            context.session.add(
                TermKnown(
                    channel_id=nudge.channel_id,
                    term_id=sense.term.id,
                    member_id=context.viewer.member_id,
                    at=context.now,
                )
            )
    settle(context.session, nudge, entry, "known")
    standing.bump_terms(context.session, nudge.alliance_id)
    return _done("checks.known_done", entry, take_back=nudge.id)


def press_wrong(context: Context, event: ButtonPressed) -> Answer:
    """The author means something else by the word."""
    nudge, entry = find(context, event.value)
    member_id = context.viewer.member_id
    for sense in get_senses(context.session, context.viewer, entry, nudge):
        optouts.opt_out(context.session, member_id, make_subject(sense.term.id), now=context.now)
    settle(context.session, nudge, entry, "wrong")
    return _done("checks.wrong_done", entry, take_back=nudge.id)


def press_take_back(context: Context, event: ButtonPressed) -> Answer:
    """What the author said of a hint counts no more: they are told of the word again."""
    nudge, entry = find(context, event.value)
    session, member_id = context.session, context.viewer.member_id
    for sense in get_senses(session, context.viewer, entry, nudge):
        known = session.get(TermKnown, (nudge.channel_id, sense.term.id))
        if nudge.outcome == "known" and known is not None and known.member_id == member_id:
            session.delete(known)
        if nudge.outcome == "wrong":
            optouts.opt_in(session, member_id, make_subject(sense.term.id))
    unsettle(session, nudge, entry)
    standing.bump_terms(session, nudge.alliance_id)
    return Answer(refresh=view(Text(text=say("checks.taken_back", name=entry.term.name))))


def press_less(context: Context, event: ButtonPressed) -> Answer:
    """Hints about terms come once a week at most."""
    nudge, entry = find(context, event.value)
    nudges.want_less(context.session, context.viewer.member_id, SUBJECT, now=context.now)
    settle(context.session, nudge, entry, "less")
    return _done("checks.less_done", entry, again=True)


def press_never(context: Context, event: ButtonPressed) -> Answer:
    """No hints about terms any more."""
    nudge, entry = find(context, event.value)
    nudges.want_none(context.session, context.viewer.member_id, SUBJECT, now=context.now)
    settle(context.session, nudge, entry, "never")
    return _done("checks.never_done", entry, again=True)


def _done(key: str, entry: Entry, *, take_back: str = "", again: bool = False) -> Answer:
    alliance_id = entry.term.alliance_id
    return Answer(
        refresh=view(
            Text(text=say(key, name=entry.term.name)),
            actions(
                Button(label=words("checks.again"), action="checks.again", value=alliance_id)
                if again
                else None,
                Button(label=words("checks.take_back"), action="checks.take_back", value=take_back)
                if take_back
                else None,
            ),
        )
    )


def press_again(context: Context, event: ButtonPressed) -> Answer:
    """Hints as everybody gets them."""
    context.enter(event.value)
    nudges.want_again(context.session, context.viewer.member_id, SUBJECT)
    return Answer(refresh=view(Text(text=say("checks.again_done"))))
