"""What a committee keeps to itself: who is told of it, and how it is opened to everybody."""

import pytest

from tests.scenarios.casts import ask_partners, set_up_committee, write_clause
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person

SCOPE = "Budgets and sites."
CLAUSE = "charter JSC scope"
CONFIRM = "Confirm for Borealis Bio"


@pytest.fixture
def home(home: Home) -> Home:
    """Ana and Jonas sit on JSC, whose scope they confirmed among themselves."""
    ana, jonas = home.ana, home.meet()
    home.tom.asks("charter")
    set_up_committee(ana, "JSC", home.tom, ana)
    assert "sits on JSC" in jonas.asks("seat @Jonas on JSC", jonas)
    write_clause(ana, "JSC scope", SCOPE)
    ask_partners(ana, CLAUSE, audience="committee")
    jonas.presses(CONFIRM, on=SCOPE)
    assert SCOPE in ana.asks(CLAUSE)
    return home


def make_nia(home: Home) -> Person:
    """Another manager of Acme, who does not sit there."""
    nia = home.hire("Nia")
    nia.asks("help")
    home.ana.asks("role @Nia manager", nia)
    return nia


def test_a_draft_of_what_a_committee_keeps_is_not_shown_to_everybody(home: Home) -> None:
    nia, bea = make_nia(home), home.cast.hire("Bea")
    assert "Only a manager who sits there" in nia.asks("charter share JSC scope")
    assert SCOPE not in bea.asks("charter history JSC scope")


def test_whoever_does_not_sit_there_puts_nothing_to_the_committee(home: Home) -> None:
    nia = make_nia(home)
    write_clause(nia, "JSC scope", "Nia's own wording.")
    nia.asks(CLAUSE)
    offer = "Ask the partners to confirm"
    assert "keeps this to itself" in nia.presses(offer, on=offer)


@pytest.mark.parametrize("opens", [True, False])
def test_it_is_open_to_everybody_once_each_partner_seated_there_agreed(
    home: Home, opens: bool
) -> None:
    ana, jonas, bea = home.ana, home.jonas, home.cast.hire("Bea")
    shown = ana.asks("charter share JSC scope")
    assert "Now only those who sit on JSC see" in shown
    assert SCOPE in shown
    asked = ana.presses("Ask JSC", on="Now only those who sit on JSC see")
    assert "Once each partner seated on JSC has agreed" in asked
    assert SCOPE not in bea.asks(CLAUSE)
    request = "With your yes the whole alliance may read this"
    assert request in jonas.letters()[-1]
    if opens:
        jonas.presses(CONFIRM, on=request)
    else:
        assert "Withdrawn" in ana.asks("undo")
    assert (SCOPE in bea.asks(CLAUSE)) is opens
    assert SCOPE in ana.asks(CLAUSE)


def test_a_new_wording_stays_with_the_committee_unless_it_is_to_be_opened(home: Home) -> None:
    ana, jonas, bea = home.ana, home.jonas, home.cast.hire("Bea")
    chosen: dict[str, str]
    for words, chosen in (("Budgets alone.", {}), ("Sites alone.", {"audience": "alliance"})):
        write_clause(ana, "JSC scope", words)
        ask_partners(ana, CLAUSE, **chosen)
        jonas.presses(CONFIRM, on=words)
        assert words in ana.asks(CLAUSE)
        assert (words in bea.asks(CLAUSE)) is bool(chosen)
