"""How much Entente may check in a channel: the least of what every partner there agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from bot.db.revisions import bump
from bot.features.glossary.models import CheckConsent
from bot.people import consent
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import Channel, ChannelState, Member
from bot.people.viewer import Viewer


class Mode(StrEnum):
    """What checks may do in a channel, from nothing to most: count words that nobody defined; tell
    the author alone; or, where an author can't be told alone, hint in the thread."""

    OFF = "off"
    COUNT = "count"
    PRIVATE = "private"
    THREAD = "thread"


_ORDER: Final = (Mode.OFF, Mode.COUNT, Mode.PRIVATE, Mode.THREAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one partner agreed to in a channel, and who said so; nobody: not yet."""

    partner_id: str | None
    partner: str
    mode: Mode
    person: str | None = None


def get_wishes(session: Session, channel: Channel) -> list[Wish]:
    """What each partner whose people are in the channel agreed to. A yes from before the channel
    was opened anew counts no more."""
    rows = session.exec(
        select(CheckConsent, Member.name)
        .join(Member, col(Member.id) == col(CheckConsent.member_id))
        .where(col(CheckConsent.channel_id) == channel.id)
    ).all()
    given = {row.partner_id: (row, person) for row, person in rows}
    wishes = []
    for partner_id, name, since in consent.get_asked(session, channel):
        row, person = given.get(partner_id or "", (None, None))
        if row is None or since is None or row.given_at < since:
            wishes.append(Wish(partner_id=partner_id, partner=name, mode=Mode.OFF))
        else:
            mode = Mode(row.mode)
            wishes.append(Wish(partner_id=partner_id, partner=name, mode=mode, person=person))
    return wishes


def get_mode(session: Session, channel: Channel) -> Mode:
    """What checks may do in the channel at this moment."""
    wishes = get_wishes(session, channel) if channel.state == ChannelState.LINKED else []
    return get_least(wishes)


def get_least(wishes: Sequence[Wish]) -> Mode:
    """What all agreed to; off if nobody was asked."""
    return min((wish.mode for wish in wishes), key=_ORDER.index, default=Mode.OFF)


def save(session: Session, viewer: Viewer, channel: Channel, mode: Mode, *, now: datetime) -> Mode:
    """The viewer's partner agrees to so much; answers what that makes it."""
    row = session.get(CheckConsent, (channel.id, viewer.partner_id))
    if row is None:
        row = CheckConsent(
            channel_id=channel.id,
            partner_id=viewer.partner_id or "",
            member_id=viewer.member_id,
            mode=mode,
            given_at=now,
        )
    row.mode, row.member_id, row.given_at = mode, viewer.member_id, now
    session.add(row)
    session.flush()
    bump(session, CHANNELS_SCOPE)
    return get_mode(session, channel)
