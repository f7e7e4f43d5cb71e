"""Committees and their seats: who decides what, for which partner, and who stands in."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.people.models import AudienceKind, Committee, Member, Partner, Seat
from bot.people.roles import check_own
from bot.people.viewer import Viewer, visible_to


def get_committees(session: Session, viewer: Viewer) -> Sequence[Committee]:
    """The committees the viewer may know of, by name."""
    return session.exec(
        select(Committee).where(visible_to(viewer, Committee)).order_by(col(Committee.name))
    ).all()


def get_committee(session: Session, viewer: Viewer, name: str) -> Committee | None:
    """A committee by its name, case aside."""
    wanted = " ".join(name.split()).casefold()
    found = get_committees(session, viewer)
    return next((c for c in found if c.name.casefold() == wanted), None)


def get_committee_or_raise(session: Session, viewer: Viewer, committee_id: str) -> Committee:
    """A committee by id. Raises NotFound, also if it is not the viewer's to see."""
    committee = session.exec(
        select(Committee).where(visible_to(viewer, Committee), col(Committee.id) == committee_id)
    ).first()
    if committee is None:
        raise NotFound("roster.no_committee", names="")
    return committee


def add_committee(session: Session, viewer: Viewer, name: str, *, now: datetime) -> Committee:
    """A new committee, known to the whole alliance."""
    committee = Committee(
        alliance_id=viewer.alliance_id,
        name=" ".join(name.split())[:80],
        created_at=now,
        audience_kind=AudienceKind.ALLIANCE,
    )
    session.add(committee)
    session.flush()
    return committee


def get_seats(
    session: Session, committee: Committee, *, now: datetime
) -> Sequence[tuple[Seat, Member, Partner]]:
    """Who sits on a committee now, partner by partner, co-chairs first."""
    rows = session.exec(
        select(Seat, Member, Partner)
        .join(Member, col(Member.id) == col(Seat.member_id))
        .join(Partner, col(Partner.id) == col(Seat.partner_id))
        .where(
            col(Seat.committee_id) == committee.id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
            col(Member.left_at).is_(None),
        )
    ).all()
    order = {"co_chair": 0, "member": 1, "observer": 2}
    return sorted(rows, key=lambda row: (row[2].name, order[row[0].kind], row[1].name))


def seat(
    session: Session,
    viewer: Viewer,
    committee: Committee,
    member: Member,
    *,
    kind: str,
    since: datetime,
    until: datetime | None = None,
) -> Seat:
    """Seat a member of the viewer's own partner. Raises NotAllowed for others, Conflict if they
    sit there already."""
    check_own(viewer, member)
    if get_seat(session, committee, member, now=since) is not None:
        raise Conflict("seat.already", person=member.name, committee=committee.name)
    taken = Seat(
        alliance_id=viewer.alliance_id,
        committee_id=committee.id,
        partner_id=viewer.partner_id or "",
        member_id=member.id,
        kind=kind,
        since=since,
        until=until,
    )
    session.add(taken)
    session.flush()
    return taken


def get_seat(
    session: Session, committee: Committee, member: Member, *, now: datetime
) -> Seat | None:
    """The member's present or coming seat on a committee."""
    return session.exec(
        select(Seat).where(
            col(Seat.committee_id) == committee.id,
            col(Seat.member_id) == member.id,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
    ).first()


def leave_seat(
    session: Session, viewer: Viewer, committee: Committee, member: Member, *, now: datetime
) -> Seat:
    """End a seat of the viewer's own partner. Raises NotAllowed, NotFound."""
    check_own(viewer, member)
    found = get_seat(session, committee, member, now=now)
    if found is None:
        raise NotFound("seat.none", person=member.name, committee=committee.name)
    found.until = now
    session.add(found)
    session.flush()
    return found


def set_deputy(
    session: Session,
    viewer: Viewer,
    committee: Committee,
    member: Member,
    deputy: Member,
    *,
    now: datetime,
) -> Seat:
    """Who stands in for a member; both of the viewer's own partner."""
    check_own(viewer, member)
    check_own(viewer, deputy)
    found = get_seat(session, committee, member, now=now)
    if found is None:
        raise NotFound("seat.none", person=member.name, committee=committee.name)
    if deputy.id == member.id:
        raise Conflict("seat.own_deputy", person=member.name)
    found.deputy_id = deputy.id
    session.add(found)
    session.flush()
    return found
