"""Lists of terms that people work through: real counts, pages, senses, and what waits for whom."""

import re
from datetime import UTC, datetime

from tests.scenarios.conftest import Home
from tests.scenarios.meanings import bring

LIST = "Words of the week"
SENSE = re.compile(r"\w+ of some kind")


def test_a_long_list_says_how_long_it_is_and_goes_on(joined: Home) -> None:
    tom = joined.tom
    lines = [f"T{number:02},the service number {number}" for number in range(45)]
    bring(joined.ana, "a.csv", "\n".join(["term,meaning", *lines]))
    said = tom.asks("terms")
    assert "The terms you can see: 45." in said
    assert "T19" in said
    assert "T20" not in said
    said = tom.presses("Next page", on="T19")
    assert "T20" in said
    assert "T40" in tom.presses("Next page", on="T20")
    assert "“service” in them: 45" in tom.asks("terms service")
    said = tom.chooses("T07", in_menu="Look at it", on="“service” in them: 45")
    assert "the service number 7" in said


def test_the_words_of_what_was_agreed_are_found(joined: Home) -> None:
    ana = joined.ana
    bring(ana, "a.csv", "term,meaning\nDBL,Lock\n")
    ana.asks("define DBL")
    ana.presses("Propose a meaning for all", on="DBL")
    ana.fills(meaning="The moment when data are frozen.")
    ana.close_form()
    joined.jonas.presses("Confirm for Borealis Bio", on="the meaning of “DBL”")
    assert "DBL" in joined.tom.asks("terms frozen")


def test_words_are_found_in_any_order_whatever_their_letters(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    ana.asks("term add DBL = Die Übergabe der Daten")
    ana.asks("term add ÄKV = Something else")
    for words in ("übergabe", "ÜBERGABE", "daten übergabe", "dbl Daten", "daten dbl die"):
        assert "in them: 1" in tom.asks(f"terms {words}")
    assert "in them: 1" in tom.asks("terms äk")
    assert "Nobody here has said" in tom.asks("terms übergabe something")


def test_every_sense_of_a_word_is_reached_disputed_and_retired(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    senses = ["Audit", "Board", "Cooling", "Duty", "Escrow", "Fuel", "Grant"]
    lines = [f"AC,{sense} of some kind" for sense in senses]
    bring(ana, "a.csv", "\n".join(["term,meaning", *lines]))
    said = ana.asks("term retire AC")
    assert "2 more senses" in said
    assert "Look at it" in said
    last = SENSE.findall(said)[4]
    ana.presses_below(last, "Retire", on="2 more senses")
    ana.fills(reason="Nobody says so.")
    ana.close_form()
    said = tom.asks("terms retired")
    assert "not in use any more: 1" in said
    assert last in said
    last = SENSE.findall(jonas.asks("define AC"))[4]
    jonas.presses_below(last, "Dispute", on="more senses")
    jonas.fills(reason="We mean the council.")
    jonas.close_form()
    said = tom.asks("terms contested")
    assert "AC" in said
    assert last in said


def test_a_members_proposal_reaches_their_own_manager(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    lock = "The database lock."
    tom.asks(f"term add DBL = {lock}")
    proposes = "Tom proposes what Acme means"
    ana.hears(proposes)
    assert not any("Tom proposes" in text for text in jonas.texts())
    for asked_for in ("terms waiting", "term weekly", "confirm"):
        assert lock in ana.asks(asked_for)
    for who in (tom, jonas):
        assert lock not in who.asks("confirm")
    assert "this is what Acme means" in ana.presses("Confirm for Acme", on=proposes)
    assert lock not in ana.asks("terms waiting")
    assert "Nothing waits for your confirmation" in ana.asks("confirm")


def test_all_that_waits_for_a_manager_is_in_one_place(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    joined.tom.asks("term add DBL = The database lock.")
    for number in range(12):
        jonas.asks(f'decide "Thing {number}"')
        jonas.presses("Ask the partners to confirm", on=f"Thing {number}")
    shown = ana.asks("confirm")
    assert "Thing 9" in shown
    assert "Thing 10" not in shown
    assert "2 more wait" in shown
    assert "The database lock." in shown
    rest = ana.presses("Show the next", on="2 more wait")
    assert "Thing 10" in rest
    assert "Thing 11" in rest
    assert "more wait" not in rest


def test_the_weekly_list_comes_in_the_readers_working_hours(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom  # in Berlin, and in New York
    tom.asks("status")
    ana.asks("role @Tom manager", tom)
    for manager in (ana, tom):
        manager.asks("term weekly")
        manager.presses("Send me this every Monday", on=LIST)
    got = []
    for moment in (datetime(2027, 3, 8, 9, tzinfo=UTC), datetime(2027, 3, 8, 15, tzinfo=UTC)):
        joined.move_to(moment)
        got.append([sum(LIST in text for text in who.letters()) for who in (ana, tom)])
    assert got == [[1, 0], [1, 1]]
