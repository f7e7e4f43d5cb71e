"""`leave` and `end alliance`: seen first, then done, then said to every manager."""

from collections.abc import Sequence

from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Confirm, Note, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.parting.telling import tell_managers
from bot.people import channels, history, partings
from bot.people.models import ChannelState, Parting
from bot.schedules import reminders
from bot.schedules.models import ReminderState


def preview_leave(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What it means that the manager's partner leaves, and the button that does it."""
    partings.check_leave(context.session, context.viewer)
    return Answer(view=_preview(context, "leave"))


def preview_end(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What it means that the alliance ends, and the button that does it."""
    return Answer(view=_preview(context, "end"))


def _preview(context: Context, verb: str) -> View:
    values = {
        "alliance": context.alliance.name,
        "partner": context.viewer.partner_name,
        "managers": ", ".join(_names_of_others(context)) or words("parting.nobody"),
        "date": say_date(context.now + partings.GRACE, context.zone),
    }
    confirm = Confirm(
        title=words(f"parting.{verb}_title", **values)[:100],
        text=words(f"parting.{verb}_confirm", **values)[:300],
        yes=words(f"parting.{verb}_yes"),
        no=words("parting.no"),
    )
    return view(
        Text(text=say(f"parting.{verb}_preview", **values)),
        Text(text=say("parting.stops", what=_what_stops(context, verb))),
        Text(text=say(f"parting.{verb}_stays", **values)),
        actions(
            Button(
                label=words(f"parting.{verb}_button", **values)[:75],
                action=f"parting.{verb}",
                value=context.viewer.alliance_id,
                style="danger",
                confirm=confirm,
            )
        ),
        Note(text=say("parting.nothing_yet")),
    )


def _names_of_others(context: Context) -> list[str]:
    own = context.viewer.member_id
    managers = partings.get_managers(context.session, context.viewer.alliance_id)
    return [manager.name for manager in managers if manager.id != own]


def _what_stops(context: Context, verb: str) -> str:
    """The running reminders and the channels that fall silent, as far as this manager sees them."""
    session, viewer = context.session, context.viewer
    running = [
        reminder
        for reminder in reminders.get_reminders(session, viewer)
        if reminder.state == ReminderState.ACTIVE
        and (verb == "end" or reminder.partner_id == viewer.partner_id)
    ]
    named = [
        f"#{channel.name}"
        for channel in channels.get_channels(session, viewer)
        if channel.state == ChannelState.LINKED
    ]
    parts = [words("parting.reminders", count=len(running))]
    if named:
        parts.append(", ".join(named[:20]))
    return "; ".join(parts)


def press_leave(context: Context, event: ButtonPressed) -> Answer:
    """The partner leaves."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    viewer = context.viewer
    parting = partings.leave(context.session, viewer, now=context.now)
    paused = reminders.pause_all(context.session, viewer.partner_id or "", now=context.now)
    return _finish(context, parting, "leave", paused)


def press_end(context: Context, event: ButtonPressed) -> Answer:
    """The alliance ends."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    parting = partings.end(context.session, context.viewer, now=context.now)
    paused = reminders.pause_alliance(context.session, context.viewer.alliance_id, now=context.now)
    return _finish(context, parting, "end", paused)


ACTIONS = {"leave": "partner.left", "end": "alliance.ended"}


def _finish(context: Context, parting: Parting, verb: str, paused: Sequence[str]) -> Answer:
    parting.kept = {"reminders": list(paused)}
    context.session.add(parting)
    history.record(context.session, context.viewer, ACTIONS[verb], parting.id, now=context.now)
    # Others' moments no longer go by this partner's holidays.
    reminders.rewind_all(context.session, parting.alliance_id, now=context.now)
    values = {
        "person": context.viewer.member_name,
        "partner": context.viewer.partner_name,
        "alliance": context.alliance.name,
        "date": say_date(parting.until, context.zone),
    }
    tell_managers(context, view(Text(text=say(f"parting.{verb}_told", **values))), parting)
    context.look_again()
    return Answer(
        view=view(
            Text(text=say(f"parting.{verb}_done", **values)),
            Note(text=say("parting.undo_hint")),
        )
    )
