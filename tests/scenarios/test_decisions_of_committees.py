"""Decisions that only a committee may see: who hears what of them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.statements.models import Version, VersionState, Voice
from tests.scenarios.casts import BASEL, Cast, capture, set_up_committee, talk, write_clause
from tests.scenarios.persons import Person

FOR_JSC = {"weight": "asked", "audience": "committee", "committee": "JSC"}
WAITS = "D-1 waits for Borealis Bio"


@pytest.fixture
def tom(partners: Cast) -> Person:
    """With a steering committee on which Ana and Tom of Acme sit, and nobody of Borealis."""
    tom = partners.make_colleague("Tom")
    set_up_committee(partners.ana, "JSC", partners.ana, tom)
    return tom


def seat_jonas(cast: Cast) -> None:
    """Borealis fills its seat."""
    assert "sits on JSC" in cast.jonas.asks("seat @Jonas on JSC", cast.jonas)


def capture_for_jsc(cast: Cast) -> str:
    """Ana captures a decision that only the committee may see."""
    return capture(cast.ana, cast.jonas, **FOR_JSC)


def is_confirmed(shown: str) -> bool:
    """Whether a decision that is shown says so at its top."""
    return "confirmed" in shown.splitlines()[0].casefold()


def test_the_manager_of_an_empty_side_hears_what_became_of_it_but_not_what_it_says(
    partners: Cast, tom: Person
) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert "Saved as D-1" in capture_for_jsc(partners)
    jonas.hears(WAITS)
    assert "can't find" in jonas.asks("decisions show D-1")
    ana.asks("decisions withdraw D-1")
    assert "for those who sit there" in jonas.hears("Withdrawn: D-1")
    assert not any(BASEL in text for text in jonas.texts())


def test_the_manager_of_an_empty_side_records_what_it_said_elsewhere(
    partners: Cast, tom: Person
) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture_for_jsc(partners)
    assert BASEL not in jonas.presses("Answered elsewhere", on=WAITS)
    assert "Recorded: Borealis Bio has confirmed D-1" in jonas.fills(how="email")
    state = partners.bot.read(lambda session: session.exec(select(Version.state)).all()[-1])
    assert state == VersionState.CONFIRMED
    assert "by e-mail, 1 March 2027" in ana.asks("decisions show D-1")
    assert not any(BASEL in text for text in jonas.texts())


def test_once_somebody_sits_there_it_is_theirs_to_answer(partners: Cast, tom: Person) -> None:
    jonas, mei = partners.jonas, partners.hire("Mei")
    capture_for_jsc(partners)
    (value,) = jonas.carries("confirmations.elsewhere", on=WAITS)
    jonas.asks("seat @Mei on JSC", mei)
    assert "I can't find that" in jonas.forges("confirmations.elsewhere", value)
    assert partners.bot.read(lambda session: len(session.exec(select(Voice)).all())) == 1


def test_before_it_meets_those_who_sit_there_read_what_is_open_and_nobody_else(
    partners: Cast, tom: Person
) -> None:
    ana, jonas = partners.ana, partners.jonas
    tom.asks("help")
    ana.says("roster JSC")
    ana.presses("Change", on="JSC")
    ana.fills(meets_on="2027-03-10", meets_at="14:00")
    ana.close_form()
    seat_jonas(partners)
    capture_for_jsc(partners)
    said = ana.asks("decisions before JSC 2")
    assert "hear what is open and comes up, 2 days before it meets" in said
    assert "Wednesday, 10 March 2027, 14:00" in said
    partners.advance(timedelta(days=6))
    lead = "JSC meets on Wednesday, 10 March 2027, 14:00 CET"
    assert not any(lead in text for text in tom.letters())
    partners.advance(timedelta(days=3))
    (told_tom,) = [text for text in tom.letters() if "JSC meets on" in text]
    assert BASEL in told_tom
    assert not any("JSC meets on" in text for text in jonas.letters())
    assert "managers" in tom.asks("decisions before JSC off")
    assert "nothing before its meetings" in ana.asks("decisions before JSC off")
    assert "2 days before" in ana.asks("undo")
    assert "no committee called Nobody" in ana.asks("decisions before Nobody 3")


@pytest.mark.parametrize("opens", [True, False])
def test_what_a_committee_decided_is_open_to_all_once_each_partner_seated_there_agreed(
    partners: Cast, tom: Person, opens: bool
) -> None:
    ana, jonas, bea = partners.ana, partners.jonas, partners.hire("Bea")
    seat_jonas(partners)
    capture_for_jsc(partners)
    assert "has not confirmed D-1 yet" in ana.asks("decisions share D-1")
    jonas.presses("Confirm for Borealis Bio", on=BASEL)
    shown = ana.asks("decisions share D-1")
    assert "Now only those who sit on JSC see" in shown
    assert BASEL in shown
    asked = ana.presses("Ask JSC", on="Now only those who sit on JSC see")
    assert "Once each partner seated on JSC has agreed" in asked
    assert is_confirmed(ana.asks("decisions D-1"))
    assert "can't find" in bea.asks("decisions D-1")
    if opens:
        request = "With your yes the whole alliance may read this"
        jonas.presses("Confirm for Borealis Bio", on=request)
        assert BASEL in bea.asks("decisions search basel")
    else:
        assert "Withdrawn" in ana.asks("undo")
        assert "can't find" in bea.asks("decisions D-1")
    mine = ana.asks("decisions D-1")
    assert is_confirmed(mine)
    assert BASEL in mine


def test_who_does_not_sit_there_opens_nothing(partners: Cast, tom: Person) -> None:
    ana, jonas, nia = partners.ana, partners.jonas, partners.make_colleague("Nia")
    seat_jonas(partners)
    capture_for_jsc(partners)
    jonas.presses("Confirm for Borealis Bio", on=BASEL)
    nia.asks("help")
    ana.asks("role @Nia manager", nia)
    assert "can't find" in nia.asks("decisions share D-1")


def test_the_form_offers_the_ways_to_agree_that_the_chosen_bodys_charter_gives(
    partners: Cast, tom: Person
) -> None:
    ana, jonas = partners.ana, partners.jonas
    rule = "By consensus; if it comes to it, the chair has the final say."
    write_clause(ana, "JSC decides", rule)
    ana.captures(talk(ana, jonas))
    assert ana.options_of("How it was agreed") == ["By consensus", "After escalation"]
    assert "charter edit" in str(ana.read_form())
    ana.alter_form("committee", "JSC")
    offered = ["By consensus", "By the one who has the final say", "After escalation"]
    assert ana.options_of("How it was agreed") == offered
    assert BASEL in str(ana.read_form())
    assert "charter edit" not in str(ana.read_form())
    saved = ana.fills(weight="asked", audience="alliance", basis="final_say")
    assert "Saved as D-1" in saved
    bases = partners.bot.read(lambda session: session.exec(select(Version.basis)).all())
    assert bases[-1] == "final_say"


def test_only_those_who_may_see_it_are_offered_to_be_asked_first(
    partners: Cast, tom: Person
) -> None:
    ana, jonas = partners.ana, partners.jonas
    at_home = ana.at(partners.make_room("steering", ana))
    assert "now belongs to" in at_home.asks("link")
    at_home.captures(at_home.chats(BASEL))
    assert "Saved as D-1" in at_home.fills(**FOR_JSC)
    at_home.close_form()
    assert not any(BASEL in text for text in jonas.letters())

    seat_jonas(partners)
    at_home.captures(at_home.chats("Start in May"))
    assert "Jonas first" in at_home.fills(**FOR_JSC)
