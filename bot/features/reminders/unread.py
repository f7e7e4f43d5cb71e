"""Whether anybody reads a reminder: hearing presses and reactions, and asking its author."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, String, cast, func, literal_column, or_
from sqlmodel import Session, col, select

from bot.core.errors import Conflict
from bot.core.events import ButtonPressed, Event, ReactionAdded
from bot.core.views import Text, View, view
from bot.delivery.models import RECEIPTS_KEPT, Delivery, DeliveryState
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say
from bot.dispatch.notices import tell_unasked
from bot.features.reminders import forms
from bot.features.reminders.views import render_question, say_what
from bot.people import optouts
from bot.people.models import Member
from bot.schedules import reminders
from bot.schedules.cadence import parse_cadence, slower
from bot.schedules.models import Firing, FiringState, Reminder, ReminderClock, ReminderState

UNREAD = 3
"""After so many firings without a press or reaction the one who set it up is asked, once."""


def press_ask(context: Context, event: ButtonPressed) -> Answer:
    """Tell the one who set it up that somebody would like less of it. Without a name, once a
    person and reminder."""
    reminder = forms.find(context, event.value)
    subject = f"asked:{reminder.id}"
    first = optouts.opt_out(context.session, context.viewer.member_id, subject, now=context.now)
    owner = context.session.get_one(Member, reminder.member_id)
    if first:
        question = view(
            Text(
                text=say("remind.asked", what=say_what(context.registry, context.session, reminder))
            ),
            *(
                b
                for b in render_question(context.registry, context.session, reminder).blocks
                if b.kind == "actions"
            ),
        )
        tell_owner(context.session, reminder, question, now=context.now)
    return Answer(view=view(Text(text=say("remind.ask_sent", person=owner.name))))


def tell_owner(session: Session, reminder: Reminder, content: View, *, now: datetime) -> None:
    """Write to the one who set a reminder up, if they can still be reached."""
    tell_unasked(session, reminder.alliance_id, reminder.member_id, view=content, now=now)


def press_slower(context: Context, event: ButtonPressed) -> Answer:
    """About half as often."""
    reminder = forms.get_editable(context, event.value)
    note_response(context, reminder)
    present = reminders.get_plan(context.session, reminder)
    cadence = slower(parse_cadence(reminder.cadence))
    if cadence is None:
        raise Conflict("remind.slowest")
    return forms.change(context, reminder, replace(present, cadence=cadence.words))


def press_keep(context: Context, event: ButtonPressed) -> Answer:
    """Leave it as it is."""
    reminder = forms.get_editable(context, event.value)
    note_response(context, reminder)
    return Answer(refresh=view(Text(text=say("remind.kept"))))


def hear_reaction(context: Context, event: Event) -> None:
    """A reaction to a reminder's post shows that somebody reads it."""
    if not isinstance(event, ReactionAdded):
        return
    # One direct message may have brought several.
    firings = context.session.exec(
        select(Delivery.subject).where(
            col(Delivery.message_ref) == event.message,
            col(Delivery.channel_ref) == event.place.channel,
            col(Delivery.topic) == "reminder",
        )
    ).all()
    for firing in firings:
        reminder = reminders.get_fired_reminder(context.session, int(firing))
        if reminder is not None:
            note_response(context, reminder)


def note_response(context: Context, reminder: Reminder) -> None:
    """Somebody pressed or reacted."""
    reminder.responded_at = context.now
    context.session.add(reminder)


def _has_arrived() -> ColumnElement[bool]:
    """Whether anything of a firing was sent: where Entente is silent nobody could react."""
    return (
        select(Delivery.id)
        .where(
            # As a literal: SQLite finds an index over some of the rows by no other way.
            col(Delivery.topic) == literal_column("'reminder'"),
            col(Delivery.finished_at).is_not(None),
            col(Delivery.state) == DeliveryState.SENT,
            col(Delivery.subject) == cast(col(Firing.id), String),
        )
        .exists()
    )


def _count_firings(now: datetime, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many firings of a clock, since somebody last pressed or reacted to its reminder, meet
    these."""
    since = func.coalesce(col(Reminder.responded_at), col(Reminder.created_at))
    return (
        select(func.count())
        .select_from(Firing)
        .where(
            col(Firing.clock_id) == col(ReminderClock.id),
            col(Firing.state) == FiringState.FIRED,
            col(Firing.fired_at) > since,
            col(Firing.fired_at) < now - timedelta(days=1),
            *conditions,
        )
        .correlate(Reminder, ReminderClock)
        .scalar_subquery()
    )


def _has_unread_clock(now: datetime) -> ColumnElement[bool]:
    """Whether one of a reminder's clocks came round so often that it is asked about. Each is
    counted by itself: people in three zones are not three times, and after a change of zone
    another clock goes on."""
    # Some come once a quarter: of the older ones there is no receipt any more.
    is_old = col(Firing.fired_at) < now - RECEIPTS_KEPT
    return (
        select(ReminderClock.id)
        .where(
            col(ReminderClock.reminder_id) == col(Reminder.id),
            _count_firings(now) >= UNREAD,
            _count_firings(now, or_(is_old, _has_arrived())) >= UNREAD,
            _count_firings(now, _has_arrived()) >= 1,
        )
        .correlate(Reminder)
        .exists()
    )


def ask_about_unread(registry: Registry, session: Session, now: datetime) -> bool:
    """Ask, once, those who set up reminders that nobody reacts to. One batch; True if more."""
    unread = session.exec(
        select(Reminder)
        .where(
            col(Reminder.state) == ReminderState.ACTIVE,
            col(Reminder.asked_at).is_(None),
            _has_unread_clock(now),
        )
        .limit(20)
    ).all()
    for reminder in unread:
        reminder.asked_at = now
        session.add(reminder)
        tell_owner(session, reminder, render_question(registry, session, reminder), now=now)
    return len(unread) == 20
