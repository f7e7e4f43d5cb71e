"""A glossary of 50,000 rows, added while others go on working."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, col, func, select

from bot.features.glossary.models import ImportState, Term, TermImport
from tests.harness import Bot, ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast

MOST = 50_000
EVERY = 500
"""So often a row is broken."""


@pytest.fixture
def cast(sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    """In Slack, on SQLite with its one writer."""
    for made in ARRANGEMENTS["slack"](sqlite_url, clock):
        made.begin()
        yield made


def make_rows() -> str:
    rows = (f"Word {n},{'' if n % EVERY == 0 else f'What word {n} means'}" for n in range(MOST))
    return "term,meaning\n" + "\n".join(rows)


def read_state(session: Session) -> str:
    return session.exec(select(TermImport.state)).one()


def count_terms(session: Session) -> int:
    return session.exec(select(func.count(col(Term.id)))).one()


def test_a_large_glossary_lets_others_write_and_comes_at_once(cast: Cast) -> None:
    ana, tom = cast.ana, cast.make_colleague("Tom")
    bot = cast.bot
    assert isinstance(bot, Bot)
    ana.sends("terms.csv", make_rows().encode(), "term import")
    said = ana.hears(f"I read {MOST} rows")
    broken = [str(number + 2) for number in range(0, MOST, EVERY)]
    assert f"No meaning: row {', '.join(broken)}" in said
    ana.presses("Import", on=f"I read {MOST} rows")
    assert f"I'm adding {MOST} rows" in ana.texts()[-1]

    work = bot.set_off(bot.entente.worker.run_jobs())
    for number in range(2):
        assert "is saved" in tom.asks(f"term add Mine {number} = Somebody else's word.")
        assert "is being added" in ana.asks("term")
        assert "Nobody here has said" in tom.asks("define Word 7")
        assert bot.read(read_state) == ImportState.ADDING
    work.result(timeout=300)
    said = ana.hears("Imported.")
    assert f"New: {MOST - len(broken)}" in said
    assert "What word 7 means" in tom.asks("define Word 7")
    assert "Somebody else's word." in ana.asks("define Mine 1")
    assert bot.read(count_terms) == MOST - len(broken) + 2
