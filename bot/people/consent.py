"""Consent: in a channel with people of several partners Entente is silent until the manager of
each has agreed to what it reads, keeps and shares there."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict
from bot.people.channels import set_state
from bot.people.models import (
    AudienceKind,
    Channel,
    ChannelState,
    Consent,
    Partner,
    PartnerWorkspace,
    Workspace,
)
from bot.people.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One partner and its consent to a channel. Without an id it has not joined, or the platform
    names a workspace that nobody in the alliance has brought along."""

    partner_id: str | None
    name: str
    has_agreed: bool

    @property
    def is_open(self) -> bool:
        """Whether the channel waits for this one."""
        return not self.has_agreed


def get_standings(session: Session, channel: Channel) -> list[Standing]:
    """Whose consent a channel needs and has: of each partner whose workspace is in it, or some of
    whose people are; of all partners, where it can't be told whose people are there."""
    partners = session.exec(
        select(Partner).where(
            col(Partner.alliance_id) == channel.alliance_id, col(Partner.left_at).is_(None)
        )
    ).all()
    agreed = set(
        session.exec(
            select(Consent.partner_id).where(
                col(Consent.channel_id) == channel.id, col(Consent.withdrawn_at).is_(None)
            )
        )
    )
    homes = _get_homes(session, channel)
    is_told = channel.workspaces or channel.partners
    present = [
        p
        for p in partners
        if not is_told or p.id in channel.partners or homes & _workspaces(session, p)
    ]
    standings = [
        Standing(
            partner_id=partner.id if partner.joined_at else None,
            name=partner.name,
            has_agreed=partner.id in agreed,
        )
        for partner in present
    ]
    known = {w for p in partners for w in _workspaces(session, p)}
    if channel.workspaces and not homes <= known:
        # Somebody is there whose partner has not joined, or who is no partner at all.
        waiting = [p.name for p in partners if p.joined_at is None]
        standings.append(Standing(partner_id=None, name=", ".join(waiting), has_agreed=False))
    return sorted(standings, key=lambda standing: (standing.partner_id is None, standing.name))


def is_told_apart(session: Session, channel: Channel) -> bool:
    """Whether at most one organisation is in the channel that no partner has brought along: then
    it is plain who whoever comes from there can be."""
    if not channel.is_shared or not channel.workspaces:
        return not channel.is_shared
    partners = session.exec(
        select(Partner).where(
            col(Partner.alliance_id) == channel.alliance_id, col(Partner.left_at).is_(None)
        )
    ).all()
    known = {w for p in partners for w in _workspaces(session, p)}
    return len(_get_homes(session, channel) - known) <= 1


def get_asked(session: Session, channel: Channel) -> list[tuple[str | None, str, datetime | None]]:
    """Whose yes it takes to do more in a channel than to speak: each partner's id and name, and
    since when such a yes can count (None: not before they agree to Entente's being there at all).
    A yes from before the channel was opened anew counts no more."""
    if not channel.is_shared:
        if channel.audience_kind != AudienceKind.PARTNER or channel.audience_id is None:
            return []
        partner = session.get(Partner, channel.audience_id)
        return [(channel.audience_id, partner.name if partner else "", channel.linked_at)]
    since = dict(
        session.exec(
            select(Consent.partner_id, Consent.given_at).where(
                col(Consent.channel_id) == channel.id, col(Consent.withdrawn_at).is_(None)
            )
        ).all()
    )
    return [
        (standing.partner_id, standing.name, since.get(standing.partner_id or ""))
        for standing in get_standings(session, channel)
    ]


def _get_homes(session: Session, channel: Channel) -> set[str]:
    """Our ids of the workspaces in a channel; unknown ones stand for themselves."""
    rows = session.exec(
        select(Workspace.external_id, Workspace.id).where(
            col(Workspace.platform) == channel.platform,
            col(Workspace.external_id).in_(channel.workspaces),
        )
    ).all()
    known = dict(rows)
    return {known.get(external, external) for external in channel.workspaces}


def _workspaces(session: Session, partner: Partner) -> set[str]:
    return set(
        session.exec(
            select(PartnerWorkspace.workspace_id).where(
                col(PartnerWorkspace.partner_id) == partner.id
            )
        )
    )


def agree(session: Session, viewer: Viewer, channel: Channel, *, now: datetime) -> bool:
    """The viewer's partner agrees. True if with that all have: Entente may speak there.

    Raises Conflict unless the channel waits for consent.
    """
    assert viewer.partner_id is not None  # noqa: S101 - only managers come here
    # Of two who agree in the same moment the second must see the first.
    session.refresh(channel, with_for_update=True)
    if channel.state != ChannelState.PENDING or not channel.is_shared:
        raise Conflict("consent.not_pending")
    standings = get_standings(session, channel)
    if not any(s.partner_id == viewer.partner_id and s.has_agreed for s in standings):
        session.add(
            Consent(
                channel_id=channel.id,
                partner_id=viewer.partner_id,
                member_id=viewer.member_id,
                given_at=now,
            )
        )
        session.flush()
    if any(standing.is_open for standing in get_standings(session, channel)):
        return False
    set_state(session, channel, ChannelState.LINKED)
    return True


def withdraw(session: Session, viewer: Viewer, channel: Channel, *, now: datetime) -> None:
    """The viewer's partner takes its yes back: Entente is silent there until it agrees anew. Raises
    Conflict if there is no such yes any more."""
    session.refresh(channel, with_for_update=True)
    given = session.exec(
        select(Consent).where(
            col(Consent.channel_id) == channel.id,
            col(Consent.partner_id) == viewer.partner_id,
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    if given is None:
        raise Conflict("undo.changed_since")
    given.withdrawn_at = now
    session.add(given)
    if channel.state == ChannelState.LINKED:
        set_state(session, channel, ChannelState.PENDING)


def withdraw_all(session: Session, channel: Channel, *, now: datetime) -> None:
    """No earlier yes to this channel counts any more: each side is asked anew."""
    for given in session.exec(
        select(Consent).where(
            col(Consent.channel_id) == channel.id, col(Consent.withdrawn_at).is_(None)
        )
    ):
        given.withdrawn_at = now
        session.add(given)
    session.flush()


def agree_again(session: Session, partner_id: str, withdrawn_at: datetime) -> None:
    """What a partner's leaving at that moment withdrew counts again, where the channel has not
    changed since; one that nobody else is waited for is open again."""
    rows = session.exec(
        select(Consent, Channel)
        .join(Channel, col(Channel.id) == col(Consent.channel_id))
        .where(
            col(Consent.partner_id) == partner_id,
            col(Consent.withdrawn_at) == withdrawn_at,
            col(Channel.state) == ChannelState.PENDING,
        )
    ).all()
    for consent, channel in rows:
        consent.withdrawn_at = None
        session.add(consent)
        session.flush()
        if not any(standing.is_open for standing in get_standings(session, channel)):
            set_state(session, channel, ChannelState.LINKED)
