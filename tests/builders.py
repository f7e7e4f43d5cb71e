"""Ready-made alliances for tests that begin below the platforms."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from bot.core.ports import UserProfile
from bot.db.engine import Database
from bot.people import alliances, committees, identity
from bot.people.alliances import NewAlliance
from bot.people.committees import make_rule
from bot.people.models import Committee, Member, Partner, Role, RoleKind
from bot.people.viewer import Viewer
from tests.harness import MONDAY

OTHERS = ("Borealis", "Cirrus", "Delta", "Epsilon")
"""Partners beside Acme, for an alliance of five."""


def make_alliance(
    database: Database,
    *,
    name: str = "Acme–Borealis",
    own_partner: str = "Acme",
    others: tuple[str, ...] = ("Borealis",),
    user: str = "UANA",
    workspace: str = "TACME",
    zone: str = "Europe/Berlin",
    countries: tuple[str, ...] = ("DE",),
) -> Viewer:
    """An alliance; answers its founder, a manager, as viewer."""
    profile = UserProfile(user=user, workspace=workspace, name="Ana", zone=zone)
    with database.write() as session:
        founder = identity.save_account(session, "slack", profile, now=MONDAY)
        new = NewAlliance(
            name=name,
            own_partner=own_partner,
            other_partners=others,
            zone=zone,
            hours_start="09:00",
            hours_end="17:00",
            countries=countries,
        )
        return alliances.create(session, new, founder=founder, now=MONDAY)


def join(session: Session, ana: Viewer) -> dict[str, Viewer]:
    """Everybody joins, each with one manager."""
    found = {"Acme": ana}
    for partner in session.exec(
        select(Partner).where(col(Partner.alliance_id) == ana.alliance_id)
    ).all():
        if partner.id == ana.partner_id:
            continue
        partner.joined_at = MONDAY
        member = Member(
            alliance_id=ana.alliance_id,
            partner_id=partner.id,
            name=f"{partner.name}'s manager",
            joined_at=MONDAY,
        )
        session.add_all([partner, member])
        session.flush()
        session.add(
            Role(
                alliance_id=ana.alliance_id,
                partner_id=partner.id,
                member_id=member.id,
                kind=RoleKind.MANAGER,
                since=MONDAY,
            )
        )
        found[partner.name] = Viewer(
            account_id="",
            alliance_id=ana.alliance_id,
            member_id=member.id,
            member_name=member.name,
            partner_id=partner.id,
            partner_name=partner.name,
            is_manager=True,
        )
    session.flush()
    return found


def make_voting_committee(
    session: Session, sides: Mapping[str, Viewer], *, count: int
) -> Committee:
    """A committee on which each of these sits; so many of their partners are enough."""
    jsc = committees.add_committee(session, sides["Acme"], "JSC", now=MONDAY)
    for viewer in sides.values():
        member = session.get_one(Member, viewer.member_id)
        committees.seat(session, viewer, jsc, member, kind="member", since=MONDAY)
        committees.set_rule(session, viewer, jsc, make_rule("count", count=count, days=0))
    return jsc
