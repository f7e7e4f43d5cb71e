"""The charter as newcomers read it, clause by clause: the alliance's, and that of their
committees."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.views import Block, Heading, Note, Quote, Text
from bot.dispatch.feature import Piece, Step
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_standing
from bot.features.charter.clauses import CLAUSES, KIND, get_body, get_title, make_subject
from bot.people import committees
from bot.people.models import Alliance, Committee, Seat
from bot.people.viewer import Viewer
from bot.statements import versions


def _read_clauses(
    session: Session,
    viewer: Viewer,
    bodies: Sequence[Committee | None],
    *,
    now: datetime,
) -> Sequence[Piece]:
    found = versions.get_subjects(session, viewer, KIND)
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    pieces: list[Piece] = []
    for body in bodies:
        for clause in CLAUSES:
            subject = make_subject(body, clause)
            version = found.get(subject)
            if version is not None:
                title = words("charter.clause_of", clause=get_title(clause), body=get_body(body))
                standing = say_standing(session, version, zone=zone, now=now)
                blocks = (Heading(text=title), Quote(text=version.text), Note(text=standing))
                pieces.append(Piece(key=_make_key(subject, version.text), blocks=blocks))
    return pieces


def _make_key(subject: str, text: str) -> str:
    """Of a clause's words, whoever agreed to them since."""
    return hashlib.sha256(f"{subject}\n{text}".encode()).hexdigest()[:24]


def _join(pieces: Sequence[Piece]) -> Sequence[Block]:
    return tuple(block for piece in pieces for block in piece.blocks)


def read_alliance(session: Session, viewer: Viewer, now: datetime) -> Sequence[Piece]:
    """The clauses of the alliance's charter."""
    pieces = _read_clauses(session, viewer, [None], now=now)
    opening = Text(text=say("charter.for_newcomers"))
    first = [replace(piece, blocks=(opening, *piece.blocks)) for piece in pieces[:1]]
    return (*first, *pieces[1:])


def render_alliance(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The alliance's charter."""
    return _join(read_alliance(session, viewer, now))


def read_own(session: Session, viewer: Viewer, now: datetime) -> Sequence[Piece]:
    """The clauses of the charters of the committees on which the viewer sits."""
    mine = session.exec(
        select(Seat.committee_id).where(
            col(Seat.member_id) == viewer.member_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
    ).all()
    known = committees.get_committees(session, viewer)
    return _read_clauses(session, viewer, [body for body in known if body.id in set(mine)], now=now)


def render_own(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The charters of the committees on which the viewer sits."""
    return _join(read_own(session, viewer, now))


STEPS = (
    Step(
        name=KIND,
        title="charter.briefing",
        render=render_alliance,
        pieces=read_alliance,
        acknowledge=True,
    ),
    Step(
        name="committee_charter",
        title="charter.of_own_committees",
        render=render_own,
        pieces=read_own,
    ),
)
