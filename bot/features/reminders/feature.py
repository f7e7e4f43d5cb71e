"""What this feature registers."""

from datetime import timedelta

from bot.core.events import ReactionAdded
from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    HomeSection,
    Listener,
    Needs,
    RecurringJob,
    ReminderKind,
    Topic,
)
from bot.features.reminders import forms, handlers, unread
from bot.features.reminders.line import TEXT
from bot.features.reminders.record import RECORD
from bot.features.reminders.views import hear_unsent, render_topic

FEATURE = Feature(
    name="reminders",
    commands=(
        Command(
            phrase="remind", handle=handlers.show_list, help="remind.help", reads=True, bare=True
        ),
        Command(phrase="remind list", handle=handlers.show_list, reads=True, bare=True),
        Command(
            phrase="remind add",
            handle=handlers.start_add,
            help="remind.help_add",
            usage="remind add north star every monday 09:00 in #channel",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="remind edit",
            handle=handlers.start_edit,
            help="remind.help_edit",
            usage="remind edit 1",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="remind pause",
            handle=handlers.pause,
            help="remind.help_pause",
            usage="remind pause 1",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="remind resume",
            handle=handlers.resume,
            help="remind.help_resume",
            usage="remind resume 1",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="remind remove",
            handle=handlers.remove,
            help="remind.help_remove",
            usage="remind remove 1",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="remind preview",
            handle=handlers.preview,
            help="remind.help_preview",
            usage="remind preview 1",
            reads=True,
        ),
        Command(
            phrase="remind test",
            handle=handlers.test,
            help="remind.help_test",
            usage="remind test 1",
            reads=True,
        ),
    ),
    buttons=(
        ButtonAction(name="remind.add", handle=handlers.press_add),
        ButtonAction(name="remind.page", handle=handlers.press_page, reads=True),
        ButtonAction(name="remind.preview", handle=handlers.press_preview, reads=True),
        ButtonAction(name="remind.agree", handle=handlers.press_agree),
        ButtonAction(name="remind.pause", handle=handlers.press_pause),
        ButtonAction(name="remind.resume", handle=handlers.press_resume),
        ButtonAction(name="remind.remove", handle=handlers.press_remove),
        ButtonAction(name="remind.mute", handle=handlers.press_mute),
        ButtonAction(name="remind.unmute", handle=handlers.press_unmute),
        ButtonAction(name="remind.ask", handle=unread.press_ask),
        ButtonAction(name="remind.slower", handle=unread.press_slower),
        ButtonAction(name="remind.keep", handle=unread.press_keep),
    ),
    forms=(
        FormKind(
            name="remind.form",
            open=forms.open_form,
            submit=forms.submit_form,
            change=forms.change_form,
            label="remind.set_up",
        ),
    ),
    reminder_kinds=(
        ReminderKind(
            name=TEXT, label="remind.kind_text", render=handlers.render_text, needs_text=True
        ),
    ),
    topics=(Topic(name="reminder", render=render_topic, unsent=hear_unsent),),
    jobs=(
        RecurringJob(name="reminder_seats", every=timedelta(hours=1), run=handlers.follow_seats),
        RecurringJob(
            name="ask_about_unread", every=timedelta(hours=1), run=unread.ask_about_unread
        ),
    ),
    home=(HomeSection(order=30, render=handlers.render_home),),
    listeners=(Listener(kind=ReactionAdded, handle=unread.hear_reaction),),
    record=(RECORD,),
    undo={
        "reminder.added": handlers.undo_state,
        "reminder.agreed": handlers.undo_agreed,
        "reminder.changed": handlers.undo_change,
        "reminder.paused": handlers.undo_state,
        "reminder.resumed": handlers.undo_state,
        "reminder.removed": handlers.undo_state,
    },
)
