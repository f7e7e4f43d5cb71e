"""The chat grammar: one parser for slash commands, mentions and direct messages."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 4000
"""Characters of a command that are looked at; nobody types more on purpose."""

_TOKEN = re.compile(
    r"<@(?P<person>[^|>\s]+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[^|>\s]+)(?:\|[^>]*)?>"
    # A quotation ends with the mark that belongs to its first; or, typed with two that don't match,
    # with any.
    r"|(?P<quoted>\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|[\"“„][^\"“”„]*[\"”“])"
    r"|(?P<word>\S+)"
)


class TokenKind(StrEnum):
    """What a piece of a command is."""

    WORD = "word"
    QUOTED = "quoted"
    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece: a word, a quoted text without its marks, or a person's or channel's id."""

    kind: TokenKind
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Arguments:
    """What follows a command's phrase: `text` as typed, and its pieces."""

    text: str = ""
    tokens: tuple[Token, ...] = ()

    def of_kind(self, kind: TokenKind) -> list[str]:
        """The texts of the pieces of one kind, in order."""
        return [token.text for token in self.tokens if token.kind == kind]

    @property
    def words(self) -> list[str]:
        """The plain words, in order."""
        return self.of_kind(TokenKind.WORD)


def tokenize(text: str) -> tuple[Token, ...]:
    """The pieces of a command. Never fails; a quotation mark without its twin is a word's."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text[:LONGEST]):
        kind = TokenKind(match.lastgroup or "word")
        said = match.group(kind.value)
        said = said[1:-1] if kind == TokenKind.QUOTED else said
        tokens.append(Token(kind, said, match.start()))
    return tuple(tokens)


def fold(word: str) -> str:
    """A word as phrases are compared: case, width and closing punctuation aside."""
    return unicodedata.normalize("NFKC", word).casefold().strip("?!.,:;")


def match_phrase(text: str, phrases: Sequence[str]) -> tuple[str, Arguments] | None:
    """The longest phrase that `text` begins with, and what follows it."""
    tokens = tokenize(text)
    folded = [fold(token.text) if token.kind == TokenKind.WORD else "\0" for token in tokens]
    best: tuple[int, str] | None = None
    for phrase in phrases:
        parts = phrase.split()
        if folded[: len(parts)] == parts and (best is None or len(parts) > best[0]):
            best = (len(parts), phrase)
    if best is None:
        return None
    rest = tokens[best[0] :]
    return best[1], Arguments(text[rest[0].start : LONGEST].strip() if rest else "", rest)


def suggest(text: str, phrases: Sequence[str], *, most: int = 3) -> list[str]:
    """The phrases nearest to what was typed, best first; none if nothing is near."""
    typed = [fold(token.text) for token in tokenize(text)[:3] if token.kind == TokenKind.WORD]
    found: dict[str, float] = {}
    for length in range(1, len(typed) + 1):
        attempt = " ".join(typed[:length])[:60]
        for phrase in phrases:
            score = difflib.SequenceMatcher(a=attempt, b=phrase).ratio()
            if phrase.split()[0] == typed[0]:
                score = max(score, 0.7)
            if score >= 0.6:
                found[phrase] = max(score, found.get(phrase, 0))
    return sorted(found, key=lambda phrase: (-found[phrase], phrase))[:most]
