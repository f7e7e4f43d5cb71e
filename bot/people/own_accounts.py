"""Another account of one's own, on the same platform or another: a code that a manager makes with
one account and says with the other. Both are one member then, and the other's workspace is their
partner's."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.people.invitations import (
    ALPHABET,
    LENGTH,
    bring_workspace,
    hash_code,
    place_waiting,
)
from bot.people.models import (
    Account,
    Invitation,
    Member,
    MemberAccount,
    Partner,
    PartnerWorkspace,
)
from bot.people.viewer import Viewer, get_viewers

LASTS = timedelta(minutes=30)
"""Whoever says the code acts as the one who made it, so it does not lie about."""


def make_code(session: Session, viewer: Viewer, *, now: datetime) -> str:
    """A code for the manager's other account; it works once."""
    assert viewer.partner_id is not None  # noqa: S101 - only managers come here
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    session.add(
        Invitation(
            alliance_id=viewer.alliance_id,
            partner_id=viewer.partner_id,
            member_id=viewer.member_id,
            code_hash=hash_code(code),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return "-".join(code[i : i + 4] for i in range(0, LENGTH, 4))


def is_own(invitation: Invitation) -> bool:
    """Whether it asks no partner in, but brings another account of the one who made it."""
    return not invitation.name


def accept(session: Session, invitation: Invitation, account: Account, *, now: datetime) -> Viewer:
    """The account is the manager's too. Raises NotAllowed if another side has the account or its
    workspace, NotFound if who made the code is no manager any more."""
    if not any(viewer.is_manager for viewer in _viewers_of(session, invitation)):
        raise NotFound("invite.no_longer")
    mine = _find(session, account, invitation.alliance_id)
    if mine is not None and mine.partner_id is not None:
        raise NotAllowed("invite.own_side", partner=mine.partner_name)
    owners = _get_owners(session, invitation.alliance_id, account)
    if owners - {invitation.partner_id}:
        raise NotAllowed("invite.own_workspace")
    invitation.used_at = now
    session.add(invitation)
    if mine is not None:
        # Met before anybody knew whose they are.
        old = session.get_one(Member, mine.member_id)
        old.left_at = now
        session.add(old)
        session.delete(session.get_one(MemberAccount, (mine.member_id, account.id)))
        session.flush()
    session.add(MemberAccount(member_id=invitation.member_id, account_id=account.id))
    session.flush()
    partner = session.get_one(Partner, invitation.partner_id)
    if not owners:
        bring_workspace(session, partner, account)
    place_waiting(session, partner)
    found = _find(session, account, invitation.alliance_id)
    assert found is not None  # noqa: S101 - just made
    return found


def _find(session: Session, account: Account, alliance_id: str) -> Viewer | None:
    viewers = get_viewers(session, account.id)
    return next((viewer for viewer in viewers if viewer.alliance_id == alliance_id), None)


def _viewers_of(session: Session, invitation: Invitation) -> list[Viewer]:
    """Who made the code, as they stand now."""
    accounts = session.exec(
        select(MemberAccount.account_id).where(col(MemberAccount.member_id) == invitation.member_id)
    ).all()
    found = [viewer for account in accounts for viewer in get_viewers(session, account)]
    return [
        viewer
        for viewer in found
        if viewer.member_id == invitation.member_id and viewer.partner_id == invitation.partner_id
    ]


def _get_owners(session: Session, alliance_id: str, account: Account) -> set[str]:
    """The partners of the alliance whose the account's workspace is."""
    return set(
        session.exec(
            select(PartnerWorkspace.partner_id)
            .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
            .where(
                col(Partner.alliance_id) == alliance_id,
                col(Partner.left_at).is_(None),
                col(PartnerWorkspace.workspace_id) == account.workspace_id,
            )
        )
    )


def drop(session: Session, viewer: Viewer, account_id: str, *, now: datetime) -> None:
    """It was not them: the account is nobody's again, its workspace no partner's, its people
    unplaced. Raises NotFound for any account but another of the viewer's own."""
    link = session.get(MemberAccount, (viewer.member_id, account_id))
    if link is None or account_id == viewer.account_id:
        raise NotFound("alliance.not_yours")
    account, own = session.get_one(Account, account_id), session.get_one(Account, viewer.account_id)
    session.delete(link)
    if account.workspace_id is not None and account.workspace_id != own.workspace_id:
        brought = session.get(PartnerWorkspace, (viewer.partner_id, account.workspace_id))
        if brought is not None:
            session.delete(brought)
        _unplace(session, viewer, account.workspace_id)
    session.flush()


def _unplace(session: Session, viewer: Viewer, workspace_id: str) -> None:
    for member in session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Member.alliance_id) == viewer.alliance_id,
            col(Member.partner_id) == viewer.partner_id,
            col(Member.id) != viewer.member_id,
            col(Account.workspace_id) == workspace_id,
        )
    ):
        member.partner_id = None
        session.add(member)
