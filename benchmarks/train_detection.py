"""Makes `bot/features/decisions/detection.json`, and measures what the model reaches.

    .venv/bin/python -m benchmarks.train_detection [--write] [DATA.jsonl]

The data are discussion segments, one JSON object a line: `messages` with `author` and `text`,
`has_decision`, `source` (a meeting), `stratum`, `label_quality`. Everything that is printed comes
from cross-validation: no meeting is judged by a model that saw it, and of the AMI meetings, which
come in series of four with the same people, no series is.

How long a segment is, is no feature: in the AMI rows it tells decisions from discussions almost
perfectly by how the rows were cut, and nobody who listens to a channel could know it.
"""

import json
import re
import sys
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.model_selection import GroupKFold

from bot.features.decisions import detection
from bot.features.decisions.detection import WINDOW, Detector, Model, describe, read

DATA = Path("../shared/data/decisions/decisions_dev.jsonl")
SOURCES = 5
"""A word is kept if that many meetings of each stratum use it: what all kinds of discussion share
says how people decide, and not what about."""
STRENGTH = 0.05
SILVER = 0.5
STRUCTURE_SCALE = 3.0
"""Counted features are penalised this much less than words."""
FOLDS = 8
CUED = 0.82
WEAKEST = 0.1
"""Words that weigh less are left out."""
WORDED = ("agreed", "ok", "yes", "sounds good", "fine with me", "yep, agree", "works for me")
VOTE = re.compile(r"^\s*\+\s?1\b")

SINGLE = re.compile(r"\b[b-hj-z]\b(?!')")
"""Single letters stand for people in these data."""

Row = dict[str, Any]


def group_of(row: Row) -> str:
    series = re.search(r"AMI ([A-Z]+\d+)", row["source"])
    return series[1] if series else row["source"]


def reword(row: Row) -> Row:
    """The same discussion among people who say yes in words instead of `+1`."""
    said = [
        m | {"text": VOTE.sub(WORDED[(i + len(row["id"])) % len(WORDED)], m["text"])}
        for i, m in enumerate(row["messages"])
    ]
    return row | {"messages": said}


def hear_all(row: Row) -> list[Any]:
    return [read(m["author"], "", m["text"], None) for m in row["messages"]]


def choose_words(rows: list[Row], heard: list[list[Any]]) -> list[str]:
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row, messages in zip(rows, heard, strict=True):
        for feature in (f for h in messages for f in h.features):
            seen[feature][row["stratum"]].add(row["source"])
    strata = {row["stratum"] for row in rows}
    return sorted(
        f
        for f, by in seen.items()
        if all(len(by[s]) >= SOURCES for s in strata) and not SINGLE.search(f)
    )


def fit(rows: list[Row], *, bar: float = 0.5) -> Model:
    """Learn from the end of each segment; then once more from where the first model was surest."""
    rows = [*rows, *(reword(r) for r in rows if any(VOTE.match(m["text"]) for m in r["messages"]))]
    heard = [hear_all(row) for row in rows]
    words = choose_words(rows, heard)
    ends = [len(h) for h in heard]
    weights = [1.0 if row["label_quality"] == "gold" else SILVER for row in rows]
    labels = [row["has_decision"] for row in rows]
    model = _fit_once(heard, ends, words, labels, weights, bar)
    for index, row in enumerate(rows):
        likelihoods = hear(model, row)
        ends[index] = max(range(len(likelihoods)), key=likelihoods.__getitem__) + 1
    return _fit_once(heard, ends, words, labels, weights, bar)


def _fit_once(
    heard: list[list[Any]],
    ends: list[int],
    words: list[str],
    labels: list[bool],
    weights: list[float],
    bar: float,
) -> Model:
    numbers = {word: index for index, word in enumerate(words)}
    names = [name for name, _ in describe(deque(heard[0][:1]))]
    cells: list[tuple[int, int, float]] = []
    for index, (messages, end) in enumerate(zip(heard, ends, strict=True)):
        window = deque(messages[max(0, end - WINDOW) : end])
        present = {f for h in window for f in h.features if f in numbers}
        cells += [(index, numbers[f], 1.0) for f in present]
        counted = enumerate(describe(window), start=len(words))
        cells += [(index, column, value * STRUCTURE_SCALE) for column, (_, value) in counted]
    at, columns, values = zip(*cells, strict=True)
    matrix = csr_matrix((values, (at, columns)), shape=(len(heard), len(words) + len(names)))
    learnt = LogisticRegression(C=STRENGTH, max_iter=2000).fit(matrix, labels, weights)
    found = [float(w) for w in learnt.coef_[0]]
    return Model(
        words={w: round(found[n], 4) for w, n in numbers.items() if abs(found[n]) >= WEAKEST},
        structure={
            name: round(found[len(words) + n] * STRUCTURE_SCALE, 4) for n, name in enumerate(names)
        },
        bias=round(float(learnt.intercept_[0]), 4),
        cued=CUED,
        bar=bar,
    )


