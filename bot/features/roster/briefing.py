"""Who decides what, in the briefing book and for newcomers."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.views import Block, Heading, Table, Text
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import BriefingSection, Step
from bot.dispatch.messages import say, words
from bot.people import committees
from bot.people.models import Alliance, Committee, Member, Partner, Seat
from bot.people.viewer import Viewer

MOST_ROWS = 60
Sitting = Sequence[tuple[Seat, Member, Partner]]


def render_all(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """Every committee that the viewer may know of: what it decides, how, and who sits there."""
    blocks: list[Block] = []
    for committee in committees.get_committees(session, viewer):
        blocks += _render(session, viewer, committee, now=now)
    return blocks


def render_own(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The committees on which the viewer sits, or stands in."""
    blocks: list[Block] = []
    for committee in committees.get_committees(session, viewer):
        seats = committees.get_seats(session, committee, now=now)
        if any(viewer.member_id in {seat.member_id, seat.deputy_id} for seat, _, _ in seats):
            blocks += _render(session, viewer, committee, now=now)
    return blocks


def _render(
    session: Session, viewer: Viewer, committee: Committee, *, now: datetime
) -> Sequence[Block]:
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    lines = [
        say("roster.decides", what=committee.decides) if committee.decides else "",
        say("roster.rule", how=committee.rule) if committee.rule else "",
        say("roster.meets", when=say_moment(committee.meets_at, zone))
        if committee.meets_at and committee.meets_at > now
        else "",
    ]
    text = "\n\n".join(line for line in lines if line)
    seats = committees.get_seats(session, committee, now=now)
    return (
        Heading(text=committee.name),
        *((Text(text=text),) if text else ()),
        _table(session, seats) if seats else Text(text=say("roster.no_seats")),
    )


def _table(session: Session, seats: Sitting) -> Table:
    columns = ("roster.person", "roster.partner", "roster.seat", "roster.deputy")
    rows = tuple(
        (member.name, partner.name, words(f"seat.kind_{seat.kind}"), _deputy(session, seat))
        for seat, member, partner in seats[:MOST_ROWS]
    )
    return Table(columns=tuple(words(key) for key in columns), rows=rows)


def _deputy(session: Session, seat: Seat) -> str:
    deputy = session.get(Member, seat.deputy_id) if seat.deputy_id else None
    return deputy.name if deputy else words("roster.no_deputy")


SECTION = BriefingSection(order=40, title="roster.briefing", render=render_all)
STEPS = (
    Step(name="roster", title="roster.briefing", render=render_all),
    Step(name="seats", title="roster.own_seats", render=render_own),
)
