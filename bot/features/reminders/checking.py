"""Whether a planned reminder can be kept, and everything that is wrong with it at once."""

from collections.abc import Iterator
from dataclasses import replace

from bot.core.errors import NotUnderstood, UserError
from bot.dispatch.context import Context
from bot.dispatch.replies import say_error
from bot.features.reminders import choices
from bot.schedules import reminders
from bot.schedules.calendar import parse_zone
from bot.schedules.reminders import Plan
from bot.schedules.rhythm import next_due

LONGEST_TEXT = 1500


def check_plan(context: Context, wanted: Plan) -> Plan:
    """The plan, if it can be kept. Raises UserError with the field at fault."""
    for error in _find(context, wanted):
        raise error
    return settle_zone(wanted)


def find_faults(context: Context, wanted: Plan) -> dict[str, str]:
    """What is wrong with a plan, by the field at fault; the first of each."""
    faults: dict[str, str] = {}
    for error in _find(context, wanted):
        faults.setdefault(error.field or "", say_error(error))
    return faults


def settle_zone(wanted: Plan) -> Plan:
    """The plan with its zone as the tables of zones write it."""
    return replace(wanted, zone=parse_zone(wanted.zone) if wanted.zone else "")


def needs_text(context: Context, wanted: Plan) -> bool:
    """Whether the plan's kind says nothing without a text."""
    kind = context.registry.reminder_kinds.get(wanted.kind)
    return kind is not None and kind.needs_text


def _find(context: Context, wanted: Plan) -> Iterator[UserError]:
    for check in CHECKS:
        try:
            check(context, wanted)
        except UserError as error:
            yield error


def _check_kind(context: Context, wanted: Plan) -> None:
    if wanted.kind not in context.registry.reminder_kinds:
        raise NotUnderstood("remind.what", field="kind", examples="")


def draws(context: Context, wanted: Plan) -> bool:
    """Whether the plan's kind chooses itself whom to write to."""
    kind = context.registry.reminder_kinds.get(wanted.kind)
    return kind is not None and kind.draws


def aim(context: Context, wanted: Plan) -> Plan:
    """The plan, which goes to whoever sets it up if its kind takes no places."""
    if not draws(context, wanted) or wanted.members:
        return wanted
    return replace(wanted, members=(context.viewer.member_id,))


def _check_places(context: Context, wanted: Plan) -> None:
    own = (context.viewer.member_id,)
    if draws(context, wanted) and (wanted.channels or wanted.committees or wanted.members != own):
        raise NotUnderstood("remind.draws", field="channels")
    if not wanted.channels and not wanted.members and not wanted.committees:
        raise NotUnderstood("remind.where_missing", field="channels")


def _check_text(context: Context, wanted: Plan) -> None:
    if len(wanted.text) > LONGEST_TEXT:
        raise NotUnderstood("setup.name_long", field="text", most=LONGEST_TEXT)
    if needs_text(context, wanted) and not wanted.text.strip():
        raise NotUnderstood("remind.text_missing", field="text")


def _check_zone(_context: Context, wanted: Plan) -> None:
    try:
        settle_zone(wanted)
    except UserError as error:
        raise NotUnderstood(error.key, field="zone", **error.values) from None


def _check_cadence(context: Context, wanted: Plan) -> None:
    # In the alliance's zone: the plan's own has its own check, and makes no difference here.
    here, anchor = replace(wanted, zone=""), context.now.date()
    try:
        rhythm = reminders.get_rhythm(context.session, context.alliance, here, anchor=anchor)
    except UserError as error:
        raise NotUnderstood(error.key, field="cadence", **error.values) from None
    if next_due(rhythm, context.now) is None:
        raise NotUnderstood("remind.never", field="cadence")


CHECKS = (_check_kind, choices.check, _check_places, _check_text, _check_zone, _check_cadence)
