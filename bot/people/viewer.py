"""Who is looking. Every read of an alliance's things takes a viewer, and who may do what is asked
anew each time: nothing here is cached."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, text
from sqlmodel import Session, col, select

from bot.people.models import Audience, AudienceKind, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A member of one alliance, as of now. Without a partner they are unplaced."""

    account_id: str
    alliance_id: str
    member_id: str
    member_name: str
    partner_id: str | None
    partner_name: str | None
    is_manager: bool


_VIEWERS = text(
    """
    SELECT m.alliance_id, m.id, m.name, m.partner_id, p.name,
           EXISTS (SELECT 1 FROM roles r WHERE r.member_id = m.id AND r.partner_id = m.partner_id
                   AND r.kind = 'manager' AND r.until IS NULL)
    FROM member_accounts a
    JOIN members m ON m.id = a.member_id AND m.left_at IS NULL
    LEFT JOIN partners p ON p.id = m.partner_id
    WHERE a.account_id = :account
    ORDER BY m.joined_at, m.id
    """
)


def get_viewers(session: Session, account_id: str) -> list[Viewer]:
    """The account's memberships, one viewer for each alliance, oldest first. One query."""
    return [
        Viewer(
            account_id=account_id,
            alliance_id=alliance,
            member_id=member,
            member_name=name,
            partner_id=partner,
            partner_name=partner_name,
            is_manager=bool(is_manager),
        )
        for alliance, member, name, partner, partner_name, is_manager in session.execute(
            _VIEWERS, {"account": account_id}
        )
    ]


def visible_to(viewer: Viewer, table: type[Audience]) -> ColumnElement[bool]:
    """The condition under which `viewer` may see a row of `table`, alliance included."""
    alliance: Any = table.alliance_id  # type: ignore[attr-defined]
    return and_(
        alliance == viewer.alliance_id,
        or_(
            col(table.audience_kind) == AudienceKind.ALLIANCE,
            and_(
                col(table.audience_kind) == AudienceKind.PARTNER,
                col(table.audience_id) == (viewer.partner_id or ""),
            ),
            and_(
                col(table.audience_kind) == AudienceKind.COMMITTEE,
                col(table.audience_id).in_(
                    select(Seat.committee_id).where(
                        col(Seat.member_id) == viewer.member_id,
                        col(Seat.since) <= func.now(),
                        or_(col(Seat.until).is_(None), col(Seat.until) > func.now()),
                    )
                ),
            ),
        ),
    )
