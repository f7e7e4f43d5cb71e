"""Definitions given along with a word, by its author: then nobody needs to be told about it.

A definition that is overlooked makes a needless hint; one that is seen where there is none keeps a
thread from being told. So a colon or a dash alone, as in "API: done by Friday", is none.
"""

import re
from collections.abc import Collection
from typing import Final

from bot.features.glossary.words import SMALL

_OPEN = r"(?:[\"“„‘'«*_~]{1,3}(?:the\s+)?)?"
_CLOSE = r"[\"”“’'»*_~]{0,3}"
_HERE = r"(?:\s+(?:here|in\s+(?:this|our)\s+(?:case|context|thread|channel|project|document)))?"
_AN = r"(?:the|an?|our|your|their)"
_VERB = (
    r"(?:is|are|was|were|be|has|have|had|will|would|can|could|should|must|may|might|do|does|did|"
    r"needs?|which|who|that|[^\W\d]+['’](?:s|re|ll|ve|d))"
)
_AFTER = re.compile(
    rf"{_CLOSE}(?:"
    # API (active pharmaceutical ingredient)
    r"\s*\(\s*[^()]{6,200}\)"
    # API = active pharmaceutical ingredient
    r"|\s*(?:=|:=)\s*\S"
    # API, short for the drug substance; API here means the drug substance
    rf"|{_HERE}\s*,?\s+(?:(?:i\.e\.|a\.k\.a\.|that\s+is(?:\s+to\s+say)?,|namely,?)\s"
    r"|(?:short\s+for|stands\s+for|refers\s+to|aka|as\s+in)\b"
    r"|(?P<means>(?:which\s+)?(?:means|meaning))\s+(?!(?:what|which|how|different|nothing|something\s+else)\b)"
    r"[\w\"“„‘'«*_(])"
    # API – the drug substance – is due
    rf"|(?:\s+-{{1,2}}\s+|\s*[–—]\s*){_AN}\s+(?:(?!{_VERB}\b)[\w'’/&]+(?:\s+|-(?=\w))){{0,6}}?"
    rf"(?!{_VERB}\b)[\w'’/&]+(?:\s+-{{1,2}}\s|\s*[–—])"
    r")",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"\w[\w'’/ -]{{5,}}\s*\(\s*(?:the\s+|or\s+)?{_OPEN}$", re.IGNORECASE)

_ASKED = re.compile(rf"\b(?:what|how)\s+(?:the\s+)?{_OPEN}$", re.IGNORECASE)

_BY = re.compile(
    rf"\b(?:by|with)\s+(?:(?:the\s+)?(?:word|term|acronym|abbreviation)\s+)?{_OPEN}$", re.IGNORECASE
)
_WE_MEAN = re.compile(
    rf"{_CLOSE}{_HERE}\s*,?{_CLOSE}\s+(?:I|we)\s+(?:(?:all|both|always|only|just|here)\s+)?"
    r"(?:mean|meant|understand|refer\s+to)\s+(?!what\b|which\b)\w",
    re.IGNORECASE,
)

_IS_HERE = re.compile(
    rf"{_CLOSE}\s+(?:here|in\s+(?:this|our)\s+(?:case|context|thread|channel|project|document))"
    rf"\s+(?:is|are)\s+{_AN}\s+\w",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:^|[\n.,;:!?(]|\b(?:and|but|so|where))\s*{_OPEN}$", re.IGNORECASE)

_BESIDE = re.compile(
    rf"{_CLOSE}(?:\s*:\s+|\s+-{{1,2}}\s+|\s*[–—]\s*|,\s+)(?:(?:{_AN}|or)\s+)*{_OPEN}"
    r"(?P<phrase>[^.;:!?\n]{3,120})",
    re.IGNORECASE,
)
_INFLECTION = re.compile(r"(?:['’]s|s['’]?|['’])$")
_WORDS = re.compile(r"[^\W_]+")
_REACH: Final = 200
"""Characters before a word that are looked at."""


def is_explained(text: str, start: int, end: int, spelled_out: Collection[str] = ()) -> bool:
    """Whether the author says what the word at `text[start:end]` means: "API (active pharmaceutical
    ingredient)", "active pharmaceutical ingredient (API)", "API = …", "by “API” I mean …", or by
    writing it out."""
    if explains(text, start, end):
        return True
    rest = f"{text[:start]} {text[end:]}".casefold()
    return any(words.casefold() in rest for words in spelled_out if len(words) > 5)


def explains(text: str, start: int, end: int) -> bool:
    """Whether a definition stands right beside the word."""
    before = text[max(0, start - _REACH) : start]
    after = _AFTER.match(text, end)
    if after is not None and not (after["means"] and _ASKED.search(before)):
        return True
    if _BEFORE.search(before):
        return True
    if _WE_MEAN.match(text, end) and _BY.search(before):
        return True
    if _IS_HERE.match(text, end) and _BARE.search(before):
        return True
    beside = _BESIDE.match(text, end)
    return beside is not None and _spells(text[start:end], beside["phrase"])


def _spells(word: str, phrase: str) -> bool:
    """Whether the first words of a phrase begin with the letters of an acronym."""
    bare = _INFLECTION.sub("", word)
    if sum(map(str.isupper, bare)) < 2:
        return False
    letters = [letter.casefold() for letter in bare.replace("&amp;", "&") if letter.isalnum()]
    for each in _WORDS.findall(phrase.casefold()):
        if each[0] == letters[0]:
            letters.pop(0)
            if not letters:
                return True
        elif each not in SMALL:
            return False
    return False
