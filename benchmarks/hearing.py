"""8. Telling whether a message closed a discussion, or brings a decision up again."""

import random
import re
import time
from collections.abc import Callable, Sequence

from benchmarks.report import Ratio, Report
from bot.features.decisions.detection import Detector, get_model
from bot.features.decisions.subjects import find_subjects, make_subjects
from bot.features.glossary.words import EVERYDAY

MESSAGES = 20_000
DECISIONS = 3_000
ROUNDS = 5
ASKING = 0.15
"""The share of messages that ask something."""

BARE = re.compile(
    r"\b(?:let['’]?s go|go with|agreed|decided|settled|resolved|propose[ds]?|sounds good)\b",
    re.IGNORECASE,
)
PHRASES = ("let's go with", "agreed", "should we", "why did we", "sounds good", "so we", "+1")


def run() -> Report:
    """Measure."""
    report = Report(
        name="hearing",
        title="Listening for decisions",
        how=f"{MESSAGES:,} made-up chat messages of 3 to 25 words in 20 channels, on one core: "
        "telling whether a discussion ended in a decision, and which of "
        f"{DECISIONS:,} decisions a message argues with, against one bare regular expression over "
        f"the same messages. Microseconds a message, the best of {ROUNDS} rounds in turn.",
        columns=("What", "µs a message"),
    )
    dice = random.Random(5)
    said = _make_messages(dice)
    bare, ends, about = _measure((_search, _make_detector(), _make_finder(dice)), said)
    for what, each in (
        ("A bare expression", bare),
        ("Whether a discussion ended", ends),
        ("What a message argues with", about),
    ):
        report.rows.append((what, f"{each:.2f}"))
    report.ratios += [
        Ratio(what="Whether it ended", value=ends, aim=20, at_most=True, unit="µs"),
        Ratio(
            what="Whether it ended, against the bare expression",
            value=ends / bare,
            aim=8,
            at_most=True,
        ),
        Ratio(what="What it argues with", value=about, aim=20, at_most=True, unit="µs"),
    ]
    return report


def _make_messages(dice: random.Random) -> list[tuple[str, str, str]]:
    """The conversation, the author and the text of each."""
    words = [word for word in get_model().words if " " not in word] + sorted(EVERYDAY)
    said = []
    for _ in range(MESSAGES):
        text = dice.choices(words, k=dice.randint(3, 25))
        if dice.random() < 0.1:
            text.insert(0, dice.choice(PHRASES))
        end = "?" if dice.random() < ASKING else "."
        said.append((f"C{dice.randrange(20)}", f"U{dice.randrange(8)}", " ".join(text) + end))
    return said


def _search(_conversation: str, _author: str, text: str) -> object:
    return BARE.search(text)


def _make_detector() -> Callable[[str, str, str], object]:
    return Detector().hear


def _make_finder(dice: random.Random) -> Callable[[str, str, str], object]:
    words = sorted(EVERYDAY)
    subjects = make_subjects(
        [(str(n), " ".join(dice.choices(words, k=8)), "") for n in range(DECISIONS)]
    )

    def find(_conversation: str, _author: str, text: str) -> object:
        return find_subjects(subjects, text)

    return find


def _measure(
    rivals: Sequence[Callable[[str, str, str], object]], said: Sequence[tuple[str, str, str]]
) -> tuple[float, ...]:
    """Microseconds a message, the best round of each."""
    best = [float("inf")] * len(rivals)
    for _ in range(ROUNDS):
        for index, rival in enumerate(rivals):
            begun = time.process_time()
            for conversation, author, text in said:
                rival(conversation, author, text)
            each = (time.process_time() - begun) * 1e6 / len(said)
            best[index] = min(best[index], each)
    return tuple(best)
