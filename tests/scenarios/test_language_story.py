"""Two real glossaries, from their import to a word on which the partners agree: in Slack, in Teams,
and on the playground."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, begun
from tests.scenarios.conftest import Home
from tests.scenarios.meanings import allow, bring
from tests.scenarios.persons import Person
from tests.scenarios.test_agreeing import agree
from tests.scenarios.test_checks import CLARIFY, CONTESTED, told

WORD = "ACO"
MOST = 150
"""Rows of each: as many as a small glossary has."""


@pytest.fixture
def rows(data_folder: Path) -> list[dict[str, str]]:
    """What several organisations mean by their words."""
    content = (data_folder / "glossary" / "glossary_dev.jsonl").read_text("utf-8")
    return [json.loads(line) for line in content.splitlines()]


def make_sheets(rows: list[dict[str, str]], *, begin: str, most: int | None) -> tuple[str, str]:
    """What the US Department of Veterans Affairs and the UK Ministry of Justice mean, as far as it
    begins so."""
    chosen = [row for row in rows if row["term"].startswith(begin)]
    return _make_sheet(chosen, "US VA", most), _make_sheet(chosen, "UK MoJ", most)


def _make_sheet(rows: list[dict[str, str]], org: str, most: int | None) -> str:
    lines = [f"{row['term']}\t{row['meaning']}" for row in rows if row["org"] == org]
    return "\n".join(["term\tmeaning", *lines[:most]])


@pytest.fixture(params=["slack", "teams", "playground"])
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Two partners who have agreed to hints in the channel where they meet."""
    for made in begun(ARRANGEMENTS[request.param](database_url, clock)):
        for who in (made.ana, made.jonas):
            allow(who, "private")
        yield made


def test_from_two_glossaries_to_a_shared_meaning(cast: Cast, rows: list[dict[str, str]]) -> None:
    tom = cast.make_colleague("Tom")
    for who, text in zip(
        (cast.ana, cast.jonas), make_sheets(rows, begin="A", most=MOST), strict=True
    ):
        bring(who, "glossary.tsv", text)
    assert WORD in tom.asks("terms contested")
    agree_on_word(cast, tom)


def test_from_two_whole_glossaries_to_a_shared_meaning(
    sqlite_url: str, clock: ManualClock, rows: list[dict[str, str]]
) -> None:
    """Thousands of terms, which come in piece by piece."""
    for cast in ARRANGEMENTS["slack"](sqlite_url, clock):
        cast.begin()
        tom = cast.make_colleague("Tom")
        managers = (cast.ana, cast.jonas)
        for who in managers:
            allow(who, "private")
        for who, text in zip(managers, make_sheets(rows, begin="", most=None), strict=True):
            bring(who, "glossary.tsv", text)
            cast.advance(timedelta(minutes=1))
            who.hears("Imported.")
        agree_on_word(cast, tom)


def agree_on_word(cast: Cast, tom: Person) -> None:
    """A word that the partners use differently: from the list of such words, over a hint to who
    writes it and a clarification, to what both confirm; then nobody is told of it any more."""
    jonas = cast.jonas
    assert "Terms by which the partners mean different things" in tom.asks("terms contested")
    contested = CONTESTED.replace("API", WORD)
    assert contested in told(tom, f"the {WORD} is due on Friday")
    assert f"“{WORD}” here means:" in tom.presses(CLARIFY, on=contested)
    tom.fills()
    tom.close_form()
    assert WORD in jonas.sees("Entente for")
    agree(Home(cast, cast.ana, tom), jonas, WORD, "Say which of the two you mean.")
    cast.advance(timedelta(days=15))
    assert told(tom, f"the {WORD} is late") == ""
    assert told(jonas, f"whose {WORD}?") == ""
