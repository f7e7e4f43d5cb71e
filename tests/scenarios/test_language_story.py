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
from tests.scenarios.test_agreeing import agree
from tests.scenarios.test_checks import CLARIFY, CONTESTED, told

WORD = "ACO"
MOST = 150
"""Rows of each: as many as a small glossary has."""


@pytest.fixture
def glossaries(data_folder: Path) -> tuple[str, str]:
    """What the US Department of Veterans Affairs and the UK Ministry of Justice mean, as far as it
    begins with an A."""
    content = (data_folder / "glossary" / "glossary_dev.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in content.splitlines()]
    return _make_sheet(rows, "US VA"), _make_sheet(rows, "UK MoJ")


def _make_sheet(rows: list[dict[str, str]], org: str) -> str:
    lines = [f"{row['term']}\t{row['meaning']}" for row in rows if _is_wanted(row, org)]
    return "\n".join(["term\tmeaning", *lines[:MOST]])


def _is_wanted(row: dict[str, str], org: str) -> bool:
    return row["org"] == org and row["term"].startswith("A")


@pytest.fixture(params=["slack", "teams", "playground"])
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Two partners who have agreed to hints in the channel where they meet."""
    for made in begun(ARRANGEMENTS[request.param](database_url, clock)):
        for who in (made.ana, made.jonas):
            allow(who, "private")
        yield made


def test_from_two_glossaries_to_a_shared_meaning(cast: Cast, glossaries: tuple[str, str]) -> None:
    ana, jonas, tom = cast.ana, cast.jonas, cast.make_colleague("Tom")
    for who, text in zip((ana, jonas), glossaries, strict=True):
        bring(who, "glossary.tsv", text)
    listed = tom.asks("terms contested")
    assert "Terms by which the partners mean different things" in listed
    assert WORD in listed
    contested = CONTESTED.replace("API", WORD)
    assert contested in told(tom, f"the {WORD} is due on Friday")
    assert f"“{WORD}” here means:" in tom.presses(CLARIFY, on=contested)
    tom.fills()
    tom.close_form()
    assert WORD in jonas.sees("Entente for")
    agree(Home(cast, ana, tom), jonas, WORD, "Say which of the two you mean.")
    cast.advance(timedelta(days=15))
    assert told(tom, f"the {WORD} is late") == ""
    assert told(jonas, f"whose {WORD}?") == ""
