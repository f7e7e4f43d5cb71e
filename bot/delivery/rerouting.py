"""Another way for a direct message that its reader's organisation does not let through.

First the member's other accounts, from the one that acted last on; then the reader alone, in a
channel of the alliance in which their organisation is. The message itself moves, so that whoever
asks about it later finds what became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from bot.core.ports import OTHER_TENANT
from bot.db.bulk import bind_moment
from bot.delivery.lanes import Claimed, Fate, Outcome
from bot.delivery.models import Delivery, DeliveryState
from bot.delivery.outbox import HINT, Address, ensure_lane, get_member_addresses, wake_sql
from bot.people.models import (
    Account,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
    Workspace,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a message goes instead. `is_silent`: in a channel that not all partners agreed to yet,
    so that others must not even read that something is there."""

    to: Address
    is_silent: bool = False


def find_way(session: Session, outcome: Outcome) -> Way | None:
    """Where a message goes that was refused because its reader is of another organisation; None
    for other outcomes, and where there is no such way. None is tried twice."""
    message = outcome.message
    if outcome.fate is not Fate.FAILED or outcome.reason != OTHER_TENANT:
        return None
    if message.channel is not None or message.user is None or message.alliance_id is None:
        return None
    return _next_account(session, message) or _find_channel(session, message)


def _next_account(session: Session, message: Claimed) -> Way | None:
    member_id = session.exec(
        select(Member.id)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Member.alliance_id) == message.alliance_id,
            col(Account.platform) == message.platform,
            col(Account.external_id) == message.user,
        )
    ).first()
    addresses = get_member_addresses(session, member_id) if member_id else []
    for number, address in enumerate(addresses):
        if (address.platform, address.user) == (message.platform, message.user):
            others = addresses[number + 1 :]
            return Way(to=others[0]) if others else None
    return None


def _find_channel(session: Session, message: Claimed) -> Way | None:
    home = session.exec(
        select(Workspace.external_id)
        .join(Account, col(Account.workspace_id) == col(Workspace.id))
        .where(col(Account.platform) == message.platform, col(Account.external_id) == message.user)
    ).first()
    rows = session.exec(
        select(Channel, Workspace.external_id)
        .join(Workspace, col(Workspace.id) == col(Channel.workspace_id))
        .where(
            col(Channel.alliance_id) == message.alliance_id,
            col(Channel.platform) == message.platform,
            col(Channel.state) != ChannelState.UNLINKED,
            col(Channel.trouble).is_(None),
        )
        .order_by(
            col(Channel.state) == ChannelState.PENDING,
            col(Channel.linked_at).desc(),
            col(Channel.id),
        )
    ).all()
    for channel, workspace in rows:
        is_silent = channel.state == ChannelState.PENDING
        if home in channel.workspaces and (message.view is not None or not is_silent):
            to = Address(
                platform=channel.platform,
                workspace=workspace,
                channel=channel.external_id,
                user=message.user,
            )
            return Way(to=to, is_silent=is_silent)
    return None


def move(session: Session, message: Claimed, way: Way, *, now: datetime) -> None:
    """Queue a message that was put back, and what travels with it, at another address. What is no
    longer in its lane was settled by somebody else."""
    to = way.to
    lane_id = ensure_lane(session, to)
    ids: Sequence[int] = [part.id for part in message.all()]
    values: dict[str, object] = {
        "lane_id": lane_id,
        "private_to": to.user if to.channel else None,
        "set_aside": False,
        "not_before": now,
    }
    if to.channel:
        # Bundles are one person's, and a channel's lane is everybody's.
        values["unasked"] = False
    if way.is_silent:
        values["topic"] = HINT
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.id).in_(ids),
            col(Delivery.lane_id) == message.lane_id,
            col(Delivery.state) == DeliveryState.QUEUED,
        )
        .values(values)
    )
    session.execute(
        text(f"UPDATE lanes SET {wake_sql(session)} WHERE id = :lane"),
        {"at": bind_moment(session, now), "lane": lane_id},
    )


def put_back(outcome: Outcome) -> Outcome:
    """The outcome of a message that is to take another way: not failed, and due at once."""
    return Outcome(
        message=outcome.message,
        fate=Fate.AGAIN,
        at=outcome.at,
        reason=outcome.reason,
        retry_at=outcome.at,
    )
