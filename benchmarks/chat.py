"""Real chat and real terms where the shared test data lies beside the project, made-up ones
elsewhere."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.made_up import make_forms, make_texts

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def find_folder() -> Path | None:
    """The folder of the shared test data (ENTENTE_SHARED_DATA), if it is there."""
    folder = Path(os.environ.get("ENTENTE_SHARED_DATA") or _BESIDE)
    return folder if folder.is_dir() else None


def read_texts(count: int) -> list[str]:
    """So many different messages of discussions in chat, in an order that is always the same."""
    folder = find_folder()
    dice = random.Random(1)
    if folder is None:
        return make_texts(dice, make_forms(dice, count), count)
    rows = _read(folder / "decisions" / "decisions_dev.jsonl")
    chats = (row["messages"] for row in rows if row["stratum"] == "w3c-chat")
    texts = list(dict.fromkeys(message["text"] for chat in chats for message in chat))
    dice.shuffle(texts)
    return texts[:count]


def read_terms(count: int) -> list[str]:
    """So many different terms: those of real organisations first, then made-up ones."""
    folder = find_folder()
    dice = random.Random(2)
    rows = [] if folder is None else _read(folder / "glossary" / "glossary_dev.jsonl")
    terms = list(dict.fromkeys(row["term"] for row in rows))
    dice.shuffle(terms)
    made_up = [] if len(terms) >= count else make_forms(dice, count)
    return list(dict.fromkeys([*terms, *made_up]))[:count]


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
