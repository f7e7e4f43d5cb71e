"""The way from a fresh alliance to one that runs, for its managers' home view."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from bot.core.views import Block, Heading, Text
from bot.dispatch.messages import say, words
from bot.people import alliances, channels
from bot.people.consent import get_standings
from bot.people.models import ChannelState
from bot.people.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `waits_for` names whom a blocked one waits for."""

    name: str
    is_done: bool
    waits_for: str = ""


_FACTS = text(
    """
    SELECT EXISTS (SELECT 1 FROM statements WHERE alliance_id = :alliance
                   AND partner_id = :partner AND kind = 'north_star'),
           EXISTS (SELECT 1 FROM seats WHERE alliance_id = :alliance AND partner_id = :partner),
           EXISTS (SELECT 1 FROM reminders WHERE alliance_id = :alliance
                   AND state <> 'removed')
    """
)


def get_steps(session: Session, viewer: Viewer) -> list[Step]:
    """The steps in their order, as far as the viewer's own side has come."""
    values = {"alliance": viewer.alliance_id, "partner": viewer.partner_id}
    has_star, has_seats, has_reminder = session.execute(_FACTS, values).one()
    waiting = [
        p.name for p in alliances.get_partners(session, viewer.alliance_id) if not p.joined_at
    ]
    found = channels.get_channels(session, viewer)
    blocking = sorted(
        {
            standing.name or words("consent.unknown_side")
            for channel in found
            if channel.state == ChannelState.PENDING
            for standing in get_standings(session, channel)
            if standing.is_open
        }
    )
    is_linked = any(channel.state == ChannelState.LINKED for channel in found)
    return [
        Step("side", is_done=True),
        Step("star", bool(has_star)),
        Step("roster", bool(has_seats)),
        Step("invite", not waiting, ", ".join(waiting)),
        Step("channel", is_linked and not blocking, ", ".join(blocking)),
        Step("reminder", bool(has_reminder)),
    ]


def render(session: Session, viewer: Viewer) -> Sequence[Block]:
    """The checklist, until everything on it is done."""
    steps = get_steps(session, viewer)
    if not viewer.is_manager or all(step.is_done for step in steps):
        return ()
    lines = [f"1. {_say(step)}" for step in steps]
    return (Heading(text=words("checklist.heading")), Text(text="\n".join(lines)))


def _say(step: Step) -> str:
    what = words(f"checklist.{step.name}")
    if step.is_done:
        return say("checklist.done", what=what)
    if step.name == "invite":
        what = words("checklist.invite_whom", names=step.waits_for)
        return say("checklist.to_do", what=what, how=words("checklist.how_invite"))
    if step.waits_for:
        return say("checklist.waits", what=what, names=step.waits_for)
    return say("checklist.to_do", what=what, how=words(f"checklist.how_{step.name}"))
