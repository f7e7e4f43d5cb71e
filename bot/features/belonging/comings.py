"""Accounts are switched off and on again on their platform: their people go, and come back.

Leaving a channel is no leaving of the alliance: people tidy their lists, and reach Entente directly
all the same. Only an account that is switched off ends a membership.
"""

from datetime import datetime

import structlog
from sqlmodel import Session

from bot.core.events import AccountChanged, Event
from bot.core.views import Note, Text, view
from bot.dispatch.context import Context
from bot.dispatch.messages import say
from bot.dispatch.notices import tell_unasked
from bot.people import accounts, alliances, committees, identity
from bot.people.models import Account, Alliance, Member, Partner

log = structlog.get_logger(__name__)

MOST_TOLD = 20


def hear_account(context: Context, event: Event) -> None:
    """Somebody's account was switched off, or on again."""
    if not isinstance(event, AccountChanged):
        return
    account = identity.get_account(context.session, event.platform, event.user)
    if account is None:
        return
    if event.is_active:
        if account.deactivated_at is not None:
            identity.revive(context.session, account)
        return
    go(context.session, account, now=context.now)


def go(session: Session, account: Account, *, now: datetime) -> None:
    """An account works no more, and its people go with it."""
    for member in accounts.deactivate(session, account, now=now):
        if accounts.leaves_without_manager(session, member):
            _tell_that_nobody_manages(session, member, now=now)


def _tell_that_nobody_manages(session: Session, member: Member, *, now: datetime) -> None:
    """The other sides' managers, the people of their own side who sit somewhere, and the operator's
    log: nobody answers for a partner any more."""
    partner = session.get_one(Partner, member.partner_id)
    if partner.left_at is not None:
        return
    alliance = session.get_one(Alliance, member.alliance_id)
    if alliance.ended_at is not None:
        return
    log.warning("a partner has no manager", alliance=member.alliance_id, partner=partner.id)
    values = {"person": member.name, "partner": partner.name, "alliance": alliance.name}
    others = alliances.get_manager_ids(session, alliance.id)
    own = committees.get_seated_ids(session, partner.id, now=now)[:MOST_TOLD]
    to_others = view(
        Text(text=say("belonging.no_manager", **values)),
        Note(text=say("belonging.no_manager_why", **values)),
    )
    to_own = view(
        Text(text=say("belonging.no_manager_own", **values)),
        Note(text=say("belonging.no_manager_own_why", **values)),
    )
    for content, ids in ((to_others, sorted(others)), (to_own, own)):
        for member_id in ids:
            if member_id != member.id:
                tell_unasked(session, alliance.id, member_id, view=content, now=now)
