"""`setup`: the form with which an alliance begins, and with which its manager changes it."""

from collections.abc import Callable, Iterable
from datetime import datetime, time
from typing import Any

from sqlmodel import Session

from bot.core.errors import Conflict, NotUnderstood, UserError
from bot.core.events import CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput, TimeInput
from bot.core.views import Button, Note, Option, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import WEEKDAYS
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import differs, get_change, say_who, tell_other_managers
from bot.dispatch.replies import say_error
from bot.people import alliances, history, partings, partners
from bot.people.alliances import NewAlliance
from bot.people.models import Alliance, Change, Partner
from bot.people.partners import MOST_PARTNERS
from bot.schedules import reminders
from bot.schedules.calendar import country_of_zone, parse_country, parse_zone

TOPIC = "alliance_changed"


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The form: empty for whoever is in no alliance yet, or says `setup new`; else the manager's
    own alliance to change."""
    is_new = arguments.text.strip().casefold() == "new"
    viewer = context.chosen
    if viewer is not None and viewer.is_manager and not is_new:
        return Answer(opens=("setup.form", viewer.alliance_id), label="setup.change")
    return Answer(opens=("setup.form", ""))


def open_form(context: Context, value: str) -> Form:
    """The form; `value` is the alliance to change, or empty for a new one."""
    if not value:
        return _new_form(context)
    context.enter(value)
    context.require(Needs.MANAGER)
    own = context.session.get_one(Partner, context.viewer.partner_id)
    alliance = context.alliance
    return Form(
        name="setup.form",
        title=words("setup.change_title"),
        submit=words("setup.save"),
        context={"alliance": alliance.id},
        items=(
            TextInput(name="name", label=words("setup.name"), value=alliance.name, max_length=80),
            TextInput(
                name="own_partner",
                label=words("setup.own_partner"),
                value=own.name,
                hint=words("setup.own_partner_hint"),
                max_length=80,
            ),
            *_when(alliance.zone, alliance.hours_start, alliance.hours_end, alliance.days),
            country_input(", ".join(own.countries)),
        ),
    )


def _new_form(context: Context) -> Form:
    zone = context.who.zone or "UTC"
    return Form(
        name="setup.form",
        title=words("setup.title"),
        submit=words("setup.create"),
        items=(
            Text(text=say("setup.intro")),
            TextInput(
                name="name",
                label=words("setup.name"),
                placeholder=words("setup.name_example"),
                max_length=80,
            ),
            TextInput(
                name="own_partner",
                label=words("setup.own_partner"),
                hint=words("setup.own_partner_hint"),
                max_length=80,
            ),
            TextInput(
                name="other_partners",
                label=words("setup.other_partners"),
                hint=words("setup.other_partners_hint"),
                max_length=2000,
                multiline=True,
            ),
            *_when(zone, "09:00", "17:00", range(5)),
            country_input(country_of_zone(zone) or ""),
        ),
    )


def _when(
    zone: str, start: str, end: str, days: Iterable[int]
) -> tuple[TextInput, TimeInput, TimeInput, ChoiceInput]:
    return (
        TextInput(
            name="zone",
            label=words("setup.zone"),
            value=zone,
            hint=words("setup.zone_hint"),
            max_length=64,
        ),
        TimeInput(name="hours_start", label=words("setup.hours_start"), value=start),
        TimeInput(
            name="hours_end",
            label=words("setup.hours_end"),
            value=end,
            hint=words("setup.hours_hint"),
        ),
        ChoiceInput(
            name="days",
            label=words("setup.days"),
            options=tuple(Option(value=str(n), label=name) for n, name in enumerate(WEEKDAYS)),
            selected=tuple(str(day) for day in days),
            multiple=True,
        ),
    )


def country_input(value: str) -> TextInput:
    """Asks for the countries whose public holidays a partner keeps."""
    return TextInput(
        name="countries",
        label=words("setup.countries"),
        value=value,
        hint=words("setup.countries_hint"),
        required=False,
        max_length=200,
    )


def submit(context: Context, event: FormSubmitted) -> Answer:
    """Set the alliance up, or change it."""
    values = {name: str(value or "").strip() for name, value in event.values.items()}
    alliance_id = event.context.get("alliance", "")
    if alliance_id:
        context.enter(alliance_id)
        context.require(Needs.MANAGER)
    faults = _find_faults(event, values, is_new=not alliance_id)
    if faults:
        return Answer(errors=faults)
    if alliance_id:
        return _change(context, values, _days(event))
    return _create(context, values, _days(event))


def _find_faults(event: FormSubmitted, values: dict[str, str], *, is_new: bool) -> dict[str, str]:
    """All that is wrong with what was sent off, by the field at fault; the first of each."""
    faults: dict[str, str] = {}
    for read in (*_READS, *(_READS_OF_NEW if is_new else ())):
        try:
            read(values)
        except UserError as error:
            faults.setdefault(error.field or "", say_error(error))
    try:
        _days(event)
    except UserError as error:
        faults.setdefault(error.field or "", say_error(error))
    return faults


def _create(context: Context, values: dict[str, str], days: tuple[int, ...]) -> Answer:
    own = read_name(values, "own_partner")
    start, end = _hours(values)
    new = NewAlliance(
        name=read_name(values, "name"),
        own_partner=own,
        other_partners=_others(values.get("other_partners", ""), own),
        zone=_zone(values),
        hours_start=start,
        hours_end=end,
        countries=read_countries(values),
        days=days,
    )
    viewer = alliances.create(context.session, new, founder=context.account, now=context.now)
    context.look_again()
    context.enter(viewer.alliance_id)
    history.record(context.session, viewer, "alliance.created", viewer.alliance_id, now=context.now)
    return Answer(
        view=view(
            Text(text=say("setup.created", alliance=new.name, partner=own)),
            Text(text=say("setup.pilot", partner=own, others=", ".join(new.other_partners))),
            Text(text=say("setup.next")),
            actions(
                Button(
                    label=words("north_star.write"),
                    opens="north_star.form",
                    value=viewer.alliance_id,
                    style="primary",
                )
            ),
            Note(text=say("setup.created_note")),
        )
    )


def undo_created(context: Context, change: Change) -> Answer:
    """The alliance just set up is none any more. Raises Conflict if others have come to it."""
    name = context.alliance.name
    reminders.pause_alliance(context.session, change.alliance_id, now=context.now)
    partings.take_away(context.session, change, now=context.now)
    context.session.refresh(context.account)
    context.look_again()
    return Answer(view=view(Text(text=say("setup.undone_created", alliance=name))))


def _change(context: Context, values: dict[str, str], days: tuple[int, ...]) -> Answer:
    alliance = context.alliance
    own = context.session.get_one(Partner, context.viewer.partner_id)
    before = _settings(alliance, own)
    alliance.name = read_name(values, "name")
    alliance.zone = _zone(values)
    alliance.hours_start, alliance.hours_end = _hours(values)
    alliance.days = list(days)
    own.countries = list(read_countries(values))
    partners.rename(context.session, own, read_name(values, "own_partner"))
    context.session.add_all([alliance, own])
    context.session.flush()
    reminders.rewind_all(context.session, alliance.id, now=context.now)
    change = history.record(
        context.session,
        context.viewer,
        "alliance.changed",
        alliance.id,
        now=context.now,
        before=before,
        after=_settings(alliance, own),
    )
    tell_other_managers(context, change, TOPIC)
    return Answer(view=view(Text(text=say("setup.changed", alliance=alliance.name))))


def render_notice(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What another manager hears of changed settings."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    changed = differs(change.before, change.after)
    if not changed:
        return Skip("as before")
    alliance = session.get_one(Alliance, change.alliance_id)
    names = dict.fromkeys(words(f"changed.part_{name}") for name in changed)
    values = say_who(session, change) | {"what": ", ".join(names), "alliance": alliance.name}
    return view(
        Text(text=say("changed.told_alliance", **values)),
        actions(Button(label=words("changed.look"), opens="setup.form", value=alliance.id)),
        Note(text=say("changed.why", alliance=alliance.name)),
    )


def _settings(alliance: Alliance, own: Partner) -> dict[str, object]:
    return {
        "name": alliance.name,
        "zone": alliance.zone,
        "hours_start": alliance.hours_start,
        "hours_end": alliance.hours_end,
        "days": list(alliance.days),
        "partner": own.id,
        "own_partner": own.name,
        "countries": list(own.countries),
    }


def undo_change(context: Context, change: Change) -> Answer:
    """Put the alliance's settings back. Raises Conflict if another manager changed them since."""
    before: dict[str, Any] = change.before
    alliance = context.alliance
    own = context.session.get_one(Partner, before["partner"])
    if change.after != _settings(alliance, own):
        raise Conflict("undo.changed_since")
    alliance.name, alliance.zone = before["name"], before["zone"]
    alliance.hours_start, alliance.hours_end = before["hours_start"], before["hours_end"]
    alliance.days = before.get("days", alliance.days)
    own.countries = list(before["countries"])
    partners.rename(context.session, own, before.get("own_partner", own.name))
    context.session.add_all([alliance, own])
    context.session.flush()
    reminders.rewind_all(context.session, alliance.id, now=context.now)
    return Answer(view=view(Text(text=say("setup.undone", alliance=alliance.name))))


