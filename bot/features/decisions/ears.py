"""What is listened for in which channel, kept in memory: a discussion that ends in a decision, and
a message about something that was decided. No text is kept, and none leaves the process."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.db.revisions import bump, get_number
from bot.features.decisions import log
from bot.features.decisions.detection import Detector, get_model
from bot.features.decisions.models import Decision, Ear, Listening, ListeningKind, Weight
from bot.features.decisions.subjects import Subjects, find_subjects, make_subjects
from bot.people import consent
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import AudienceKind, Channel, ChannelState

V = TypeVar("V")

LOWEST: Final = 0.5
HIGHEST: Final = 0.99
"""Between these a channel's bar is."""

KNOWN: Final = 3000
"""The newest decisions of an alliance that messages are compared with."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is listened for in one channel."""

    kinds: frozenset[str]
    bar: float
    subjects: Subjects | None = None


Heard = tuple[str, str]
"""A message, told from others without its text: whose it is, and a digest."""


@dataclass(slots=True)
class Ears:
    """What all channels of this process listen for, and what was heard last in each of them: the
    message, with who said what was decided, or which decisions it may be about."""

    channels: dict[tuple[str, str], Hearing] = field(default_factory=dict)
    detector: Detector = field(default_factory=Detector)
    said: dict[tuple[str, str], tuple[Heard, str]] = field(default_factory=dict)
    about: dict[tuple[str, str], tuple[Heard, tuple[str, ...]]] = field(default_factory=dict)


_SUBJECTS: dict[tuple[str, str | None], Subjects] = {}
"""By alliance, and by the partner in whose own channel they are read: what has not changed is not
read again."""


def load_ears(session: Session) -> Ears:
    """The channels in which the managers of all partners want it."""
    ears = Ears()
    rows = session.exec(
        select(Channel).where(
            col(Channel.state) == ChannelState.LINKED,
            col(Channel.id).in_(select(Listening.channel_id)),
        )
    ).all()
    for channel in rows:
        kinds = frozenset(k for k in ListeningKind if not get_missing(session, channel, k))
        if kinds:
            ears.channels[channel.platform, channel.external_id] = Hearing(
                kinds,
                get_bar(session, channel.id),
                load_subjects(session, channel) if ListeningKind.REOPENED in kinds else None,
            )
    return ears


def carry(old: Ears, fresh: Ears) -> None:
    """What was heard goes over to `fresh`, where it is still listened to."""
    closing = _find_places(fresh, ListeningKind.SUGGEST)
    pointed = _find_places(fresh, ListeningKind.REOPENED)
    fresh.detector = old.detector
    fresh.detector.keep({name_conversation(*place) for place in closing})
    # Copied, since what is handled meanwhile is taken out of them in another thread.
    fresh.said = {place: heard for place, heard in old.said.copy().items() if place in closing}
    fresh.about = {place: heard for place, heard in old.about.copy().items() if place in pointed}


def _find_places(ears: Ears, kind: ListeningKind) -> set[tuple[str, str]]:
    return {place for place, hearing in ears.channels.items() if kind in hearing.kinds}


def name_conversation(platform: str, channel: str) -> str:
    """A channel, as the detector knows it."""
    return f"{platform}:{channel}"


def get_bar(session: Session, channel_id: str) -> float:
    """How sure Entente must be in this channel."""
    ear = session.get(Ear, channel_id)
    return ear.bar if ear is not None else get_model().bar


def set_bar(session: Session, channel: Channel, bar: float) -> None:
    """How sure Entente must be in this channel from now on, in every process."""
    ear = session.get(Ear, channel.id) or Ear(channel_id=channel.id, bar=bar)
    ear.bar = bar
    session.add(ear)
    bump(session, CHANNELS_SCOPE)


def get_missing(session: Session, channel: Channel, kind: str) -> list[str]:
    """Names of the partners whose manager has not switched it on since the channel was opened."""
    rows = session.exec(
        select(Listening.partner_id, Listening.since).where(
            col(Listening.channel_id) == channel.id, col(Listening.kind) == kind
        )
    )
    wanted = dict(rows.all())
    asked = consent.get_asked(session, channel)
    missing = [
        name
        for partner_id, name, opened in asked
        if opened is None or partner_id not in wanted or wanted[partner_id] < opened
    ]
    return missing if asked else ["?"]


def load_subjects(session: Session, channel: Channel) -> Subjects:
    """What the decisions are about that somebody who writes in the channel may see. Which of them
    the author may see is asked before anything is said."""
    alliance_id = channel.alliance_id or ""
    is_own = channel.audience_kind == AudienceKind.PARTNER
    key = (alliance_id, channel.audience_id if is_own else None)
    number = get_number(session, log.get_scope(alliance_id))
    known = _SUBJECTS.get(key)
    if known is None or known.number != number:
        known = _SUBJECTS[key] = _read_subjects(session, *key, number)
    return known


def _read_subjects(
    session: Session, alliance_id: str, partner_id: str | None, number: int
) -> Subjects:
    found = session.exec(
        select(Decision.id, Decision.what, Decision.alternatives)
        .where(
            col(Decision.alliance_id) == alliance_id,
            col(Decision.closed_at).is_(None),
            col(Decision.weight).in_([Weight.NOTED, Weight.ASKED]),
            or_(
                col(Decision.audience_kind) != AudienceKind.PARTNER,
                col(Decision.audience_id) == (partner_id or ""),
            ),
        )
        .order_by(col(Decision.search_row).desc())
        .limit(KNOWN)
    )
    return make_subjects(found.all(), number=number)


def wants(ears: Ears, platform: str, channel: str, user: str, text: str) -> bool:
    """Whether a message closed a discussion, or re-opens one."""
    place = (platform, channel)
    hearing = ears.channels.get(place)
    if hearing is None:
        return False
    wanted = False
    if ListeningKind.SUGGEST in hearing.kinds:
        key = name_conversation(platform, channel)
        if ears.detector.hear(key, user, text) >= hearing.bar:
            said = ears.detector.find_said(key)
            ears.detector.forget(key)
            ears.said[place] = mark(user, text), said[0] if said else user
            wanted = True
    if hearing.subjects is not None:
        about = find_subjects(hearing.subjects, text)
        if about:
            ears.about[place] = mark(user, text), about
            wanted = True
    return wanted


def mark(user: str, text: str) -> Heard:
    """A message, without its text."""
    return user, hashlib.sha256(text.encode()).hexdigest()


def take(
    heard: dict[tuple[str, str], tuple[Heard, V]], place: tuple[str, str], message: Heard
) -> V | None:
    """What was heard in this very message; nothing if another one came in between."""
    found = heard.get(place)
    if found is None or found[0] != message:
        return None
    del heard[place]
    return found[1]
