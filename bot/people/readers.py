"""Whose people read a channel. In one that another organisation is connected to, the platform says
whose; beside that, partners meet in one workspace too: as departments of one company, or as guests.
"""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from bot.core.ports import ChannelProfile
from bot.db.bulk import dump_rows, rows_sql, sql
from bot.people.consent import get_standings
from bot.people.departments import get_sharing
from bot.people.models import Account, Channel, ChannelState, Workspace


def find_partners(
    session: Session,
    alliance_id: str,
    workspace: Workspace,
    profile: ChannelProfile,
    users: Collection[str],
) -> set[str]:
    """The partners whose people can read a channel of this workspace: those of the people in it;
    and where anybody of the workspace may look in, all partners whose workspace it is."""
    found = _find_present(session, alliance_id, workspace.platform, users)
    if not profile.is_private:
        found |= get_sharing(session, alliance_id, workspace)
    return found


def _find_present(
    session: Session, alliance_id: str, platform: str, users: Collection[str]
) -> set[str]:
    rows = session.connection().execute(
        sql(
            "SELECT DISTINCT m.partner_id FROM accounts a "
            "JOIN member_accounts b ON b.account_id = a.id "
            "JOIN members m ON m.id = b.member_id AND m.left_at IS NULL "
            "JOIN partners p ON p.id = m.partner_id AND p.left_at IS NULL "
            "WHERE m.alliance_id = :alliance AND a.platform = :platform "
            f"AND a.external_id IN (SELECT v.person FROM {rows_sql(session, {'person': 'text'})})"
        ),
        {
            "alliance": alliance_id,
            "platform": platform,
            "rows": dump_rows(session, ({"person": user} for user in users)),
        },
    )
    return set(rows.scalars())


def are_known(session: Session, channel: Channel, partner_id: str) -> bool:
    """Whether it is known that this partner's people read the channel."""
    if channel.is_shared:
        return any(s.partner_id == partner_id for s in get_standings(session, channel))
    return partner_id in channel.partners or partner_id == channel.audience_id


def is_strange(session: Session, channel: Channel, account: Account) -> bool:
    """Whether somebody comes from an organisation that is not known to read the channel. Where
    whole workspaces are connected to a channel, the platform tells of that itself; where people of
    others are let in one by one, it tells of them alone."""
    if account.workspace_id is None or account.is_guest or account.is_bot:
        return False
    if not channel.is_shared:
        return account.workspace_id != channel.workspace_id
    home = session.get_one(Workspace, account.workspace_id)
    return bool(channel.workspaces) and home.external_id not in channel.workspaces


def doubt(session: Session, alliance_id: str) -> None:
    """People have found their partner: whose people read the alliance's channels must be looked
    up anew, soon (`get_doubted`)."""
    for channel in session.exec(
        select(Channel).where(
            col(Channel.alliance_id) == alliance_id, col(Channel.state) == ChannelState.LINKED
        )
    ):
        channel.is_doubted = True
        session.add(channel)
    session.flush()


def get_doubted(session: Session, *, most: int) -> Sequence[Channel]:
    """Channels in which Entente speaks though it is not sure who reads them."""
    return session.exec(
        select(Channel)
        .where(col(Channel.is_doubted), col(Channel.state) == ChannelState.LINKED)
        .order_by(col(Channel.id))
        .limit(most)
    ).all()
