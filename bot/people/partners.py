"""Which partners an alliance has: one is added to be invited, or taken off before it joins."""

from sqlmodel import Session

from bot.core.errors import Conflict
from bot.people.alliances import get_partner, get_partners
from bot.people.models import Partner
from bot.people.viewer import Viewer

MOST_PARTNERS = 20


def add(session: Session, viewer: Viewer, name: str) -> Partner:
    """One more partner, a name alone until it joins. Raises Conflict if there is one of that name,
    or as many as an alliance can have."""
    if get_partner(session, viewer.alliance_id, name) is not None:
        raise Conflict("invite.name_taken", field="name")
    if len(get_partners(session, viewer.alliance_id)) >= MOST_PARTNERS:
        raise Conflict("invite.too_many_partners", most=MOST_PARTNERS)
    partner = Partner(alliance_id=viewer.alliance_id, name=name)
    session.add(partner)
    session.flush()
    return partner


def remove(session: Session, viewer: Viewer, partner: Partner) -> None:
    """Take a partner off that has not joined; its invitations go with it. Raises Conflict if it has
    joined, or if the viewer's own would be left alone."""
    session.refresh(partner, with_for_update=True)
    if partner.joined_at is not None:
        raise Conflict("invite.joined_already", partner=partner.name)
    others = [p for p in get_partners(session, viewer.alliance_id) if p.id != viewer.partner_id]
    if len(others) < 2:
        raise Conflict("invite.last_other", partner=partner.name)
    session.delete(partner)
    session.flush()


def rename(session: Session, partner: Partner, name: str) -> None:
    """Call a partner otherwise. Raises Conflict if another has that name."""
    other = get_partner(session, partner.alliance_id, name)
    if other is not None and other.id != partner.id:
        raise Conflict("invite.name_taken", field="own_partner")
    partner.name = name
    session.add(partner)
    session.flush()
