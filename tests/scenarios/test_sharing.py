"""A manager shows everybody what was her side's alone, after a preview; nobody else does."""

import pytest

from tests.scenarios.casts import write_clause
from tests.scenarios.conftest import STAR, Home
from tests.scenarios.persons import Person

LABEL = "Share with everybody"


@pytest.fixture
def jonas(home: Home) -> Person:
    """Borealis has joined; its manager."""
    return home.join()


def share(home: Home, line: str) -> str:
    """Ana shows something, after a preview; what she reads then."""
    home.ana.says(line)
    return home.ana.presses(LABEL, on=LABEL)


def test_the_north_star_is_shown_to_all_after_a_preview_and_taken_back(
    home: Home, jonas: Person
) -> None:
    shown = home.ana.asks("north star share")
    assert STAR in shown
    assert "Borealis Bio can read it too" in shown
    assert STAR not in jonas.asks("north star")
    assert "Every partner can see" in home.ana.presses(LABEL, on=LABEL)
    assert STAR in jonas.asks("north star")
    assert "can see that already" in home.ana.asks("north star share")
    assert "Only your side sees" in home.ana.asks("undo")
    assert STAR not in jonas.asks("north star")


def test_a_clause_is_shown_and_approvals_never_are(home: Home, jonas: Person) -> None:
    write_clause(home.ana, "scope", "Children up to twelve.")
    write_clause(home.ana, "approvals", "Our board, above two million.")
    assert "approvals stay with your side" in home.ana.asks("charter share approvals")
    share(home, "charter share scope")
    assert "Children up to twelve." in jonas.asks("charter scope")
    assert "two million" not in jonas.asks("charter approvals")


def test_a_channel_is_made_known_with_its_reminders_and_taken_back(
    home: Home, jonas: Person
) -> None:
    home.remind('"Bring the blue ledger" every monday 09:00')
    assert "steering" not in jonas.asks("status")
    line = f"share {home.ana.names(home.ana.room)}"
    assert "1 reminder in it" in home.ana.asks(line)
    share(home, line)
    assert "steering" in jonas.asks("status")
    assert "blue ledger" in jonas.asks("remind")
    home.ana.says("undo")
    assert "steering" not in jonas.asks("status")
    assert "blue ledger" not in jonas.asks("remind")


def test_only_the_sides_own_manager_widens(home: Home, jonas: Person) -> None:
    home.ana.says("north star share")
    (value,) = home.ana.carries("sharing.confirm", on=LABEL)
    assert "can't find that" in jonas.forges("sharing.confirm", value)
    home.tom.says("status")
    assert "Only alliance managers" in home.tom.forges("sharing.confirm", value)
    assert "has not written a North Star" in jonas.asks("north star share")
    assert "Only alliance managers" in home.tom.asks("north star share")
    assert STAR not in jonas.asks("north star")


def test_what_makes_no_sense_is_answered_with_how_to_say_it(home: Home, jonas: Person) -> None:
    ana = home.ana
    assert "share #channel" in ana.asks("share")
    assert "I don't know that clause" in ana.asks("charter share nonsense")
    assert "has not written that clause" in ana.asks("charter share scope")
    said = ana.asks(f"share {ana.names(jonas.room)}")
    assert "can't find that channel" in said or "I know no channel" in said
