"""An alliance's record as plain data: what one person may see of it, or all of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.dispatch.feature import Registry
from bot.people import alliances
from bot.people.models import Member, Seat
from bot.people.viewer import Viewer
from bot.record.schema import FORMAT


def dump(registry: Registry, session: Session, viewer: Viewer) -> dict[str, Any]:
    """Everything of the record that the viewer may see."""
    found: dict[str, Any] = {"entente": FORMAT}
    for section in registry.record:
        content = section.dump(session, viewer)
        if content:
            found[section.name] = content
    return found


def dump_whole(
    registry: Registry, session: Session, alliance_id: str, *, now: datetime
) -> dict[str, Any]:
    """Everything of the record: what any partner or committee may see, for who operates Entente."""
    whole: dict[str, Any] = {}
    for viewer in _get_all_viewers(session, alliance_id, now=now):
        whole = merge(whole, dump(registry, session, viewer))
    return whole


def _get_all_viewers(session: Session, alliance_id: str, *, now: datetime) -> Iterable[Viewer]:
    partners = alliances.get_partners(session, alliance_id)
    names = {partner.id: partner.name for partner in partners}
    for partner in partners:
        yield _view(alliance_id, "", partner.id, partner.name)
    seated: Sequence[Member] = session.exec(
        select(Member)
        .join(Seat, col(Seat.member_id) == col(Member.id))
        .where(
            col(Seat.alliance_id) == alliance_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
            col(Member.left_at).is_(None),
        )
        .distinct()
    ).all()
    for member in seated:
        partner_id = member.partner_id or ""
        yield _view(alliance_id, member.id, partner_id, names.get(partner_id, ""))


def _view(alliance_id: str, member_id: str, partner_id: str, partner: str) -> Viewer:
    return Viewer(
        account_id="",
        alliance_id=alliance_id,
        member_id=member_id,
        member_name="",
        partner_id=partner_id,
        partner_name=partner,
        is_manager=True,
    )


def merge(one: Any, other: Any) -> Any:
    """Both of what two viewers see: items with the same `id` become one; what one of them can't see
    is the other's."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            key: merge(one[key], other[key])
            if key in one and key in other
            else one.get(key, other.get(key))
            for key in (*one, *(key for key in other if key not in one))
        }
    if isinstance(one, list) and isinstance(other, list):
        return _merge_lists(one, other)
    return one or other


def _merge_lists(one: list[Any], other: list[Any]) -> list[Any]:
    merged = list(one)
    places = {
        item["id"]: place
        for place, item in enumerate(one)
        if isinstance(item, dict) and "id" in item
    }
    for item in other:
        place = places.get(item["id"]) if isinstance(item, dict) and "id" in item else None
        if place is not None:
            merged[place] = merge(merged[place], item)
        elif item not in merged:
            merged.append(item)
    return merged
