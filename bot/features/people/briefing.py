"""The alliance itself in the briefing book: who takes part, who looks after it, how one works."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.views import Block, Fields, Text
from bot.dispatch.dates import say_weekdays
from bot.dispatch.feature import BriefingSection, Step
from bot.dispatch.messages import say, words
from bot.people import alliances, channels
from bot.people.models import Alliance
from bot.people.viewer import Viewer


def render_partners(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The partners, each with who manages the alliance there, and the working hours."""
    alliance = session.get_one(Alliance, viewer.alliance_id)
    managers = alliances.get_manager_ids(session, viewer.alliance_id)
    members = alliances.get_members(session, viewer.alliance_id)
    rows = []
    for partner in alliances.get_partners(session, viewer.alliance_id):
        names = [m.name for m in members if m.partner_id == partner.id and m.id in managers]
        label = (
            partner.name if partner.joined_at else words("status.not_joined", partner=partner.name)
        )
        rows.append((label, words("people.managed_by", names=names) if names else "–"))
    hours = words(
        "status.hours_value",
        days=say_weekdays(alliance.days),
        start=alliance.hours_start,
        end=alliance.hours_end,
        zone=alliance.zone,
    )
    return (Fields(items=(*rows, (words("status.hours"), hours))),)


def render_ways(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """Where the alliance talks, and how to ask Entente."""
    names = [f"#{channel.name}" for channel in channels.get_channels(session, viewer)]
    where = Text(text=say("people.where_we_talk", names=names))
    return (*((where,) if names else ()), Text(text=say("people.how_to_ask")))


SECTIONS = (
    BriefingSection(order=10, title="people.briefing", render=render_partners),
    BriefingSection(order=90, title="people.how_we_work", render=render_ways),
)
STEP = Step(name="partners", title="people.briefing", render=render_partners)
