"""Departments of one company, which are partners in one workspace."""

from collections.abc import Sequence

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed
from bot.people.models import (
    Account,
    Invitation,
    Member,
    MemberAccount,
    Partner,
    PartnerWorkspace,
    Workspace,
)
from bot.people.viewer import Viewer


def share_workspace(session: Session, viewer: Viewer, invitation: Invitation) -> None:
    """The invited partner is a department in the viewer's own workspace. Raises NotAllowed for
    another partner's invitation."""
    inviter = session.get_one(Member, invitation.member_id)
    if inviter.partner_id != viewer.partner_id:
        raise NotAllowed("alliance.not_yours")
    invitation.shares_workspace = True
    session.add(invitation)
    session.flush()


def get_departments(session: Session, alliance_id: str) -> dict[str, str]:
    """The partners whose people share a workspace with another partner's, by id: its name."""
    mine, theirs, other = aliased(PartnerWorkspace), aliased(PartnerWorkspace), aliased(Partner)
    rows = session.exec(
        select(Partner.id, other.name)
        .join(mine, col(mine.partner_id) == col(Partner.id))
        .join(theirs, col(theirs.workspace_id) == col(mine.workspace_id))
        .join(other, col(other.id) == col(theirs.partner_id))
        .where(
            col(Partner.alliance_id) == alliance_id,
            col(other.alliance_id) == alliance_id,
            col(other.id) != col(Partner.id),
            col(Partner.left_at).is_(None),
            col(other.left_at).is_(None),
        )
        .order_by(col(other.joined_at).desc())
    ).all()
    return dict(rows)


def get_colleagues(session: Session, partner: Partner, *, most: int) -> Sequence[str]:
    """The names of people from a workspace that the partner shares with another, who were met
    before and count for that other one; the first `most`, by name."""
    mine, theirs = aliased(PartnerWorkspace), aliased(Partner)
    return session.exec(
        select(Member.name)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .join(mine, col(mine.workspace_id) == col(Account.workspace_id))
        .join(theirs, col(theirs.id) == col(Member.partner_id))
        .where(
            col(mine.partner_id) == partner.id,
            col(theirs.id) != partner.id,
            col(theirs.left_at).is_(None),
            col(Member.alliance_id) == partner.alliance_id,
            col(Member.left_at).is_(None),
            col(Account.is_guest).is_(False),
        )
        .order_by(col(Member.name))
        .limit(most)
        .distinct()
    ).all()


def get_sharing(session: Session, alliance_id: str, workspace: Workspace) -> set[str]:
    """The partners that share a workspace; nobody if it is one partner's alone."""
    found: Sequence[str] = session.exec(
        select(Partner.id)
        .join(PartnerWorkspace, col(PartnerWorkspace.partner_id) == col(Partner.id))
        .where(
            col(Partner.alliance_id) == alliance_id,
            col(Partner.left_at).is_(None),
            col(PartnerWorkspace.workspace_id) == workspace.id,
        )
    ).all()
    return set(found) if len(found) > 1 else set()