def hear(model: Model, row: Row) -> list[float]:
    detector = Detector(model)
    return [detector.hear("one", m["author"], m["text"]) for m in row["messages"]]


def judge(rows: list[Row], *, change: Any = None) -> np.ndarray:
    """The surest moment of each row, by models that saw nothing of its meeting."""
    groups = [group_of(row) for row in rows]
    surest = np.zeros(len(rows))
    for train, test in GroupKFold(FOLDS).split(rows, groups=groups):
        model = fit([rows[i] for i in train])
        for i in test:
            surest[i] = max(hear(model, rows[i]))
            if change is not None:
                change[i] = max(hear(model, reword(rows[i])))
    return surest


def report(rows: list[Row], surest: np.ndarray, title: str) -> None:
    gold = np.array([row["label_quality"] == "gold" for row in rows])
    chat = np.array([row["stratum"] == "w3c-chat" for row in rows])
    labels = np.array([row["has_decision"] for row in rows])
    print(f"\n{title}")
    for name, mask in (("both", gold), ("w3c-chat", gold & chat), ("ami-speech", gold & ~chat)):
        precision, recall, _ = precision_recall_curve(labels[mask], surest[mask])
        average = average_precision_score(labels[mask], surest[mask])
        best = precision[recall >= 0.5].max()
        print(
            f"{name}: {mask.sum()} rows, {labels[mask].mean():.2f} decisions, "
            f"average precision {average:.3f}, best precision at recall 0.5 {best:.3f}"
        )
        for bar in (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
            caught = surest[mask] >= bar
            right = (caught & labels[mask]).sum()
            print(
                f"  bar {bar:.2f}: precision {right / max(caught.sum(), 1):.3f}  "
                f"recall {right / labels[mask].sum():.3f}  suggested {caught.sum()}"
            )


def time_it(model: Model, rows: list[Row]) -> None:
    """Microseconds a message, and as a ratio to one bare regular expression."""
    said = [(r["id"], m["author"], m["text"]) for r in rows for m in r["messages"]]
    bare = re.compile(
        r"\b(?:let['’]?s go|go with|agreed|decided|settled|resolved|propose[ds]?|sounds good)\b",
        re.IGNORECASE,
    )
    pairs = []
    for _ in range(5):
        started = time.process_time()
        for _, _, text in said:
            bare.search(text)
        middle = time.process_time()
        detector = Detector(model)
        for conversation, author, text in said:
            detector.hear(conversation, author, text)
        pairs.append((middle - started, time.process_time() - middle))
    plain, ours = min(p[0] for p in pairs), min(p[1] for p in pairs)
    each = 1e6 / len(said)
    print(f"\n{ours * each:.1f} µs a message; a bare expression {plain * each:.1f} µs", end="")
    print(f"; ratio {ours / plain:.1f}; {len(said)} messages")


def main(arguments: list[str]) -> None:
    paths = [Path(a) for a in arguments if not a.startswith("--")]
    lines = (paths[0] if paths else DATA).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    reworded = np.zeros(len(rows))
    surest = judge(rows, change=reworded)
    report(rows, surest, "As it was said")
    report(rows, reworded, "With yes in words instead of +1")
    model = fit(rows, bar=0.8)
    print(f"\n{len(model.words)} words, {model.structure}, bias {model.bias}")
    time_it(model, rows)
    if "--write" in arguments:
        target = Path(detection.__file__).with_name("detection.json")
        written = {
            "words": model.words,
            "structure": model.structure,
            "bias": model.bias,
            "cued": model.cued,
            "bar": model.bar,
        }
        target.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
