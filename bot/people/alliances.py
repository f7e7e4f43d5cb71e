"""Alliances and their partners: setting one up, and who is on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.people.identity import ensure_member
from bot.people.models import (
    Account,
    Alliance,
    Member,
    Organisation,
    Partner,
    PartnerWorkspace,
    Role,
    RoleKind,
    Workspace,
)
from bot.people.viewer import Viewer, get_viewers


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlliance:
    """What a manager says when setting one up. Of the others nothing but their names."""

    name: str
    own_partner: str
    other_partners: tuple[str, ...]
    zone: str
    hours_start: str
    hours_end: str
    countries: tuple[str, ...] = ()
    days: tuple[int, ...] = (0, 1, 2, 3, 4)


def create(session: Session, new: NewAlliance, *, founder: Account, now: datetime) -> Viewer:
    """Set up an alliance; `founder` becomes manager of its own partner.

    Raises Conflict if the founder is in an alliance of that name.
    """
    mine = [viewer.alliance_id for viewer in get_viewers(session, founder.id)]
    names = session.exec(select(Alliance.name).where(col(Alliance.id).in_(mine))).all()
    if new.name.casefold() in {name.casefold() for name in names}:
        raise Conflict("setup.name_taken", field="name", name=new.name)
    alliance = Alliance(
        name=new.name,
        zone=new.zone,
        hours_start=new.hours_start,
        hours_end=new.hours_end,
        days=list(new.days),
        created_at=now,
    )
    session.add(alliance)
    session.flush()
    _add_partners(session, alliance, new, founder=founder, now=now)
    member = ensure_member(session, alliance.id, founder, now=now)
    own = get_partner(session, alliance.id, new.own_partner)
    assert own is not None  # noqa: S101 - added above
    member.partner_id = own.id
    session.add(
        Role(
            alliance_id=alliance.id,
            partner_id=own.id,
            member_id=member.id,
            kind=RoleKind.MANAGER,
            since=now,
        )
    )
    founder.current_alliance_id = alliance.id
    session.add(founder)
    session.flush()
    return next(v for v in get_viewers(session, founder.id) if v.alliance_id == alliance.id)


def _add_partners(
    session: Session, alliance: Alliance, new: NewAlliance, *, founder: Account, now: datetime
) -> None:
    organisation = _organisation_of(session, founder, new.own_partner)
    own = Partner(
        alliance_id=alliance.id,
        organisation_id=organisation.id,
        name=new.own_partner,
        countries=list(new.countries),
        joined_at=now,
    )
    session.add(own)
    session.flush()
    if founder.workspace_id is not None and not founder.is_guest:
        session.add(PartnerWorkspace(partner_id=own.id, workspace_id=founder.workspace_id))
    for name in new.other_partners:
        session.add(Partner(alliance_id=alliance.id, name=name))
    session.flush()


def _organisation_of(session: Session, founder: Account, name: str) -> Organisation:
    workspace = (
        session.get(Workspace, founder.workspace_id) if founder.workspace_id is not None else None
    )
    if workspace is not None and workspace.organisation_id is not None:
        return session.get_one(Organisation, workspace.organisation_id)
    organisation = Organisation(name=name)
    session.add(organisation)
    session.flush()
    if workspace is not None and not founder.is_guest:
        workspace.organisation_id = organisation.id
        session.add(workspace)
    return organisation


def get_partner(session: Session, alliance_id: str, name: str) -> Partner | None:
    """A partner by name, case aside."""
    partners = get_partners(session, alliance_id)
    return next((p for p in partners if p.name.casefold() == name.casefold()), None)


def get_partners(session: Session, alliance_id: str) -> Sequence[Partner]:
    """The alliance's partners, those that joined first."""
    partners = session.exec(
        select(Partner).where(
            col(Partner.alliance_id) == alliance_id, col(Partner.left_at).is_(None)
        )
    ).all()
    return sorted(partners, key=lambda partner: (partner.joined_at is None, partner.name))


def get_known_partners(session: Session, viewer: Viewer) -> Sequence[Partner]:
    """The partners that the viewer may know of: those of the alliance; for people of one that left,
    those that had joined then, their own among them."""
    if viewer.left_at is None:
        return get_partners(session, viewer.alliance_id)
    return session.exec(
        select(Partner)
        .where(
            col(Partner.alliance_id) == viewer.alliance_id,
            col(Partner.joined_at) <= viewer.left_at,
            or_(col(Partner.left_at).is_(None), col(Partner.left_at) >= viewer.left_at),
        )
        .order_by(col(Partner.name))
    ).all()


def has_workspace(session: Session, viewer: Viewer, workspace_id: str) -> bool:
    """Whether a workspace's people are the viewer's partner's."""
    return session.get(PartnerWorkspace, (viewer.partner_id or "", workspace_id)) is not None


def get_alliance_or_raise(session: Session, alliance_id: str) -> Alliance:
    """The alliance. Raises NotFound."""
    alliance = session.get(Alliance, alliance_id)
    if alliance is None:
        raise NotFound("alliance.not_found")
    return alliance


def get_members(session: Session, alliance_id: str) -> Sequence[Member]:
    """The alliance's present members, by name."""
    return session.exec(
        select(Member)
        .where(col(Member.alliance_id) == alliance_id, col(Member.left_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    ).all()


def get_managers(session: Session, partner_id: str) -> list[str]:
    """The members who manage for a partner now, those who have done so longest first."""
    return list(
        session.exec(
            select(Role.member_id)
            .join(Member, col(Member.id) == col(Role.member_id))
            .where(
                col(Role.partner_id) == partner_id,
                col(Role.kind) == RoleKind.MANAGER,
                col(Role.until).is_(None),
                col(Member.partner_id) == partner_id,
                col(Member.left_at).is_(None),
            )
            .order_by(col(Role.since), col(Role.id))
        )
    )


def get_manager_ids(session: Session, alliance_id: str) -> set[str]:
    """The members who are a manager of their partner now, which is still in the alliance."""
    return set(
        session.exec(
            select(Role.member_id)
            .join(Member, col(Member.id) == col(Role.member_id))
            .join(Partner, col(Partner.id) == col(Role.partner_id))
            .where(
                col(Role.alliance_id) == alliance_id,
                col(Role.kind) == RoleKind.MANAGER,
                col(Role.until).is_(None),
                col(Role.partner_id) == col(Member.partner_id),
                col(Member.left_at).is_(None),
                col(Partner.left_at).is_(None),
            )
        )
    )


def get_countries(session: Session, alliance_id: str) -> tuple[str, ...]:
    """The countries whose public holidays the alliance keeps: all its partners', in order."""
    named = [country for p in get_partners(session, alliance_id) for country in p.countries]
    return tuple(sorted(set(named)))


def get_welcoming_ids(session: Session, platform: str) -> frozenset[str]:
    """The platform's ids of the workspaces whose newcomers a partner wants brought in."""
    return frozenset(
        session.exec(
            select(Workspace.external_id)
            .join(PartnerWorkspace, col(PartnerWorkspace.workspace_id) == col(Workspace.id))
            .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
            .join(Alliance, col(Alliance.id) == col(Partner.alliance_id))
            .where(
                col(Workspace.platform) == platform,
                col(Partner.takes_newcomers),
                col(Partner.left_at).is_(None),
                col(Alliance.ended_at).is_(None),
            )
        )
    )
