"""What is listened for in which channel, kept in memory: a discussion that ends in a decision, and
a message about something that was decided. No text is kept, and none leaves the process."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bot.db.revisions import get_number
from bot.features.decisions import detection, log
from bot.features.decisions.detection import Detector, get_model
from bot.features.decisions.models import Decision, Ear, Listening, ListeningKind
from bot.features.decisions.search import fold
from bot.people import consent
from bot.people.models import AudienceKind, Channel, ChannelState

KNOWN: Final = 3000
"""The newest decisions of an alliance that messages are compared with."""

FEWEST: Final = 2
SHARE: Final = 0.6
"""A message is about a decision if it has that many of its telling words, and that share."""

_ARGUES = re.compile(
    r"\?|\b(?:should(?:n['’]t)? we|why (?:not|don['’]t|are|do|did)|what about|how about|instead"
    r"|rather|reconsider|rethink|change our|i(?:['’]d| would) prefer|better (?:to|if)|let['’]?s)\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    fold(
        "a an and are as at be by can do for from had has have how if in into is it its let of on"
        " or our should so than that the their then there they this to up use was we what when"
        " which who why will with would you your not no yes all any one two new old more"
    )
)


@dataclass(frozen=True, slots=True)
class Titles:
    """The telling words of an alliance's decisions: which decisions have a word, and how many words
    a decision has. `number` is the revision that they were read at."""

    number: int
    having: dict[str, list[str]]
    sizes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is listened for in one channel."""

    kinds: frozenset[str]
    bar: float
    titles: Titles | None = None


Heard = tuple[str, str]
"""A message, told from others without its text: whose it is, and a digest."""


@dataclass(slots=True)
class Ears:
    """What all channels of this process listen for, and what was heard last in each of them: the
    message, with who said what was decided, or which decision it is about."""

    channels: dict[tuple[str, str], Hearing] = field(default_factory=dict)
    detector: Detector = field(default_factory=Detector)
    said: dict[tuple[str, str], tuple[Heard, str]] = field(default_factory=dict)
    about: dict[tuple[str, str], tuple[Heard, str]] = field(default_factory=dict)


_TITLES: dict[tuple[str, str | None], Titles] = {}
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
                load_titles(session, channel) if ListeningKind.REOPENED in kinds else None,
            )
    return ears


def get_bar(session: Session, channel_id: str) -> float:
    """How sure Entente must be in this channel."""
    ear = session.get(Ear, channel_id)
    return ear.bar if ear is not None else get_model().bar


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


def load_titles(session: Session, channel: Channel) -> Titles:
    """The telling words of decisions that everybody who reads the channel may see."""
    alliance_id = channel.alliance_id or ""
    is_own = channel.audience_kind == AudienceKind.PARTNER
    key = (alliance_id, channel.audience_id if is_own else None)
    number = get_number(session, log.get_scope(alliance_id))
    known = _TITLES.get(key)
    if known is None or known.number != number:
        known = _TITLES[key] = _read_titles(session, *key, number)
    return known


def _read_titles(session: Session, alliance_id: str, partner_id: str | None, number: int) -> Titles:
    titles = Titles(number, {}, {})
    found = session.exec(
        select(Decision.id, Decision.what)
        .where(
            col(Decision.alliance_id) == alliance_id,
            col(Decision.closed_at).is_(None),
            or_(
                col(Decision.audience_kind) == AudienceKind.ALLIANCE,
                and_(
                    col(Decision.audience_kind) == AudienceKind.PARTNER,
                    col(Decision.audience_id) == (partner_id or ""),
                ),
            ),
        )
        .order_by(col(Decision.search_row).desc())
        .limit(KNOWN)
    )
    for decision_id, what in found:
        telling = {word for word in fold(what) if word not in _COMMON and len(word) > 2}
        titles.sizes[decision_id] = len(telling)
        for word in telling:
            titles.having.setdefault(word, []).append(decision_id)
    return titles


def wants(ears: Ears, platform: str, channel: str, user: str, text: str) -> bool:
    """Whether a message closed a discussion, or re-opens one."""
    place = (platform, channel)
    hearing = ears.channels.get(place)
    if hearing is None:
        return False
    wanted = False
    if ListeningKind.SUGGEST in hearing.kinds:
        key = f"{platform}:{channel}"
        if ears.detector.hear(key, user, text) >= hearing.bar:
            said = ears.detector.find_said(key)
            ears.detector.forget(key)
            ears.said[place] = mark(user, text), said[0] if said else user
            wanted = True
    if hearing.titles is not None:
        about = find_subject(hearing.titles, text)
        if about is not None:
            ears.about[place] = mark(user, text), about
            wanted = True
    return wanted


def mark(user: str, text: str) -> Heard:
    """A message, without its text."""
    return user, hashlib.sha256(text.encode()).hexdigest()


def take(
    heard: dict[tuple[str, str], tuple[Heard, str]], place: tuple[str, str], message: Heard
) -> str | None:
    """What was heard in this very message; nothing if another one came in between."""
    found = heard.get(place)
    if found is None or found[0] != message:
        return None
    del heard[place]
    return found[1]


def find_subject(titles: Titles, text: str) -> str | None:
    """The decision that a message asks about or argues with; None for most messages."""
    if not _ARGUES.search(text):
        return None
    hits: dict[str, int] = {}
    for word in set(fold(text[: detection.LONGEST])):
        for decision_id in titles.having.get(word, ()):
            hits[decision_id] = hits.get(decision_id, 0) + 1
    if not hits:
        return None
    best = max(hits, key=lambda one: (hits[one] / titles.sizes[one], hits[one]))
    enough = hits[best] >= FEWEST and hits[best] >= SHARE * titles.sizes[best]
    return best if enough else None