def read_name(values: dict[str, str], field: str) -> str:
    """A name from a form. Raises NotUnderstood at its field."""
    name = " ".join(values.get(field, "").split())
    if not name or not name.isprintable():
        raise NotUnderstood("setup.name_missing", field=field)
    if len(name) > 80:
        raise NotUnderstood("setup.name_long", field=field, most=80)
    return name


def _others(text: str, own: str) -> tuple[str, ...]:
    lines = [" ".join(part.split()) for part in text.replace(",", "\n").splitlines()]
    names = list(dict.fromkeys(name for name in lines if name))
    if not names:
        raise NotUnderstood("setup.others_missing", field="other_partners")
    folded = [name.casefold() for name in names]
    if own.casefold() in folded or len(set(folded)) != len(folded):
        raise NotUnderstood("setup.others_twice", field="other_partners")
    if len(names) >= MOST_PARTNERS or any(len(n) > 80 or not n.isprintable() for n in names):
        raise NotUnderstood("setup.others_many", field="other_partners", most=MOST_PARTNERS)
    return tuple(names)


def _zone(values: dict[str, str]) -> str:
    try:
        return parse_zone(values.get("zone", ""))
    except NotUnderstood as error:
        raise NotUnderstood(error.key, field="zone", **error.values) from None


def read_countries(values: dict[str, str]) -> tuple[str, ...]:
    """The countries a form names. Raises NotUnderstood at their field."""
    parts = [part.strip() for part in values.get("countries", "").split(",") if part.strip()]
    try:
        return tuple(dict.fromkeys(parse_country(part) for part in parts))
    except NotUnderstood as error:
        raise NotUnderstood(error.key, field="countries", **error.values) from None


def _days(event: FormSubmitted) -> tuple[int, ...]:
    """The working days that a form names, 0 for Monday. Raises NotUnderstood for none."""
    chosen = event.values.get("days")
    found = {day for day in range(7) if isinstance(chosen, tuple) and str(day) in chosen}
    if not found:
        raise NotUnderstood("setup.days_missing", field="days")
    return tuple(sorted(found))


def _hours(values: dict[str, str]) -> tuple[str, str]:
    found = []
    for field in ("hours_start", "hours_end"):
        try:
            found.append(time.fromisoformat(values.get(field, "")))
        except ValueError:
            raise NotUnderstood("setup.time_missing", field=field) from None
    if found[0] >= found[1]:
        raise NotUnderstood("setup.hours_order", field="hours_end")
    return f"{found[0]:%H:%M}", f"{found[1]:%H:%M}"


Read = Callable[[dict[str, str]], object]

_READS: tuple[Read, ...] = (
    lambda values: read_name(values, "name"),
    _zone,
    _hours,
    read_countries,
)
_READS_OF_NEW: tuple[Read, ...] = (
    lambda values: read_name(values, "own_partner"),
    lambda values: _others(values.get("other_partners", ""), values.get("own_partner", "")),
)
