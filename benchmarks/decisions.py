"""7. Finding one of 100,000 decisions by its words."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from statistics import median, quantiles

from sqlalchemy import insert, text
from sqlmodel import Session

from benchmarks import databases
from benchmarks.report import Ratio, Report
from bot.core.ids import new_id
from bot.db.engine import Database
from bot.features.decisions import search
from bot.features.decisions.models import Decision
from bot.people.viewer import Viewer
from bot.testing.world import make_alliance

DECISIONS = 100_000
QUERIES = 60
ANY = 0.2
"""The share of searches with a word of another decision, which mostly have no decision with all."""
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
    "wa",
    "xe",
    "yi",
    "zo",
    "tri",
    "pla",
    "sto",
    "gre",
]


def run() -> Report:
    """Measure."""
    report = Report(
        name="decisions",
        title="Finding one of 100,000 decisions",
        how="Searches of one to three words (whole, or their beginnings) taken from decisions at "
        "random, a fifth of them with a word of another decision on top, over decisions of 8 and "
        "reasons of 30 words whose frequencies fall off as in natural language. `LIKE` asks for "
        "every word in what was decided or why, newest first, as many at most as a search gives "
        f"({search.MOST}). Milliseconds.",
        columns=("Database", "Search", "p50", "p95", "LIKE", "p50", "p95"),
    )
    for name, make in databases.BY_NAME.items():
        with make() as address:
            database = Database(address)
            ours, like = _measure(database)
            database.close()
        report.rows.append((name, "", *_say(ours), "", *_say(like)))
        report.ratios.append(
            Ratio(
                what=f"`LIKE` against search, p95, {name}",
                value=_p95(like) / _p95(ours),
                aim=30,
            )
        )
    return report


def _measure(database: Database) -> tuple[list[float], list[float]]:
    chance = random.Random(7)
    vocabulary = _make_vocabulary(chance)
    with database.write() as session:
        viewer = make_alliance(
            session, platform="slack", workspace="T1", user="U1", now=datetime.now(UTC)
        )
    texts = [_make_text(chance, vocabulary) for _ in range(DECISIONS)]
    for start in range(0, DECISIONS, 5_000):
        _store(database, viewer, texts[start : start + 5_000], start)
    with database.write() as session:
        session.execute(text("ANALYZE"))
    asked = [_ask(chance, *chance.sample(texts, k=2)) for _ in range(QUERIES)]
    with database.read() as session:
        ours = _time(asked, lambda said: search.find(session, viewer, said))
        like = _time(asked, lambda said: _like(session, viewer, said))
    return ours, like


def _make_vocabulary(chance: random.Random) -> tuple[list[str], list[float]]:
    words = sorted(
        {"".join(chance.choices(SYLLABLES, k=k)) for k in (2, 3, 4) for _ in range(9000)}
    )
    chance.shuffle(words)
    return words, list(accumulate(1 / (rank + 10) for rank in range(len(words))))


def _make_text(chance: random.Random, vocabulary: tuple[list[str], list[float]]) -> tuple[str, str]:
    words = chance.choices(vocabulary[0], cum_weights=vocabulary[1], k=38)
    return " ".join(words[:8]), " ".join(words[8:])


def _store(
    database: Database, viewer: Viewer, texts: Sequence[tuple[str, str]], start: int
) -> None:
    rows = [
        {
            "id": new_id(),
            "alliance_id": viewer.alliance_id,
            "audience_kind": "alliance",
            "number": start + index + 1,
            "search_row": start + index + 1,
            "partner_id": viewer.partner_id,
            "member_id": viewer.member_id,
            "weight": "noted",
            "what": what,
            "why": why,
            "alternatives": "",
            "serves": "",
            "inform": [],
            "minuted": "",
            "basis": "",
            "words": search.make_words(what, why),
            "message": "",
            "thread": "",
            "permalink": "",
            "created_at": datetime.now(UTC),
        }
        for index, (what, why) in enumerate(texts)
    ]
    with database.write() as session:
        session.execute(insert(Decision), rows)


def _ask(chance: random.Random, said: tuple[str, str], other: tuple[str, str]) -> str:
    words = chance.sample(" ".join(said).split(), k=chance.randint(1, 3))
    if chance.random() < ANY:
        words.append(chance.choice(" ".join(other).split()))
    return " ".join(w if chance.random() < 0.7 else w[: max(4, len(w) - 2)] for w in words)


def _like(session: Session, viewer: Viewer, said: str) -> int:
    words = said.split()
    conditions = " AND ".join(
        f"(lower(what) LIKE :w{n} OR lower(why) LIKE :w{n} OR lower(alternatives) LIKE :w{n})"
        for n in range(len(words))
    )
    found = session.execute(
        text(
            f"SELECT id FROM decisions WHERE alliance_id = :alliance AND {conditions} "
            f"ORDER BY search_row DESC LIMIT {search.MOST}"
        ),
        {"alliance": viewer.alliance_id, **{f"w{n}": f"%{w}%" for n, w in enumerate(words)}},
    )
    return len(found.all())


def _time(asked: Sequence[str], work: Callable[[str], object]) -> list[float]:
    work(asked[0])
    spent = []
    for said in asked:
        begun = time.perf_counter()
        work(said)
        spent.append((time.perf_counter() - begun) * 1000)
    return spent


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]


def _say(values: Sequence[float]) -> tuple[str, str]:
    return f"{median(values):.2f}", f"{_p95(values):.2f}"
