"""`decisions pin`: which emoji captures a message, in the whole alliance."""

from datetime import datetime

from sqlmodel import Session

from bot.core import untold
from bot.core.errors import NotUnderstood
from bot.core.events import CommandInvoked
from bot.core.views import Note, Text, View, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say
from bot.dispatch.notices import get_change, say_who, tell_other_managers
from bot.features.decisions import log
from bot.people import history
from bot.people.models import Alliance, Change

TOPIC = "decisions.pin"
LONGEST = 80


def set_pin(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Which emoji captures a message; the other managers hear of it."""
    if event.platform in untold.REACTIONS:
        raise NotUnderstood("decisions.pin_not_here")
    emoji = arguments.text.strip().strip(":")
    if not emoji or len(emoji) > LONGEST or any(c.isspace() for c in emoji):
        raise NotUnderstood("decisions.pin_usage")
    before = _set(context, emoji)
    change = history.record(
        context.session,
        context.viewer,
        "decisions.pin_set",
        context.viewer.alliance_id,
        now=context.now,
        before={"pin": before},
        after={"pin": emoji},
    )
    if before != emoji:
        tell_other_managers(context, change, TOPIC)
    return Answer(view=view(Text(text=say("decisions.pin_set", emoji=emoji))))


def _set(context: Context, emoji: str) -> str:
    """Answers the one before."""
    book = log.get_book(context.session, context.viewer.alliance_id)
    before, book.pin = book.pin, emoji
    context.session.add(book)
    return before


def undo_pin(context: Context, change: Change) -> Answer:
    """The emoji of before."""
    emoji = str(change.before.get("pin", "pushpin"))
    _set(context, emoji)
    return Answer(view=view(Text(text=say("decisions.pin_set", emoji=emoji))))


def render_told(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What another manager hears of it."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    alliance = session.get_one(Alliance, change.alliance_id)
    emoji = str(change.after.get("pin", ""))
    return view(
        Text(text=say("decisions.pin_told", emoji=emoji, **say_who(session, change))),
        Note(text=say("changed.why", alliance=alliance.name)),
    )
