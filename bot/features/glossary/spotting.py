"""Finding terms in what people write: exact, and in microseconds.

    acronyms ── by case ───────┐
                               ├─ every occurrence → whole words, not masked → longest first
    phrases ── any case, with ─┘
               plural and possessive of the last word

A search for the leftmost longest form that is filtered afterwards is wrong now and then, since a
rejected find hides a valid one. So both automata report all they find, overlapping, and the choice
comes last.

Most messages are plain ASCII. In these a sieve, one automaton over whole words with neither case
nor punctuation, finds all that could be there; only that is compared letter by letter.
"""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick

from bot.features.glossary.folding import (
    Folded,
    fold,
    fold_with_places,
    is_boundary,
    is_word,
    widen,
    widen_with_places,
)
from bot.features.glossary.masking import find_regions, is_masked

LONGEST_TEXT: Final = 8_000
"""Characters of a message that are looked at."""

LONGEST_FORM: Final = 200
"""Characters of a form."""

_WORD: Final = frozenset((string.ascii_letters + string.digits).encode())
_THIN: Final = bytes(ord(chr(byte).lower()) if byte in _WORD else 32 for byte in range(256))
"""What the sieve makes of each byte: small letters, and white space for all that is in no word
for certain."""
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_SUFFIX = re.compile(r"'s|s'|es'|es|s|'")
_ES = re.compile(r"(?:[sxzo]|ch|sh)$", re.IGNORECASE)
_THIN_ES: Final = (b"s", b"x", b"z", b"o", b"ch", b"sh")
_Y = re.compile(r"[^\Waeiou\d_]y$")


class Spotted(NamedTuple):
    """A form found at `text[start:end]`, inflection included; `forms` are the numbers of all the
    forms that are written so."""

    start: int
    end: int
    forms: tuple[int, ...]


def is_acronym(form: str) -> bool:
    """Whether a form is matched by case: it holds two capitals, or a capital and a digit, and no
    white space; or it is short and all in capitals."""
    if form.islower():
        return False
    capitals = sum(map(str.isupper, form))
    if len(form.split()) < 2:
        return capitals >= 2 or (capitals == 1 and any(map(str.isdecimal, form)))
    return capitals >= 2 and len(form) <= 10 and form.upper() == form


Found = list[tuple[int, int, int]]
"""What an automaton finds: the number of a form, from and to."""

Hit = tuple[int, int, bool, tuple[int, ...]]
"""As `Spotted`, on the way there, and whether it is a phrase."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A message as it came, and prepared for acronyms and phrases: without Slack's entities, and
    folded. `origin` is where each character without entities stands in the message."""

    raw: str
    acronyms: Folded
    phrases: Folded
    origin: Sequence[int]


_Forms = Mapping[str, Sequence[int]]
"""The numbers of the forms, by the letters that they are found by."""

_Candidate = tuple[str, int, bool, tuple[int, ...]]
"""The letters of a form, how many of them stand before its first word, whether it is a phrase, and
the numbers of the forms that are written so."""


class _Sieve:
    """What could be where in a text of ASCII alone: nothing that is there is missing."""

    def __init__(self, acronyms: _Forms, phrases: _Forms) -> None:
        patterns: list[bytes] = []
        self.candidates: list[_Candidate] = []
        for is_phrase, forms in ((False, acronyms), (True, phrases)):
            for letters, numbers in forms.items():
                if letters.isascii():
                    thin = letters.encode().translate(_THIN)
                    words = thin.strip()
                    candidate = letters, thin.index(words), is_phrase, tuple(numbers)
                    for ending in _get_endings(thin):
                        patterns.append(b" " + words + ending)
                        self.candidates.append(candidate)
        self.find = BytesAhoCorasick(patterns).find_matches_as_indexes


def _get_endings(thin: bytes) -> tuple[bytes, ...]:
    """What may follow a form in thin text. An apostrophe is white space there."""
    if thin.endswith(b" "):
        return (b" ",)
    return (b" ", b"s ", b"es ") if thin.endswith(_THIN_ES) else (b" ", b"s ")


