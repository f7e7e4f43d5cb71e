"""`export`: everything that the manager may see, by private links that end after a day."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.documents import File
from bot.core.errors import Conflict, NotAllowed
from bot.core.events import CommandInvoked
from bot.core.views import Button, Note, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import DocumentKind, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.people import history, links
from bot.people.alliances import get_alliance_or_raise
from bot.people.models import Change
from bot.people.partings import is_keeper
from bot.people.viewer import Viewer
from bot.record.dumping import dump
from bot.record.writing import to_json, to_markdown, to_yaml

JSON, MARKDOWN, YAML = "record.json", "record.md", "record.yaml"


def export(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Links to the record as JSON, to be read, and as the file that `entente import` takes.

    Raises Conflict where people's browsers can't reach this installation.
    """
    address = context.registry.address
    if address is None:
        raise Conflict("record.no_address")
    session, viewer = context.session, context.viewer
    buttons = [
        Button(
            label=words(key),
            url=f"{address}/documents/{links.make_link(session, viewer, kind, now=context.now)}",
        )
        for key, kind in (
            ("record.readable", MARKDOWN),
            ("record.json", JSON),
            ("record.yaml", YAML),
        )
    ]
    history.record(session, viewer, "record.exported", viewer.alliance_id, now=context.now)
    until = say_moment(context.now + links.LASTS, context.zone)
    return Answer(
        view=view(
            Text(
                text=say(
                    "record.ready", alliance=context.alliance.name, partner=viewer.partner_name
                )
            ),
            actions(*buttons),
            Note(text=say("record.links_note", until=until)),
        )
    )


def undo_export(context: Context, change: Change) -> Answer:
    """End the links again."""
    for kind in (MARKDOWN, JSON, YAML):
        links.close_links(context.session, context.viewer, kind, now=context.now)
    return Answer(view=view(Text(text=say("record.links_ended"))))


def _dump(registry: Registry, session: Session, viewer: Viewer) -> dict[str, Any]:
    """What the owner of a link may see, if they are a manager still, or were at the end. Raises
    NotAllowed."""
    if not is_keeper(session, viewer):
        name = get_alliance_or_raise(session, viewer.alliance_id).name
        raise NotAllowed("alliance.managers_only", alliance=name)
    return dump(registry, session, viewer)


def _as_json(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    text = to_json(_dump(registry, session, viewer))
    return File(
        name=_name(session, viewer, now, "json"), media_type="application/json", body=text.encode()
    )


def _as_yaml(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    text = to_yaml(_dump(registry, session, viewer))
    return File(
        name=_name(session, viewer, now, "yaml"), media_type="application/yaml", body=text.encode()
    )


def _as_markdown(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    alliance = get_alliance_or_raise(session, viewer.alliance_id)
    note = say(
        "record.document_note",
        partner=viewer.partner_name,
        person=viewer.member_name,
        when=say_moment(now, alliance.zone),
    )
    text = to_markdown(_dump(registry, session, viewer), title=alliance.name, notes=(note,))
    return File(
        name=_name(session, viewer, now, "md"), media_type="text/markdown", body=text.encode()
    )


def _name(session: Session, viewer: Viewer, now: datetime, ending: str) -> str:
    name = get_alliance_or_raise(session, viewer.alliance_id).name
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name).strip("-").lower()
    return f"{plain or 'alliance'}-{now:%Y-%m-%d}.{ending}"


DOCUMENTS = (
    DocumentKind(name=JSON, render=_as_json),
    DocumentKind(name=YAML, render=_as_yaml),
    DocumentKind(name=MARKDOWN, render=_as_markdown),
)
