"""Accounts and members: who a platform's user is, and to which partner they belong.

A person belongs to the partner whose workspace is their home. Guests, and people of a workspace
that several partners of the alliance share, stay unplaced until their side's manager places them:
what cannot be told is never guessed.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import Select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.core.ports import UserProfile
from bot.db.revisions import bump
from bot.people.models import (
    Account,
    Alliance,
    Member,
    MemberAccount,
    Partner,
    PartnerWorkspace,
    Workspace,
)

ACCOUNTS_SCOPE = "channels"
"""What the door listens to is read anew all at once: channels, and who is gone."""

PROFILE_LASTS = timedelta(days=7)
"""After that a platform is asked anew who somebody is, when they act."""


def get_account(session: Session, platform: str, user: str) -> Account | None:
    """The account of a platform's user."""
    return session.exec(
        select(Account).where(col(Account.platform) == platform, col(Account.external_id) == user)
    ).first()


def save_account(
    session: Session, platform: str, profile: UserProfile, *, now: datetime
) -> Account:
    """Keep what the platform says of a user; their home workspace is noted if it's new."""
    account = get_account(session, platform, profile.user)
    if account is None:
        account = Account(
            platform=platform, external_id=profile.user, name=profile.name[:120], checked_at=now
        )
    elif not profile.is_told:
        account.zone, account.checked_at = profile.zone or account.zone, now
        session.add(account)
        session.flush()
        return account
    former, account.name = account.name, profile.name[:120]
    account.zone = profile.zone or account.zone
    account.email = hash_address(profile.email)
    account.is_guest = profile.is_guest
    account.is_bot = profile.is_bot
    account.checked_at = now
    if profile.workspace is not None:
        account.workspace_id = save_workspace(session, platform, profile.workspace).id
    session.add(account)
    session.flush()
    if former != account.name:
        _rename(session, account, former)
    if account.deactivated_at is not None and profile.is_active:
        # Whoever acts, or can be looked up, has an account that works.
        revive(session, account)
    return account


def _rename(session: Session, account: Account, former: str) -> None:
    """Members who went by the account's former name go by the new one; whoever is called otherwise
    took their name from another account of theirs."""
    members = session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .where(col(MemberAccount.account_id) == account.id, col(Member.name) == former)
    ).all()
    for member in members:
        member.name = account.name
        session.add(member)
    session.flush()


def hash_address(address: str | None) -> str | None:
    """What is kept of a confirmed e-mail address: enough to tell that two are the same."""
    if not address:
        return None
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


def save_workspace(
    session: Session,
    platform: str,
    external_id: str,
    *,
    name: str | None = None,
    bot_user: str | None = None,
) -> Workspace:
    """The workspace with this id, made if it's new."""
    workspace = session.exec(
        select(Workspace).where(
            col(Workspace.platform) == platform, col(Workspace.external_id) == external_id
        )
    ).first()
    if workspace is None:
        workspace = Workspace(platform=platform, external_id=external_id)
    workspace.name = name or workspace.name
    if bot_user is not None:
        workspace.bot_user, workspace.removed_at = bot_user, None
    session.add(workspace)
    session.flush()
    return workspace


def get_bot_home(
    session: Session, platform: str, bot_user: str, *, heard_in: str
) -> Workspace | None:
    """The workspace whose own user of Entente's this is. In Teams it is the same one in all
    tenants: then it is that in which this was heard."""
    return session.exec(
        select(Workspace)
        .where(col(Workspace.platform) == platform, col(Workspace.bot_user) == bot_user)
        .order_by(col(Workspace.external_id) != heard_in, col(Workspace.id))
    ).first()


def place_of(session: Session, alliance_id: str, account: Account) -> str | None:
    """The partner an account belongs to, or None if that can't be told."""
    if account.is_guest or account.workspace_id is None:
        return None
    partners = session.exec(
        select(PartnerWorkspace.partner_id)
        .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
        .where(
            col(Partner.alliance_id) == alliance_id,
            col(Partner.left_at).is_(None),
            col(PartnerWorkspace.workspace_id) == account.workspace_id,
        )
    ).all()
    return partners[0] if len(partners) == 1 else None


