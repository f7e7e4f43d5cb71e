"""What the partners agreed on together, and what becomes of it when one side changes its mind."""

from datetime import timedelta

import pytest

from tests.scenarios.conftest import Home
from tests.scenarios.meanings import bring, contest
from tests.scenarios.persons import Person

AGREED = "Write “drug substance”; API is the software interface."


@pytest.fixture
def jonas(home: Home) -> Person:
    """Borealis has joined; its manager."""
    return home.join()


def agree(home: Home, jonas: Person, name: str = "API", text: str = AGREED) -> None:
    """Both partners confirm one meaning."""
    home.ana.says(f"define {name}")
    home.ana.presses("Propose a meaning for all", on=name)
    home.ana.fills(meaning=text)
    home.ana.close_form()
    jonas.presses("Confirm for Borealis Bio", on=f"the meaning of “{name}”")
    assert "Agreed by the partners" in home.tom.asks(f"define {name}")


def told_again(home: Home) -> list[str]:
    """What Ana is told of meanings that are contested again."""
    return [text for text in home.ana.letters() if "contested again" in text]


def test_no_side_alone_renames_or_takes_away_what_all_agreed_on(home: Home, jonas: Person) -> None:
    ana, tom = home.ana, home.tom
    ana.says("term add API = The drug substance.")
    ana.presses("Share with the alliance", on="“API” is saved")
    agree(home, jonas)
    ana.says("undo")
    assert "Agreed by the partners" in jonas.asks("define API")
    ana.opens("term edit API", "Term")
    assert "no side alone" in ana.fills(name="XYZ")
    assert "Nobody here has said" in tom.asks("define XYZ")


def test_a_meaning_that_leaves_what_was_agreed_contests_it_and_the_others_hear(
    home: Home, jonas: Person
) -> None:
    contest(home.ana, jonas)
    agree(home, jonas)
    assert "Contested" in jonas.asks("term edit API = An advanced intermediate.")
    home.advance(timedelta(hours=3))
    (heard,) = told_again(home)
    assert "Jonas (Borealis Bio)" in heard
    assert AGREED in heard


def test_what_is_taken_back_at_once_nobody_hears_of(home: Home, jonas: Person) -> None:
    contest(home.ana, jonas)
    agree(home, jonas)
    home.advance(timedelta(days=5))
    assert "Contested" in jonas.asks("term dispute API")
    assert "is as it was" in jonas.asks("undo")
    said = home.tom.asks("term")
    assert "Agreed: 1. Contested: 0." in said
    assert "-" not in said.split("in the middle")[0].rsplit("\n", 1)[-1].removeprefix("- ")
    jonas.says("term edit API = An advanced intermediate.")
    jonas.says("undo")
    assert "Agreed by the partners" in home.tom.asks("define API")
    home.advance(timedelta(days=1))
    assert told_again(home) == []


def test_a_dispute_brings_its_reason_to_the_others(home: Home, jonas: Person) -> None:
    contest(home.ana, jonas)
    agree(home, jonas)
    jonas.says("define API")
    jonas.presses("Dispute", on="Agreed by the partners")
    jonas.fills(reason="Our teams still mix it up.")
    home.advance(timedelta(hours=3))
    (heard,) = told_again(home)
    assert "Our teams still mix it up." in heard


def test_an_import_that_leaves_what_was_agreed_is_told_to_the_others(
    home: Home, jonas: Person
) -> None:
    contest(home.ana, jonas)
    agree(home, jonas)
    bring(jonas, "b.csv", "term,meaning\nAPI,An advanced intermediate\n")
    home.advance(timedelta(days=1))
    (heard,) = [text for text in home.ana.letters() if "imported a glossary" in text]
    assert "contested again: API" in heard


def test_several_meanings_are_put_to_the_partners_in_one_go(home: Home, jonas: Person) -> None:
    ana, tom = home.ana, home.tom
    bring(ana, "a.csv", "term,meaning\nAC: board,Audit\nAC,Cooling\nDBL,Lock\n")
    bring(jonas, "b.csv", "term,meaning\nAC: board,Advice\nAC,Current\nDBL,Blank\n")
    ana.says("terms contested")
    ana.presses("Propose for several", on="Propose for several")
    assert "at least one meaning" in ana.fills()
    ana.fills(**{"AC: board": "The audit committee.", "AC": "Air conditioning."})
    asked = "the meanings of 2 terms"
    jonas.hears(asked)
    jonas.presses("Confirm for Borealis Bio", on=asked)
    for name, text in (("AC: board", "The audit committee."), ("AC", "Air conditioning.")):
        said = tom.asks(f"define {name}")
        assert "Agreed by the partners" in said
        assert text in said
    assert "Contested" in tom.asks("define DBL")


def test_a_terms_history_holds_what_was_proposed_answered_imported_and_disputed(
    home: Home, jonas: Person
) -> None:
    bring(home.ana, "a.csv", "term,meaning\nAPI,Drug\n")
    agree(home, jonas)
    jonas.says("term add API = Project Falcon.")
    jonas.says("term dispute API")
    home.ana.says("define API")
    said = home.ana.presses("History", on="API")
    for words in (
        "imported",
        "proposed for all",
        "confirmed the proposal",
        "agreed by the",
        AGREED,
    ):
        assert words in said
    assert "disputed" in said
    assert "Falcon" not in said
    jonas.says("define API")
    assert "Falcon" in jonas.presses("History", on="API")


def test_the_status_says_how_the_common_language_stands(home: Home, jonas: Person) -> None:
    assert "Common language" not in home.ana.asks("status")
    contest(home.ana, jonas)
    said = home.ana.asks("status")
    assert "Common language" in said
    assert "Agreed: 0. Contested: 1." in said
