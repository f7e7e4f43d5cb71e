"""The reminder form: what, how often, where; with a preview while it is open."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.core.errors import NotAllowed, NotUnderstood, UserError
from bot.core.events import FormChanged, FormSubmitted, FormValue
from bot.core.forms import ChoiceInput, Form, PeopleInput, TextInput
from bot.core.views import Block, Note, Option, Text, view
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.dispatch.places import name_channel
from bot.features.reminders import checking, choices
from bot.features.reminders.checking import LONGEST_TEXT
from bot.features.reminders.plans import (
    dump_plan,
    get_known_ids,
    get_member_ids,
    get_strangers,
    get_users,
    load_line,
    meet,
    to_tuple,
)
from bot.features.reminders.views import (
    render_preview,
    render_reach,
    say_places,
    say_what,
)
from bot.people import channels, history
from bot.people.models import Member, Partner
from bot.schedules import reminders
from bot.schedules.calendar import parse_zone
from bot.schedules.models import Reminder
from bot.schedules.reminders import Plan
from bot.schedules.rhythm import OnHoliday

NEW = "new:"
DEFAULT_CADENCE = "first monday of the month 09:00"

MOST_CHANNELS = 100
"""Channels that a form offers; others are named in the one-line command."""


def open_form(context: Context, value: str) -> Form:
    """The form. `value`: a reminder's id; or `new:` and an alliance's id (or nothing); or what a
    line said, as JSON."""
    if value.startswith("{"):
        alliance_id, said = load_line(value)
        _enter_new(context, alliance_id)
        people = get_users(context, said.members)
        return make_form(context, said, people=people, reminder=None)
    if value.startswith(NEW) or not value:
        _enter_new(context, value.removeprefix(NEW))
        channel = context.channel
        ids = [channel.id] if channel is not None else []
        here = tuple(c.id for c in channels.find_channels(context.session, context.viewer, ids))
        start = Plan(kind="north_star", cadence=DEFAULT_CADENCE, channels=here)
        return make_form(context, start, people=(), reminder=None)
    reminder = get_editable(context, value)
    wanted = reminders.get_plan(context.session, reminder)
    people = get_users(context, wanted.members)
    return make_form(context, wanted, people=people, reminder=reminder)


def _enter_new(context: Context, alliance_id: str) -> None:
    if alliance_id:
        context.enter(alliance_id)
    context.require(Needs.MANAGER)


def find(context: Context, reminder_id: str) -> Reminder:
    """A reminder in whichever of the person's alliances; they act in that one from here on."""
    context.find(Reminder, reminder_id, "remind.not_found")
    return reminders.get_reminder_or_raise(context.session, context.viewer, reminder_id)


def get_editable(context: Context, reminder_id: str) -> Reminder:
    """A reminder that the acting person may change: a manager of the partner that set it up.

    Raises NotAllowed, and says whom to ask.
    """
    reminder = find(context, reminder_id)
    viewer = context.viewer
    if not viewer.is_manager or viewer.partner_id != reminder.partner_id:
        raise NotAllowed(
            "remind.not_yours",
            person=context.session.get_one(Member, reminder.member_id).name,
            partner=context.session.get_one(Partner, reminder.partner_id).name,
        )
    return reminder


def make_form(
    context: Context, wanted: Plan, *, people: tuple[str, ...], reminder: Reminder | None
) -> Form:
    """The form for a plan, whatever state it is in."""
    return Form(
        name="remind.form",
        title=words("remind.change_title" if reminder else "remind.title"),
        submit=words("remind.save"),
        context={
            "alliance": context.viewer.alliance_id,
            "reminder": reminder.id if reminder else "",
        },
        items=(
            *_what(context, wanted),
            *choices.make_inputs(context, wanted),
            TextInput(
                name="cadence",
                label=words("remind.cadence"),
                value=wanted.cadence,
                hint=words("remind.cadence_hint"),
                max_length=120,
                live=True,
            ),
            *(
                (Text(text=say("remind.draws")),)
                if checking.draws(context, wanted)
                else (
                    *_where(context, wanted, people),
                    *choices.make_committee_input(context, wanted),
                )
            ),
            *_rules(context, wanted),
            *_preview(context, wanted, people=people, reminder=reminder),
        ),
    )


