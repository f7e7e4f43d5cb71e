"""Who belongs where, who may what, and who sits where."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import set_up_committee
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person

BY_ALL = "Confirmed by: all partners seated"


def test_a_manager_seats_her_own_people_and_everybody_can_ask(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    offered = ana.asks("seat @Tom on JSC as co-chair", tom)
    assert "There is no committee called “JSC”" in offered
    ana.presses("Set up JSC", on="There is no committee called “JSC”")
    ana.fills(decides="Budgets and sites.", rule="By consensus.", meets_on="2027-04-01")
    ana.close_form()
    said = ana.asks("seat @Tom on jsc as co-chair", tom)
    assert "Tom sits on JSC as co-chair for Acme" in said
    roster = jonas.asks("who decides budgets?")
    assert "Budgets and sites." in roster
    assert "By consensus." in roster
    assert "Tom" in roster
    assert "1 April 2027" in roster
    assert "JSC: co-chair" in tom.asks("am I a member?")
    assert "no seat on a committee" in jonas.asks("am I a member?")


def test_nobody_seats_places_or_raises_the_other_sides_people(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    for line in ("place @Jonas in Acme", "role @Jonas none", "seat @Jonas on JSC"):
        assert "Only their own side's manager" in ana.asks(line, jonas), line
    assert "You can place people with Acme only" in ana.asks("place @Tom in Borealis Bio", tom)


def test_a_guest_is_unplaced_until_a_manager_places_them(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    gus = joined.cast.make_guest("Gus").enters(ana.room)
    gus.asks("help")
    assert "Not yet placed" in ana.asks("members")
    assert "Not yet placed" not in tom.asks("members")
    assert "Gus now belongs to Acme" in ana.asks("place @Gus in Acme", gus)
    assert "unplaced again" in ana.asks("undo")


def test_roles_are_given_and_taken_within_ones_own_side(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    assert "Tom is now an alliance manager" in ana.asks("role @Tom manager", tom)
    assert "Only alliance managers" not in tom.asks("changes")
    assert "no longer an alliance manager" in tom.asks("role @Ana none", ana)
    assert "without an alliance manager" in tom.asks("role @Tom none", tom)
    assert "is as it was" in tom.asks("undo")
    assert "Ana (alliance manager)" in tom.asks("members")


def test_a_seat_ends_and_a_deputy_stands_in(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    set_up_committee(ana, "JSC")
    ana.asks("seat @Tom on JSC from 2027-02-01 until 2028-01-31", tom)
    assert "Ana stands in for Tom" in ana.asks("deputy @Ana for @Tom on JSC", ana, tom)
    assert "you stand in for Tom" in ana.asks("am I a member?")
    assert "no longer sits" in ana.asks("seat @Tom on JSC as none", tom)
    assert "Nobody sits here yet" in ana.asks("roster JSC")


def test_words_that_make_no_sense_are_answered_with_how_to_say_it(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    assert "Mention them" in ana.asks("seat Tom on JSC")
    assert "Which committee?" in ana.asks("seat @Tom", tom)
    assert "Which role?" in ana.asks("role @Tom king", tom)
    assert "Until when?" in ana.asks("away")
    assert "past" in ana.asks("away until 2020-01-01")


def test_whoever_is_away_gets_nothing_unasked(joined: Home) -> None:
    ana = joined.ana
    joined.remind('"A note" every monday 09:00 for @Ana', ana)
    assert "before 20 March 2027" in ana.asks("away until 2027-03-20")
    joined.advance(timedelta(days=8))
    assert not any("A note" in text for text in ana.letters())
    joined.advance(timedelta(days=14))
    assert any("A note" in text for text in ana.letters())


def make_jsc(ana: Person, kind: str, **values: str) -> None:
    """Ana sets up the JSC, with another way to decide than everybody's yes."""
    ana.opens("seat @Ana on JSC", "Set up JSC", ana)
    ana.previews(rule_kind=kind)
    ana.fills(**values)
    ana.close_form()


def test_an_easier_way_to_decide_counts_once_the_other_side_agreed(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    make_jsc(ana, "silence", rule_days="5")
    said = ana.asks("roster JSC")
    assert BY_ALL in said
    assert "once these have agreed to it: Borealis Bio" in said
    assert "no objection within 5 working days" in jonas.letters()[-1]
    agreed = jonas.presses("Agree for Borealis Bio", on="no objection within 5 working days")
    assert "now confirms things like this" in agreed
    assert "Confirmed by: no objection within 5" in ana.asks("roster JSC")
    assert "as it was" in jonas.asks("undo")
    assert BY_ALL in ana.asks("roster JSC")


def test_a_yes_is_to_the_rule_that_was_read(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    make_jsc(ana, "silence", rule_days="10")
    (asked,) = (m for m in jonas.direct() if "Agree for Borealis Bio" in jonas.text_of(m))
    ana.asks("roster JSC")
    ana.presses("Change", on=BY_ALL)
    ana.fills(rule_days="2")
    said = jonas.learns(lambda: jonas.press_on(asked, "Agree for Borealis Bio"))
    assert "has changed since" in "\n".join((*said, jonas.text_of(asked)))
    assert BY_ALL in ana.asks("roster JSC")


def test_only_a_manager_agrees_and_only_within_the_alliance(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    make_jsc(ana, "count", rule_count="1")
    (value,) = jonas.carries("roster.agree", on="Agree for Borealis Bio")
    joined.tom.asks("help")
    assert "Only alliance managers" in joined.tom.forges("roster.agree", value)
    eve = joined.hire("Eve")
    assert "now confirms" not in eve.forges("roster.agree", value)
    assert "agreed too: Borealis Bio" in ana.forges("roster.agree", value)
    assert BY_ALL in ana.asks("roster JSC")


@pytest.mark.parametrize(
    "days",
    ["from 2027-06-01 until 2027-05-01", "from 2027-06-01 until 2027-06-01", "until 2027-02-01"],
)
def test_a_seat_that_ends_before_it_begins_is_refused(joined: Home, days: str) -> None:
    ana, tom = joined.ana, joined.tom
    set_up_committee(ana, "JSC")
    assert "end before it begins" in ana.asks(f"seat @Tom on JSC {days}", tom)
    assert "Tom sits on JSC as member" in ana.asks("seat @Tom on JSC", tom)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("from 2027-06-01", "Tom will sit on JSC as member for Acme from 1 June 2027."),
        ("until 2027-06-01", "Tom sits on JSC as member for Acme until 1 June 2027."),
        ("from 2027-06-01 until 2027-07-01", "from 1 June 2027 until 1 July 2027."),
    ],
)
def test_a_seat_is_announced_with_its_days(joined: Home, days: str, said: str) -> None:
    ana, tom = joined.ana, joined.tom
    set_up_committee(ana, "JSC", decides="Budgets.")
    assert said in ana.asks(f"seat @Tom on JSC {days}", tom)
