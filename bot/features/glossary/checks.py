"""The watch over messages: what to look for in which channel, kept in memory, exact and fast.

    load    channels that are switched on → terms, who belongs to whom     off the path of messages
    wants   counts undefined acronyms; is a term in it that may mislead?   microseconds, no database
    drain   what was counted, every few seconds

No text of a message leaves `wants`: it answers yes or no, and counts messages, and words that are
in no glossary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import or_
from sqlalchemy import select as select_rows
from sqlalchemy import text as sql_text
from sqlmodel import Session, col, delete, select

from bot.db.revisions import get_number
from bot.dispatch.feature import Registry
from bot.features.glossary.acronyms import find_acronyms
from bot.features.glossary.consents import Mode, get_least, get_wishes
from bot.features.glossary.models import (
    CheckConsent,
    FormKind,
    IgnoredWord,
    MessageCount,
    Sighting,
    Term,
    TermForm,
    TermKnown,
    TermMeaning,
    TermNudge,
    TermStatus,
    TermUse,
)
from bot.features.glossary.spotting import Spotter
from bot.features.glossary.standing import differ
from bot.features.glossary.terms import get_scope
from bot.people.models import (
    Account,
    AudienceKind,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
)

ENOUGH: Final = 5
"""So often a term is shown before the dismissals can switch it off."""

MOST_WORDS: Final = 2_000
"""Words counted between two flushes; more is no language."""

KEPT: Final = timedelta(days=90)
"""How long counts of words and nudges are kept."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the check needs of one term. `meanings`: those that all may read and their partners
    confirmed, by partner; `partner_id`: whose term it is alone, if it is not the alliance's.
    `forms` may mislead; `clear` are those that say what is meant, as an acronym spelled out."""

    id: str
    partner_id: str | None
    is_contested: bool
    meanings: Mapping[str, str]
    discouraged: frozenset[int]
    forms: frozenset[int]
    clear: frozenset[int]

    @property
    def watched(self) -> frozenset[int]:
        """All of its forms."""
        return self.forms | self.clear

    def is_news(self, author: str | None, present: frozenset[str]) -> bool:
        """Whether readers of another partner in `present` mean something else than the author."""
        readers = [text for partner, text in self.meanings.items() if partner in present]
        own = self.meanings.get(author or "")
        if not self.is_contested or present <= {author}:
            return False
        return differ(readers if own is None else [own, *readers])


@dataclass(frozen=True, slots=True)
class Glossary:
    """One alliance's terms, ready to be found. `known`: acronyms that are explained, by partner
    (None: to all)."""

    number: int
    forms: Sequence[str]
    spotter: Spotter
    terms: tuple[Watched, ...]
    known: Mapping[str | None, frozenset[str]]


Flagged = Mapping[str | None, frozenset[int]]
"""Numbers of the forms to be told about, by the author's partner (None: by anybody)."""


@dataclass(slots=True)
class Place:
    """One channel. `flagged`: numbers of the forms to be told about, by the author's partner;
    unknown authors (None) get the union, and the handler looks closer. `users`: whose people they
    are; whoever is not among them yet is let through, so that the handler meets them."""

    alliance_id: str
    channel_id: str
    mode: Mode
    is_shared: bool
    glossary: Glossary
    users: dict[str, str | None]
    flagged: Flagged
    ignored: Mapping[str, frozenset[str]]


Word = tuple[str, str, str, bool]


@dataclass(slots=True)
class Counted:
    """What was counted since the last flush: undefined acronyms by alliance, partner, word and
    whether others read them there; messages in shared channels by alliance."""

    words: dict[Word, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Checks:
    """All places with checks, and what was counted since the last flush."""

    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)


_GLOSSARIES: dict[str, Glossary] = {}
"""Built glossaries by alliance: one that has not changed is not built again."""


