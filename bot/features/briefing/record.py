"""What the partners wrote for the book's readers, in an alliance's record.

Each partner's is loaded for that partner alone, where it has none yet, and for its own side to see:
who else reads it is for its managers to say again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.errors import NotUnderstood
from bot.core.records import items_of, problem_at, text_of
from bot.dispatch.feature import RecordSection
from bot.dispatch.messages import words
from bot.features.briefing.front import LONGEST, MOST_LINKS, check, get_own, get_visible, read_links
from bot.features.briefing.models import Front
from bot.people.models import AudienceKind, Partner
from bot.people.viewer import Viewer

NAME = "briefing"
_TEXT = {"type": "string", "maxLength": 200}


def _dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {
            "id": front.id,
            "partner": session.get_one(Partner, front.partner_id).name,
            "audience": front.audience_kind,
            "agreement": front.agreement,
            "links": [
                {"title": title, "address": address} for title, address in read_links(front.links)
            ],
            "changed_at": front.changed_at.isoformat(),
        }
        for front in get_visible(session, viewer)
        if front.agreement or front.links
    ]


def _write_link(link: Mapping[str, Any]) -> str:
    title, address = (" ".join(text_of(link, key).split()) for key in ("title", "address"))
    return f"{title} {address}" if title != address else address


def _load(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    done = []
    for item in items_of(found):
        agreement = text_of(item, "agreement")
        links = "\n".join(map(_write_link, items_of(item.get("links"))))
        try:
            check(agreement, links)
        except NotUnderstood as error:
            said = words(error.key, **error.values)
            raise problem_at(item, error.field or "links", said) from None
        if get_own(session, viewer) is not None or not (agreement or links):
            continue
        session.add(
            Front(
                alliance_id=viewer.alliance_id,
                partner_id=viewer.partner_id or "",
                agreement=agreement,
                links=links,
                audience_kind=AudienceKind.PARTNER,
                audience_id=viewer.partner_id,
                changed_at=now,
            )
        )
        session.flush()
        done.append(words("record.front", partner=viewer.partner_name))
    return done


RECORD = RecordSection(
    order=70,
    name=NAME,
    dump=_dump,
    load=_load,
    schema={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["partner"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "maxLength": 64},
                "partner": {"type": "string", "minLength": 1, "maxLength": 80},
                "audience": {"type": "string", "maxLength": 100},
                "agreement": {
                    "type": "string",
                    "maxLength": LONGEST,
                    "description": "The agreement in short, in the partner's words.",
                },
                "links": {
                    "type": "array",
                    "maxItems": MOST_LINKS,
                    "description": "Where things are kept.",
                    "items": {
                        "type": "object",
                        "required": ["address"],
                        "additionalProperties": False,
                        "properties": {
                            "title": _TEXT,
                            "address": {"type": "string", "pattern": "^[hH][tT][tT][pP][sS]?://"},
                        },
                    },
                },
                "changed_at": _TEXT,
            },
        },
    },
)
