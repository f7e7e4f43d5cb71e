"""Where capturing starts: what a button, shortcut or line already knows, on its way to the form."""

from dataclasses import asdict, dataclass, replace

import orjson
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import Event, PlaceKind
from bot.dispatch.context import Context
from bot.features.decisions import log
from bot.features.decisions.capture import Source
from bot.people.models import Channel, ChannelState
from bot.people.viewer import Viewer, visible_to

LONGEST = 1900
"""Characters that a button can carry."""

THREAD = "thread"
"""That the whole of a thread is meant, as it stands when the form opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A form's beginning. `channel`, `message`, `thread` are the platform's ids; `committee` and
    `replaces` are ours. `known`: decisions that the person was shown (their numbers).
    `ended`: with this message a discussion ended, or (`THREAD`) the whole thread is meant; another
    message may say what was decided. `planned`: the day on which it comes up for decision."""

    alliance: str
    channel: str = ""
    message: str = ""
    thread: str = ""
    what: str = ""
    why: str = ""
    committee: str = ""
    replaces: str = ""
    known: str = ""
    told: str = ""
    ended: str = ""
    planned: str = ""

    def dump(self) -> str:
        """As a button carries it: of the reasons as much as it has room for, and if that is not
        enough, of what was decided."""
        held = self
        for name in ("why", "what"):
            text = getattr(held, name)
            while text and not held.fits():
                text = text[: -max(len(held._dump()) - LONGEST, 1)]
                held = replace(held, **{name: text})
        return held._dump()

    def fits(self) -> bool:
        """Whether a button can carry all of it."""
        return len(self._dump()) <= LONGEST

    def _dump(self) -> str:
        return orjson.dumps({k: v for k, v in asdict(self).items() if v}).decode()


def load(value: str) -> Start:
    """What `dump` wrote; it came back from outside. Raises NotUnderstood."""
    try:
        fields = orjson.loads(value)
        return Start(**{str(k): str(v).replace("\0", "") for k, v in fields.items()})
    except (orjson.JSONDecodeError, AttributeError, TypeError):
        raise NotUnderstood("help.old_button") from None


def start_here(context: Context, event: Event, *, message: str = "") -> Start:
    """A start from where something happened. Raises NotFound in a channel that is no channel of the
    alliance: what was said there is not this alliance's."""
    place, who = event.place, context.who
    spoken = message or place.thread or ""
    is_ours = (
        who.channel_state == ChannelState.LINKED
        and who.channel_alliance_id == context.viewer.alliance_id
    )
    if place.kind != PlaceKind.CHANNEL or not (spoken or is_ours):
        return Start(alliance=context.viewer.alliance_id)
    if not is_ours:
        raise NotFound("decisions.not_here")
    return Start(
        alliance=context.viewer.alliance_id,
        channel=place.channel or "",
        message=spoken,
        thread=place.thread or spoken,
    )


def open_channels(
    viewer: Viewer, platform: str, external_id: str
) -> tuple[ColumnElement[bool], ...]:
    """The conditions for the channel with this id: the alliance's, the viewer's to know of, and
    not silent."""
    return (
        visible_to(viewer, Channel),
        col(Channel.state) == ChannelState.LINKED,
        col(Channel.platform) == platform,
        col(Channel.external_id) == external_id,
    )


def find_channel(session: Session, viewer: Viewer, platform: str, start: Start) -> Channel | None:
    """The channel that a start names. Raises NotFound if it is another alliance's, another
    partner's own, or silent."""
    if not start.channel:
        return None
    channel = session.exec(
        select(Channel).where(*open_channels(viewer, platform, start.channel))
    ).first()
    if channel is None:
        raise NotFound("decisions.not_here")
    return channel


def find_source(context: Context, start: Start, *, permalink: str = "") -> Source:
    """Where the decision comes from, with what the person knows was captured there."""
    channel = find_channel(context.session, context.viewer, context.event.platform, start)
    known = set(filter(None, start.known.split(",")))
    captured = log.get_of_thread(context.session, context.viewer, channel, start.thread)
    return Source(
        channel=channel,
        message=start.message,
        thread=start.thread,
        permalink=permalink,
        known=frozenset(d.id for d in captured if str(d.number) in known),
    )
