"""What becomes of a term on which the partners agreed: disputed, agreed on anew, out of use."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import Cast
from tests.scenarios.conftest import Home
from tests.scenarios.meanings import contest, mean
from tests.scenarios.persons import Person
from tests.scenarios.test_agreeing import AGREED, agree

CONFIRM = "Confirm for Borealis Bio"
WITHDRAW = "Withdraw the dispute"
RETIRING = "retiring “API”"


@pytest.fixture
def tom(partners: Cast) -> Person:
    """Of Acme, where the partners have agreed what API means."""
    tom = partners.make_colleague("Tom")
    contest(partners.ana, partners.jonas)
    agree(Home(partners, partners.ana, tom), partners.jonas)
    return tom


def is_agreed(who: Person) -> bool:
    said = who.asks("define API")
    assert ("Agreed by the partners" in said) != ("Contested" in said)
    return "Agreed by the partners" in said


def test_a_dispute_is_taken_back_by_whoever_began_it(partners: Cast, tom: Person) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert "Nobody disputes" in tom.asks("term undispute API")
    assert "marked as contested" in tom.asks("term dispute API")
    partners.advance(timedelta(hours=1))
    assert "Only whoever disputed" in jonas.asks("term undispute API")
    assert not is_agreed(jonas)
    assert "is taken back" in tom.asks("term undispute API")
    assert is_agreed(jonas)
    ana.says("define API")
    assert "dispute taken back" in ana.presses("History", on="Agreed by the partners")


def test_a_dispute_is_taken_back_by_a_manager_of_the_same_side(partners: Cast, tom: Person) -> None:
    ana, jonas = partners.ana, partners.jonas
    tom.says("term dispute API")
    jonas.says("define API")
    assert jonas.carries("term.undispute", on="Contested") == []
    ana.says("define API")
    assert "is taken back" in ana.presses(WITHDRAW, on="Contested")
    assert is_agreed(jonas)
    assert "is as it was" in ana.asks("undo")
    assert not is_agreed(jonas)


def test_who_heard_of_a_dispute_hears_that_it_is_taken_back(partners: Cast, tom: Person) -> None:
    jonas = partners.jonas
    tom.says("term dispute API")
    partners.advance(timedelta(days=1))
    jonas.hears("It is contested again")
    tom.says("term undispute API")
    partners.advance(timedelta(days=1))
    said = jonas.hears("took back the dispute of “API”")
    assert AGREED in said


def test_a_dispute_that_nobody_heard_of_ends_in_silence(partners: Cast, tom: Person) -> None:
    tom.says("term dispute API")
    tom.says("term undispute API")
    partners.advance(timedelta(days=2))
    said = "\n".join(partners.jonas.texts())
    assert "contested again" not in said
    assert "took back" not in said


def test_what_was_agreed_can_be_agreed_anew(partners: Cast, tom: Person) -> None:
    ana, jonas = partners.ana, partners.jonas
    jonas.says("term dispute API")
    ana.says("define API")
    ana.presses("Propose a meaning for all", on="Contested")
    assert "are asked to confirm" in ana.fills(meaning=AGREED)
    ana.close_form()
    assert not is_agreed(tom)
    jonas.presses(CONFIRM, on="the meaning of “API”")
    assert is_agreed(tom)


def test_the_partners_together_take_a_term_out_of_use(partners: Cast, tom: Person) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert "are asked to confirm" in ana.asks("term retire API")
    assert is_agreed(tom)
    said = jonas.hears(RETIRING)
    assert AGREED in said
    ana.says("define API")
    assert "proposed to be retired" in ana.presses("History", on="Agreed by the partners")
    jonas.presses(CONFIRM, on=RETIRING)
    assert "Retired: not in use any more" in tom.asks("define API")


def test_a_term_stays_in_use_if_a_partner_objects(partners: Cast, tom: Person) -> None:
    ana, jonas = partners.ana, partners.jonas
    ana.says("define API")
    ana.presses("Propose to retire", on="Agreed by the partners")
    ana.fills(reason="We say drug substance now.")
    ana.close_form()
    assert "We say drug substance now." in jonas.hears(RETIRING)
    jonas.presses("Object", on=RETIRING)
    jonas.fills(reason="We still say it.")
    jonas.close_form()
    assert is_agreed(tom)


def test_of_several_senses_a_check_asks_which(partners: Cast) -> None:
    ana = partners.ana
    for meaning in ("A buffer.", "A mixture of salts."):
        mean(ana, meaning, "TE")
    said = ana.asks("term check TE")
    assert "means 2 different things" in said
    said = ana.chooses("TE", in_menu="Choose a meaning", on="2 different things")
    assert "I can't ask about “TE” now" in said
