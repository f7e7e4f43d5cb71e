"""Shared-meaning checks: do people mean the same by a term? Asked in private, counted without
names, and shown only where enough have answered.

Agreement is simple matching: of all pairs of people, how many chose the same meaning. Inside a
partner the pairs are its own people; between partners, one of each.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from rapidfuzz import fuzz
from sqlmodel import Session, col, func, select

from bot.delivery.outbox import get_member_address
from bot.features.glossary.models import (
    Check,
    CheckAnswer,
    CheckAsked,
    Term,
    TermMeaning,
)
from bot.features.glossary.variants import is_variant
from bot.people import optouts
from bot.people.models import AudienceKind, Member, Seat

FEWEST: Final = 4
"""Answers below which no figure is shown: with fewer, people could be told from it."""

SAMPLE: Final = 6
"""People of each partner that one check asks."""

OPEN_FOR: Final = timedelta(days=7)
REST: Final = timedelta(days=28)
"""Nobody is asked again sooner."""

OTHER: Final = "other"
SUBJECT: Final = "meaning_checks"
_NEAR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a check found, in percent of pairs that agree; None: too few answered. `inside` is by
    partner, `seated` how a partner's people agree with those of them who sit on committees."""

    answers: int
    inside: dict[str, int | None] = field(default_factory=dict)
    between: int | None = None
    seated: dict[str, int | None] = field(default_factory=dict)


def begin(
    session: Session,
    term: Term,
    *,
    member_id: str | None,
    now: datetime,
    firing_id: int | None = None,
) -> tuple[Check, list[str]]:
    """A new check of a term, and whom it asks: they are noted as asked. Where too few can be asked
    for any figure, nobody is, and the check is over with that."""
    check = Check(
        alliance_id=term.alliance_id,
        term_id=term.id,
        member_id=member_id,
        asked_at=now,
        closes_at=now + OPEN_FOR,
        firing_id=firing_id,
    )
    chosen = draw_sample(session, check, now=now)
    if not chosen:
        check.closes_at, check.is_reported = now, True
    session.add(check)
    session.flush()
    for who in chosen:
        session.add(CheckAsked(check_id=check.id, member_id=who, at=now))
    session.flush()
    return check, chosen


def get_open(session: Session, term_id: str, *, now: datetime) -> Check | None:
    """The check of a term that still takes answers."""
    return session.exec(
        select(Check).where(
            col(Check.term_id) == term_id, col(Check.closes_at) > now, ~col(Check.is_reported)
        )
    ).first()


def draw_sample(session: Session, check: Check, *, now: datetime) -> list[str]:
    """Whom to ask: of each partner those whose turn is longest ago, nobody who was asked lately or
    does not want to be. Nobody at all unless two partners have enough people for a figure."""
    seated = set(
        session.exec(
            select(Seat.member_id)
            .join(Member, col(Member.id) == col(Seat.member_id))
            .where(col(Member.alliance_id) == check.alliance_id, col(Seat.until).is_(None))
        )
    )
    drawn = [
        some
        for people in _find_people(session, check, now=now).values()
        if len(some := _draw(people, seated)) >= FEWEST
    ]
    return [who for some in drawn for who in some] if len(drawn) > 1 else []


def _draw(people: Sequence[str], seated: Collection[str]) -> Sequence[str]:
    """Enough of those who sit on committees and of the others to compare the two, if there are."""
    ones = [who for who in people if who in seated]
    others = [who for who in people if who not in seated]
    if min(len(ones), len(others)) >= FEWEST:
        return [*ones[:FEWEST], *others[:FEWEST]]
    return people[:SAMPLE]


