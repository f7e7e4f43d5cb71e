"""A partner leaves, an alliance ends, and how both are taken back; one just set up is taken away.

Nothing is deleted. Whoever could read a thing can go on reading it (`visible_to`), nobody changes
anything any more, and what Entente does by itself stops: `get_standings`, the reminders (which the
caller pauses) and the check before each message see to it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.db.bulk import bind_moment
from bot.db.revisions import bump
from bot.people.alliances import get_alliance_or_raise, get_partners
from bot.people.channels import CHANNELS_SCOPE
from bot.people.consent import agree_again
from bot.people.history import is_only_change
from bot.people.models import (
    Change,
    Member,
    Parting,
    Partner,
    Role,
    RoleKind,
)
from bot.people.viewer import Viewer

GRACE = timedelta(days=30)
"""So long a parting can be taken back."""


def check_leave(session: Session, viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer manages a partner that can leave; Conflict if no other
    partner would stay."""
    if not viewer.is_manager:
        raise NotAllowed("parting.managers_only")
    others = [p for p in get_joined(session, viewer.alliance_id) if p.id != viewer.partner_id]
    if not others:
        raise Conflict("parting.alone")


def get_joined(session: Session, alliance_id: str) -> list[Partner]:
    """The partners that have joined and have not left."""
    return [p for p in get_partners(session, alliance_id) if p.joined_at is not None]


def leave(session: Session, viewer: Viewer, *, now: datetime) -> Parting:
    """The viewer's partner leaves: its yes to channels ends, so Entente falls silent in those it
    shares, and codes it gave out no longer work."""
    check_leave(session, viewer)
    partner = session.get_one(Partner, viewer.partner_id, with_for_update=True)
    if partner.left_at is not None:
        raise Conflict("parting.done_already")
    partner.left_at = now
    session.add(partner)
    session.flush()
    values = {"partner": partner.id, "now": bind_moment(session, now)}
    for statement in _LEAVE:
        session.execute(text(statement), values)
    bump(session, CHANNELS_SCOPE)
    return _note(session, viewer, partner.id, now=now)


_LEAVE = (
    "UPDATE channels SET state = 'pending' WHERE state = 'linked' AND is_shared AND id IN "
    "(SELECT channel_id FROM consents WHERE partner_id = :partner AND withdrawn_at IS NULL)",
    "UPDATE consents SET withdrawn_at = :now WHERE partner_id = :partner AND withdrawn_at IS NULL",
    "DELETE FROM invitations WHERE used_at IS NULL AND member_id IN "
    "(SELECT id FROM members WHERE partner_id = :partner)",
)


def end(session: Session, viewer: Viewer, *, now: datetime) -> Parting:
    """The alliance ends, for everybody in it."""
    if not viewer.is_manager:
        raise NotAllowed("parting.managers_only")
    alliance = get_alliance_or_raise(session, viewer.alliance_id)
    session.refresh(alliance, with_for_update=True)
    if alliance.ended_at is not None:
        raise Conflict("parting.done_already")
    alliance.ended_at = now
    session.add(alliance)
    bump(session, CHANNELS_SCOPE)
    return _note(session, viewer, None, now=now)


def take_away(session: Session, change: Change, *, now: datetime) -> None:
    """The alliance that a change set up is none any more: nobody is in it, its codes and channels
    are free again. The rows stay, for the audit trail. Raises Conflict if anybody joined it or
    changed anything in it since."""
    alliance = get_alliance_or_raise(session, change.alliance_id)
    session.refresh(alliance, with_for_update=True)
    values = {"alliance": alliance.id, "now": bind_moment(session, now)}
    for statement in _TAKE_AWAY:
        session.execute(text(statement), values)
    # Looked up last: whoever was just joining held the invitation that is deleted above.
    if alliance.ended_at is not None or not is_only_change(session, change):
        raise Conflict("setup.not_alone", alliance=alliance.name)
    alliance.ended_at = now
    session.add(alliance)
    session.flush()
    bump(session, CHANNELS_SCOPE)


_TAKE_AWAY = (
    "DELETE FROM invitations WHERE alliance_id = :alliance AND used_at IS NULL",
    "UPDATE channels SET state = 'unlinked' WHERE alliance_id = :alliance",
    "UPDATE members SET left_at = :now WHERE alliance_id = :alliance AND left_at IS NULL",
    "UPDATE accounts SET current_alliance_id = NULL WHERE current_alliance_id = :alliance",
)


def _note(session: Session, viewer: Viewer, partner_id: str | None, *, now: datetime) -> Parting:
    parting = Parting(
        alliance_id=viewer.alliance_id,
        partner_id=partner_id,
        member_id=viewer.member_id,
        at=now,
        until=now + GRACE,
    )
    session.add(parting)
    session.flush()
    return parting


def get_parting(session: Session, viewer: Viewer) -> Parting | None:
    """What made the viewer a former one: the end of the alliance, else their partner's leaving."""
    return session.exec(
        select(Parting)
        .where(
            col(Parting.alliance_id) == viewer.alliance_id,
            col(Parting.taken_back_at).is_(None),
            col(Parting.partner_id).is_(None)
            if viewer.has_ended
            else col(Parting.partner_id) == viewer.partner_id,
        )
        .order_by(col(Parting.at).desc())
        .limit(1)
    ).first()


def get_open_or_raise(session: Session, parting_id: str, *, now: datetime) -> Parting:
    """A parting that can still be taken back. Raises NotFound."""
    parting = session.get(Parting, parting_id, with_for_update=True)
    if parting is None or parting.taken_back_at is not None or parting.until <= now:
        raise NotFound("parting.too_late")
    return parting


def is_keeper(session: Session, viewer: Viewer) -> bool:
    """Whether the viewer holds the role of manager, though it rests while they are former."""
    return (
        session.exec(
            select(Role.id).where(
                col(Role.member_id) == viewer.member_id,
                col(Role.partner_id) == viewer.partner_id,
                col(Role.kind) == RoleKind.MANAGER,
                col(Role.until).is_(None),
            )
        ).first()
        is not None
    )


def take_back(session: Session, parting: Parting, *, now: datetime, at_once: bool = False) -> None:
    """The partner is in the alliance again, or the alliance goes on. Consents begin anew, unless
    it is taken back `at_once`: then those still count whose channels have not changed since."""
    parting.taken_back_at = now
    session.add(parting)
    if parting.partner_id is None:
        alliance = get_alliance_or_raise(session, parting.alliance_id)
        alliance.ended_at = None
        session.add(alliance)
    else:
        partner = session.get_one(Partner, parting.partner_id)
        partner.left_at = None
        session.add(partner)
        session.flush()
        if at_once:
            agree_again(session, partner.id, parting.at)
    session.flush()
    bump(session, CHANNELS_SCOPE)


def get_managers(session: Session, alliance_id: str) -> Sequence[Member]:
    """Everybody who holds the role of manager, of partners that left too, by name."""
    return session.exec(
        select(Member)
        .where(
            col(Member.alliance_id) == alliance_id,
            col(Member.left_at).is_(None),
            col(Member.id).in_(
                select(Role.member_id).where(
                    col(Role.alliance_id) == alliance_id,
                    col(Role.kind) == RoleKind.MANAGER,
                    col(Role.until).is_(None),
                    col(Role.partner_id) == col(Member.partner_id),
                )
            ),
        )
        .order_by(col(Member.name), col(Member.id))
    ).all()