def _what(context: Context, wanted: Plan) -> tuple[ChoiceInput, TextInput]:
    kinds = context.registry.reminder_kinds.values()
    return (
        ChoiceInput(
            name="kind",
            label=words("remind.kind"),
            options=tuple(Option(value=k.name, label=words(k.label)) for k in kinds),
            selected=(wanted.kind,),
            live=True,
        ),
        TextInput(
            name="text",
            label=words("remind.text"),
            value=wanted.text,
            hint=words("remind.text_hint"),
            multiline=True,
            required=False,
            max_length=LONGEST_TEXT,
            live=True,
        ),
    )


def _where(
    context: Context, wanted: Plan, people: tuple[str, ...]
) -> tuple[ChoiceInput | PeopleInput | Text, ...]:
    viewer = context.viewer
    picked = channels.find_channels(context.session, viewer, wanted.channels)
    some = channels.get_channels(context.session, viewer, most=MOST_CHANNELS)
    # Those that are chosen already stay to be chosen, however many there are.
    known = list({c.id: c for c in (*picked, *some)}.values())[:MOST_CHANNELS]
    chosen = tuple(c.id for c in picked)
    where = ChoiceInput(
        name="channels",
        label=words("remind.channels"),
        options=tuple(
            Option(value=c.id, label=name_channel(c, context.event.platform, known)) for c in known
        ),
        selected=chosen,
        multiple=True,
        required=False,
    )
    return (
        where if known else Text(text=say("remind.no_channels")),
        PeopleInput(
            name="people",
            label=words("remind.people_label"),
            selected=people,
            hint=words("remind.people_hint"),
            required=False,
        ),
    )


def _rules(context: Context, wanted: Plan) -> tuple[ChoiceInput, TextInput]:
    return (
        ChoiceInput(
            name="on_holiday",
            label=words("remind.on_holiday"),
            options=tuple(
                Option(value=rule.value, label=words(f"remind.on_holiday_{rule.value}"))
                for rule in OnHoliday
            ),
            selected=(wanted.on_holiday.value,),
            live=True,
        ),
        TextInput(
            name="zone",
            label=words("remind.zone"),
            value=wanted.zone or context.alliance.zone,
            max_length=64,
            live=True,
        ),
    )


def _preview(
    context: Context, wanted: Plan, *, people: tuple[str, ...], reminder: Reminder | None
) -> list[Block]:
    # Whoever is not known yet is looked up once the form is sent off.
    known = replace(wanted, members=get_known_ids(context, people))
    try:
        return preview_plan(context, known, count=3, reminder=reminder)
    except UserError as error:
        return [Note(text=say(error.key, **error.values))]


def preview_plan(
    context: Context, wanted: Plan, *, count: int, reminder: Reminder | None = None
) -> list[Block]:
    """What a plan would send and when. Raises UserError if it can't be read."""
    zone = parse_zone(wanted.zone) if wanted.zone else context.alliance.zone
    if checking.needs_text(context, wanted) and not wanted.text.strip():
        raise NotUnderstood("remind.text_missing", field="text")
    sample = Reminder(
        alliance_id=context.viewer.alliance_id,
        partner_id=context.viewer.partner_id or "",
        member_id=reminder.member_id if reminder else context.viewer.member_id,
        kind=wanted.kind,
        text=wanted.text,
        options=dict(wanted.options),
        cadence=wanted.cadence,
        zone=zone,
        anchor=reminder.anchor if reminder else context.now.astimezone(ZoneInfo(zone)).date(),
        on_holiday=wanted.on_holiday,
        created_at=context.now,
    )
    return render_preview(
        context.registry,
        context.session,
        context.alliance,
        wanted,
        sample,
        viewer=context.viewer,
        now=context.now,
        count=count,
    )


