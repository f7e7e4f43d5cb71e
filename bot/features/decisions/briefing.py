"""Decisions as newcomers read them: the alliance's, their committees' ones, and how to note one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from bot.core.views import Block, Text
from bot.dispatch.feature import Step
from bot.dispatch.messages import say
from bot.features.decisions import log
from bot.features.decisions.log import COUNTS
from bot.features.decisions.models import Decision
from bot.features.decisions.views import say_line
from bot.people.alliances import get_alliance_or_raise
from bot.people.models import Seat
from bot.people.viewer import Viewer, visible_to

MOST = 8
"""Decisions in one note; `decisions` has all of them."""

AMONG = 100
"""So many of the newest are looked through for those that count."""


def render_decisions(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """What counts in the alliance, the newest first."""
    return _render(session, viewer, "decisions.for_newcomers", ())


def render_own(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """What counts of what was decided by, or for, the committees on which the viewer sits."""
    mine = select(Seat.committee_id).where(
        col(Seat.member_id) == viewer.member_id,
        col(Seat.since) <= now,
        or_(col(Seat.until).is_(None), col(Seat.until) > now),
    )
    return _render(
        session, viewer, "decisions.for_committee", (col(Decision.committee_id).in_(mine),)
    )


def _render(
    session: Session, viewer: Viewer, intro: str, which: Sequence[ColumnElement[bool]]
) -> Sequence[Block]:
    found = session.exec(
        select(Decision)
        .where(visible_to(viewer, Decision), col(Decision.closed_at).is_(None), *which)
        .order_by(col(Decision.search_row).desc())
        .limit(AMONG)
    ).all()
    standing = [entry for entry in log.get_entries(session, found) if entry.state in COUNTS]
    if not standing:
        return ()
    zone = get_alliance_or_raise(session, viewer.alliance_id).zone
    lines = [f"- {say_line(session, entry, zone=zone)}" for entry in standing[:MOST]]
    return (
        Text(text=say(intro)),
        Text(text="\n".join(lines)),
        Text(text=say("decisions.newcomers_more")),
    )


def render_how(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """How somebody notes a decision down."""
    return (Text(text=say("decisions.how_to_capture")),)


STEPS = (
    Step(name="decisions", title="decisions.for_newcomers_title", render=render_decisions),
    Step(name="committee_decisions", title="decisions.for_committee_title", render=render_own),
    Step(name="capture", title="decisions.how_to_capture_title", render=render_how),
)
