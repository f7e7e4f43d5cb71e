"""Who is looking. Every read of an alliance's things takes a viewer, and who may do what is asked
anew each time: nothing here is cached."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, text
from sqlmodel import Session, col, select

from bot.db.bulk import read_moment
from bot.people.models import Audience, AudienceKind, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A member of one alliance, as of `now` (None: whenever the database is asked). Without a
    partner they are unplaced. `left_at`: when their partner left the alliance; `has_ended`: the
    alliance is over."""

    account_id: str
    alliance_id: str
    member_id: str
    member_name: str
    partner_id: str | None
    partner_name: str | None
    is_manager: bool
    left_at: datetime | None = None
    has_ended: bool = False
    now: datetime | None = field(default=None, compare=False)

    @property
    def is_somebody(self) -> bool:
        """Whether it is one person, and not all who read a channel together."""
        return bool(self.member_id)

    @property
    def is_former(self) -> bool:
        """Whether they read what they could read, and change nothing any more."""
        return self.has_ended or self.left_at is not None


COLUMNS = (
    "m.alliance_id, m.id AS member_id, m.name AS member_name, m.partner_id, "
    "p.name AS partner_name, (EXISTS (SELECT 1 FROM roles r "
    "WHERE r.member_id = m.id AND r.partner_id = m.partner_id AND r.kind = 'manager' "
    "AND r.until IS NULL) AND p.left_at IS NULL AND l.ended_at IS NULL) AS is_manager, "
    "p.left_at, (l.ended_at IS NOT NULL) AS has_ended"
)
"""What `to_viewer` needs of a member `m`, their partner `p` and the alliance `l`."""

_VIEWERS = text(
    f"""
    SELECT {COLUMNS}
    FROM member_accounts a
    JOIN members m ON m.id = a.member_id AND m.left_at IS NULL
    JOIN alliances l ON l.id = m.alliance_id
    LEFT JOIN partners p ON p.id = m.partner_id
    WHERE a.account_id = :account
    ORDER BY m.joined_at, m.id
    """
)


def get_viewers(session: Session, account_id: str, *, now: datetime | None = None) -> list[Viewer]:
    """The account's memberships, one viewer for each alliance, oldest first. One query."""
    rows = session.execute(_VIEWERS, {"account": account_id})
    return [to_viewer(account_id, tuple(row), now=now) for row in rows]


def to_viewer(account_id: str, row: Sequence[Any], *, now: datetime | None = None) -> Viewer:
    """A row that begins with COLUMNS."""
    return Viewer(
        account_id=account_id,
        alliance_id=row[0],
        member_id=row[1],
        member_name=row[2],
        partner_id=row[3],
        partner_name=row[4],
        is_manager=bool(row[5]),
        left_at=read_moment(row[6]),
        has_ended=bool(row[7]),
        now=now,
    )


def visible_to(viewer: Viewer, table: type[Audience]) -> ColumnElement[bool]:
    """The condition under which `viewer` may see a row of `table`, alliance included. People of a
    partner that left see what they could see then, and nothing that came or changed since."""
    alliance: Any = table.alliance_id  # type: ignore[attr-defined]
    now: Any = viewer.now or func.now()
    own = and_(
        col(table.audience_kind) == AudienceKind.PARTNER,
        col(table.audience_id) == (viewer.partner_id or ""),
    )
    shared = or_(
        col(table.audience_kind) == AudienceKind.ALLIANCE,
        and_(
            col(table.audience_kind) == AudienceKind.COMMITTEE,
            col(table.audience_id).in_(
                select(Seat.committee_id).where(
                    col(Seat.member_id) == viewer.member_id,
                    col(Seat.since) <= now,
                    or_(col(Seat.until).is_(None), col(Seat.until) > now),
                )
            ),
        ),
    )
    if viewer.left_at is not None:
        shared = and_(shared, _stood(table, viewer.left_at))
    return and_(alliance == viewer.alliance_id, or_(own, shared))


def _stood(table: type[Audience], moment: datetime) -> ColumnElement[bool]:
    """Whether a row stood then as it stands now; where that can't be told, it did not."""
    columns = [getattr(table, name) for name in table.as_of]
    if not columns:
        return false()
    # SQLite has no coalesce of one.
    at = columns[0] if len(columns) == 1 else func.coalesce(*columns)
    return at <= moment
