"""The way from a fresh alliance to one that runs, for its managers' home view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from bot.core.views import Block, Heading, Text
from bot.db.bulk import bind_moment
from bot.dispatch.messages import Markdown, say, words
from bot.people import alliances, channels
from bot.people.consent import get_standings
from bot.people.models import Channel, ChannelState
from bot.people.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `waits_for` names whom a blocked one waits for; `whom`: whom it is about."""

    name: str
    is_done: bool
    waits_for: str = ""
    whom: str = ""


_FACTS = text(
    """
    SELECT EXISTS (SELECT 1 FROM statements WHERE alliance_id = :alliance
                   AND partner_id = :partner AND kind = 'north_star'),
           EXISTS (SELECT 1 FROM seats WHERE alliance_id = :alliance AND partner_id = :partner),
           EXISTS (SELECT 1 FROM reminders WHERE alliance_id = :alliance
                   AND state <> 'removed')
    """
)

_ASKED = text(
    """
    SELECT DISTINCT i.partner_id FROM invitations i
    WHERE i.alliance_id = :alliance AND i.used_at IS NULL AND i.expires_at > :now
    """
)
"""The partners that hold a code that works."""


def get_steps(session: Session, viewer: Viewer, *, now: datetime) -> list[Step]:
    """The steps in their order, as far as the viewer's own side has come."""
    values = {"alliance": viewer.alliance_id, "partner": viewer.partner_id}
    has_star, has_seats, has_reminder = session.execute(_FACTS, values).one()
    found = channels.get_channels(session, viewer)
    is_linked = any(channel.state == ChannelState.LINKED for channel in found)
    own, others = _get_blocking(session, viewer, found)
    blocking = ", ".join(others)
    return [
        Step("side", is_done=True),
        Step("star", bool(has_star)),
        Step("roster", bool(has_seats)),
        _get_invite_step(session, viewer, now=now),
        Step("consent", is_done=False, whom=own)
        if own
        else Step("channel", is_linked and not others, blocking),
        Step("reminder", bool(has_reminder), "" if is_linked else blocking),
    ]


def _get_invite_step(session: Session, viewer: Viewer, *, now: datetime) -> Step:
    """Next while somebody has not been asked; waiting once all have."""
    waiting = [p for p in alliances.get_partners(session, viewer.alliance_id) if not p.joined_at]
    values = {"alliance": viewer.alliance_id, "now": bind_moment(session, now)}
    asked = set(session.execute(_ASKED, values).scalars())
    names = ", ".join(p.name for p in waiting)
    if waiting and all(p.id in asked for p in waiting):
        return Step("invite", is_done=False, waits_for=names)
    unasked = ", ".join(p.name for p in waiting if p.id not in asked)
    return Step("invite", not waiting, whom=unasked)


def _get_blocking(
    session: Session, viewer: Viewer, found: Sequence[Channel]
) -> tuple[str, list[str]]:
    """The silent channels that wait for the viewer's own side, and whom else they wait for."""
    own, others = [], set()
    for channel in found:
        if channel.state != ChannelState.PENDING:
            continue
        for standing in get_standings(session, channel):
            if standing.is_open and standing.partner_id == viewer.partner_id:
                own.append(f"#{channel.name}")
            elif standing.is_open:
                others.add(standing.name or words("consent.unknown_side"))
    return ", ".join(own), sorted(others)


def render(session: Session, viewer: Viewer, *, now: datetime) -> Sequence[Block]:
    """The checklist, until everything on it is done."""
    if not viewer.is_manager:
        return ()
    steps = get_steps(session, viewer, now=now)
    if all(step.is_done for step in steps):
        return ()
    lines = [f"1. {_say(step)}" for step in steps]
    return (Heading(text=words("checklist.heading")), Text(text="\n".join(lines)))


def _say(step: Step) -> str:
    what = words(f"checklist.{step.name}")
    if step.is_done:
        return say("checklist.done", what=what)
    if step.whom:
        what = words(f"checklist.{step.name}_whom", names=step.whom)
    if step.waits_for:
        return say("checklist.waits", what=what, names=step.waits_for)
    return say("checklist.to_do", what=what, how=Markdown(say(f"checklist.how_{step.name}")))
