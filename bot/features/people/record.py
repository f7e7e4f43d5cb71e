"""The alliance itself and its partners in an alliance's record.

Loading changes neither: who an alliance's partners are, and its hours, is for their managers to
say. An alliance that is not here yet is made from these sections before any is loaded
(`bot/record/bringing.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.dispatch.feature import RecordSection
from bot.people import alliances
from bot.people.models import Channel, Consent, Member, Partner
from bot.people.viewer import Viewer, visible_to
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


def _dump_channels(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    """The channels that the viewer may know of, and who agreed to Entente's being there."""
    found = session.exec(
        select(Channel)
        .where(visible_to(viewer, Channel))
        .order_by(col(Channel.linked_at), col(Channel.id))
    ).all()
    consents: dict[str, list[dict[str, Any]]] = {}
    for given, partner, person in session.exec(
        select(Consent, Partner.name, Member.name)
        .join(Partner, col(Partner.id) == col(Consent.partner_id))
        .join(Member, col(Member.id) == col(Consent.member_id))
        .where(col(Consent.channel_id).in_([channel.id for channel in found]))
        .order_by(col(Consent.given_at), col(Consent.id))
    ):
        consents.setdefault(given.channel_id, []).append(_dump_consent(given, partner, person))
    return [
        {
            "id": channel.id,
            "name": channel.name,
            "platform": channel.platform,
            "state": channel.state,
            "audience": channel.audience_kind,
            "linked_at": channel.linked_at.isoformat(),
            "consents": consents.get(channel.id, []),
        }
        for channel in found
    ]


def _dump_consent(given: Consent, partner: str, person: str) -> dict[str, Any]:
    return {
        "id": given.id,
        "by_partner": partner,
        "person": person,
        "given_at": given.given_at.isoformat(),
        "withdrawn_at": given.withdrawn_at.isoformat() if given.withdrawn_at else None,
    }


def _load_nothing(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    return ()


_SHORT = {"type": "string", "maxLength": 120}
_MOMENT = {"type": ["string", "null"], "maxLength": 40}

RECORD = (
    RecordSection(
        order=30,
        name="channels",
        dump=_dump_channels,
        load=_load_nothing,
        schema={
            "type": "array",
            "description": "Loaded nowhere: channels are others where the record comes to.",
            "items": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "maxLength": 64},
                    **dict.fromkeys(("name", "platform", "state", "audience"), _SHORT),
                    "linked_at": _MOMENT,
                    "consents": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "id": {"type": "string", "maxLength": 64},
                                "by_partner": _SHORT,
                                "person": _SHORT,
                                "given_at": _MOMENT,
                                "withdrawn_at": _MOMENT,
                            },
                        },
                    },
                },
            },
        },
    ),
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
