"""When Entente is removed from a workspace: what stops there, what goes on through another
installation, who is told; and taking everything up again when it is back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.db.revisions import bump
from bot.people.channels import CHANNELS_SCOPE
from bot.people.installations import get_routes
from bot.people.models import (
    Account,
    Alliance,
    Channel,
    Partner,
    PartnerWorkspace,
    Role,
    RoleKind,
    Workspace,
)

GRACE = timedelta(days=14)
"""So long after a removal everything is still there. Slack wants it gone within 14 business days
(https://docs.slack.dev/slack-marketplace/slack-marketplace-app-guidelines-and-requirements)."""

REMOVED = "app_removed"
"""The trouble of a channel that Entente can't reach since it was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An alliance that a workspace's people are in: the partner concerned, its channels that go on
    through another installation, and the managers of the other partners."""

    alliance: Alliance
    partner: Partner
    taken_over: tuple[str, ...]
    managers: tuple[str, ...]


def leave(session: Session, workspace: Workspace, *, now: datetime) -> list[Affected]:
    """Entente is in this workspace no more. Answers whom that concerns; nobody, if it was known.

    Two events tell of it, in either order and perhaps at once: the second finds it done.
    """
    session.refresh(workspace, with_for_update=True)
    if workspace.removed_at is not None:
        return []
    workspace.removed_at, workspace.bot_user = now, None
    session.add(workspace)
    session.flush()
    taken_over = _hand_over(session, workspace)
    bump(session, CHANNELS_SCOPE)
    return _get_affected(session, workspace, taken_over)


def _hand_over(session: Session, workspace: Workspace) -> dict[str, list[str]]:
    """Channels go on through another installation in them, or wait. Answers the names of those
    that go on, by alliance."""
    found = session.exec(
        select(Channel).where(col(Channel.workspace_id) == workspace.id).order_by(col(Channel.name))
    ).all()
    heirs = {channel.id: find_heir(session, channel) for channel in found}
    # Lanes first, then channels: in the order in which sending locks them too.
    for channel in sorted(found, key=lambda each: each.external_id):
        _redirect(session, channel, heirs[channel.id])
    taken_over: dict[str, list[str]] = {}
    for channel in found:
        heir = heirs[channel.id]
        if heir is None:
            channel.trouble = REMOVED
        else:
            channel.workspace_id, channel.trouble = heir.id, None
            taken_over.setdefault(channel.alliance_id, []).append(channel.name)
        session.add(channel)
    session.flush()
    return taken_over


def find_heir(session: Session, channel: Channel) -> Workspace | None:
    """Another workspace with Entente from which a shared channel may be reached: one whose people
    are named as in it before others."""
    if not channel.is_shared:
        return None
    routes = get_routes(session, channel.platform, channel=channel.external_id)
    named = set(channel.workspaces)
    for external_id in sorted(routes, key=lambda route: route not in named):
        found = session.exec(
            select(Workspace).where(
                col(Workspace.platform) == channel.platform,
                col(Workspace.external_id) == external_id,
                col(Workspace.id) != channel.workspace_id,
            )
        ).first()
        if found is not None:
            return found
    return None


def settle(session: Session, channel: Channel, home: Workspace) -> None:
    """Reach a channel from this workspace from now on; what waits for it goes that way too."""
    _redirect(session, channel, home)
    channel.workspace_id, channel.trouble = home.id, None
    session.add(channel)


def _redirect(session: Session, channel: Channel, home: Workspace | None) -> None:
    if home is not None:
        session.execute(
            text("UPDATE lanes SET workspace = :workspace WHERE key = :key"),
            {"workspace": home.external_id, "key": f"{channel.platform}:{channel.external_id}"},
        )


def _get_affected(
    session: Session, workspace: Workspace, taken_over: dict[str, list[str]]
) -> list[Affected]:
    rows = session.exec(
        select(Alliance, Partner)
        .join(Partner, col(Partner.alliance_id) == col(Alliance.id))
        .join(PartnerWorkspace, col(PartnerWorkspace.partner_id) == col(Partner.id))
        .where(
            col(PartnerWorkspace.workspace_id) == workspace.id,
            col(Partner.left_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Alliance.id), col(Partner.name))
    ).all()
    return [
        Affected(
            alliance=alliance,
            partner=partner,
            taken_over=tuple(taken_over.get(alliance.id, ())),
            managers=_get_other_managers(session, partner),
        )
        for alliance, partner in rows
    ]


def _get_other_managers(session: Session, partner: Partner) -> tuple[str, ...]:
    found = session.exec(
        select(Role.member_id)
        .where(
            col(Role.alliance_id) == partner.alliance_id,
            col(Role.partner_id) != partner.id,
            col(Role.kind) == RoleKind.MANAGER,
            col(Role.until).is_(None),
        )
        .order_by(col(Role.since), col(Role.id))
    ).all()
    return tuple(dict.fromkeys(found))


def come_back(session: Session, workspace: Workspace) -> list[Affected]:
    """Entente is in this workspace again: what waited goes on. Answers whom that concerns."""
    for channel in session.exec(
        select(Channel).where(
            col(Channel.workspace_id) == workspace.id, col(Channel.trouble) == REMOVED
        )
    ):
        channel.trouble = None
        session.add(channel)
    session.flush()
    bump(session, CHANNELS_SCOPE)
    return _get_affected(session, workspace, {})


def is_cut_off(session: Session, account: Account) -> bool:
    """Whether somebody's workspace has removed Entente and no other one reaches them."""
    if account.workspace_id is None:
        return False
    home = session.get(Workspace, account.workspace_id)
    if home is None or home.removed_at is None:
        return False
    return not get_routes(session, account.platform, user=account.external_id)


def get_due(session: Session, *, now: datetime) -> Workspace | None:
    """A workspace whose grace is over: it is to be purged."""
    return session.exec(
        select(Workspace)
        .where(col(Workspace.removed_at) <= now - GRACE)
        .order_by(col(Workspace.removed_at))
        .limit(1)
    ).first()
