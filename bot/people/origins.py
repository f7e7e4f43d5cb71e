"""What came with an imported record, so that the same record brings nothing twice."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from bot.people.models import Brought, Member, Partner
from bot.people.viewer import Viewer

ALLIANCE, PARTNERS = "alliance", "partners"
"""The sections under which an alliance itself, and its partners, are known again."""


def make_origin(item: Mapping[str, Any], *names: str) -> str:
    """By what an item is known again: its own id, else the names that tell it apart."""
    own = item.get("id")
    if isinstance(own, str) and 0 < len(own) <= 64:
        return own
    return hashlib.sha256("\n".join(name.casefold() for name in names).encode()).hexdigest()


def get_fingerprint(*said: object) -> str:
    """Tells whether what is said has changed."""
    return hashlib.sha256(orjson.dumps([str(one) for one in said])).hexdigest()


def get(session: Session, alliance_id: str, section: str, origin: str) -> Brought | None:
    """What came with this origin, if anything."""
    return session.exec(
        select(Brought).where(
            col(Brought.alliance_id) == alliance_id,
            col(Brought.section) == section,
            col(Brought.origin) == origin,
        )
    ).first()


def find_alliance(session: Session, origin: str) -> str | None:
    """The alliance that came with this origin."""
    return session.exec(
        select(Brought.local_id).where(
            col(Brought.section) == ALLIANCE, col(Brought.origin) == origin
        )
    ).first()


def note(
    session: Session,
    viewer: Viewer,
    section: str,
    origin: str,
    *,
    now: datetime,
    fingerprint: str = "",
    local_id: str | None = None,
    content: Mapping[str, Any] | None = None,
) -> bool:
    """Note that something came. False if it had come before, and says the same."""
    found = get(session, viewer.alliance_id, section, origin)
    if found is not None and found.fingerprint == fingerprint:
        return False
    brought = found or Brought(
        alliance_id=viewer.alliance_id,
        partner_id=viewer.partner_id,
        section=section,
        origin=origin,
        brought_at=now,
    )
    brought.fingerprint, brought.done_at = fingerprint, None
    brought.local_id = local_id or brought.local_id
    brought.content = dict(content or {})
    session.add(brought)
    session.flush()
    return True


def get_waiting(session: Session, viewer: Viewer, section: str) -> Sequence[Brought]:
    """What came for the viewer's partner, and its manager is not through with."""
    return session.exec(
        select(Brought)
        .where(
            col(Brought.alliance_id) == viewer.alliance_id,
            col(Brought.partner_id) == (viewer.partner_id or ""),
            col(Brought.section) == section,
            col(Brought.done_at).is_(None),
        )
        .order_by(col(Brought.brought_at), col(Brought.id))
    ).all()


def get_partner_names(session: Session, alliance_id: str) -> dict[str, str]:
    """What the partners are called now, by what they were known by where they come from, and by
    their ids here."""
    partners = session.exec(
        select(Partner.id, Partner.name).where(
            col(Partner.alliance_id) == alliance_id, col(Partner.left_at).is_(None)
        )
    ).all()
    names = dict(partners)
    came = session.exec(
        select(Brought.origin, Brought.local_id).where(
            col(Brought.alliance_id) == alliance_id, col(Brought.section) == PARTNERS
        )
    ).all()
    return names | {origin: names[local] for origin, local in came if local in names}


def get_keeper(session: Session, partner: Partner, name: str, *, now: datetime) -> Viewer:
    """In whose name a record is loaded for a partner: somebody who has left, so that nobody can
    act as them and they can do nothing."""
    keeper = session.exec(
        select(Member)
        .join(Brought, col(Brought.local_id) == col(Member.id))
        .where(col(Brought.section) == "keeper", col(Brought.origin) == partner.id)
    ).first()
    if keeper is None:
        keeper = Member(
            alliance_id=partner.alliance_id,
            partner_id=partner.id,
            name=name[:120],
            joined_at=now,
            left_at=now,
        )
        session.add(keeper)
        session.flush()
    viewer = Viewer(
        account_id="",
        alliance_id=partner.alliance_id,
        member_id=keeper.id,
        member_name=keeper.name,
        partner_id=partner.id,
        partner_name=partner.name,
        is_manager=False,
    )
    note(session, viewer, "keeper", partner.id, now=now, local_id=keeper.id)
    return viewer
