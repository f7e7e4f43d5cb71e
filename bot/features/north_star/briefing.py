"""The North Star in the briefing book, and as a newcomer first reads it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.views import Block, Note, Quote, Text
from bot.dispatch.feature import BriefingSection, Step
from bot.dispatch.messages import say
from bot.dispatch.standings import say_standing
from bot.people.models import Alliance
from bot.people.viewer import Viewer
from bot.statements import versions

KIND = "north_star"


def render(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """What the alliance is for, as far as the viewer may see it."""
    version = versions.get_in_force(session, viewer, KIND)
    if version is None:
        return ()
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    standing = say_standing(session, version, zone=zone, now=now)
    return (
        Text(text=say("north_star.intro")),
        Quote(text=version.text),
        Note(text=standing),
    )


SECTION = BriefingSection(order=20, title="north_star.heading", render=render)
STEP = Step(name=KIND, title="north_star.heading", render=render)
