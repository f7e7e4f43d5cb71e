"""`remind …`, the buttons on reminders, and hearing whether anybody reads them."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlmodel import Session

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, PlaceKind
from bot.core.views import Block, Button, Heading, Quote, Text, View, actions, view
from bot.delivery.postman import Skip
from bot.dispatch import holding
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Needs, Registry, ReminderKind
from bot.dispatch.grammar import Arguments, match_phrase
from bot.dispatch.messages import say, words
from bot.dispatch.places import settle_channels
from bot.features.reminders import checking, choices, forms, plans
from bot.features.reminders.line import Line, parse_line
from bot.features.reminders.unread import note_response
from bot.features.reminders.views import (
    get_own_until,
    may_change,
    render_list,
    render_message,
    render_preview,
    render_reach,
    say_nothing,
    say_places,
    say_what,
)
from bot.people import channels, history, optouts
from bot.people.models import Change, Member
from bot.people.viewer import Viewer
from bot.schedules import reminders, seating
from bot.schedules.models import Reminder, ReminderState
from bot.schedules.reminders import Plan


def show_list(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """All reminders, with what can be done."""
    found = reminders.get_reminders(context.session, context.viewer)
    return Answer(view=render_list(context, found))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """Another page of the list."""
    alliance_id, _, offset = event.value.partition(":")
    context.enter(alliance_id)
    found = reminders.get_reminders(context.session, context.viewer)
    if not offset.isascii() or not offset.isdigit() or int(offset[:6]) >= max(len(found), 1):
        raise NotUnderstood("help.old_button")
    return Answer(refresh=render_list(context, found, offset=int(offset[:6])))


def start_add(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer | Fetch:
    """With words: what they would set up, to be confirmed. Without: the form."""
    if not arguments.tokens:
        return Answer(opens=("remind.form", f"new:{context.viewer.alliance_id}"))
    line = _read_line(context, arguments)
    strangers = plans.get_strangers(context, line.people)
    if strangers:
        return Fetch(queries=strangers, then=_add_with_people)
    return _offer(context, event, arguments)


def _read_line(context: Context, arguments: Arguments) -> Line:
    """What was said. A kind that has a choice reads it from the words that follow its name."""

    def read_choice(kind: ReminderKind, said: Sequence[str]) -> tuple[str, int]:
        if kind.read_choice is None:
            return "", 0
        return kind.read_choice(context.session, context.viewer, said)

    known = channels.get_channels(context.session, context.viewer)
    here = [channel for channel in known if channel.platform == context.event.platform]
    return parse_line(
        settle_channels(arguments, here),
        context.registry.reminder_kinds,
        bodies=choices.get_bodies(context),
        read_choice=read_choice,
    )


def _add_with_people(context: Context, event: CommandInvoked, found: Found) -> Answer:
    context.require(Needs.MANAGER)
    plans.meet(context, found)
    matched = match_phrase(event.text, ["remind add"])
    return _offer(context, event, matched[1] if matched else Arguments())


def _offer(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    line = _read_line(context, arguments)
    kind = context.registry.reminder_kinds.get(line.kind)
    takes_places = kind is None or not kind.draws
    said = Plan(
        kind=line.kind,
        text=line.text,
        cadence=line.cadence,
        zone=line.zone,
        channels=_find_channels(
            context,
            event,
            line.channels,
            has_people=bool(line.people or line.committees) or not takes_places,
        ),
        committees=line.committees,
        options=choices.make_options(line.choice),
        members=plans.get_member_ids(context, line.people),
        on_holiday=line.on_holiday,
    )
    wanted = checking.aim(context, said)
    checking.check_plan(context, wanted)
    fields = {"alliance": context.viewer.alliance_id, **plans.dump_plan(wanted)}
    value = orjson.dumps(fields).decode()
    if len(value) > 1900:
        raise NotUnderstood("remind.too_long")
    return Answer(
        view=view(
            Text(text=say("remind.offer")),
            *forms.preview_plan(context, wanted, count=3),
            actions(
                Button(
                    label=words("remind.set_up"), action="remind.add", value=value, style="primary"
                ),
                Button(
                    label=words("remind.in_form"),
                    opens="remind.form",
                    value=value,
                ),
            ),
        )
    )


def _find_channels(
    context: Context, event: CommandInvoked, ids: tuple[str, ...], *, has_people: bool
) -> tuple[str, ...]:
    """Linked channels by their platform's ids; none named: the one this was said in."""
    if not ids and not has_people and event.place.kind == PlaceKind.CHANNEL:
        ids = (event.place.channel or "",)
    known = {
        c.external_id: c.id
        for c in channels.find_channels(context.session, context.viewer, ids)
        if c.platform == event.platform
    }
    if any(channel not in known for channel in ids):
        raise NotFound("remind.channel_unknown")
    return tuple(known[channel] for channel in ids)


def press_add(context: Context, event: ButtonPressed) -> Answer:
    """Set up what was offered; everything is checked anew."""
    alliance_id, said = plans.load_line(event.value)
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    wanted = checking.check_plan(context, said)
    answer = forms.add(context, wanted)
    return Answer(refresh=answer.view)


