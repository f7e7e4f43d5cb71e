"""Which decision a message argues with or asks about, told by its words alone.

A message has to do two things: bring a subject up again (a cue, such as "why did we") and, in that
sentence or one beside it, use the telling words of a decision. Words that few of the alliance's
decisions have count for more, and names (what is written with a capital) for twice as much; the
stronger the cue, the fewer words will do. The cues are English.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.features.decisions.search import fold

HEAVIEST: Final = 4
"""So many of a decision's words are all that a message can be expected to use."""

MOST: Final = 3
"""Decisions that one message is thought to be about: the author may not see the first of them."""

RARE: Final = 40
"""A word that more decisions have than these leads to none of them by itself."""

LONGEST: Final = 600
"""Characters of a message that are read."""


class Cue(IntEnum):
    """How plainly a sentence brings something up again."""

    NONE = 0
    ASKS = 1
    ARGUES = 2
    REOPENS = 3


_NEEDED: Final = {Cue.ASKS: (2, 0.6), Cue.ARGUES: (2, 0.4), Cue.REOPENS: (1, 0.4)}
"""For each cue, how many of the words a message must have, and what share of their weight."""

_REOPENS: Final = re.compile(
    r"\bwhy (?:did|do|are|is|was|were|have|had|don['’]?t|didn['’]?t|not)\b"
    r"|\bwho (?:decided|agreed|chose)\b|\b(?:reconsider|rethink|revisit|re-?open)\b"
    r"|\bchange (?:our|my) minds?\b|\bgo(?:ing)? back on\b|\bwas (?:that|it) ever decided\b",
    re.IGNORECASE,
)
_ARGUES: Final = re.compile(
    r"\bshould(?:n['’]?t)? we\b|\bwhat about\b|\bhow about\b|\binstead\b|\brather\b"
    r"|\bi(?:['’]d| would| still)? prefer\b|\bbetter (?:to|if|than)\b|\bstill (?:think|believe)\b"
    r"|\bnot (?:sure|convinced)\b|\bwhat if\b|\blet['’]?s\b|\bwrong (?:choice|site|decision)\b"
    r"|\bi (?:disagree|doubt)\b|\bshall we\b|\bdo we (?:really|still)\b|\bwhy\b.*\?",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"\b(?:which|what|where|who|did we|have we|has it|was it|are we|do we|is it|isn['’]?t)\b.*\?",
    re.IGNORECASE,
)
_ANY: Final = re.compile(
    r"\?|\b(?:why|who|re-?consider|re-?think|revisit|re-?open|change|back|decided|should|shouldn|"
    r"about|instead|rather|prefer|better|still|not|if|let['’]?s|wrong|disagree|doubt|shall)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]*")
_NAMES: Final = re.compile(r"(?<=[\w,;:'\"’”)] )[^\W\d_a-z][\w-]+")

COMMON: Final = frozenset(
    fold(
        "a an and are as at be by can do for from had has have how if in into is it its let of on"
        " or our should so than that the their then there they this to up use was we what when"
        " which who why will with would you your not no yes all any one two new old more us them"
        " take make get go need want each per only also both until after before first next"
    )
)


@dataclass(frozen=True, slots=True)
class Subjects:
    """The telling words of an alliance's decisions, with their weights in each, by word; and how
    much those of one decision weigh that a message can be expected to use. `number` is the revision
    that they were read at."""

    number: int
    having: Mapping[str, Mapping[str, float]]
    sizes: Mapping[str, float]


def make_subjects(decisions: Sequence[tuple[str, str, str]], *, number: int = 0) -> Subjects:
    """Of these decisions: each its id, what was decided, and what else was considered."""
    told = [(one, _tell(what), _tell(others)) for one, what, others in decisions]
    seen = Counter(word for _, what, _ in told for word in what)
    having: dict[str, dict[str, float]] = {}
    sizes = {}
    for one, what, others in told:
        weights = {
            word: (1 + math.log(len(told) / seen[word])) * (2 if is_name else 1)
            for word, is_name in what.items()
        }
        sizes[one] = sum(sorted(weights.values(), reverse=True)[:HEAVIEST])
        # What was turned down is brought up again too, but no message has to.
        for word in others.keys() - what.keys():
            weights[word] = 1.0
        for word, weight in weights.items():
            having.setdefault(word, {})[one] = weight
    return Subjects(number, having, sizes)


def _tell(text: str) -> dict[str, bool]:
    """The telling words of a text, and whether each is a name."""
    names = {word for name in _NAMES.findall(text) for word in fold(name)}
    return {
        word: word in names or any(c.isdigit() for c in word)
        for word in fold(text)
        if word not in COMMON and (len(word) > 2 or word in names)
    }


def find_subjects(subjects: Subjects, text: str) -> tuple[str, ...]:
    """The ids of the decisions that a message asks about or argues with, likeliest first; none for
    most messages."""
    if not _ANY.search(text):
        return ()
    sentences = _SENTENCE.findall(text[:LONGEST])
    found: dict[str, float] = {}
    for index, sentence in enumerate(sentences):
        cue = read_cue(sentence)
        if cue == Cue.NONE:
            continue
        near = " ".join(sentences[max(index - 1, 0) : index + 2])
        for one, share in _match(subjects, set(fold(near)), cue):
            found[one] = max(share, found.get(one, 0.0))
    return tuple(sorted(found, key=lambda one: -found[one])[:MOST])


def read_cue(sentence: str) -> Cue:
    """How plainly a sentence brings something up again."""
    if _REOPENS.search(sentence):
        return Cue.REOPENS
    if _ARGUES.search(sentence):
        return Cue.ARGUES
    return Cue.ASKS if _ASKS.search(sentence) else Cue.NONE


def _match(subjects: Subjects, words: Iterable[str], cue: Cue) -> Iterator[tuple[str, float]]:
    hits: dict[str, list[float]] = {}
    known = [subjects.having[word] for word in words if word in subjects.having]
    for having in sorted(known, key=len):
        if len(having) <= RARE:
            for one, weight in having.items():
                hits.setdefault(one, []).append(weight)
        else:
            for one, found in hits.items():
                if one in having:
                    found.append(having[one])
    fewest, least = _NEEDED[cue]
    for one, weights in hits.items():
        share = sum(weights) / subjects.sizes[one] if subjects.sizes[one] else 0.0
        if len(weights) >= fewest and share >= least:
            yield one, share
