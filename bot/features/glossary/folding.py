"""Texts made comparable, character by character, so that every place in the result is known in the
text as written.

Folding works on single characters on purpose: `str.casefold` and NFKC over a whole text may shift
places (ß becomes ss, ﬁ becomes fi, İ becomes two characters), and a match that points a letter
aside is worse than none.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_SAME: Final = {
    "\u2019": "'",
    "\u2018": "'",
    "\u02bc": "'",
    "\uff07": "'",
    "İ": "i",
    "ı": "i",
}
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_MOST_REMEMBERED = 20_000


def _widen(character: str) -> str:
    """One character as acronyms are compared: width, ligatures, dashes and spaces aside."""
    if character in _DASHES:
        return "-"
    if character in "'\u2019\u2018\u02bc\uff07":
        return "'"
    if character.isspace():
        return " "
    return _decompose(character)


def _fold(character: str) -> str:
    """One character as phrases are compared: case aside, too. The Turkish i's are all one."""
    if character in _SAME:
        return _SAME[character]
    return "".join(map(_decompose, _widen(character).casefold()))


def _decompose(character: str) -> str:
    """The letters that one character stands for, unless words would then end elsewhere: the "™"
    behind a name is no part of it."""
    letters = unicodedata.normalize("NFKD", character)
    ends = {is_word(letters[0]), is_word(letters[-1])}
    return letters if ends == {is_word(character)} else character


class _Table(dict[str, str]):
    """What becomes of a character beyond ASCII, worked out when it is first met."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, character: str) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        changed = self[character] = self._change(character)
        return changed


_WIDENED = _Table(_widen)
_FOLDED = _Table(_fold)
_BEYOND = re.compile(r"[^\x00-\x7f]")
_SPACES = str.maketrans(dict.fromkeys((c for c in map(chr, range(128)) if c.isspace()), " "))


def widen(text: str) -> str:
    """`text` as acronyms are compared: letter case counts, full width and ligatures do not."""
    if not text.isascii():
        text = _BEYOND.sub(lambda found: _WIDENED[found[0]], text)
    return text if text.isprintable() else text.translate(_SPACES)


def fold(text: str) -> str:
    """`text` as phrases are compared: neither case nor width counts."""
    if not text.isascii():
        text = _BEYOND.sub(lambda found: _FOLDED[found[0]], text)
    return text.lower() if text.isprintable() else text.translate(_SPACES).lower()


@dataclass(frozen=True, slots=True)
class Folded:
    """A changed text, and where each of its characters stands in the text as written: character
    `i` comes from `places[i]`, and `places[len(text)]` is the end. None: nothing moved."""

    text: str
    places: list[int] | None

    def place(self, place: int) -> int | None:
        """Where a match that begins or ends here does so as written; None inside of what was one
        character."""
        places = self.places
        if places is None:
            return place
        if place and places[place] == places[place - 1]:
            return None
        return places[place]


def widen_with_places(text: str) -> Folded:
    """`widen`, with places."""
    changed = widen(text)
    return Folded(changed, _find_places(text, changed, _WIDENED))


def fold_with_places(text: str) -> Folded:
    """`fold`, with places."""
    changed = fold(text)
    return Folded(changed, _find_places(text, changed, _FOLDED))


def _find_places(text: str, changed: str, table: _Table) -> list[int] | None:
    # No character becomes nothing, so equal lengths mean that each became exactly one.
    if len(changed) == len(text):
        return None
    places: list[int] = []
    last = 0
    for found in _BEYOND.finditer(text):
        length = len(table[found[0]].lower())
        if length > 1:
            places.extend(range(last, found.start()))
            places.extend([found.start()] * length)
            last = found.end()
    places.extend(range(last, len(text) + 1))
    return places


class _Classes(dict[str, int]):
    """What a character is to words (after UAX 29): 0 stands between words, 1 and 2 (Katakana)
    join with their like, 3 is a word of its own (ideographs, scripts without spaces), 4 belongs to
    whatever stands before it, and 5 (the underscore) joins the words on both of its sides."""

    def __missing__(self, character: str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        found = self[character] = _classify(character)
        return found


def _classify(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "M" or character in "\u00ad\u200c\u200d":
        return 4
    if category == "Pc":
        return 5
    if category[0] not in "LN":
        return 0
    code = ord(character)
    if 0x30A0 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF or 0xFF66 <= code <= 0xFF9F:
        return 2
    return 3 if any(low <= code <= high for low, high in _UNSPACED) else 1


_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x309F),  # Hiragana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_CLASSES = _Classes()


def is_word(character: str) -> bool:
    """Whether a character can be part of a word."""
    return _CLASSES[character] != 0


def is_boundary(text: str, place: int) -> bool:
    """Whether a word may begin or end between `text[place - 1]` and `text[place]`."""
    if place <= 0 or place >= len(text):
        return True
    before, after = _CLASSES[text[place - 1]], _CLASSES[text[place]]
    if after == 4:
        return False
    if before == 4:
        before = _class_before_marks(text, place - 1)
    if before == 0 or after == 0:
        return not (text[place - 1] in ".," and _is_in_number(text, place - 1)) and not (
            text[place] in ".," and _is_in_number(text, place)
        )
    if before == 5 or after == 5:
        return before != after and not _joins(text, place - (before == 5))
    return before != after or before == 3


def _joins(text: str, place: int) -> bool:
    """Whether the underscores here stand between two words, as in `API_KEY`. Slack writes `_API_`
    for a word in italics."""
    start, end = place, place + 1
    while start and _CLASSES[text[start - 1]] == 5:
        start -= 1
    while end < len(text) and _CLASSES[text[end]] == 5:
        end += 1
    return start > 0 and end < len(text) and is_word(text[start - 1]) and is_word(text[end])


def _class_before_marks(text: str, place: int) -> int:
    while place > 0 and _CLASSES[text[place]] == 4:
        place -= 1
    return _CLASSES[text[place]]


def _is_in_number(text: str, place: int) -> bool:
    """Whether the point or comma here stands between two digits, as in 1.5."""
    return 0 < place < len(text) - 1 and text[place - 1].isdecimal() and text[place + 1].isdecimal()