def change_form(context: Context, event: FormChanged) -> Form:
    """The form with a fresh preview."""
    context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    reminder_id = event.context.get("reminder", "")
    reminder = get_editable(context, reminder_id) if reminder_id else None
    wanted = _read_loosely(context, event)
    people = to_tuple(event.values.get("people"))
    return make_form(context, wanted, people=people, reminder=reminder)


def submit_form(context: Context, event: FormSubmitted) -> Answer | Fetch:
    """Set the reminder up, or change it; people whom Entente has not met are looked up first."""
    context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    strangers = get_strangers(context, to_tuple(event.values.get("people")))
    if strangers:
        return Fetch(queries=strangers, then=_submit_with_people)
    return _submit(context, event)


def _submit_with_people(context: Context, event: FormSubmitted, found: Found) -> Answer:
    context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    meet(context, found)
    return _submit(context, event)


def _submit(context: Context, event: FormSubmitted) -> Answer:
    wanted = _read(context, event)
    faults = checking.find_faults(context, wanted)
    if faults:
        return Answer(errors=faults)
    wanted = checking.settle_zone(wanted)
    reminder_id = event.context.get("reminder", "")
    if reminder_id:
        reminder = get_editable(context, reminder_id)
        # The form showed what it says now.
        reminders.agree(context.session, reminder, until=context.now)
        return change(context, reminder, wanted)
    return add(context, wanted)


def add(context: Context, wanted: Plan) -> Answer:
    """Set a checked plan up."""
    reminder = reminders.add(context.session, context.viewer, wanted, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "reminder.added",
        reminder.id,
        now=context.now,
        after={"plan": dump_plan(reminders.get_plan(context.session, reminder))},
    )
    return _done(context, reminder, "remind.added", silent="remind.added_silent")


def change(context: Context, reminder: Reminder, wanted: Plan) -> Answer:
    """Put a checked plan behind a reminder."""
    before = dump_plan(reminders.get_plan(context.session, reminder))
    reminders.change(context.session, context.viewer, reminder, wanted, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "reminder.changed",
        reminder.id,
        now=context.now,
        before=before,
        after={"plan": dump_plan(reminders.get_plan(context.session, reminder))},
    )
    return _done(context, reminder, "remind.changed", silent="remind.changed_silent")


def _done(context: Context, reminder: Reminder, key: str, *, silent: str) -> Answer:
    session, viewer = context.session, context.viewer
    next_at = reminders.get_next_at(session, reminder)
    text = say(
        silent if reminders.is_silent(session, reminder) else key,
        what=say_what(context.registry, session, reminder),
        places=say_places(session, reminder, viewer),
        next=say_moment(next_at, context.zone) if next_at else words("remind.paused_now"),
    )
    reach = render_reach(session, viewer, reminders.get_plan(session, reminder))
    return Answer(view=view(Text(text=text), *reach, Note(text=say("remind.undo_hint"))))


def _first(value: FormValue, otherwise: str = "") -> str:
    found = to_tuple(value)
    return found[0] if found else otherwise


def _read_loosely(context: Context, event: FormChanged) -> Plan:
    values = event.values
    kind = _first(values.get("kind"), "north_star")
    rule = _first(values.get("on_holiday"), OnHoliday.SHIFT)
    return Plan(
        kind=kind,
        cadence=_first(values.get("cadence")),
        channels=to_tuple(values.get("channels")),
        committees=to_tuple(values.get("committees")),
        options=choices.read_options(context.registry.reminder_kinds.get(kind), values),
        text=_first(values.get("text")),
        zone=_first(values.get("zone")),
        on_holiday=OnHoliday(rule) if rule in set(OnHoliday) else OnHoliday.SHIFT,
    )


def _read(context: Context, event: FormSubmitted) -> Plan:
    loose = _read_loosely(context, event)
    wanted = replace(
        loose,
        members=get_member_ids(context, to_tuple(event.values.get("people"))),
        text=loose.text.strip(),
    )
    return checking.aim(context, wanted)