def load(session: Session) -> Checks:
    """The channels whose managers all agreed to checks, and what to look for there."""
    checks = Checks()
    chosen = select(Channel).where(
        col(Channel.state) == ChannelState.LINKED,
        col(Channel.id).in_(select(CheckConsent.channel_id)),
    )
    users: dict[tuple[str, str], dict[str, str | None]] = {}
    ignored: dict[str, dict[str, frozenset[str]]] = {}
    flagged: dict[tuple[str, frozenset[str], frozenset[str]], Flagged] = {}
    known = _load_known(session)
    for channel in session.exec(chosen).all():
        wishes = get_wishes(session, channel)
        mode = get_least(wishes)
        if mode == Mode.OFF:
            continue
        alliance_id = channel.alliance_id
        glossary = load_glossary(session, alliance_id)
        place = (alliance_id, channel.platform)
        if place not in users:
            users[place] = _load_users(session, *place)
        present = frozenset(w.partner_id for w in wishes if w.partner_id)
        key = (alliance_id, present, frozenset(known.get(channel.id, ())))
        if key not in flagged:
            flagged[key] = flag(glossary, *key[1:])
        if alliance_id not in ignored:
            ignored[alliance_id] = _load_ignored(session, alliance_id)
        checks.places[channel.platform, channel.external_id] = Place(
            alliance_id=alliance_id,
            channel_id=channel.id,
            mode=mode,
            is_shared=channel.is_shared,
            glossary=glossary,
            users=users[place],
            flagged=flagged[key],
            ignored=ignored[alliance_id],
        )
    return checks


def load_glossary(session: Session, alliance_id: str) -> Glossary:
    """An alliance's glossary, built if it has changed since it was built last."""
    number = get_number(session, get_scope(alliance_id))
    built = _GLOSSARIES.get(alliance_id)
    if built is None or built.number != number:
        built = _GLOSSARIES[alliance_id] = _build(session, alliance_id, number, built)
    return built


def _build(session: Session, alliance_id: str, number: int, old: Glossary | None) -> Glossary:
    """Plain rows, each read once, and few objects: this holds up the process's other work. Most
    changes are to no form; then what finds the forms is the old one's."""
    standing = _read_standing(session, alliance_id)
    term_ids: list[str] = []
    kinds: list[str] = []
    forms: list[str] = []
    for term_id, kind, text in session.connection().execute(
        select(TermForm.term_id, TermForm.kind, TermForm.text).where(
            col(TermForm.alliance_id) == alliance_id
        )
    ):
        if term_id in standing.retired:
            continue
        term_ids.append(term_id)
        kinds.append(kind)
        forms.append(text)
    avoiding = {t for t, kind in zip(term_ids, kinds, strict=True) if kind == FormKind.DISCOURAGED}
    watched = (standing.contested | avoiding) - standing.quiet
    numbers: dict[str, list[int]] = {}
    for place, term_id in enumerate(term_ids):
        if term_id in watched:
            numbers.setdefault(term_id, []).append(place)
    meanings = _read_meanings(session, alliance_id)
    spotter = old.spotter if old is not None and old.forms == forms else Spotter(forms)
    known: dict[str | None, set[str]] = {}
    for written, places in spotter.by_case.items():
        for place in places:
            known.setdefault(standing.owners.get(term_ids[place]), set()).add(written)

    def pick(term_id: str, *wanted: FormKind) -> frozenset[int]:
        return frozenset(place for place in numbers[term_id] if kinds[place] in wanted)

    return Glossary(
        number=number,
        forms=forms,
        spotter=spotter,
        terms=tuple(
            Watched(
                id=term_id,
                partner_id=standing.owners.get(term_id),
                is_contested=term_id in standing.contested,
                meanings=meanings.get(term_id, {}),
                discouraged=pick(term_id, FormKind.DISCOURAGED),
                forms=pick(term_id, FormKind.NAME, FormKind.ALIAS, FormKind.DISCOURAGED),
                clear=pick(term_id, FormKind.SPELLED_OUT),
            )
            for term_id in numbers
        ),
        known={partner: frozenset(words) for partner, words in known.items()},
    )


