"""Whether two texts say the same, spelling aside: "2-Factor Authentication" and "Two factor
authentication" do; "Attorney-Adviser" and "Administrative Assistant" do not.

Calling a difference in spelling a contested meaning makes people ignore the rest, so whatever is
near enough counts as the same; and a word that changes the sense ("non-", "not") never does.
"""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bot.features.glossary.folding import fold
from bot.features.glossary.words import SMALL

_WORDS = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_POSSESSIVE = re.compile(r"'s?\b")
_NUMBERS: Final = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        map(str, range(13)),
        strict=True,
    )
) | {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th"}
_TURNS: Final = frozenset(
    ["non", "not", "no", "un", "anti", "without", "against", "ex", "pre", "post"]
)
_SPELLINGS: Final = (
    (re.compile(r"ae(?=[a-z])|oe(?=[a-z])"), "e"),
    (re.compile(r"is(?=(?:e|ed|es|er|ers|ing|ation|ations|ational)$)"), "iz"),
    (re.compile(r"ys(?=(?:e|ed|es|er|ing)$)"), "yz"),
    (re.compile(r"our(?=(?:s|ed|al|ing|able)?$)"), "or"),
    (re.compile(r"tre(?=s?$)"), "ter"),
    (re.compile(r"ogue(?=s?$)"), "og"),
    (re.compile(r"ence(?=s?$)"), "ense"),
    (re.compile(r"ll(?=(?:ed|ing|er|ers)$)"), "l"),
    (re.compile(r"mme(?=s?$)"), "m"),
    (re.compile(r"iser(?=s?$)"), "izer"),
    (re.compile(r"our"), "or"),
)
_EMPTY: Final = frozenset(["contract", "concern", "system", "programme", "program"])
"""Words that add nothing at the end of a meaning."""

_PROSE: Final = 5
"""So many words more make an explanation of the same thing."""

NEAR: Final = 90
"""From 0 to 100: how alike two texts need to be in the end."""


def is_variant(one: str, other: str) -> bool:
    """Whether two meanings say the same in other spelling."""
    if one == other:
        return True
    first, second = _essence(one), _essence(other)
    if not first or not second:
        return " ".join(fold(one).split()) == " ".join(fold(other).split())
    if first == second or "".join(first) == "".join(second):
        return True
    if (_TURNS & set(first)) != (_TURNS & set(second)):
        return False
    if sorted(filter(_is_number, first)) != sorted(filter(_is_number, second)):
        return False
    return _is_near(first, second)


def _is_near(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Word for word alike but for endings and typing errors, in the same or another order; or one
    says the same and explains it further."""
    if sorted(first) == sorted(second):
        return True
    shorter, longer = sorted((first, second), key=len)
    more = len(longer) - len(shorter)
    if not more:
        return all(_is_same_word(a, b) for a, b in zip(first, second, strict=True))
    if len(shorter) >= 2 and longer[: len(shorter)] == shorter:
        return more >= _PROSE or _EMPTY.issuperset(longer[len(shorter) :])
    if len(shorter) >= 3 and more >= _PROSE:
        return any(longer[at : at + len(shorter)] == shorter for at in range(more + 1))
    if more == 1 and len(shorter) >= 3:
        return fuzz.ratio(" ".join(shorter), " ".join(longer)) >= NEAR
    return False


def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    length = min(len(one), len(other))
    if length < 4:
        return False
    if other in {one + "ing", one + "ed"} or one in {other + "ing", other + "ed"}:
        return True
    if length >= 5 and one[: length - 1] == other[: length - 1]:
        return abs(len(one) - len(other)) <= 3
    return length >= 6 and one[0] == other[0] and Levenshtein.distance(one, other) <= length // 6


@lru_cache(maxsize=65_536)
def _essence(text: str) -> tuple[str, ...]:
    """The words that carry the meaning, spelt one way."""
    plain = _POSSESSIVE.sub("", fold(_ASIDE.sub(" ", text)).replace("&", " and "))
    words = _WORDS.findall(plain) or _WORDS.findall(fold(text))
    kept = [word for word in words if word not in SMALL] or words
    return tuple(_spell(word) for word in kept)


@lru_cache(maxsize=65_536)
def _spell(word: str) -> str:
    word = _NUMBERS.get(word, word)
    for pattern, instead in _SPELLINGS:
        word = pattern.sub(instead, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=65_536)
def _is_number(word: str) -> bool:
    return any(letter.isdecimal() for letter in word)
