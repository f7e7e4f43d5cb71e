"""Whether managers' accounts still work, looked up each day, and soon after one left a channel.

Some platforms tell when an account is switched off, some don't; and what is told while Entente is
down is missed. Nothing depends on anybody as much as on the last manager of a partner.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.events import Event, MemberLeft
from bot.core.ports import Query, UserProfile, UserQuery
from bot.dispatch.answers import Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Errand, Registry
from bot.features.belonging import comings
from bot.people import identity
from bot.people.models import (
    Account,
    Alliance,
    MemberAccount,
    Partner,
    Role,
    RoleKind,
    Workspace,
)

AGAIN = timedelta(days=1)
BATCH = 20
"""Accounts that are looked up together."""


def hear_left(context: Context, event: Event) -> None:
    """Whoever has left a channel may have left for good: look soon."""
    if not isinstance(event, MemberLeft) or event.is_self:
        return
    account = identity.get_account(context.session, event.platform, event.actor.user)
    if account is not None:
        account.checked_at = min(account.checked_at, context.now - AGAIN)
        context.session.add(account)


def _ask(_registry: Registry, session: Session, now: datetime) -> Sequence[tuple[str, Query]]:
    """The managers who were not looked up for longest."""
    rows = session.exec(
        select(Account, Workspace.external_id)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .join(Role, col(Role.member_id) == col(MemberAccount.member_id))
        .join(Partner, col(Partner.id) == col(Role.partner_id))
        .join(Alliance, col(Alliance.id) == col(Role.alliance_id))
        .join(Workspace, col(Workspace.id) == col(Account.workspace_id))
        .where(
            col(Role.kind) == RoleKind.MANAGER,
            col(Role.until).is_(None),
            col(Partner.left_at).is_(None),
            col(Alliance.ended_at).is_(None),
            col(Workspace.removed_at).is_(None),
            col(Account.deactivated_at).is_(None),
            col(Account.checked_at) <= now - AGAIN,
        )
        .order_by(col(Account.checked_at), col(Account.id))
        .distinct()
        .limit(BATCH)
    ).all()
    for account, _ in rows:
        # Asked once a day, whether or not the platform answers.
        account.checked_at = now
        session.add(account)
    return [
        (account.platform, UserQuery(workspace=workspace, user=account.external_id))
        for account, workspace in rows
    ]


def _store(
    _registry: Registry,
    session: Session,
    asked: Sequence[tuple[str, Query]],
    found: Found,
    now: datetime,
) -> bool:
    for (platform, _), profile in zip(asked, found, strict=True):
        if not isinstance(profile, UserProfile):
            continue
        if profile.is_active:
            identity.save_account(session, platform, profile, now=now)
            continue
        account = identity.get_account(session, platform, profile.user)
        if account is not None:
            comings.go(session, account, now=now)
    return len(asked) == BATCH


LOOK = Errand(name="belonging_managers", every=timedelta(hours=1), ask=_ask, store=_store)
