"""Whether a discussion looks as if it has just ended in a decision.

A linear model over the last messages of one conversation: words and pairs of words that open,
carry or close decisions, and how many people agreed. Its weights are data (`detection.json`), made
by `benchmarks/train_detection.py`; what it reaches is in docs/decision-detection.md.

Only features of the last messages are held, in memory, never their texts.
"""

import itertools
import math
import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

import orjson

WINDOW: Final = 12
"""Messages of a conversation that are looked at together."""

CONVERSATIONS: Final = 2000
"""Conversations held in memory; the one that was silent longest is forgotten first."""

LONGEST: Final = 600
"""Characters of a message that are read: a decision is said in fewer."""

FOLLOWED_WITHIN: Final = 4
AGEING: Final = 0.15

_TOKEN: Final = re.compile(
    r"https?://\S+|[+\-\N{MINUS SIGN}\N{EN DASH}]\s?[01](?![\w.])|[^\W\d_]+(?:'[^\W\d_]+)?|\d+|\?"
)
_YES: Final = frozenset(
    [
        "+1",
        "yes",
        "yep",
        "yeah",
        "agreed",
        "agree",
        "ok",
        "okay",
        "sure",
        "fine",
        "great",
        "perfect",
        "exactly",
        "done",
        "right",
        "sounds",
        "works",
        "deal",
        "seconded",
    ]
)
_CLOSING: Final = frozenset(
    [
        "let's go",
        "let's take",
        "let's use",
        "let's stick",
        "let's settle",
        "let's do",
        "go with",
        "going with",
        "stick with",
        "settle on",
        "so we",
        "we'll go",
        "we'll take",
        "we'll use",
        "we agreed",
        "we've agreed",
        "have agreed",
        "agreed to",
        "we decided",
        "we've decided",
        "have decided",
        "is decided",
        "it's decided",
        "that's decided",
        "decided to",
        "is settled",
        "that's settled",
        "that's agreed",
        "it then",
        "agreed then",
        "i propose",
        "propose that",
        "propose to",
        "propose we",
        "suggest we",
        "proposal is",
        "decision is",
    ]
)
"""What people say when they close a discussion, as pairs of words."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature, with the bias. `cued`: how likely it is where somebody closed the
    discussion in so many words and somebody else agreed. `bar`: the operating point chosen."""

    words: Mapping[str, float]
    structure: Mapping[str, float]
    bias: float
    cued: float
    bar: float


@lru_cache(maxsize=1)
def get_model() -> Model:
    """The model that Entente ships with."""
    return Model(**orjson.loads((files(__package__) / "detection.json").read_bytes()))


@dataclass(slots=True)
class _Heard:
    """What is held of one message: who said it, which features it has, and what it was."""

    author: str
    message: str
    features: Set[str]
    vote: int
    agrees: bool
    closes: bool


@dataclass(slots=True)
class Conversation:
    """The last messages of one thread or channel, as features."""

    heard: deque[_Heard] = field(default_factory=deque)
    counts: dict[str, int] = field(default_factory=dict)
    weight: float = 0.0


