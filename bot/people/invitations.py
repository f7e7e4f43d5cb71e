"""Asking a partner in: a code that works once, and what happens when its manager uses it."""

import hashlib
import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, text
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.people.identity import ensure_member, place_of
from bot.people.models import (
    Account,
    Invitation,
    JoinAttempt,
    Member,
    MemberAccount,
    Organisation,
    Partner,
    PartnerWorkspace,
    Role,
    RoleKind,
    Seat,
    Workspace,
)
from bot.people.readers import doubt
from bot.people.viewer import Viewer, get_viewers

log = structlog.get_logger(__name__)

LASTS = timedelta(days=14)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No letters or digits that are read for one another."""

LENGTH = 12
MOST_WRONG = 5
WITHIN = timedelta(hours=1)
"""So many wrong codes in this time, and a person waits."""


def invite(session: Session, viewer: Viewer, partner: Partner, *, now: datetime) -> str:
    """A fresh code for a partner that has not joined; earlier ones for it no longer work.

    Raises Conflict if the partner has joined.
    """
    if partner.joined_at is not None:
        raise Conflict("invite.joined_already", partner=partner.name)
    session.execute(
        text("DELETE FROM invitations WHERE partner_id = :partner AND used_at IS NULL"),
        {"partner": partner.id},
    )
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    session.add(
        Invitation(
            alliance_id=viewer.alliance_id,
            partner_id=partner.id,
            member_id=viewer.member_id,
            name=partner.name,
            code_hash=hash_code(code),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def withdraw(session: Session, viewer: Viewer, partner_id: str) -> None:
    """The codes that the viewer's side gave out for a partner work no more. Raises Conflict if one
    was used."""
    if session.get_one(Partner, partner_id).joined_at is not None:
        raise Conflict("undo.changed_since")
    session.execute(
        text(
            "DELETE FROM invitations WHERE partner_id = :partner AND used_at IS NULL "
            "AND member_id IN (SELECT id FROM members WHERE partner_id = :own)"
        ),
        {"partner": partner_id, "own": viewer.partner_id},
    )


def hash_code(code: str) -> str:
    """What is kept of a code: case, dashes and spaces don't matter."""
    bare = "".join(character for character in code.upper() if character in ALPHABET)
    return hashlib.sha256(bare.encode()).hexdigest()


def check_attempts(session: Session, account: Account, *, now: datetime) -> None:
    """Raise NotAllowed for whoever has tried too many wrong codes lately."""
    tried = session.exec(
        select(func.count())
        .select_from(JoinAttempt)
        .where(col(JoinAttempt.account_id) == account.id, col(JoinAttempt.at) > now - WITHIN)
    ).one()
    if tried >= MOST_WRONG:
        log.warning("refused: too many codes", account=account.id)
        raise NotAllowed("invite.too_many")


def get_invitation(
    session: Session, account: Account, code: str, *, now: datetime
) -> Invitation | None:
    """The invitation that a code opens now. A wrong one is noted; None."""
    check_attempts(session, account, now=now)
    found = session.exec(
        select(Invitation).where(
            col(Invitation.code_hash) == hash_code(code),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
            or_(col(Invitation.account_id).is_(None), col(Invitation.account_id) == account.id),
        )
    ).first()
    if found is None:
        log.warning("refused: no such code", account=account.id)
        session.add(JoinAttempt(account_id=account.id, at=now))
    else:
        # Said in a channel, others read it: it is this person's from here on.
        found.account_id = account.id
        session.add(found)
    session.flush()
    return found


def get_open(session: Session, invitation_id: str, *, now: datetime) -> Invitation:
    """An invitation by its id. Raises NotFound if it was used, has expired, or is none."""
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None or invitation.used_at is not None or invitation.expires_at <= now:
        raise NotFound("invite.no_longer")
    return invitation


def check_counterpart(session: Session, invitation: Invitation, account: Account) -> None:
    """Raise NotFound if somebody else has said the code; NotAllowed if the account belongs to a
    partner that has joined, or its workspace does: no side may hold both keys."""
    if invitation.account_id not in {None, account.id}:
        raise NotFound("invite.no_longer")
    mine = next(
        (v for v in get_viewers(session, account.id) if v.alliance_id == invitation.alliance_id),
        None,
    )
    if invitation.shares_workspace and _may_cross(session, invitation, account, mine):
        return
    if mine is not None and mine.partner_id is not None:
        raise NotAllowed("invite.own_side", partner=mine.partner_name)
    if mine is None and place_of(session, invitation.alliance_id, account) is not None:
        raise NotAllowed("invite.own_workspace")


