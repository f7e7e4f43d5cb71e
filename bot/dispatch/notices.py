"""Telling the other managers when one of them changed what belongs to all: unasked, bundled, in
their own hours, and not at all if it was taken back meanwhile."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.views import View
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import NOTICE, Address, Deliver, enqueue, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.context import Context
from bot.people import alliances
from bot.people.models import Account, Audience, AudienceKind, Change, Member, Partner
from bot.schedules import reminders


def tell_other_managers(
    context: Context, change: Change, topic: str, *, about: Audience | None = None
) -> None:
    """Queue `topic` about a recorded change for every other manager of the alliance who may see
    what it is `about` (None: the alliance itself), for when it can no longer be undone."""
    managers = alliances.get_manager_ids(context.session, change.alliance_id)
    chosen = select(Member).where(col(Member.id).in_(managers)).order_by(col(Member.id))
    for member in context.session.exec(chosen).all():
        if member.id != context.viewer.member_id and _sees(member, about):
            tell_unasked(
                context.session,
                change.alliance_id,
                member.id,
                now=context.now,
                wait=_later(context.now) - context.now,
                topic=topic,
                subject=change.id,
            )


def tell_managers_of(
    context: Context, alliance_id: str, partner_ids: Collection[str], content: View
) -> None:
    """A direct message to the managers of these partners, at once: it is their turn."""
    for address in get_manager_addresses(context.session, alliance_id, partner_ids):
        context.deliver(Deliver(to=address, view=content, alliance_id=alliance_id))


def tell_unasked(
    session: Session,
    alliance_id: str,
    member_id: str,
    *,
    now: datetime,
    wait: timedelta = timedelta(0),
    view: View | None = None,
    topic: str = NOTICE,
    subject: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Tell a member what they did not ask for, if they can be reached: with the rest of the day,
    within their hours, `wait` from now at the earliest, and not if they want nothing. Content:
    `view`, or `topic` and `subject` for a feature to render at the moment of sending."""
    address = get_member_address(session, member_id)
    if address is None:
        return
    message = Deliver(
        to=address,
        view=view,
        topic=topic,
        subject=subject,
        alliance_id=alliance_id,
        unasked=True,
        not_before=reminders.get_working_moment(session, alliance_id, member_id, now=now + wait),
        expires_at=expires_at,
    )
    enqueue(session, message, now=now)


def get_manager_addresses(
    session: Session, alliance_id: str, partner_ids: Collection[str]
) -> list[Address]:
    """Where the managers of these partners are written to directly."""
    managers = alliances.get_manager_ids(session, alliance_id)
    addresses = (
        get_member_address(session, member.id)
        for member in alliances.get_members(session, alliance_id)
        if member.id in managers and member.partner_id in partner_ids
    )
    return [address for address in addresses if address is not None]


def _later(now: datetime) -> datetime:
    """The full hour after the next: what changes within one hour comes in one message, and when
    undoing it is past."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)


def _sees(member: Member, about: Audience | None) -> bool:
    if about is None or about.audience_kind == AudienceKind.ALLIANCE:
        return True
    return about.audience_kind == AudienceKind.PARTNER and about.audience_id == member.partner_id


def get_change(session: Session, message: Claimed) -> Change | Skip:
    """The change that a queued notice is about, unless it was taken back."""
    change = session.get(Change, message.subject)
    if change is None or change.undone_at is not None:
        return Skip("taken back")
    return change


def say_who(session: Session, change: Change) -> dict[str, str]:
    """Who made a change, and for which partner."""
    account = session.get(Account, change.account_id)
    partner = session.get(Partner, change.partner_id) if change.partner_id else None
    return {"person": account.name if account else "", "partner": partner.name if partner else ""}


def differs(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """The names under which two records differ, in the order of the later one."""
    return [name for name, value in after.items() if before.get(name) != value]