class Detector:
    """Listens to conversations, each on its own. Not to be shared between threads."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or get_model()
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()

    def hear(self, conversation: str, author: str, text: str, message: str = "") -> float:
        """One more message of a conversation: how likely it is (0 to 1) that with it a decision
        was made. 0 for messages that neither agree nor settle anything: nothing ends with them."""
        present = self._conversations.get(conversation)
        if present is None:
            present = self._conversations[conversation] = Conversation()
            if len(self._conversations) > CONVERSATIONS:
                self._conversations.popitem(last=False)
        else:
            self._conversations.move_to_end(conversation)
        heard = read(author, message, text, self._model.words)
        self._add(present, heard)
        settles = heard.agrees or heard.closes or heard.vote > 0
        return self._judge(present) if settles else 0.0

    def find_said(self, conversation: str) -> tuple[str, str] | None:
        """Who most likely said what was decided, and in which message."""
        present = self._conversations.get(conversation)
        if present is None:
            return None
        said = find_said(present.heard, self._model.words)
        return said.author, said.message

    def forget(self, conversation: str) -> None:
        """Begin anew: what was said so far has been dealt with."""
        self._conversations.pop(conversation, None)

    def keep(self, conversations: Set[str]) -> None:
        """Forget all other conversations."""
        for gone in self._conversations.keys() - conversations:
            del self._conversations[gone]

    def _add(self, conversation: Conversation, heard: _Heard) -> None:
        words, counts = self._model.words, conversation.counts
        if len(conversation.heard) == WINDOW:
            for feature in conversation.heard.popleft().features:
                counts[feature] -= 1
                if not counts[feature]:
                    del counts[feature]
                    conversation.weight -= words[feature]
        for feature in heard.features:
            if feature in counts:
                counts[feature] += 1
            else:
                counts[feature] = 1
                conversation.weight += words[feature]
        conversation.heard.append(heard)

    def _judge(self, conversation: Conversation) -> float:
        weights = self._model.structure
        score = self._model.bias + conversation.weight
        score += sum(weights[name] * value for name, value in describe(conversation.heard))
        likelihood = 1 / (1 + math.exp(-max(min(score, 40), -40)))
        if likelihood < self._model.cued and is_closed(conversation.heard):
            return self._model.cued
        return likelihood


def read(author: str, message: str, text: str, words: Mapping[str, float] | None) -> _Heard:
    """The features of one message: those that `words` knows, or all (to train)."""
    tokens = tokenize(text)
    found = {*tokens, *map(" ".join, itertools.pairwise(tokens))}
    known = found if words is None else words.keys() & found
    closes = not _CLOSING.isdisjoint(found) and tokens[-1] != "?"
    first = tokens[0] if tokens else ""
    vote = {"+1": 1, "-1": -1}.get(first, 0)
    return _Heard(author, message, known, vote, first in _YES, closes)


def tokenize(text: str) -> list[str]:
    """The words of a message as features: numbers, addresses and votes made alike."""
    found = _TOKEN.findall(text[:LONGEST].lower().replace("’", "'"))
    return [token if token.isalpha() else _fold(token) for token in found]


def _fold(token: str) -> str:
    first = token[0]
    if first.isalpha():
        return "url" if token.startswith(("http://", "https://")) else token
    if first.isdigit():
        return "#"
    if first == "?":
        return first
    return ("+" if first == "+" else "-") + token[-1]


def describe(heard: deque[_Heard]) -> Iterator[tuple[str, float]]:
    """What can be counted in the last messages, each from 0 to about 1."""
    votes = fresh = against = 0
    voices: set[str] = set()
    voters: set[str] = set()
    agreeing: set[str] = set()
    recent = len(heard) - 5
    for index, one in enumerate(heard):
        voices.add(one.author)
        if one.vote:
            against += one.vote < 0
            if one.vote > 0:
                votes += 1
                voters.add(one.author)
                fresh += index >= recent
        if one.agrees and index >= recent:
            agreeing.add(one.author)
    last = heard[-1]
    turn = last.agrees and len(heard) > 1 and heard[-2].author != last.author
    yield "votes", min(votes, 6) / 6
    yield "voters", min(len(voters), 4) / 4
    yield "fresh_votes", fresh / 5
    yield "against", min(against, 2) / 2
    yield "agreeing", min(len(agreeing), 4) / 4
    yield "voices", min(len(voices), 6) / 6
    yield "turn", float(turn)


def is_closed(heard: deque[_Heard]) -> bool:
    """Whether somebody just agreed to what another person, a moment before, said to be settled."""
    last = heard[-1]
    if not last.agrees or last.vote < 0:
        return False
    before = list(heard)[-FOLLOWED_WITHIN - 1 : -1]
    return any(one.closes and one.author != last.author for one in before)


def find_said(heard: deque[_Heard], words: Mapping[str, float]) -> _Heard:
    """The message that most likely says what was decided: the last that closes a discussion, else
    one of much weight and not long ago; never a mere yes, if there is anything else."""
    closing = [one for one in heard if one.closes and not one.vote]
    if closing:
        return closing[-1]
    spoken = [one for one in heard if not one.agrees and not one.vote] or [heard[-1]]
    weighed = [
        (sum(words.get(feature, 0.0) for feature in one.features) - AGEING * age, one)
        for age, one in enumerate(reversed(spoken))
    ]
    return max(weighed, key=lambda pair: pair[0])[1]
