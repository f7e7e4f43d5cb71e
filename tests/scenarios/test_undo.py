"""Taking one's last change back, where somebody else has changed the same thing since."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.people.models import Alliance, Change
from tests.scenarios.casts import Cast, change_settings, found_alliance, get_code
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person

LEFT_ALONE = "It has changed since"
FRIDAYS = "First Friday of the month 11:00"


@pytest.fixture
def home(home: Home) -> Home:
    """Ana and Tom both manage Acme."""
    home.tom.asks("status")
    home.ana.asks("role @Tom manager", home.tom)
    return home


def _edit(who: Person, **values: str) -> None:
    who.opens("remind edit 1", "Change")
    who.fills(**values)
    who.close_form()


def test_what_another_changed_in_a_reminder_since_is_left_alone(home: Home) -> None:
    ana, tom = home.ana, home.tom
    home.remind("north star every monday 09:00")
    _edit(ana, cadence="every tuesday 10:00")
    home.advance(timedelta(minutes=1))
    _edit(tom, cadence=FRIDAYS)
    assert LEFT_ALONE in ana.asks("undo")
    assert FRIDAYS in ana.asks("remind list")


def test_a_new_reminder_that_another_has_changed_is_not_removed(home: Home) -> None:
    home.remind("north star every monday 09:00")
    _edit(home.tom, cadence=FRIDAYS)
    assert LEFT_ALONE in home.ana.asks("undo")
    assert "First Friday" in home.ana.asks("remind list")


def test_a_pause_that_another_has_ended_is_left_alone(home: Home) -> None:
    ana, tom = home.ana, home.tom
    home.remind("north star every monday 09:00")
    ana.asks("remind pause 1")
    tom.asks("remind remove 1")
    assert LEFT_ALONE in ana.asks("undo")
    assert "No reminders yet" in ana.asks("remind list")


def test_settings_that_another_changed_since_are_left_alone(home: Home) -> None:
    change_settings(home.ana, hours_start="10:00")
    change_settings(home.tom, name="By Tom")
    assert LEFT_ALONE in home.ana.asks("undo")
    assert "By Tom" in home.ana.asks("status")


@pytest.fixture
def fresh(strangers: Cast) -> Cast:
    """Ana has just set up an alliance."""
    found_alliance(strangers.ana)
    return strangers


def test_an_alliance_just_set_up_is_taken_away_again(fresh: Cast) -> None:
    ana, jonas = fresh.ana, fresh.jonas
    ana.asks("link")
    code = get_code(ana, "invite Borealis")
    ana.asks("undo")
    assert "not linked any more" in ana.asks("undo")
    assert "Acme–Borealis is not set up any more" in ana.asks("undo")
    assert "Acme–Borealis" not in ana.asks("status")
    assert "does not work" in jonas.asks(f"join {code}")
    found_alliance(ana, own_partner="Acme Pharma")
    assert "stay silent there until" in ana.asks("link")


def test_the_audit_trail_of_an_alliance_taken_away_says_so(fresh: Cast) -> None:
    fresh.ana.asks("undo")
    (change,) = fresh.bot.read(lambda session: session.exec(select(Change)).all())
    ended_at = fresh.bot.read(lambda session: session.exec(select(Alliance.ended_at)).one())
    assert ended_at is not None
    assert (change.action, change.undone_at) == ("alliance.created", ended_at)


def test_an_alliance_in_which_others_have_acted_stays(fresh: Cast) -> None:
    ana = fresh.ana.at(fresh.make_room("steering", fresh.ana))
    ana.asks("link")
    fresh.make_colleague("Tom").enters(ana.room).asks("mute")
    ana.asks("undo")
    assert "to end it" in ana.asks("undo")
    assert "Acme–Borealis" in ana.asks("status")


def test_an_alliance_is_not_taken_away_after_ten_minutes(fresh: Cast) -> None:
    fresh.advance(timedelta(minutes=11))
    assert "nothing of yours to take back" in fresh.ana.asks("undo")
