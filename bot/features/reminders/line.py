"""A reminder in one line: `north star every monday 09:00 in #steering for @ana skip holidays`, or
`charter JSC scope every 2 weeks on tuesday 10:00 for JSC`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.errors import NotUnderstood
from bot.dispatch.feature import ReminderKind
from bot.dispatch.grammar import Arguments, Token, TokenKind, fold
from bot.schedules.cadence import EXAMPLES, parse_cadence
from bot.schedules.calendar import parse_zone
from bot.schedules.rhythm import OnHoliday

TEXT = "text"
"""The kind of a reminder that brings a free text."""

_LINKING = {"in", "to", "for", "and"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was said. Channels and people by their platform's ids, committees by their own."""

    kind: str
    text: str
    cadence: str
    channels: tuple[str, ...]
    people: tuple[str, ...]
    zone: str
    on_holiday: OnHoliday
    choice: str = ""
    committees: tuple[str, ...] = ()


ReadChoice = Callable[[ReminderKind, Sequence[str]], tuple[str, int]]


def _read_nothing(_kind: ReminderKind, _said: Sequence[str]) -> tuple[str, int]:
    return "", 0


def parse_line(
    arguments: Arguments,
    kinds: dict[str, ReminderKind],
    *,
    bodies: Sequence[tuple[str, str]] = (),
    read_choice: ReadChoice = _read_nothing,
) -> Line:
    """Read a reminder. `bodies`: the ids and names of the committees that may be named, longest
    names first; `read_choice`: what a kind makes of the words after its name. Raises
    NotUnderstood, with examples."""
    kind, text, rest = _read_what(list(arguments.tokens), kinds)
    choice, rest = _read_choice(kinds.get(kind), rest, read_choice)
    committees, rest = _read_committees(rest, bodies)
    zone, rest = _read_zone(rest)
    skips, rest = _read_skip(rest)
    return Line(
        kind=kind,
        text=text,
        cadence=_read_cadence(rest),
        channels=_ids(rest, TokenKind.CHANNEL),
        people=_ids(rest, TokenKind.PERSON),
        zone=zone,
        on_holiday=OnHoliday.SKIP if skips else OnHoliday.SHIFT,
        choice=choice,
        committees=committees,
    )


def _read_what(tokens: list[Token], kinds: dict[str, ReminderKind]) -> tuple[str, str, list[Token]]:
    if tokens and tokens[0].kind == TokenKind.QUOTED:
        return TEXT, tokens[0].text.strip(), tokens[1:]
    said = [fold(token.text) for token in tokens]
    for name in kinds:
        parts = name.split("_")
        if name != TEXT and said[: len(parts)] == parts:
            return name, "", tokens[len(parts) :]
    raise NotUnderstood("remind.what", examples=", ".join(EXAMPLES[:3]))


def _read_choice(
    kind: ReminderKind | None, tokens: list[Token], read: ReadChoice
) -> tuple[str, list[Token]]:
    said = []
    for token in tokens:
        if token.kind not in {TokenKind.WORD, TokenKind.QUOTED}:
            break
        said.append(token.text)
    choice, used = read(kind, said) if kind is not None else ("", 0)
    return choice, tokens[used:]


def _read_committees(
    tokens: list[Token], bodies: Sequence[tuple[str, str]]
) -> tuple[tuple[str, ...], list[Token]]:
    """The committees after `for`, `to` or `and`, and the line without them."""
    found: list[str] = []
    rest = list(tokens)
    index = 0
    while index < len(rest):
        if rest[index].kind == TokenKind.WORD and fold(rest[index].text) in {"for", "to", "and"}:
            named = _find_body(rest[index + 1 :], bodies)
            if named is not None:
                found.append(named[0])
                del rest[index : index + 1 + named[1]]
                continue
        index += 1
    return tuple(dict.fromkeys(found)), rest


def _find_body(tokens: list[Token], bodies: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
    for body_id, name in bodies:
        wanted = [fold(word) for word in name.split()]
        said = [fold(token.text) for token in tokens[: len(wanted)]]
        if wanted and said == wanted:
            return body_id, len(wanted)
        if tokens and tokens[0].kind == TokenKind.QUOTED and fold(tokens[0].text) == fold(name):
            return body_id, 1
    return None


def _read_zone(tokens: list[Token]) -> tuple[str, list[Token]]:
    for index, token in enumerate(tokens[:-1]):
        if token.kind == TokenKind.WORD and fold(token.text) == "zone":
            zone, used = _find_zone(tokens[index + 1 :])
            return zone, tokens[:index] + tokens[index + 1 + used :]
    return "", tokens


def _find_zone(tokens: list[Token]) -> tuple[str, int]:
    """The zone that these words begin with, and how many of them name it: cities have up to three.
    Raises NotUnderstood."""
    for used in (3, 2):
        try:
            return parse_zone(" ".join(token.text for token in tokens[:used])), used
        except NotUnderstood:
            continue
    return parse_zone(tokens[0].text), 1


def _read_skip(tokens: list[Token]) -> tuple[bool, list[Token]]:
    for index, token in enumerate(tokens[:-1]):
        if fold(token.text) == "skip" and fold(tokens[index + 1].text) == "holidays":
            return True, tokens[:index] + tokens[index + 2 :]
    return False, tokens


def _read_cadence(tokens: list[Token]) -> str:
    said = _cadence_words(tokens)
    if not said:
        raise NotUnderstood("remind.how_often", examples=", ".join(EXAMPLES[4:7]))
    return parse_cadence(said).words


def _cadence_words(tokens: list[Token]) -> str:
    """The words of the cadence: all but those that lead to a channel or person."""
    words: list[str] = []
    for index, token in enumerate(tokens):
        if token.kind != TokenKind.WORD:
            continue
        follows = tokens[index + 1] if index + 1 < len(tokens) else None
        leads = follows is not None and follows.kind in {TokenKind.CHANNEL, TokenKind.PERSON}
        if not (leads and fold(token.text) in _LINKING):
            words.append(token.text)
    return " ".join(words)


def _ids(tokens: list[Token], kind: TokenKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.text for token in tokens if token.kind == kind))