def _may_cross(
    session: Session, invitation: Invitation, account: Account, mine: Viewer | None
) -> bool:
    """Whether somebody of the inviter's own workspace may accept, since the inviter said that the
    other partner is a department there: anybody but a manager, of the inviting partner or none."""
    inviter = session.get_one(Member, invitation.member_id)
    if account.is_guest or account.workspace_id is None:
        return False
    shared = session.get(PartnerWorkspace, (inviter.partner_id, account.workspace_id))
    if shared is None:
        return False
    return mine is None or (not mine.is_manager and mine.partner_id in {None, inviter.partner_id})


def accept(
    session: Session,
    invitation: Invitation,
    account: Account,
    *,
    name: str,
    countries: tuple[str, ...],
    now: datetime,
) -> Viewer:
    """Join: the account becomes the first manager of the invited partner, which gets its own name
    and countries, and whose workspace's people are placed with it."""
    check_counterpart(session, invitation, account)
    partner = session.get_one(Partner, invitation.partner_id)
    if partner.joined_at is not None:
        raise Conflict("invite.joined_already", partner=partner.name)
    taken = session.exec(
        select(Partner.name).where(
            col(Partner.alliance_id) == partner.alliance_id, col(Partner.id) != partner.id
        )
    ).all()
    if name.casefold() in {other.casefold() for other in taken}:
        raise Conflict("invite.name_taken", field="name")
    invitation.used_at = now
    partner.name, partner.countries, partner.joined_at = name, list(countries), now
    session.add_all([invitation, partner])
    bring_workspace(session, partner, account)
    member = ensure_member(session, invitation.alliance_id, account, now=now)
    if member.partner_id not in {None, partner.id}:
        end_seats(session, member, now=now)
    member.partner_id = partner.id
    session.add(member)
    session.add(
        Role(
            alliance_id=invitation.alliance_id,
            partner_id=partner.id,
            member_id=member.id,
            kind=RoleKind.MANAGER,
            since=now,
        )
    )
    session.flush()
    place_waiting(session, partner)
    return next(
        v for v in get_viewers(session, account.id) if v.alliance_id == invitation.alliance_id
    )


def end_seats(session: Session, member: Member, *, now: datetime) -> None:
    """Somebody moves to another department: what they held for the former one ends."""
    for seat in session.exec(
        select(Seat).where(col(Seat.member_id) == member.id, col(Seat.until).is_(None))
    ).all():
        seat.until = now
        session.add(seat)
    session.flush()


def bring_workspace(session: Session, partner: Partner, account: Account) -> None:
    """The manager's home workspace is the partner's. A guest's home tells nothing."""
    if account.workspace_id is None or account.is_guest:
        return
    workspace = session.get_one(Workspace, account.workspace_id)
    if workspace.organisation_id is None:
        organisation = Organisation(name=partner.name)
        session.add(organisation)
        session.flush()
        workspace.organisation_id = organisation.id
        session.add(workspace)
    partner.organisation_id = workspace.organisation_id
    session.add(PartnerWorkspace(partner_id=partner.id, workspace_id=workspace.id))
    session.flush()


def place_waiting(session: Session, partner: Partner) -> None:
    """People met before their partner joined find their place, where it can be told."""
    rows = session.exec(
        select(Member, Account)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(col(Member.alliance_id) == partner.alliance_id, col(Member.partner_id).is_(None))
    ).all()
    for member, account in rows:
        if place_of(session, partner.alliance_id, account) == partner.id:
            member.partner_id = partner.id
            session.add(member)
    # Some of them may be in a channel of another partner's already, as guests or colleagues.
    doubt(session, partner.alliance_id)


def get_latest(session: Session, partner: Partner) -> Invitation:
    """The invitation just made for a partner."""
    return session.exec(
        select(Invitation)
        .where(col(Invitation.partner_id) == partner.id, col(Invitation.used_at).is_(None))
        .order_by(col(Invitation.created_at).desc())
        .limit(1)
    ).one()
