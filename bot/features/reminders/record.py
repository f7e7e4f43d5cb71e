"""Reminders in an alliance's record. What is loaded is paused and goes nowhere: channels and people
are others where it comes to, and a manager chooses them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.records import items_of, problem_at, text_of
from bot.dispatch.feature import RecordSection
from bot.dispatch.messages import words
from bot.people import alliances, origins
from bot.people.models import Channel, Member, Partner
from bot.people.viewer import Viewer
from bot.schedules import reminders
from bot.schedules.cadence import parse_cadence
from bot.schedules.calendar import parse_zone
from bot.schedules.models import Reminder, ReminderState, ReminderTarget
from bot.schedules.rhythm import OnHoliday
from bot.statements.record import say_audience

NAME = "reminders"
LONGEST = 3000


def _dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    found = reminders.get_reminders(session, viewer)
    ids = [reminder.id for reminder in found]
    targets = session.exec(
        select(ReminderTarget.reminder_id, Channel.name, Member.name)
        .outerjoin(Channel, col(Channel.id) == col(ReminderTarget.channel_id))
        .outerjoin(Member, col(Member.id) == col(ReminderTarget.member_id))
        .where(col(ReminderTarget.reminder_id).in_(ids))
        .order_by(col(ReminderTarget.id))
    ).all()
    return [
        {
            "id": reminder.id,
            "partner": session.get_one(Partner, reminder.partner_id).name,
            "audience": say_audience(session, reminder.audience_kind, reminder.audience_id),
            "kind": reminder.kind,
            "text": reminder.text,
            "options": dict(reminder.options),
            "cadence": reminder.cadence,
            "zone": reminder.zone,
            "on_holiday": reminder.on_holiday,
            "state": reminder.state,
            "by": session.get_one(Member, reminder.member_id).name,
            "channels": [c for owner, c, _ in targets if owner == reminder.id and c],
            "people": [m for owner, _, m in targets if owner == reminder.id and m],
        }
        for reminder in found
    ]


def _load(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    count = 0
    for item in items_of(found):
        cadence, zone = _read_cadence(item), _read_zone(session, viewer, item)
        own = session.get(Reminder, text_of(item, "id")[:24])
        if own is not None and own.alliance_id == viewer.alliance_id:
            continue
        said = (text_of(item, "kind"), text_of(item, "text"), cadence)
        origin = origins.make_origin(item, viewer.partner_name or "", *said)
        if origins.get(session, viewer.alliance_id, NAME, origin) is not None:
            continue
        reminder = Reminder(
            alliance_id=viewer.alliance_id,
            partner_id=viewer.partner_id or "",
            member_id=viewer.member_id,
            kind=said[0],
            text=said[1],
            options={str(k): str(v) for k, v in (item.get("options") or {}).items()},
            cadence=cadence,
            zone=zone,
            anchor=now.date(),
            on_holiday=text_of(item, "on_holiday", OnHoliday.SHIFT),
            state=ReminderState.PAUSED,
            created_at=now,
            audience_id=viewer.partner_id,
        )
        session.add(reminder)
        session.flush()
        origins.note(session, viewer, NAME, origin, now=now, local_id=reminder.id, content=item)
        count += 1
    return [words("record.reminders", count=count, partner=viewer.partner_name)] if count else []


def _read_cadence(item: Mapping[str, Any]) -> str:
    try:
        return parse_cadence(text_of(item, "cadence")).words
    except NotUnderstood:
        raise problem_at(item, "cadence", "expected a cadence such as every monday 09:00") from None


def _read_zone(session: Session, viewer: Viewer, item: Mapping[str, Any]) -> str:
    said = text_of(item, "zone")
    if not said:
        return alliances.get_alliance_or_raise(session, viewer.alliance_id).zone
    try:
        return parse_zone(said)
    except NotUnderstood:
        raise problem_at(item, "zone", "expected a zone such as Europe/Berlin") from None


_NAMES = {"type": "array", "items": {"type": "string", "maxLength": 120}}
RECORD = RecordSection(
    order=60,
    name=NAME,
    dump=_dump,
    load=_load,
    schema={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["partner", "kind", "cadence"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "maxLength": 64},
                "partner": {"type": "string", "maxLength": 80},
                "audience": {"type": "string", "maxLength": 100},
                "kind": {"type": "string", "minLength": 1, "maxLength": 40},
                "text": {"type": "string", "maxLength": LONGEST},
                "options": {"type": "object", "additionalProperties": {"type": "string"}},
                "cadence": {"type": "string", "minLength": 1, "maxLength": 200},
                "zone": {"type": "string", "maxLength": 64},
                "on_holiday": {"enum": [choice.value for choice in OnHoliday]},
                "state": {"enum": [state.value for state in ReminderState]},
                "by": {"type": "string", "maxLength": 120},
                "channels": _NAMES,
                "people": _NAMES,
            },
        },
    },
)
