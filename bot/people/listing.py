"""Listing members without reading them all: an alliance may have thousands."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A member by name. `total`: how many there are of their partner."""

    partner_id: str | None
    name: str
    is_manager: bool
    total: int


_MEMBERS = """
    SELECT partner_id, name, manages, total FROM (
      SELECT partner_id, name, manages,
             count(*) OVER (PARTITION BY partner_id) AS total,
             row_number() OVER (PARTITION BY partner_id ORDER BY manages DESC, name, id) AS place
      FROM (
        SELECT m.partner_id, m.name, m.id,
               CASE WHEN EXISTS (SELECT 1 FROM roles r WHERE r.member_id = m.id
                                 AND r.partner_id = m.partner_id AND r.kind = 'manager'
                                 AND r.until IS NULL) THEN 1 ELSE 0 END AS manages
        FROM members m
        WHERE m.alliance_id = :alliance AND m.left_at IS NULL {which}
      ) AS everybody
    ) AS ranked
    WHERE place > :first AND place <= :last
    ORDER BY partner_id, place
"""
_ALL = text(_MEMBERS.format(which=""))
_OF_ONE = text(_MEMBERS.format(which="AND m.partner_id = :partner"))
_UNPLACED = text(_MEMBERS.format(which="AND m.partner_id IS NULL"))


def get_first_members(session: Session, alliance_id: str, *, most: int) -> Sequence[Named]:
    """The first present members of each partner and of the unplaced: managers first, then by name.
    One query."""
    values = {"alliance": alliance_id, "first": 0, "last": most}
    return [_to_named(row) for row in session.execute(_ALL, values)]


def get_members_page(
    session: Session, alliance_id: str, partner_id: str | None, *, offset: int, most: int
) -> Sequence[Named]:
    """Some of a partner's present members (without a partner: of the unplaced), in that order."""
    values = {"alliance": alliance_id, "first": offset, "last": offset + most}
    if partner_id is None:
        return [_to_named(row) for row in session.execute(_UNPLACED, values)]
    rows = session.execute(_OF_ONE, values | {"partner": partner_id})
    return [_to_named(row) for row in rows]


def _to_named(row: Sequence[object]) -> Named:
    partner_id, name, manages, total = row
    return Named(
        partner_id=None if partner_id is None else str(partner_id),
        name=str(name),
        is_manager=bool(manages),
        total=int(str(total)),
    )
