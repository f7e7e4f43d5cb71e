"""The budget of unasked private hints: so many a person and day, over all features.

People can have less of one kind (at most one a week), or none of it ever; both are opt-outs, and
are taken back like any other, all of them with `unmute`.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from bot.people import optouts
from bot.people.models import Nudge, OptOut

A_DAY = 3
"""Nudges of all kinds a person gets in one day of theirs, at most."""

LESS_EVERY = timedelta(days=7)
"""Who wants less of a kind gets one in this time, at most."""


def may_nudge(session: Session, member_id: str, subject: str, *, now: datetime, zone: str) -> bool:
    """Whether the member may get one more nudge about `subject` (such as `glossary`): they have not
    opted out of it, nor of everything, and today's budget (a day of `zone`) is not used up."""
    if optouts.has_opted_out(session, member_id, subject, now=now):
        return False
    today = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    if _count(session, member_id, since=today) >= A_DAY:
        return False
    if optouts.has_opted_out(session, member_id, _less(subject), now=now):
        return _count(session, member_id, since=now - LESS_EVERY, subject=subject) == 0
    return True


def note_nudge(session: Session, member_id: str, subject: str, *, now: datetime) -> None:
    """Count a nudge that goes out."""
    session.add(Nudge(member_id=member_id, subject=subject, at=now))
    session.flush()


def forget_nudge(session: Session, member_id: str, subject: str, *, at: datetime) -> None:
    """Count a nudge no more that reached nobody; `at`: when it was counted."""
    counted = session.exec(
        select(Nudge)
        .where(
            col(Nudge.member_id) == member_id, col(Nudge.subject) == subject, col(Nudge.at) == at
        )
        .limit(1)
    ).first()
    if counted is not None:
        session.delete(counted)
        session.flush()


def want_less(session: Session, member_id: str, subject: str, *, now: datetime) -> None:
    """The member wants less of `subject`."""
    optouts.opt_out(session, member_id, _less(subject), now=now)


def want_none(session: Session, member_id: str, subject: str, *, now: datetime) -> None:
    """The member wants none of `subject` any more."""
    optouts.opt_out(session, member_id, subject, now=now)


def want_again(session: Session, member_id: str, subject: str) -> None:
    """The member wants `subject` as everybody gets it."""
    optouts.opt_in(session, member_id, subject)
    optouts.opt_in(session, member_id, _less(subject))


def want_all_again(session: Session, member_id: str) -> bool:
    """The member wants hints of all kinds, everywhere, as everybody gets them. False if that was
    so already."""
    given = session.exec(select(Nudge.subject).where(col(Nudge.member_id) == member_id).distinct())
    kinds = set(given)
    refused = session.exec(
        select(OptOut).where(
            col(OptOut.member_id) == member_id,
            or_(
                col(OptOut.subject).in_(kinds),
                col(OptOut.subject).startswith(_less("")),
                *(col(OptOut.subject).startswith(f"{kind}:") for kind in kinds),
            ),
        )
    ).all()
    for wish in refused:
        session.delete(wish)
    session.flush()
    return bool(refused)


def _less(subject: str) -> str:
    return f"less:{subject}"


def _count(session: Session, member_id: str, *, since: datetime, subject: str | None = None) -> int:
    query = select(func.count(col(Nudge.id))).where(
        col(Nudge.member_id) == member_id, col(Nudge.at) >= since
    )
    if subject is not None:
        query = query.where(col(Nudge.subject) == subject)
    return session.exec(query).one()
