"""Placing people with a partner, and giving its roles: only that partner's manager may."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed
from bot.people.alliances import get_managers
from bot.people.models import (
    Account,
    Member,
    MemberAccount,
    PartnerWorkspace,
    Role,
    RoleKind,
    Seat,
)
from bot.people.readers import doubt
from bot.people.viewer import Viewer


def place(session: Session, viewer: Viewer, member: Member) -> None:
    """Place an unplaced member with the viewer's own partner.

    Raises NotAllowed for members of other partners, Conflict if they are placed here already.
    """
    if member.partner_id == viewer.partner_id:
        raise Conflict("place.already", person=member.name, partner=viewer.partner_name)
    if member.partner_id is not None:
        raise NotAllowed("place.other_side", person=member.name)
    if not _may_be_ours(session, viewer, member):
        raise NotAllowed("place.other_home", person=member.name)
    member.partner_id = viewer.partner_id
    session.add(member)
    doubt(session, viewer.alliance_id)


def _may_be_ours(session: Session, viewer: Viewer, member: Member) -> bool:
    """Guests may be anybody's people; whoever has a home workspace is not placed from outside."""
    rows = session.exec(
        select(Account.is_guest, Account.workspace_id, PartnerWorkspace.partner_id)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .outerjoin(
            PartnerWorkspace,
            (col(PartnerWorkspace.workspace_id) == col(Account.workspace_id))
            & (col(PartnerWorkspace.partner_id) == (viewer.partner_id or "")),
        )
        .where(col(MemberAccount.member_id) == member.id)
    ).all()
    return any(is_guest or home is None or owner is not None for is_guest, home, owner in rows)


def unplace(session: Session, viewer: Viewer, member: Member) -> None:
    """Take back a placement."""
    check_own(viewer, member)
    member.partner_id = None
    session.add(member)
    session.flush()


def release(session: Session, viewer: Viewer, member: Member, *, now: datetime) -> None:
    """Somebody no longer belongs to the viewer's partner: role and seats for it end.

    Raises NotAllowed for other partners' people, Conflict for the partner's last manager.
    """
    check_own(viewer, member)
    if get_managers(session, viewer.partner_id or "") == [member.id]:
        raise Conflict("place.last", person=member.name, partner=viewer.partner_name)
    for row in _get_held(session, member, None):
        row.until = now
        session.add(row)
    member.partner_id = None
    session.add(member)
    session.flush()


def take_in_again(session: Session, viewer: Viewer, member: Member, *, at: datetime) -> None:
    """Undo a release that happened `at` that moment. Raises Conflict if they are placed by now."""
    if member.partner_id is not None:
        raise Conflict("undo.changed_since")
    for row in _get_held(session, member, at):
        row.until = None
        session.add(row)
    member.partner_id = viewer.partner_id
    session.add(member)
    doubt(session, viewer.alliance_id)


def _get_held(session: Session, member: Member, until: datetime | None) -> list[Role | Seat]:
    """The roles and seats that last until then; without end, if that is None."""
    ends = col(Role.until).is_(None) if until is None else col(Role.until) == until
    seat_ends = col(Seat.until).is_(None) if until is None else col(Seat.until) == until
    held: list[Role | Seat] = []
    held += session.exec(select(Role).where(col(Role.member_id) == member.id, ends)).all()
    held += session.exec(select(Seat).where(col(Seat.member_id) == member.id, seat_ends)).all()
    return held


def check_own(viewer: Viewer, member: Member) -> None:
    """Raise NotAllowed unless the member is of the viewer's own partner."""
    if viewer.partner_id is None or member.partner_id != viewer.partner_id:
        raise NotAllowed("place.other_side", person=member.name)


def get_role(session: Session, member: Member) -> Role | None:
    """The member's present role for their partner."""
    return session.exec(
        select(Role).where(
            col(Role.member_id) == member.id,
            col(Role.partner_id) == member.partner_id,
            col(Role.until).is_(None),
        )
    ).first()


def give_manager(session: Session, viewer: Viewer, member: Member, *, now: datetime) -> None:
    """Make a member of the viewer's partner a manager. Raises NotAllowed, Conflict."""
    check_own(viewer, member)
    if get_role(session, member) is not None:
        raise Conflict("role.already", person=member.name)
    session.add(
        Role(
            alliance_id=viewer.alliance_id,
            partner_id=viewer.partner_id or "",
            member_id=member.id,
            kind=RoleKind.MANAGER,
            given_by_id=viewer.member_id,
            since=now,
        )
    )
    session.flush()


def take_manager(session: Session, viewer: Viewer, member: Member, *, now: datetime) -> None:
    """End a manager's role. Raises Conflict for a partner's last one: somebody must hold it."""
    check_own(viewer, member)
    role = get_role(session, member)
    if role is None:
        raise Conflict("role.none", person=member.name)
    if set(get_managers(session, viewer.partner_id or "")) <= {member.id}:
        raise Conflict("role.last", partner=viewer.partner_name)
    role.until = now
    session.add(role)
    session.flush()
