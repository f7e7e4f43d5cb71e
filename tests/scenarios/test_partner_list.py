"""The partners of an alliance that has begun: one more, one fewer, another name."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import change_settings, get_code
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person


def add_cirrus(ana: Person) -> str:
    assert "Cirrus is no partner of this alliance yet" in ana.asks("invite Cirrus")
    return ana.presses("Add Cirrus as a partner", on="Cirrus is no partner of this alliance yet")


def test_a_partner_is_added_invited_and_the_others_hear_of_it(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    assert "Cirrus" not in jonas.asks("status")
    assert "is on the list" in add_cirrus(ana)
    assert "Cirrus (not joined)" in jonas.asks("status")
    assert "Give this code to the alliance manager of Cirrus" in ana.asks("invite")
    joined.advance(timedelta(hours=5))
    assert any("Ana (Acme) has added Cirrus" in text for text in jonas.letters())


def test_whoever_only_asks_adds_nobody(joined: Home) -> None:
    joined.ana.asks("invite Cirrus")
    assert "Cirrus" not in joined.jonas.asks("status")


def test_a_partner_that_was_just_added_is_taken_back_and_nobody_hears_of_it(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    add_cirrus(ana)
    assert "no longer on the list" in ana.asks("undo")
    assert "Cirrus" not in ana.asks("status")
    joined.advance(timedelta(hours=5))
    assert not any("Cirrus" in text for text in jonas.letters())


def test_a_partner_that_has_not_joined_is_taken_off_the_list(joined: Home) -> None:
    ana = joined.ana
    add_cirrus(ana)
    code = get_code(ana, "invite Cirrus")
    off = "Take Cirrus off the list"
    assert "no longer on the list" in ana.presses(off, on=off)
    assert "Cirrus" not in ana.asks("status")
    assert "does not work" in joined.cast.make_stranger("Eve").asks(f"join {code}")


def test_the_only_other_partner_stays_and_one_that_joined_does(home: Home) -> None:
    ana, off = home.ana, "Take Borealis off the list"
    ana.asks("invite")
    assert "only other partner" in ana.presses(off, on=off)
    ana.asks("invite")
    home.join()
    assert "has joined already" in ana.presses(off, on=off)


@pytest.mark.parametrize(("name", "fits"), [("Acme Labs", True), ("borealis bio", False)])
def test_a_manager_gives_her_own_side_another_name(joined: Home, name: str, fits: bool) -> None:
    ana, jonas = joined.ana, joined.jonas
    said = change_settings(ana, own_partner=name)
    status = jonas.asks("status")
    if fits:
        assert "Acme Labs" in status
        ana.asks("undo")
        assert "Acme Labs" not in jonas.asks("status")
    else:
        assert "another partner" in said
        assert "Acme" in status
