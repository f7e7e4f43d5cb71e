"""`entente manager`: the way out when a partner's last manager is gone.

Nobody within the alliance can do it: only a partner's own managers give its roles. The operator
knows whom to trust, does it on the machine, and every manager of the alliance is told.
"""

from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from bot.core.errors import SettingsError
from bot.core.views import Note, Text, view
from bot.db import migrate
from bot.db.engine import Database
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.dispatch.messages import say
from bot.people import alliances, history
from bot.people.identity import get_account
from bot.people.models import Account, Alliance, Member, MemberAccount, Partner, Role, RoleKind
from bot.people.viewer import get_viewers

log = structlog.get_logger(__name__)


def run(
    database: Database,
    alliance: str | None,
    partner: str | None,
    user: str | None,
    *,
    platform: str,
    now: datetime,
) -> list[str]:
    """Show the partners without a manager, or give one of them a manager. Raises SettingsError,
    with what to do, if that can't be done."""
    migrate.check_ready(database)
    if alliance is None:
        with database.read() as session:
            return _list(session)
    if partner is None or user is None:
        raise SettingsError(["Name the alliance, the partner and the person's id on the platform."])
    with database.write() as session:
        return [_make(session, alliance, partner, user, platform=platform, now=now)]


def _list(session: Session) -> list[str]:
    rows = session.exec(
        select(Alliance, Partner)
        .join(Partner, col(Partner.alliance_id) == col(Alliance.id))
        .where(
            col(Partner.joined_at).is_not(None),
            col(Partner.left_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Alliance.name), col(Partner.name))
    ).all()
    lines = [
        f"{alliance.name}: {partner.name} has no manager"
        for alliance, partner in rows
        if not alliances.get_managers(session, partner.id)
    ]
    return lines or ["Every partner has a manager."]


def _make(
    session: Session, alliance: str, partner: str, user: str, *, platform: str, now: datetime
) -> str:
    found = _find_partner(session, alliance, partner)
    if alliances.get_managers(session, found.id):
        raise SettingsError(
            [f"{found.name} has a manager, who alone gives this role: `role @person manager`."]
        )
    account, member = _find_member(session, found, platform, user)
    role = Role(
        alliance_id=found.alliance_id,
        partner_id=found.id,
        member_id=member.id,
        kind=RoleKind.MANAGER,
        since=now,
    )
    session.add(role)
    session.flush()
    viewer = next(v for v in get_viewers(session, account.id) if v.alliance_id == found.alliance_id)
    history.record(session, viewer, "role.given_by_operator", member.id, now=now)
    _tell(session, found, member, now=now)
    log.warning("the operator made a manager", alliance=found.alliance_id, partner=found.id)
    return f"{member.name} is now an alliance manager for {found.name}. All managers are told."


def _find_partner(session: Session, alliance: str, partner: str) -> Partner:
    rows = session.exec(
        select(Partner)
        .join(Alliance, col(Alliance.id) == col(Partner.alliance_id))
        .where(
            col(Alliance.name) == alliance,
            col(Partner.name) == partner,
            col(Partner.joined_at).is_not(None),
            col(Partner.left_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
    ).all()
    if len(rows) != 1:
        raise SettingsError(
            [
                f"There is not exactly one partner {partner!r} in an alliance {alliance!r}. "
                "`entente manager` alone lists those without a manager."
            ]
        )
    return rows[0]


def _find_member(
    session: Session, partner: Partner, platform: str, user: str
) -> tuple[Account, Member]:
    account = get_account(session, platform, user)
    member = (
        account
        and session.exec(
            select(Member)
            .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
            .where(
                col(MemberAccount.account_id) == account.id,
                col(Member.alliance_id) == partner.alliance_id,
                col(Member.partner_id) == partner.id,
                col(Member.left_at).is_(None),
            )
        ).first()
    )
    if account is None or not member:
        raise SettingsError(
            [
                f"{user} is not one of {partner.name}'s people here. They say anything to Entente "
                "once, in a linked channel or directly, and are met; then try again."
            ]
        )
    return account, member


def _tell(session: Session, partner: Partner, member: Member, *, now: datetime) -> None:
    alliance = session.get_one(Alliance, partner.alliance_id)
    values = {"person": member.name, "partner": partner.name, "alliance": alliance.name}
    content = view(
        Text(text=say("belonging.operator_made", **values)),
        Note(text=say("belonging.operator_made_why", **values)),
    )
    for member_id in sorted(alliances.get_manager_ids(session, alliance.id)):
        address = get_member_address(session, member_id)
        if address is not None:
            enqueue(session, Deliver(to=address, view=content, alliance_id=alliance.id), now=now)
