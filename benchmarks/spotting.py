"""7. Finding terms in messages: exact, and how fast beside a bare scan, flashtext and spaCy."""

import random
import time
from collections.abc import Callable, Sequence

from benchmarks.report import Ratio, Report
from bot.features.glossary.spotting import Spotter
from bot.features.glossary.words import EVERYDAY
from tests.bot.features.glossary.oracle import spot_slowly

SIZES = (100, 1_000, 10_000)
MESSAGES = 3_000
ROUNDS = 5
SLOW_MESSAGES = 400
CHECKED = 10_000


def run() -> Report:
    """Measure."""
    report = Report(
        name="spotting",
        title="Finding terms in messages",
        how=f"{MESSAGES:,} made-up chat messages with code, links, quotes and plurals, on one "
        "core: Entente's exact search with everything it does (masking, folding, whole words, "
        "inflection, longest match) against the bare two Aho–Corasick automata that it rests on, "
        "flashtext's `KeywordProcessor`, and spaCy's `PhraseMatcher` on a blank English pipeline "
        f"({SLOW_MESSAGES} messages). Best of {ROUNDS} rounds in turn.",
        columns=("Terms", "Entente µs", "Bare scan µs", "flashtext µs", "spaCy µs", "Build ms"),
    )
    for size in SIZES:
        _compare(report, size)
    wrong = _count_wrong()
    what = f"Messages of {CHECKED:,} that differ from a naive oracle"
    report.ratios.append(Ratio(what=what, value=wrong, aim=0, at_most=True, unit=""))
    return report


def _compare(report: Report, size: int) -> None:
    dice = random.Random(size)
    forms = make_forms(dice, size)
    texts = make_texts(dice, forms, MESSAGES)
    begun = time.process_time()
    spotter = Spotter(forms)
    built = (time.process_time() - begun) * 1000
    acronyms = spotter.acronyms.find_matches_as_indexes
    phrases = spotter.phrases.find_matches_as_indexes

    def scan(text: str) -> None:
        acronyms(text, True)
        phrases(text.lower(), True)

    flash, spacy = _make_flashtext(forms), _make_spacy(forms)
    rivals = (spotter.spot, scan, flash)
    ours, bare, theirs = _measure(rivals, texts)
    (spacys,) = _measure((spacy,), texts[:SLOW_MESSAGES])
    report.rows.append(
        (
            f"{size:,}",
            f"{ours:.2f}",
            f"{bare:.2f}",
            f"{theirs:.1f}",
            f"{spacys:.0f}",
            f"{built:.0f}",
        )
    )
    report.ratios += [
        Ratio(what=f"Speed of the bare scan, {size:,} terms", value=bare / ours, aim=0.45),
        Ratio(what=f"Speed of flashtext, {size:,} terms", value=theirs / ours, aim=5),
        Ratio(what=f"Speed of spaCy's PhraseMatcher, {size:,} terms", value=spacys / ours, aim=5),
    ]
    if size == SIZES[-1]:
        what = f"Building {size:,} terms anew"
        report.ratios.append(Ratio(what=what, value=built, aim=100, at_most=True, unit="ms"))


def _measure(rivals: Sequence[Callable[[str], object]], texts: Sequence[str]) -> tuple[float, ...]:
    """Microseconds a message, the best round of each."""
    best = [float("inf")] * len(rivals)
    for _ in range(ROUNDS):
        for number, rival in enumerate(rivals):
            begun = time.process_time()
            for text in texts:
                rival(text)
            best[number] = min(best[number], time.process_time() - begun)
    return tuple(seconds / len(texts) * 1e6 for seconds in best)


def _make_flashtext(forms: Sequence[str]) -> Callable[[str], object]:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=False)
    for form in forms:
        processor.add_keyword(form)
    return lambda text: processor.extract_keywords(text, span_info=True)


def _make_spacy(forms: Sequence[str]) -> Callable[[str], object]:
    import spacy
    from spacy.matcher import PhraseMatcher

    pipeline = spacy.blank("en")
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    matcher.add("term", [pipeline.make_doc(form) for form in forms])
    return lambda text: matcher(pipeline.make_doc(text))


_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "he",
    "jo",
    "ka",
    "li",
    "mo",
    "nu",
    "pra",
    "qui",
    "ro",
    "sta",
    "tri",
    "vo",
    "wen",
    "zy",
    "al",
    "en",
    "or",
]
_PLAIN = tuple(sorted(EVERYDAY))


def make_forms(dice: random.Random, count: int) -> list[str]:
    """Acronyms and phrases, one to four words long."""
    forms: dict[str, None] = {}
    while len(forms) < count:
        if dice.random() < 0.4:
            length = dice.choice((2, 3, 3, 4, 4, 5))
            letters = dice.choices("ABCDEFGHIKLMNOPRSTUV", k=length)
            forms["".join(letters)] = None
        else:
            words = [_make_word(dice) for _ in range(dice.choice((1, 2, 2, 3, 4)))]
            forms[" ".join(words)] = None
    return list(forms)


def _make_word(dice: random.Random) -> str:
    return "".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 3, 4))))


def make_texts(dice: random.Random, forms: Sequence[str], count: int) -> list[str]:
    """Chat messages: mostly plain words, now and then a term, a link, code, a quote."""
    texts = []
    for _ in range(count):
        words = dice.choices(_PLAIN, k=dice.choice((3, 6, 9, 14, 22, 35)))
        for place in range(len(words)):
            roll = dice.random()
            if roll < 0.005:
                words[place] = dice.choice(forms) + dice.choice(("", "", "s", "'s", ","))
            elif roll < 0.009:
                words[place] = dice.choice(
                    (
                        f"<https://example.com/{dice.choice(forms)}|here>",
                        f"`{dice.choice(forms)}`",
                        f"“{dice.choice(forms)}”",
                        f"{dice.choice(forms).replace(' ', '_')}.docx",
                        "<@U0123ABCD>",
                        ":tada:",
                        "R&amp;D",
                        "café",
                    )
                )
        texts.append(" ".join(words))
    return texts


def _count_wrong() -> int:
    dice = random.Random(1)
    forms = make_forms(dice, 60)
    texts = [text[:100] for text in make_texts(dice, forms * 2, CHECKED)]
    spotter = Spotter(forms)
    return sum(
        [hit._replace(forms=tuple(sorted(hit.forms))) for hit in spotter.spot(text)]
        != spot_slowly(forms, text)
        for text in texts
    )
