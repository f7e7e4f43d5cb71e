"""The North Star in an alliance's record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.dispatch.feature import RecordSection
from bot.dispatch.messages import words
from bot.people.viewer import Viewer
from bot.statements import record

NAME = "north_star"


def _dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    return record.dump(session, viewer, NAME)


def _load(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    count = record.load(session, viewer, NAME, found, now=now)
    return [words("record.north_star", partner=viewer.partner_name)] if count else []


RECORD = RecordSection(order=40, name=NAME, dump=_dump, load=_load, schema=record.make_schema())
