"""The alliance itself and its partners in an alliance's record.

Loading changes neither: who an alliance's partners are, and its hours, is for their managers to
say. An alliance that is not here yet is made from these sections before any is loaded
(`bot/record/bringing.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.dispatch.feature import RecordSection
from bot.people import alliances
from bot.people.viewer import Viewer
from bot.schedules.calendar import DAYS

_TIME = {
    "type": "string",
    "pattern": r"^([01]\d|2[0-3]):[0-5]\d$",
    "description": "a time such as 09:00",
}
_NAME = {"type": "string", "minLength": 1, "maxLength": 80}


def _dump_alliance(session: Session, viewer: Viewer) -> dict[str, Any]:
    alliance = alliances.get_alliance_or_raise(session, viewer.alliance_id)
    return {
        "id": alliance.id,
        "name": alliance.name,
        "zone": alliance.zone,
        "hours": {"start": alliance.hours_start, "end": alliance.hours_end},
        "days": [DAYS[day] for day in alliance.days],
    }


def _dump_partners(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {
            "id": partner.id,
            "name": partner.name,
            "countries": list(partner.countries),
            "joined_at": partner.joined_at.isoformat() if partner.joined_at else None,
        }
        for partner in alliances.get_known_partners(session, viewer)
    ]


def _load_nothing(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    return ()


RECORD = (
    RecordSection(
        order=10,
        name="alliance",
        dump=_dump_alliance,
        load=_load_nothing,
        schema={
            "type": "object",
            "required": ["name", "zone"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "minLength": 1, "maxLength": 64},
                "name": _NAME,
                "zone": {"type": "string", "minLength": 1, "maxLength": 64},
                "hours": {
                    "type": "object",
                    "required": ["start", "end"],
                    "additionalProperties": False,
                    "properties": {"start": _TIME, "end": _TIME},
                },
                "days": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 7,
                    "items": {"enum": list(DAYS)},
                },
            },
        },
    ),
    RecordSection(
        order=20,
        name="partners",
        dump=_dump_partners,
        load=_load_nothing,
        schema={
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "maxLength": 64},
                    "name": _NAME,
                    "countries": {
                        "type": "array",
                        "maxItems": 40,
                        "items": {
                            "type": "string",
                            "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
                            "description": "a country's two letters, such as DE or NO",
                        },
                    },
                    "joined_at": {"type": ["string", "null"], "maxLength": 40},
                },
            },
        },
    ),
)
