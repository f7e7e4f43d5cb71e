"""A newcomer reads the charter clause by clause: in Slack, in Teams, and on the playground."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, watched, write_clause
from tests.scenarios.persons import Person

WHY = "Patients wait for this."
SCOPE = "Phases 1 and 2, in Europe."
NORMS = "Questions before judgements."
HAPPY = "We say early what goes wrong."


@pytest.fixture(params=ARRANGEMENTS)
def cast(request: pytest.FixtureRequest, sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    yield from watched(ARRANGEMENTS[request.param](sqlite_url, clock))


def pass_days(cast: Cast, days: int) -> None:
    for _ in range(days):
        cast.bot.advance(timedelta(days=1))
        cast.bot.work()


def hire_mei(cast: Cast) -> Person:
    """Mei is new at Borealis, whose charter has three clauses; she has the note on it."""
    cast.begin()
    for clause, text in (("why", WHY), ("scope", SCOPE), ("norms", NORMS)):
        write_clause(cast.jonas, clause, text)
    cast.bot.work()
    mei = cast.hire("Mei")
    cast.bot.settle()
    cast.bot.work()
    for _ in range(5):
        pass_days(cast, 1)
        if said(mei, "of 3"):
            break
    return mei


def said(who: Person, words: str) -> list[str]:
    return [text for text in who.texts() if words in text]


def test_one_clause_after_the_other_in_the_same_message(cast: Cast) -> None:
    mei = hire_mei(cast)
    before = len(mei.texts())
    note = mei.hears("1 of 3")
    assert WHY in note
    assert "saves most of the questions" in note
    assert SCOPE not in note
    mei.presses("I've read it", on="1 of 3")
    note = mei.hears("2 of 3")
    assert SCOPE in note
    assert WHY not in note
    mei.presses("Next", on="2 of 3")
    assert NORMS in mei.hears("3 of 3, the last one")
    assert not said(mei, "You've read it")
    mei.presses("I've read it", on="3 of 3")
    assert "all of it, 3 parts" in mei.hears("You've read it, on")
    assert not said(mei, "of 3,")
    assert len(mei.texts()) == before


def test_what_was_read_stays_read_until_it_says_something_else(cast: Cast) -> None:
    mei = hire_mei(cast)
    for number in (1, 2):
        mei.presses("I've read it", on=f"{number} of 3")
    mei.hears("3 of 3")
    write_clause(cast.jonas, "why", HAPPY)
    mei.presses("I've read it", on="3 of 3")
    note = mei.hears("1 of 3")
    assert HAPPY in note
    assert WHY not in note
    shown = cast.jonas.asks("onboarding")
    assert "Mei" in shown
    assert "under way" in shown
    assert "of 3" not in shown
    mei.presses("I've read it", on="1 of 3")
    mei.hears("You've read it, on")