def _find_people(session: Session, check: Check, *, now: datetime) -> dict[str, list[str]]:
    """Who may be asked, by partner, whose turn is longest ago first."""
    last = dict(
        session.exec(
            select(CheckAsked.member_id, func.max(CheckAsked.at)).group_by(
                col(CheckAsked.member_id)
            )
        ).all()
    )
    members = session.exec(
        select(Member.id, Member.partner_id).where(
            col(Member.alliance_id) == check.alliance_id,
            col(Member.left_at).is_(None),
            col(Member.partner_id).is_not(None),
        )
    ).all()
    turns: dict[str, list[tuple[str, str, str]]] = {}
    for member_id, partner_id in members:
        asked = last.get(member_id)
        if asked is not None and _aware(asked) > now - REST:
            continue
        if optouts.has_opted_out(session, member_id, SUBJECT, now=now):
            continue
        if get_member_address(session, member_id) is None:
            continue
        order = (str(asked or ""), _shuffle(check.id, member_id), member_id)
        turns.setdefault(partner_id or "", []).append(order)
    return {partner: [who for _, _, who in sorted(some)] for partner, some in turns.items()}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shuffle(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def get_choices(
    session: Session, term: Term, check_id: str, member_id: str
) -> list[tuple[str, str]]:
    """The meanings to choose from, as their partners confirmed and all may read them, each once,
    shuffled for each person: what it is called (a partner's id, or `agreed`), and its text."""
    found = [("agreed", term.agreed_text)] if term.agreed_at and term.agreed_text else []
    meanings = session.exec(
        select(TermMeaning)
        .where(
            col(TermMeaning.term_id) == term.id,
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
            col(TermMeaning.confirmed_by_id).is_not(None),
        )
        .order_by(col(TermMeaning.partner_id))
    ).all()
    for meaning in meanings:
        if not any(is_variant(meaning.text, text) for _, text in found):
            found.append((meaning.partner_id, meaning.text))
    return sorted(found, key=lambda each: _shuffle(check_id, member_id, each[0]))


def read_own_words(words: str, choices: Sequence[tuple[str, str]]) -> str:
    """Which of the meanings somebody's own words come nearest to; another if none."""
    scored = [(fuzz.token_set_ratio(words.casefold(), t.casefold()), name) for name, t in choices]
    best = max(scored, default=(0.0, OTHER))
    return best[1] if best[0] >= _NEAR else OTHER


def answer(session: Session, check: Check, *, member_id: str, partner_id: str, choice: str) -> bool:
    """Count an answer of somebody who was asked, without who gave it. False if they have answered
    already."""
    asked = session.get_one(CheckAsked, (check.id, member_id), with_for_update=True)
    if asked.has_answered:
        return False
    asked.has_answered = True
    session.add(asked)
    seat = session.exec(
        select(Seat.id).where(col(Seat.member_id) == member_id, col(Seat.until).is_(None)).limit(1)
    ).first()
    session.add(
        CheckAnswer(
            check_id=check.id, partner_id=partner_id, is_seated=seat is not None, choice=choice
        )
    )
    session.flush()
    return True


def get_result(session: Session, check: Check) -> Result:
    """What came out, as far as enough have answered."""
    answers = session.exec(select(CheckAnswer).where(col(CheckAnswer.check_id) == check.id)).all()
    by_partner: dict[str, list[str]] = {}
    seated: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for each in answers:
        by_partner.setdefault(each.partner_id, []).append(each.choice)
        group = seated if each.is_seated else others
        group.setdefault(each.partner_id, []).append(each.choice)
    return Result(
        answers=len(answers),
        inside={partner: agree_inside(said) for partner, said in sorted(by_partner.items())},
        between=_agree_between(list(by_partner.values())),
        seated={
            partner: agree_across(seated.get(partner, []), others.get(partner, []))
            for partner in sorted(by_partner)
        },
    )


def agree_inside(said: Sequence[str]) -> int | None:
    """Of 100 pairs within one group, how many chose the same; None if too few answered.

    “Another meaning” agrees with nothing: two who mean something else need not mean the same."""
    if len(said) < FEWEST:
        return None
    same = sum(n * (n - 1) for choice, n in Counter(said).items() if choice != OTHER)
    return round(100 * same / (len(said) * (len(said) - 1)))


def agree_across(one: Sequence[str], other: Sequence[str]) -> int | None:
    """Of 100 pairs with one of each group, how many chose the same."""
    if len(one) < FEWEST or len(other) < FEWEST:
        return None
    there = Counter(other)
    same = sum(n * there[choice] for choice, n in Counter(one).items() if choice != OTHER)
    return round(100 * same / (len(one) * len(other)))


def _agree_between(groups: Sequence[Sequence[str]]) -> int | None:
    pairs = [
        agreed
        for number, one in enumerate(groups)
        for other in groups[number + 1 :]
        if (agreed := agree_across(one, other)) is not None
    ]
    return round(sum(pairs) / len(pairs)) if pairs else None


def get_trend(session: Session, term_id: str, *, most: int = 6) -> list[tuple[datetime, Result]]:
    """The closed checks of a term, oldest first."""
    closed = session.exec(
        select(Check)
        .where(col(Check.term_id) == term_id, col(Check.is_reported))
        .order_by(col(Check.asked_at).desc())
        .limit(most)
    ).all()
    return [(check.asked_at, get_result(session, check)) for check in reversed(closed)]
