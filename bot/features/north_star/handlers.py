"""`north star`, `north star set`, `north star history`, and the form behind them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from bot.core.errors import NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormChanged, FormSubmitted
from bot.core.forms import Form
from bot.core.views import Block, Heading, Note, Quote, Text, View, actions, view
from bot.delivery.postman import Skip
from bot.dispatch import holding, wordings
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import (
    ButtonAction,
    Command,
    Feature,
    FormKind,
    HomeSection,
    Needs,
    ReminderKind,
    StatementKind,
)
from bot.dispatch.grammar import Arguments, TokenKind
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_shortly, say_standing
from bot.features.north_star import briefing, review
from bot.features.north_star.record import RECORD
from bot.features.north_star.views import (
    LONGEST,
    make_form,
    render_none,
    render_star,
)
from bot.people import history
from bot.people.models import Change
from bot.people.viewer import Viewer
from bot.schedules.models import Reminder
from bot.statements import versions
from bot.statements.models import Version, VersionState

KIND = "north_star"


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The North Star as the viewer may see it."""
    return Answer(view=_render(context, context.viewer))


def _render(context: Context, viewer: Viewer) -> View:
    found = wordings.get_wordings(context.session, viewer, KIND)
    version = found.shown
    if version is None:
        return render_none(viewer)
    standing = say_standing(context.session, version, zone=context.zone, now=context.now)
    return render_star(viewer, found, version, standing=standing)


def set_star(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """With words: put them in force. Without: the form."""
    if not arguments.text:
        return Answer(opens=("north_star.form", context.viewer.alliance_id))
    quoted = arguments.of_kind(TokenKind.QUOTED)
    return _put(
        context, text=quoted[0] if len(arguments.tokens) == 1 and quoted else arguments.text
    )


def _put(context: Context, *, text: str, review_on: date | None = None) -> Answer:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise NotUnderstood("north_star.length", field="text", most=LONGEST)
    if review_on is not None and review_on <= context.now.date():
        raise NotUnderstood("north_star.review_past", field="review_on")
    version = versions.put_in_force(
        context.session, context.viewer, KIND, text=text, now=context.now, review_on=review_on
    )
    history.record(context.session, context.viewer, "north_star.set", version.id, now=context.now)
    partner = context.viewer.partner_name or ""
    return Answer(
        view=view(
            Text(text=say("north_star.saved", partner=partner)),
            Quote(text=text),
            *wordings.render_saved(context.session, context.viewer, version, KIND),
            *holding.render_held(context, KIND),
            Text(text=say("north_star.saved_next")),
            actions(wordings.make_propose(version)),
        )
    )


def show_history(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Every version with what changed."""
    return Answer(view=_history_view(context))


def press_history(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    context.enter(event.value)
    return Answer(view=_history_view(context))


def _history_view(context: Context) -> View:
    found = versions.get_history(context.session, context.viewer, KIND)
    if not found:
        return render_none(context.viewer)
    shown = wordings.render_history(context.session, found, zone=context.zone)
    return View(blocks=(Text(text=say("north_star.history")), *shown))


def open_form(context: Context, value: str) -> Form:
    """The form, filled with what is in force."""
    if value:
        context.enter(value)
    context.require(Needs.MANAGER)
    present = wordings.get_wordings(context.session, context.viewer, KIND).start
    return make_form(
        text=present.text if present else "",
        review_on=present.review_on.isoformat() if present and present.review_on else "",
        partner=context.viewer.partner_name or "",
        alliance_id=context.viewer.alliance_id,
        preview=present.text if present else "",
    )


def change_form(context: Context, event: FormChanged) -> Form:
    """The form with a fresh preview."""
    context.enter(event.context.get("alliance", ""))
    text = str(event.values.get("text") or "")
    return make_form(
        text=text,
        review_on=str(event.values.get("review_on") or ""),
        partner=context.viewer.partner_name or "",
        alliance_id=context.viewer.alliance_id,
        preview=text,
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Put what was written in force."""
    context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    day = str(event.values.get("review_on") or "")
    try:
        review_on = date.fromisoformat(day) if day else None
    except ValueError:
        raise NotUnderstood("north_star.review_past", field="review_on") from None
    return _put(
        context,
        text=str(event.values.get("text") or ""),
        review_on=review_on,
    )


def undo_set(context: Context, change: Change) -> Answer:
    """Take the last version back."""
    version = context.session.get_one(Version, change.subject_id)
    before = versions.withdraw(context.session, version)
    if before is None:
        return Answer(view=view(Text(text=say("north_star.undone_none"))))
    if before.state == VersionState.CONFIRMED:
        text = say("north_star.undone_confirmed")
        return Answer(view=view(Text(text=text), Quote(text=before.text)))
    return Answer(view=view(Text(text=say("north_star.undone")), Quote(text=before.text)))


def render_reminder(
    session: Session, reminder: Reminder, at: datetime, own_until: datetime | None = None
) -> Sequence[Block] | Skip:
    """The North Star in force at the partner whose reminder it is; with `own_until` for others to
    read, of its own alone as far as it was written by then."""
    found = versions.get_in_force_at(
        session, reminder.alliance_id, reminder.partner_id, KIND, own_until=own_until
    )
    version = found.get("")
    if version is None:
        return Skip("no North Star in force")
    return (
        Text(text=say("north_star.reminder")),
        Quote(text=version.text),
        Note(text=say_shortly(session, version, zone=reminder.zone)),
    )


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """The statement on the home view."""
    return (Heading(text=words("north_star.heading")), *_render(context, viewer).blocks)


FEATURE = Feature(
    name="north_star",
    commands=(
        Command(
            phrase="north star",
            handle=show,
            help="north_star.help_show",
            reads=True,
            bare=True,
            aloud=True,
        ),
        Command(
            phrase="north star set",
            handle=set_star,
            help="north_star.help_set",
            usage="north star set",
            needs=Needs.MANAGER,
        ),
        Command(
            phrase="north star history",
            handle=show_history,
            help="north_star.help_history",
            reads=True,
            bare=True,
        ),
    ),
    buttons=(ButtonAction(name="north_star.history", handle=press_history, reads=True),),
    forms=(
        FormKind(
            name="north_star.form",
            open=open_form,
            submit=submit_form,
            change=change_form,
            label="north_star.write",
        ),
    ),
    reminder_kinds=(
        ReminderKind(
            name=KIND,
            label="north_star.kind",
            render=render_reminder,
            render_open=render_reminder,
        ),
    ),
    jobs=(review.JOB,),
    foresee=review.foresee,
    statements=(
        StatementKind(
            name=KIND,
            title=lambda _session, _statement: words("north_star.title"),
            longest=LONGEST,
        ),
    ),
    home=(HomeSection(order=20, render=render_home),),
    record=(RECORD,),
    briefing=(briefing.SECTION,),
    steps=(briefing.STEP,),
    undo={"north_star.set": undo_set},
)
