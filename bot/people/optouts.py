"""What people don't want unasked."""

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.people.models import OptOut

ALL = "all"
AWAY = "away"
"""Nothing unasked until the person is back."""


def opt_out(
    session: Session,
    member_id: str,
    subject: str,
    *,
    now: datetime,
    until: datetime | None = None,
) -> bool:
    """The member wants no `subject` any more, or not until then. False if that was so already."""
    existing = _get(session, member_id, subject)
    if existing is not None and existing.until is None and until is None:
        return False
    wish = existing or OptOut(member_id=member_id, subject=subject, since=now)
    wish.until = until
    session.add(wish)
    session.flush()
    return True


def opt_in(session: Session, member_id: str, subject: str) -> bool:
    """The member wants `subject` again. False if that was so already."""
    existing = _get(session, member_id, subject)
    if existing is None:
        return False
    session.delete(existing)
    session.flush()
    return True


def has_opted_out(session: Session, member_id: str, subject: str, *, now: datetime) -> bool:
    """Whether the member wants no `subject`, or nothing at all, at the moment."""
    return (
        session.exec(
            select(OptOut.id).where(
                col(OptOut.member_id) == member_id,
                col(OptOut.subject).in_([ALL, AWAY, subject]),
                or_(col(OptOut.until).is_(None), col(OptOut.until) > now),
            )
        ).first()
        is not None
    )


def get_subjects(session: Session, member_id: str, *, prefix: str, now: datetime) -> set[str]:
    """What the member does not want at the moment, of the subjects that begin so."""
    return set(
        session.exec(
            select(OptOut.subject).where(
                col(OptOut.member_id) == member_id,
                col(OptOut.subject).startswith(prefix, autoescape=True),
                or_(col(OptOut.until).is_(None), col(OptOut.until) > now),
            )
        )
    )


def _get(session: Session, member_id: str, subject: str) -> OptOut | None:
    return session.exec(
        select(OptOut).where(col(OptOut.member_id) == member_id, col(OptOut.subject) == subject)
    ).first()
