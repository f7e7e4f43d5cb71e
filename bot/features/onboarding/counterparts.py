"""Who is whose counterpart: the same committee or function, at another partner."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.people.models import Committee, Member, Partner, Role, Seat
from bot.people.viewer import Viewer, visible_to


def find_counterpart(session: Session, viewer: Viewer, *, now: datetime) -> Member | None:
    """Somebody at another partner who sits on a committee with the viewer (co-chairs first), or
    else who manages the alliance there. None as long as there is nobody."""
    if viewer.partner_id is None:
        return None
    beside = _beside(session, viewer, now=now)
    return beside or _manager(session, viewer)


def does_the_same(session: Session, one: str, other: str, *, now: datetime) -> bool:
    """Whether two people sit on one committee, or both look after the alliance for their side."""
    seats = [
        select(Seat.committee_id).where(
            col(Seat.member_id) == member_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
        for member_id in (one, other)
    ]
    together = select(Committee.id).where(*(col(Committee.id).in_(each) for each in seats))
    if session.exec(together.limit(1)).first() is not None:
        return True
    managing = select(Role.member_id).where(
        col(Role.member_id).in_([one, other]), col(Role.until).is_(None)
    )
    return {one, other} <= set(session.exec(managing))


def _beside(session: Session, viewer: Viewer, *, now: datetime) -> Member | None:
    mine = select(Seat.committee_id).where(
        col(Seat.member_id) == viewer.member_id,
        col(Seat.since) <= now,
        col(Seat.until).is_(None) | (col(Seat.until) > now),
    )
    rows = session.exec(
        select(Seat, Member)
        .join(Member, col(Member.id) == col(Seat.member_id))
        .join(Committee, col(Committee.id) == col(Seat.committee_id))
        .where(
            visible_to(viewer, Committee),
            col(Seat.committee_id).in_(mine),
            col(Seat.partner_id) != viewer.partner_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
            col(Member.left_at).is_(None),
        )
    ).all()
    order = {"co_chair": 0, "member": 1, "observer": 2}
    best = min(rows, key=lambda row: (order[row[0].kind], row[0].since, row[1].id), default=None)
    return best[1] if best else None


def _manager(session: Session, viewer: Viewer) -> Member | None:
    return session.exec(
        select(Member)
        .join(Role, col(Role.member_id) == col(Member.id))
        .join(Partner, col(Partner.id) == col(Role.partner_id))
        .where(
            col(Role.alliance_id) == viewer.alliance_id,
            col(Role.partner_id) != viewer.partner_id,
            col(Role.until).is_(None),
            col(Partner.left_at).is_(None),
            col(Member.left_at).is_(None),
        )
        .order_by(col(Role.since), col(Role.id))
        .limit(1)
    ).first()