@dataclass(slots=True)
class _Standing:
    """The terms that are not as most are: whose each is alone, if it is not everybody's; which are
    retired, which contested, and which are brought up no more."""

    owners: dict[str, str | None] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    contested: set[str] = field(default_factory=set)
    quiet: set[str] = field(default_factory=set)


def _read_standing(session: Session, alliance_id: str) -> _Standing:
    standing = _Standing()
    is_told_apart = or_(
        col(Term.audience_kind) == AudienceKind.PARTNER,
        col(Term.status).in_([TermStatus.CONTESTED, TermStatus.RETIRED]),
        col(Term.shown) >= ENOUGH,
    )
    for term_id, audience, owner, status, shown, dismissed in session.connection().execute(
        select_rows(
            col(Term.id),
            col(Term.audience_kind),
            col(Term.audience_id),
            col(Term.status),
            col(Term.shown),
            col(Term.dismissed),
        ).where(col(Term.alliance_id) == alliance_id, is_told_apart)
    ):
        if audience == AudienceKind.PARTNER:
            standing.owners[term_id] = owner
        if status == TermStatus.RETIRED:
            standing.retired.add(term_id)
        if status == TermStatus.CONTESTED:
            standing.contested.add(term_id)
        if is_crying_wolf(shown, dismissed):
            standing.quiet.add(term_id)
    return standing


def _read_meanings(session: Session, alliance_id: str) -> dict[str, dict[str, str]]:
    """What everybody is told that partners mean by the contested terms, by term and partner."""
    meanings: dict[str, dict[str, str]] = {}
    for term_id, partner_id, text in session.connection().execute(
        select(TermMeaning.term_id, TermMeaning.partner_id, TermMeaning.text)
        .join(Term, col(Term.id) == col(TermMeaning.term_id))
        .where(
            col(Term.alliance_id) == alliance_id,
            col(Term.status) == TermStatus.CONTESTED,
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
            col(TermMeaning.confirmed_by_id).is_not(None),
        )
    ):
        meanings.setdefault(term_id, {})[partner_id] = text
    return meanings


def is_crying_wolf(shown: int, dismissed: int) -> bool:
    """Whether most of those who were told about a term did not want it."""
    return shown >= ENOUGH and dismissed * 2 > shown


def flag(glossary: Glossary, present: frozenset[str], known_here: frozenset[str]) -> Flagged:
    """The numbers of the forms to be told about where people of these partners read, by the
    author's partner."""
    flagged: dict[str | None, frozenset[int]] = {}
    for author in present:
        numbers: set[int] = set()
        for term in glossary.terms:
            if term.id in known_here or term.partner_id not in {None, author}:
                continue
            numbers |= term.discouraged
            if term.is_news(author, present):
                numbers |= term.watched
        flagged[author] = frozenset(numbers)
    flagged[None] = frozenset().union(*flagged.values())
    return flagged


def _load_known(session: Session) -> dict[str, set[str]]:
    """The terms that channels know, by channel."""
    known: dict[str, set[str]] = {}
    for channel_id, term_id in session.exec(select(TermKnown.channel_id, TermKnown.term_id)):
        known.setdefault(channel_id, set()).add(term_id)
    return known


def _load_users(session: Session, alliance_id: str, platform: str) -> dict[str, str | None]:
    rows = session.exec(
        select(Account.external_id, Member.partner_id)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .join(Member, col(Member.id) == col(MemberAccount.member_id))
        .where(
            col(Member.alliance_id) == alliance_id,
            col(Member.left_at).is_(None),
            col(Account.platform) == platform,
        )
    ).all()
    return dict(rows)


