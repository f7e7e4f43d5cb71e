"""`changes`: the audit trail, as far as it is the manager's to read; and as part of the record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Table, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Needs, RecordSection
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.people import history
from bot.people.history import Line
from bot.people.viewer import Viewer

PAGE = 20
_TEXT = {"type": "string", "maxLength": 200}
_MOMENT = {"type": ["string", "null"], "maxLength": 40}


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The newest lines."""
    return Answer(view=_render(context, 0))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """Earlier or later lines."""
    alliance_id, _, place = event.value.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    if not (place.isascii() and place.isdigit() and len(place) < 9):
        raise NotFound("alliance.not_yours")
    return Answer(refresh=_render(context, int(place)))


def _render(context: Context, offset: int) -> View:
    viewer = context.viewer
    found = history.get_lines(context.session, viewer, offset=offset, most=PAGE + 1)
    values = {"alliance": context.alliance.name, "partner": viewer.partner_name}
    if not found:
        return view(Text(text=say("changes.none", **values)))
    rows = tuple(
        (say_moment(line.at, context.zone), _say_who(line), _say_what(line))
        for line in found[:PAGE]
    )
    columns = (words("changes.when"), words("changes.who"), words("changes.what"))
    return view(
        Text(text=say("changes.intro", **values)),
        Table(columns=columns, rows=rows),
        actions(
            _make_button(viewer, "changes.later", offset - PAGE) if offset >= PAGE else None,
            _make_button(viewer, "changes.earlier", offset + PAGE) if len(found) > PAGE else None,
        ),
    )


def _make_button(viewer: Viewer, key: str, offset: int) -> Button:
    return Button(label=words(key), action="changes.page", value=f"{viewer.alliance_id}:{offset}")


def _say_who(line: Line) -> str:
    return words("changes.person", person=line.person, partner=line.partner)


def _say_what(line: Line) -> str:
    """An action's name is a noun and what was done to it, so it reads as words."""
    action = line.action.replace(".", " ").replace("_", " ").capitalize()
    said = words("changes.of", action=action, subject=line.subject) if line.subject else action
    return words("changes.undone", said=said) if line.undone_at else said


def _dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "at": line.at.isoformat(),
            "action": line.action,
            "name": line.subject,
            "person": line.person,
            "by_partner": line.partner,
            "taken_back_at": line.undone_at.isoformat() if line.undone_at else None,
        }
        for line in reversed(history.get_lines(session, viewer))
    ]


def _load_nothing(session: Session, viewer: Viewer, found: Any, now: datetime) -> Sequence[str]:
    """What was done elsewhere is history there."""
    return ()


RECORD = RecordSection(
    order=110,
    name="changes",
    dump=_dump,
    load=_load_nothing,
    schema={
        "type": "array",
        "description": "History: it changes nothing where it is imported.",
        "items": {
            "type": "object",
            "required": ["at", "action"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string", "maxLength": 64},
                "at": _MOMENT,
                "action": _TEXT,
                "name": _TEXT,
                "person": _TEXT,
                "by_partner": _TEXT,
                "taken_back_at": _MOMENT,
            },
        },
    },
)
