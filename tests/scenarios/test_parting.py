"""A partner leaves, an alliance ends: nothing opens up or is lost, and it can be taken back."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import set_up_committee
from tests.scenarios.conftest import STAR, Home
from tests.scenarios.persons import Person

BACK = "Ask to come back"
RETURN = "Let Borealis Bio come back"


@pytest.fixture
def jonas(home: Home) -> Person:
    """Acme and Borealis are both heard in the channel where they meet; Borealis' manager."""
    return home.meet()


def read_start(who: Person) -> str:
    return who.text_of(who.opens_start())


def leave(jonas: Person) -> str:
    assert "would leave" in jonas.asks_alone("leave")
    return jonas.presses("Leave Acme–Borealis", on="would leave")


def end(home: Home) -> str:
    home.ana.says("end alliance")
    return home.ana.presses("End Acme–Borealis", on="End Acme–Borealis")


def remind_of_notes(jonas: Person) -> None:
    jonas.says('remind add "Basel notes" every monday 09:00')
    jonas.presses("Set up a reminder", on="Basel notes")


def test_nothing_happens_before_the_button(home: Home, jonas: Person) -> None:
    before = len(home.ana.letters())
    shown = jonas.asks_alone("leave")
    assert "I would tell Ana" in shown
    assert "Nothing has happened yet" in shown
    assert len(home.ana.letters()) == before
    assert "All partners have joined" in home.ana.asks("status")


def test_a_partner_leaves_and_everything_it_set_off_stops(home: Home, jonas: Person) -> None:
    remind_of_notes(jonas)
    assert "has left" in leave(jonas)
    assert "Jonas has ended Borealis Bio's part" in home.ana.letters()[-1]
    before = len(jonas.posts())
    home.advance(timedelta(days=8))
    assert len(jonas.posts()) == before
    assert "Acme is the only partner now" in home.ana.asks("status")
    assert "Jonas" not in home.ana.asks("members")


def test_those_who_left_read_what_they_could_read_and_nothing_newer(
    home: Home, jonas: Person
) -> None:
    ana, tom = home.ana, home.tom
    ana.says("north star share")
    ana.presses("Share with everybody", on=STAR)
    assert STAR in jonas.asks_alone("north star")
    leave(jonas)
    assert STAR in jonas.asks_alone("north star")
    home.advance(timedelta(minutes=1))
    tom.says("help")
    ana.says('north star set "A wholly new and secret aim."')
    set_up_committee(ana, "Afterwards", tom, decides="What comes after.")
    for line in ("north star", "north star history", "roster", "status", "members", "charter"):
        said = jonas.asks_alone(line)
        assert "secret aim" not in said
        assert "Afterwards" not in said
        assert "Tom" not in said
    assert "Jonas" in jonas.asks_alone("members")
    assert STAR in jonas.asks_alone("north star history")


def test_those_who_left_change_nothing(jonas: Person) -> None:
    leave(jonas)
    for line in (
        'north star set "Ours alone"',
        "remind add",
        "invite",
        "leave",
        "place @Tom in Borealis Bio",
        'decide "Use the Basel site"',
        'decisions plan "Choose the site" on 2027-04-01',
    ):
        said = jonas.asks_alone(line)
        assert "change nothing" in said, (line, said)
    assert "change nothing" in jonas.asks_alone("status")


def test_those_who_left_are_offered_only_what_they_can_do(jonas: Person) -> None:
    assert "Write down a decision" in read_start(jonas)
    leave(jonas)
    shown = read_start(jonas)
    assert BACK in shown
    for label in ("Write down a decision", "Write the North Star", "Import a charter"):
        assert label not in shown
    said = jonas.asks_alone("help").replace("`", "")
    for phrase in ("export", "north star", "undo", "mute", "setup"):
        assert f"\n• {phrase}" in said, phrase
    for phrase in ("• decide ", "remind add", "invite PARTNER", "seat @person", "north star set"):
        assert phrase not in said, phrase


def test_undo_brings_back_all_of_it(home: Home, jonas: Person) -> None:
    remind_of_notes(jonas)
    leave(jonas)
    assert "is in Acme–Borealis again" in jonas.asks_alone("undo")
    assert "that it left is taken back" in home.ana.letters()[-1]
    home.advance(timedelta(days=8))
    assert any("Basel notes" in post for post in jonas.posts())


def test_later_a_partner_comes_back_only_if_the_others_let_it(home: Home, jonas: Person) -> None:
    leave(jonas)
    home.advance(timedelta(days=3))
    assert "nothing of yours to take back" in jonas.asks_alone("undo")
    surface = jonas.opens_start()
    assert "left Acme–Borealis" in jonas.text_of(surface)
    jonas.press_on(surface, BACK)
    assert "left" in read_start(jonas)
    assert "asks for Borealis Bio" in home.ana.letters()[-1]
    assert "is in Acme–Borealis again" in home.ana.presses(RETURN, on=RETURN)
    assert "Jonas (alliance manager)" in home.ana.asks("members")
    assert "silent" in home.ana.asks("status")


def test_the_days_of_grace_end(home: Home, jonas: Person) -> None:
    leave(jonas)
    surface = jonas.opens_start()
    assert BACK in jonas.text_of(surface)
    home.advance(timedelta(days=31))
    jonas.press_on(surface, BACK)
    home.cast.bot.settle()
    assert not any("asks for Borealis Bio" in text for text in home.ana.letters())
    assert BACK not in read_start(jonas)
    assert STAR not in jonas.asks_alone("north star")


def test_an_alliance_ends_and_either_side_can_go_on_with_it(home: Home, jonas: Person) -> None:
    ana, tom = home.ana, home.tom
    home.remind("north star every monday 09:00")
    tom.says("help")
    ana.says("end alliance")
    assert "1 reminder" in ana.hears("End Acme–Borealis")
    assert "has ended" in ana.presses("End Acme–Borealis", on="End Acme–Borealis")
    assert "Ana (Acme) has ended" in jonas.letters()[-1]
    home.advance(timedelta(days=8))
    assert home.posts() == []
    assert STAR in ana.asks("north star")
    assert "change nothing" in ana.asks('north star set "Another"')
    assert "change nothing" in tom.asks("status")
    assert "goes on" in jonas.presses("Go on with it", on="Go on with it")
    home.advance(timedelta(days=8))
    assert any(STAR in post for post in home.posts())


def test_a_member_neither_leaves_nor_ends(home: Home, jonas: Person) -> None:
    for line in ("leave", "end alliance"):
        assert "Only alliance managers" in home.tom.asks(line)


def test_a_pilot_has_nobody_to_leave(home: Home) -> None:
    assert "nobody to leave" in home.ana.asks("leave")


def test_a_newcomer_in_a_channel_of_an_ended_alliance_does_not_join_it(
    home: Home, jonas: Person
) -> None:
    end(home)
    eve = home.hire("Eve")
    assert "not in an alliance here yet" in eve.asks("members")


@pytest.mark.parametrize("kind", ["private", "standard"])
def test_a_channel_of_an_ended_alliance_can_be_another_ones(
    home: Home, jonas: Person, kind: str
) -> None:
    ana = home.ana.at(home.cast.make_room("lab", home.ana, kind=kind))
    assert "now belongs to" in ana.asks("link")
    end(home)
    ana.opens("setup new", "Set up an alliance")
    ana.fills(name="Acme–Cora", own_partner="Acme", other_partners="Cora")
    ana.close_form()
    assert "now belongs to Acme–Cora" in ana.asks("link")
    assert "Acme–Cora" in ana.asks("status")