class Spotter:
    """Finds any of `forms`, which are known by their place in the sequence. Forms without a single
    word character are never found. Immutable, and safe to share between threads. `by_case`: the
    numbers of those that are acronyms, by how they are written."""

    def __init__(self, forms: Sequence[str]) -> None:
        acronyms: dict[str, list[int]] = {}
        phrases: dict[str, list[int]] = {}
        for number, form in enumerate(forms):
            words = " ".join(form.split())[:LONGEST_FORM]
            if not any(map(is_word, words)):
                continue
            if is_acronym(words):
                acronyms.setdefault(widen(words), []).append(number)
            else:
                for variant in _vary(fold(words)):
                    phrases.setdefault(variant, []).append(number)
        self.by_case: Mapping[str, Sequence[int]] = acronyms
        self._acronym_forms = [tuple(numbers) for numbers in acronyms.values()]
        self._phrase_forms = [tuple(numbers) for numbers in phrases.values()]
        self.acronyms = AhoCorasick(list(acronyms))
        self.phrases = AhoCorasick(list(phrases))
        self._find_acronyms = self.acronyms.find_matches_as_indexes
        self._find_phrases = self.phrases.find_matches_as_indexes
        sieve = _Sieve(acronyms, phrases)
        self._sift, self._candidates = sieve.find, sieve.candidates

    def spot(self, text: str) -> list[Spotted]:
        """What is found in a message, in the order of the text; nothing overlaps.

        Looks at the first `LONGEST_TEXT` characters. Places are those of `text` as given."""
        if len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT]
        if text.isascii() and "&" not in text:
            found = self._sift(f" {text} ".encode().translate(_THIN), True)
            return self._spot_sieved(text, found) if found else []
        return self._spot_with_places(_prepare(text))

    def _spot_sieved(self, text: str, found: Found) -> list[Spotted]:
        """The usual case: each character stays one, so that places are the same throughout."""
        written = text if text.isprintable() else widen(text)
        folded = written.lower()
        whole: list[Hit] = []
        for number, place, _ in found:
            letters, lead, is_phrase, forms = self._candidates[number]
            start = place - lead
            compared = folded if is_phrase else written
            if start >= 0 and compared.startswith(letters, start):
                end = _end(compared, start, start + len(letters))
                if end:
                    whole.append((start, end, is_phrase, forms))
        return _choose(_drop_masked(text, whole)) if whole else []

    def _spot_with_places(self, text: _Text) -> list[Spotted]:
        whole: list[Hit] = []
        for folded, find, forms, is_phrase in (
            (text.acronyms, self._find_acronyms, self._acronym_forms, False),
            (text.phrases, self._find_phrases, self._phrase_forms, True),
        ):
            for number, first, last in find(folded.text, True):
                end = _end(folded.text, first, last)
                start, finish = folded.place(first), folded.place(end) if end else None
                if start is not None and finish is not None:
                    place = text.origin[start], text.origin[finish]
                    whole.append((*place, is_phrase, forms[number]))
        return _choose(_drop_masked(text.raw, whole)) if whole else []


def _vary(folded: str) -> tuple[str, ...]:
    """A phrase, and the plural of one that ends in y."""
    if folded.endswith("y") and _Y.search(folded):
        return folded, folded[:-1] + "ies"
    return (folded,)


def _end(text: str, start: int, end: int) -> int:
    """Where the whole word ends whose form was found at `text[start:end]`; 0 if there is none."""
    if start and not is_boundary(text, start):
        return 0
    if end == len(text):
        return end
    after = text[end]
    if after in "se'" and is_word(text[end - 1]):
        longer = _inflected_end(text, start, end)
        if longer:
            return longer
        if after == "'" and end + 1 < len(text) and is_word(text[end + 1]):
            return 0  # a contraction: the “can” of “can't”
    return end if is_boundary(text, end) else 0


def _inflected_end(text: str, start: int, end: int) -> int:
    suffix = _SUFFIX.match(text, end)
    if suffix is None:
        return 0
    ending, last = suffix[0], suffix.end()
    if ending.startswith("es") and not _ES.search(text, max(start, end - 2), end):
        return 0
    if ending == "'" and text[end - 1] not in "sS":
        return 0  # a closing quotation mark
    if ending[-1] == "'" and last < len(text) and is_word(text[last]):
        return 0
    return last if is_boundary(text, last) else 0


def _drop_masked(text: str, hits: list[Hit]) -> list[Hit]:
    regions = find_regions(text)
    return [hit for hit in hits if not is_masked(text, regions, hit[0], hit[1])]


def _choose(hits: list[Hit]) -> list[Spotted]:
    """The longest first, then from the left; an acronym before a phrase that is written alike."""
    if len(hits) == 1:
        start, end, _, forms = hits[0]
        return [Spotted(start, end, forms)]
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit[0] - hit[1], hit[0], hit[2])):
        start, end, is_phrase, forms = hit
        if chosen and chosen[-1][:3] == hit[:3]:
            chosen[-1] = (start, end, is_phrase, tuple(sorted({*chosen[-1][3], *forms})))
        elif all(end <= other[0] or other[1] <= start for other in chosen):
            chosen.append(hit)
    return sorted(Spotted(start, end, forms) for start, end, _, forms in chosen)


def _prepare(raw: str) -> _Text:
    text, origin = resolve(raw) if "&" in raw else (raw, range(len(raw) + 1))
    return _Text(raw, widen_with_places(text), fold_with_places(text), origin)


def resolve(text: str) -> tuple[str, Sequence[int]]:
    """The text with Slack's three entities as characters, and where each character came from."""
    parts: list[str] = []
    origin: list[int] = []
    place = 0
    for entity in _ENTITY.finditer(text):
        origin.extend(range(place, entity.start() + 1))
        parts.append(text[place : entity.start()] + _ENTITIES[entity[0]])
        place = entity.end()
    parts.append(text[place:])
    origin.extend(range(place, len(text) + 1))
    return "".join(parts), origin