def _numbered(context: Context, arguments: Arguments) -> Reminder:
    """The reminder that the arguments name by its number, or the only one."""
    found = reminders.get_reminders(context.session, context.viewer)
    if not found:
        raise NotFound("remind.none")
    number = arguments.words[0].lstrip("#") if arguments.words else ""
    if not number and len(found) == 1:
        return found[0]
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= len(found):
        raise NotFound("remind.which", count=len(found))
    return found[int(number) - 1]


def start_edit(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The form of one reminder."""
    reminder = forms.get_editable(context, _numbered(context, arguments).id)
    return Answer(opens=("remind.form", reminder.id), label="remind.change")


def preview(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The next ten moments and the exact message."""
    return Answer(view=_preview(context, _numbered(context, arguments)))


def press_preview(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    return Answer(view=_preview(context, forms.find(context, event.value)))


def _preview(context: Context, reminder: Reminder) -> View:
    blocks: list[Block] = [
        Heading(text=say_what(context.registry, context.session, reminder)[:150])
    ]
    blocks += render_preview(
        context.registry,
        context.session,
        context.alliance,
        reminders.get_plan(context.session, reminder),
        reminder,
        viewer=context.viewer,
        now=context.now,
        count=10,
    )
    if may_change(context.viewer, reminder):
        blocks += holding.render_one_held(context, reminder)
    return View(blocks=tuple(blocks))


def test(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The message as it is now, to the one who asks and nobody else."""
    reminder = _numbered(context, arguments)
    wanted = reminders.get_plan(context.session, reminder)
    message = render_message(
        context.registry,
        context.session,
        reminder,
        is_direct=not wanted.channels,
        at=context.now,
        own_until=get_own_until(context.viewer, reminder),
    )
    if isinstance(message, Skip):
        nothing = say_nothing(context.session, context.viewer, reminder)
        return Answer(view=view(Text(text=nothing)))
    lead = Text(text=say("remind.test"))
    return Answer(view=View(blocks=(lead, *message.blocks)))


def pause(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Stop one reminder for now."""
    return _set_state(context, _numbered(context, arguments).id, ReminderState.PAUSED)


def resume(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Go on with one reminder."""
    return _set_state(context, _numbered(context, arguments).id, ReminderState.ACTIVE)


def remove(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Remove one reminder; can be undone."""
    return _set_state(context, _numbered(context, arguments).id, ReminderState.REMOVED)


def press_pause(context: Context, event: ButtonPressed) -> Answer:
    """Stop one reminder, from a button."""
    return _set_state(context, event.value, ReminderState.PAUSED)


def press_resume(context: Context, event: ButtonPressed) -> Answer:
    """Go on with one reminder, from a button."""
    return _set_state(context, event.value, ReminderState.ACTIVE)


def press_remove(context: Context, event: ButtonPressed) -> Answer:
    """Remove one reminder, from a button."""
    return _set_state(context, event.value, ReminderState.REMOVED)


_DONE = {
    ReminderState.ACTIVE: "reminder.resumed",
    ReminderState.PAUSED: "reminder.paused",
    ReminderState.REMOVED: "reminder.removed",
}


def _set_state(context: Context, reminder_id: str, state: ReminderState) -> Answer:
    reminder = forms.get_editable(context, reminder_id)
    if reminder.state == state:
        raise Conflict(f"remind.already_{state}")
    if reminder.state == ReminderState.ENDED and state == ReminderState.PAUSED:
        raise Conflict("remind.already_ended")
    before: dict[str, object] = {"state": reminder.state}
    reminders.set_state(context.session, reminder, state, now=context.now)
    next_at = reminders.get_next_at(context.session, reminder)
    if state == ReminderState.ACTIVE and next_at is None:
        raise Conflict("remind.never")
    history.record(
        context.session,
        context.viewer,
        _DONE[state],
        reminder.id,
        now=context.now,
        before=before,
        after={"state": state.value},
    )
    text = say(
        f"remind.now_{state}",
        what=say_what(context.registry, context.session, reminder),
        next=say_moment(next_at, context.zone) if next_at else "",
        number=_get_number(context, reminder),
    )
    wanted = reminders.get_plan(context.session, reminder)
    reach = render_reach(context.session, context.viewer, wanted)
    return Answer(view=view(Text(text=text), *(reach if state == ReminderState.ACTIVE else ())))


def _get_number(context: Context, reminder: Reminder) -> int:
    """The number by which the viewer can name it; 0 for one that is removed."""
    found = reminders.get_reminders(context.session, context.viewer)
    ids = [each.id for each in found]
    return ids.index(reminder.id) + 1 if reminder.id in ids else 0


def undo_state(context: Context, change: Change) -> Answer:
    """Put a reminder's state back; for one just set up: remove it."""
    reminder = _get_own(context, change.subject_id)
    _check_unchanged(change, "plan", _dump_present(context, reminder))
    _check_unchanged(change, "state", reminder.state)
    state = ReminderState(str(change.before.get("state", ReminderState.REMOVED)))
    reminders.set_state(context.session, reminder, state, now=context.now)
    what = say_what(context.registry, context.session, reminder)
    return Answer(view=view(Text(text=say(f"remind.undone_{state}", what=what))))


def undo_change(context: Context, change: Change) -> Answer:
    """Put a reminder's plan back."""
    reminder = _get_own(context, change.subject_id)
    _check_unchanged(change, "plan", _dump_present(context, reminder))
    wanted = plans.load_plan(change.before)
    reminders.change(context.session, context.viewer, reminder, wanted, now=context.now)
    what = say_what(context.registry, context.session, reminder)
    return Answer(view=view(Text(text=say("remind.undone_change", what=what))))


def undo_agreed(context: Context, change: Change) -> Answer:
    """What is new waits once more."""
    reminder = _get_own(context, change.subject_id)
    reminder.agreed_at = datetime.fromisoformat(str(change.before["agreed_at"]))
    context.session.add(reminder)
    what = say_what(context.registry, context.session, reminder)
    return Answer(view=view(Text(text=say("remind.undone_agreed", what=what))))


def _dump_present(context: Context, reminder: Reminder) -> dict[str, object]:
    return plans.dump_plan(reminders.get_plan(context.session, reminder))


def _check_unchanged(change: Change, name: str, present: object) -> None:
    """Raise Conflict if somebody has changed it once more: theirs is not to be thrown away."""
    if name in change.after and change.after[name] != present:
        raise Conflict("undo.changed_since")


def _get_own(context: Context, reminder_id: str) -> Reminder:
    reminder = context.session.get_one(Reminder, reminder_id)
    if reminder.partner_id != context.viewer.partner_id:
        raise NotFound("remind.not_found")
    return reminder


def press_agree(context: Context, event: ButtonPressed) -> Answer:
    """Other partners may read the side's own wordings in this reminder, as they were shown."""
    reminder_id, agreed_at = holding.read_agreed(event.value)
    reminder = forms.get_editable(context, reminder_id)
    before: dict[str, object] = {"agreed_at": holding.get_agreed(reminder).isoformat()}
    reminders.agree(context.session, reminder, until=min(agreed_at, context.now))
    history.record(
        context.session,
        context.viewer,
        "reminder.agreed",
        reminder.id,
        now=context.now,
        before=before,
    )
    what = say_what(context.registry, context.session, reminder)
    places = say_places(context.session, reminder, context.viewer)
    return Answer(view=view(Text(text=say("remind.agreed", what=what, places=places))))


def press_mute(context: Context, event: ButtonPressed) -> Answer:
    """In a direct message: no more of this one to me. In a channel: a manager is asked to pause
    it; others are told whose it is, and can ask for less."""
    reminder = forms.find(context, event.value)
    note_response(context, reminder)
    if event.place.kind != PlaceKind.CHANNEL:
        subject = f"reminder:{reminder.id}"
        optouts.opt_out(context.session, context.viewer.member_id, subject, now=context.now)
        undo_button = Button(
            label=words("remind.unmute"), action="remind.unmute", value=reminder.id
        )
        return Answer(view=view(Text(text=say("remind.muted")), actions(undo_button)))
    return Answer(view=_offer_pause(context, reminder))


def _offer_pause(context: Context, reminder: Reminder) -> View:
    if may_change(context.viewer, reminder):
        button = Button(label=words("remind.pause"), action="remind.pause", value=reminder.id)
        return view(Text(text=say("remind.mute_channel_manager")), actions(button))
    owner = context.session.get_one(Member, reminder.member_id)
    button = Button(
        label=words("remind.ask", person=owner.name)[:75], action="remind.ask", value=reminder.id
    )
    return view(Text(text=say("remind.mute_channel", person=owner.name)), actions(button))


def press_unmute(context: Context, event: ButtonPressed) -> Answer:
    """Direct messages of this reminder again."""
    reminder = forms.find(context, event.value)
    optouts.opt_in(context.session, context.viewer.member_id, f"reminder:{reminder.id}")
    return Answer(view=view(Text(text=say("remind.unmuted"))))


def follow_seats(_registry: Registry, session: Session, now: datetime) -> bool:
    """Let reminders for committees go to those who sit there now, and to everybody by the clock of
    where they are. Nothing is left for later."""
    for reminder in seating.follow_zones(session, now=now):
        reminders.rewind(session, reminder, now=now)
    for reminder in seating.get_aimed_at_seats(session):
        if seating.aim_at_seats(session, reminder, now=now):
            reminders.rewind(session, reminder, now=now)
    return False


def render_text(session: Session, reminder: Reminder, at: datetime) -> list[Block] | Skip:
    """A free text, exactly as it was written."""
    return [Quote(text=reminder.text)] if reminder.text else Skip("no text")


def render_home(context: Context, viewer: Viewer) -> list[Block]:
    """The reminders on the home view, for managers."""
    if not viewer.is_manager:
        return []
    found = reminders.get_reminders(context.session, viewer)
    return [Heading(text=words("remind.heading")), *render_list(context, found).blocks]