def _load_ignored(session: Session, alliance_id: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for partner_id, word in session.exec(
        select(IgnoredWord.partner_id, IgnoredWord.word).where(
            col(IgnoredWord.alliance_id) == alliance_id
        )
    ):
        found.setdefault(partner_id, set()).add(word)
    return {partner: frozenset(words) for partner, words in found.items()}


def wants(checks: Checks, platform: str, channel: str, user: str, text: str) -> bool:
    """Whether a term stands in the message about which its author might be told."""
    place = checks.places.get((platform, channel))
    if place is None:
        return False
    if place.is_shared:
        messages = checks.counted.messages
        messages[place.alliance_id] = messages.get(place.alliance_id, 0) + 1
    partner = place.users.get(user)
    if partner is not None:
        _count(checks.counted.words, place, partner, text)
    elif user not in place.users and find_acronyms(text):
        return True
    if place.mode == Mode.COUNT:
        return False
    flagged = place.flagged.get(partner)
    if not flagged:
        return False
    return any(not flagged.isdisjoint(hit.forms) for hit in place.glossary.spotter.spot(text))


def _count(counted: dict[Word, int], place: Place, partner: str, text: str) -> None:
    for word in find_acronyms(text):
        written = word[:20]
        if any(written in place.glossary.known.get(who, ()) for who in (None, partner)):
            continue
        if written in place.ignored.get(partner, ()) or len(counted) >= MOST_WORDS:
            continue
        key = (place.alliance_id, partner, written, place.is_shared)
        counted[key] = counted.get(key, 0) + 1


def drain(checks: Checks) -> Counted | None:
    """What was counted since the last time."""
    if not checks.counted.words and not checks.counted.messages:
        return None
    counted, checks.counted = checks.counted, Counted()
    return counted


def carry(old: Checks, fresh: Checks) -> None:
    """What was counted while `fresh` was built is counted there. Nobody has counted in it yet."""
    fresh.counted = old.counted


def store(session: Session, counted: Counted, now: datetime) -> None:
    """Add the counts to those of today."""
    day = now.date() if session.get_bind().dialect.name != "sqlite" else now.date().isoformat()
    if counted.words:
        _store_words(session, counted, day)
    if counted.messages:
        _store_messages(session, counted, day)


def _store_words(session: Session, counted: Counted, day: date | str) -> None:
    statement = sql_text(
        "INSERT INTO term_sightings (alliance_id, partner_id, word, day, is_shared, count) "
        "SELECT a.id, p.id, :word, :day, :shared, :count FROM alliances a "
        "JOIN partners p ON p.alliance_id = a.id WHERE a.id = :alliance AND p.id = :partner "
        "ON CONFLICT (alliance_id, partner_id, word, day, is_shared) "
        "DO UPDATE SET count = term_sightings.count + excluded.count"
    )
    session.connection().execute(
        statement,
        [
            {
                "alliance": alliance,
                "partner": partner,
                "word": word,
                "day": day,
                "shared": is_shared,
                "count": count,
            }
            for (alliance, partner, word, is_shared), count in sorted(counted.words.items())
        ],
    )


def _store_messages(session: Session, counted: Counted, day: date | str) -> None:
    statement = sql_text(
        "INSERT INTO term_message_counts (alliance_id, day, count) "
        "SELECT a.id, :day, :count FROM alliances a WHERE a.id = :alliance "
        "ON CONFLICT (alliance_id, day) "
        "DO UPDATE SET count = term_message_counts.count + excluded.count"
    )
    session.connection().execute(
        statement,
        [
            {"alliance": alliance, "day": day, "count": count}
            for alliance, count in sorted(counted.messages.items())
        ],
    )


def forget(registry: Registry, session: Session, now: datetime) -> bool:
    """Counts, uses and nudges that nobody needs any more."""
    session.execute(delete(Sighting).where(col(Sighting.day) < (now - KEPT).date()))
    session.execute(delete(MessageCount).where(col(MessageCount.day) < (now - KEPT).date()))
    session.execute(delete(TermNudge).where(col(TermNudge.at) < now - KEPT))
    session.execute(delete(TermUse).where(col(TermUse.at) < now - timedelta(days=30)))
    return False