def find_member(session: Session, alliance_id: str, *, platform: str, user: str) -> Member | None:
    """The present member of an alliance with this id on a platform."""
    return find_members(session, alliance_id, platform=platform, users=(user,)).get(user)


def find_members(
    session: Session, alliance_id: str, *, platform: str, users: Sequence[str]
) -> dict[str, Member]:
    """The present members of an alliance, by their ids on a platform; ids of others are left
    out."""
    if not users:
        return {}
    found = select_members(
        (Account.external_id, Member), alliance_id, platform=platform, users=users
    )
    return {row[0]: row[1] for row in session.execute(found)}


def select_members(
    columns: Sequence[Any], alliance_id: str, *, platform: str, users: Sequence[str]
) -> Select[Any]:
    """These columns of the present members of an alliance with these ids on a platform, and of
    their accounts."""
    return (
        sqlalchemy.select(*columns)
        .select_from(Account)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .join(Member, col(Member.id) == col(MemberAccount.member_id))
        .where(
            col(Account.platform) == platform,
            col(Account.external_id).in_(users),
            col(Member.alliance_id) == alliance_id,
            col(Member.left_at).is_(None),
        )
    )


def ensure_member(session: Session, alliance_id: str, account: Account, *, now: datetime) -> Member:
    """The account's member in the alliance; made, or brought back, if need be."""
    # Two events of one new person may be handled at once: the second waits for the first.
    session.exec(select(Account.id).where(col(Account.id) == account.id).with_for_update()).one()
    member = session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .where(col(Member.alliance_id) == alliance_id, col(MemberAccount.account_id) == account.id)
    ).first()
    if member is not None:
        if account.deactivated_at is None:
            member.left_at = None
            session.add(member)
        return member
    partner_id = place_of(session, alliance_id, account)
    member = find_twin(session, alliance_id, account, partner_id) or Member(
        alliance_id=alliance_id, partner_id=partner_id, name=account.name, joined_at=now
    )
    session.add(member)
    session.flush()
    session.add(MemberAccount(member_id=member.id, account_id=account.id))
    session.flush()
    return member


def find_twin(
    session: Session, alliance_id: str, account: Account, partner_id: str | None
) -> Member | None:
    """The member of this partner who has another account with the same confirmed address. Never
    one of another partner, nor for somebody unplaced: an address is set by whoever administers a
    workspace, and would open one side's things to the other."""
    if account.email is None or partner_id is None or account.is_bot:
        return None
    return session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Member.alliance_id) == alliance_id,
            col(Member.partner_id) == partner_id,
            col(Member.left_at).is_(None),
            col(Account.email) == account.email,
            col(Account.id) != account.id,
        )
        .order_by(col(Member.joined_at), col(Member.id))
        .limit(1)
    ).first()


def revive(session: Session, account: Account) -> list[Member]:
    """The account works again: its members who left with it are back, and are the answer."""
    mine, others = aliased(MemberAccount), aliased(MemberAccount)
    back = session.exec(
        select(Member)
        .join(mine, col(mine.member_id) == col(Member.id))
        .join(others, col(others.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(others.account_id))
        .where(
            col(mine.account_id) == account.id,
            col(Member.left_at) == col(Account.deactivated_at),
        )
    ).all()
    account.deactivated_at = None
    session.add(account)
    for member in back:
        member.left_at = None
        session.add(member)
    session.flush()
    bump(session, ACCOUNTS_SCOPE)
    return list(back)


def get_alliances(session: Session, alliance_ids: list[str]) -> list[Alliance]:
    """These alliances, by name."""
    return list(
        session.exec(
            select(Alliance).where(col(Alliance.id).in_(alliance_ids)).order_by(col(Alliance.name))
        )
    )
