"""What waits for the partners' confirmation, of all kinds, as a part of the digest."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.views import Block, Text
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say
from bot.people.viewer import Viewer
from bot.statements.versions import can_read
from bot.statements.waiting import Open, get_open

SHOWN = 8
"""Requests that the digest names; it says how many there are."""

FIRST_WORDS = 120


def render_waiting(
    registry: Registry, session: Session, viewer: Viewer, now: datetime
) -> Sequence[Block]:
    """What the viewer may see of it, oldest first, and whose answers are missing."""
    found = [
        one
        for one in get_open(session, viewer.alliance_id, now=now)
        if can_read(session, viewer, one.statement)
    ]
    if not found:
        return ()
    lines = [f"- {_say_line(registry, session, one)}" for one in found[:SHOWN]]
    lead = say("digest.waiting", count=len(found))
    return (Text(text="\n".join((lead, *lines))),)


def _say_line(registry: Registry, session: Session, one: Open) -> str:
    kind = registry.statements.get(one.statement.kind)
    text = " ".join(one.version.text.split())
    return say(
        "digest.waiting_line",
        title=kind.title(session, one.statement) if kind else one.statement.kind,
        text=text if len(text) <= FIRST_WORDS else f"{text[: FIRST_WORDS - 1]}…",
        names=[side.name for side in one.waiting],
    )
