"""The charter as newcomers read it: the alliance's, and that of their committees."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.views import Block, Heading, Note, Quote, Text
from bot.dispatch.feature import Step
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_standing
from bot.features.charter.clauses import CLAUSES, KIND, get_body, get_title, make_subject
from bot.people import committees
from bot.people.models import Alliance, Committee, Seat
from bot.people.viewer import Viewer
from bot.statements import versions


def _clauses(
    session: Session,
    viewer: Viewer,
    bodies: Sequence[Committee | None],
    *,
    now: datetime,
) -> Sequence[Block]:
    found = versions.get_subjects(session, viewer, KIND)
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    blocks: list[Block] = []
    for body in bodies:
        for clause in CLAUSES:
            version = found.get(make_subject(body, clause))
            if version is not None:
                title = words("charter.clause_of", clause=get_title(clause), body=get_body(body))
                standing = say_standing(session, version, zone=zone, now=now)
                blocks += [Heading(text=title), Quote(text=version.text), Note(text=standing)]
    return blocks


def render_alliance(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The alliance's charter."""
    clauses = _clauses(session, viewer, [None], now=now)
    return (Text(text=say("charter.for_newcomers")), *clauses) if clauses else ()


def render_own(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The charters of the committees on which the viewer sits."""
    mine = session.exec(
        select(Seat.committee_id).where(
            col(Seat.member_id) == viewer.member_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
    ).all()
    known = committees.get_committees(session, viewer)
    return _clauses(session, viewer, [body for body in known if body.id in set(mine)], now=now)


STEPS = (
    Step(name=KIND, title="charter.briefing", render=render_alliance, acknowledge=True),
    Step(name="committee_charter", title="charter.of_own_committees", render=render_own),
)
