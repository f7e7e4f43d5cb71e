"""Turning a wrong counterpart out again, and letting them in after all.

What they set up stays theirs and ends with them; the right people begin on a clean row.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed
from bot.db.bulk import bind_moment
from bot.db.revisions import bump
from bot.people.channels import CHANNELS_SCOPE
from bot.people.consent import agree_again
from bot.people.models import Invitation, Member, Partner, PartnerWorkspace
from bot.people.viewer import Viewer

WITHIN = timedelta(days=1)


def revoke(
    session: Session, viewer: Viewer, partner: Partner, *, now: datetime
) -> dict[str, object]:
    """Undo a join by the wrong person: the partner leaves, its people are unplaced, its roles,
    seats and consents end, the channels they opened are silent; the invited partner waits again.
    Answers what `readmit` needs.

    Raises NotAllowed for anybody but the inviting side, and after a day.
    """
    invitation = session.exec(
        select(Invitation)
        .where(col(Invitation.partner_id) == partner.id, col(Invitation.used_at).is_not(None))
        .order_by(col(Invitation.used_at).desc())
        .limit(1)
    ).first()
    inviter = invitation and session.get(Member, invitation.member_id)
    if (
        invitation is None
        or inviter is None
        or inviter.partner_id != viewer.partner_id
        or partner.joined_at is None
        or now - partner.joined_at > WITHIN
    ):
        raise NotAllowed("invite.no_revoke")
    kept: dict[str, object] = {
        "name": partner.name,
        "workspaces": _get_workspaces(session, partner),
        "members": _get_members(session, partner),
    }
    partner.left_at = now
    partner.name = f"{partner.name[:60]} · {partner.id[-6:]}"
    session.add(partner)
    session.flush()
    waiting = Partner(alliance_id=partner.alliance_id, name=invitation.name)
    session.add(waiting)
    session.flush()
    values = {"partner": partner.id, "now": bind_moment(session, now)}
    for statement in _REVOKE:
        session.execute(text(statement), values)
    bump(session, CHANNELS_SCOPE)
    return kept | {"waiting": waiting.id}


def _get_workspaces(session: Session, partner: Partner) -> list[str]:
    owned = select(PartnerWorkspace.workspace_id)
    return list(session.exec(owned.where(col(PartnerWorkspace.partner_id) == partner.id)))


def _get_members(session: Session, partner: Partner) -> list[str]:
    return list(session.exec(select(Member.id).where(col(Member.partner_id) == partner.id)))


_REVOKE = (
    "UPDATE channels SET state = 'pending' WHERE state = 'linked' AND id IN "
    "(SELECT channel_id FROM consents WHERE partner_id = :partner AND withdrawn_at IS NULL)",
    "UPDATE consents SET withdrawn_at = :now WHERE partner_id = :partner AND withdrawn_at IS NULL",
    "UPDATE roles SET until = :now WHERE partner_id = :partner AND until IS NULL",
    "DELETE FROM partner_workspaces WHERE partner_id = :partner",
    "UPDATE seats SET until = :now WHERE partner_id = :partner AND until IS NULL",
    "UPDATE members SET partner_id = NULL WHERE partner_id = :partner",
)


def readmit(session: Session, partner: Partner, kept: Mapping[str, Any]) -> None:
    """Take a revoking back: the partner, its people, roles, seats and consents are as they were.

    Raises Conflict if its place was touched since: somebody was invited, or its people placed.
    """
    waiting = session.get(Partner, kept["waiting"], with_for_update=True)
    revoked_at = partner.left_at
    if waiting is None or revoked_at is None or _is_taken(session, waiting, kept, since=revoked_at):
        raise Conflict("invite.changed_since", partner=kept["name"])
    session.delete(waiting)
    session.flush()
    partner.left_at, partner.name = None, kept["name"]
    members = session.exec(select(Member).where(col(Member.id).in_(kept["members"]))).all()
    for member in members:
        member.partner_id = partner.id
    owned = [PartnerWorkspace(partner_id=partner.id, workspace_id=w) for w in kept["workspaces"]]
    session.add_all([partner, *members, *owned])
    session.flush()
    values = {"partner": partner.id, "at": bind_moment(session, revoked_at)}
    for statement in _READMIT:
        session.execute(text(statement), values)
    agree_again(session, partner.id, revoked_at)
    bump(session, CHANNELS_SCOPE)


def _is_taken(
    session: Session, waiting: Partner, kept: Mapping[str, Any], *, since: datetime
) -> bool:
    """Whether anybody was invited, placed or has joined where a revoked partner was."""
    here = col(Partner.alliance_id) == waiting.alliance_id
    looked = (
        select(Invitation.id).where(col(Invitation.partner_id) == waiting.id),
        select(Member.id).where(
            col(Member.id).in_(kept["members"]), col(Member.partner_id).is_not(None)
        ),
        select(Partner.id).where(
            here, col(Partner.name) == kept["name"], col(Partner.id) != waiting.id
        ),
        select(PartnerWorkspace.partner_id)
        .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
        .where(
            here,
            col(PartnerWorkspace.workspace_id).in_(kept["workspaces"]),
            col(Partner.joined_at) > since,
        ),
    )
    return waiting.joined_at is not None or any(
        session.exec(each.limit(1)).first() is not None for each in looked
    )


_READMIT = (
    "UPDATE roles SET until = NULL WHERE partner_id = :partner AND until = :at",
    "UPDATE seats SET until = NULL WHERE partner_id = :partner AND until = :at",
)
