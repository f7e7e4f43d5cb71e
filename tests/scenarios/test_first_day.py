"""An alliance manager's first day, from setting up to the first reminder, over HTTP."""

from datetime import timedelta

from tests.scenarios.casts import Cast, change_settings
from tests.scenarios.conftest import STAR, Home


def test_a_manager_sets_up_writes_the_north_star_and_schedules_it(home: Home) -> None:
    ana = home.ana
    offered = ana.asks("remind add north star every monday 09:00")
    assert "Nothing is set up yet" in offered
    assert "Monday, 8 March 2027, 09:00 CET" in offered
    assert "Will people still read it" in offered
    said = ana.presses("Set up a reminder", on="Nothing is set up yet")
    assert "The first one comes on Monday, 8 March 2027, 09:00 CET" in said
    assert home.posts() == []
    home.advance(timedelta(days=7))
    (post,) = home.posts()
    assert STAR in post
    assert "set up by Ana (Acme)" in post
    home.advance(timedelta(days=7))
    assert len(home.posts()) == 2


def test_the_form_shows_errors_at_their_fields_and_a_preview_while_open(home: Home) -> None:
    ana = home.ana
    ana.opens("remind add", "Set up a reminder")
    assert "Monday, 5 April 2027" in (ana.read_form() or "")
    assert "I don't understand" in ana.previews(cadence="every wendsday-ish")
    assert ana.errors_at("cadence") == ""
    ana.fills(cadence="every wendsday-ish")
    assert "I don't understand" in ana.errors_at("cadence")
    said = ana.fills(cadence="every 2 weeks on tuesday 10:00")
    assert "Set up: The North Star, to #steering" in said


def test_a_setup_form_that_makes_no_sense_says_what_would(strangers: Cast) -> None:
    ana = strangers.ana
    ana.opens("setup", "Set up an alliance")
    given = {"name": "A", "own_partner": "Acme", "other_partners": "acme", "zone": "Europe/Berlin"}
    ana.fills(**given)
    assert "named twice" in ana.errors_at("other_partners")
    ana.fills(**given | {"other_partners": "B", "zone": "Europe/Berln"})
    assert "Europe/Berlin" in ana.errors_at("zone")
    ana.fills(**given | {"other_partners": "B", "countries": "Atlantis"})
    assert "country" in ana.errors_at("countries")


def test_a_manager_changes_the_hours_and_every_reminder_follows(home: Home) -> None:
    ana = home.ana
    home.remind("north star every monday 09:00")
    change_settings(ana, hours_start="10:00")
    assert "10:00 CET" in ana.asks("remind list")
    assert "Taken back" in ana.asks("undo")
    assert "09:00 CET" in ana.asks("remind list")


def test_a_working_week_from_sunday_to_thursday_is_kept(home: Home) -> None:
    ana = home.ana
    assert "Monday to Friday, 09:00–17:00" in ana.asks("status")
    home.remind("north star every sunday 09:00")
    assert "Monday, 8 March 2027" in ana.asks("remind list")
    change_settings(ana, days=["6", "0", "1", "2", "3"])
    assert "Sunday to Thursday, 09:00–17:00" in ana.asks("status")
    assert "Sunday, 7 March 2027" in ana.asks("remind list")
    assert "Taken back" in ana.asks("undo")
    assert "Monday to Friday, 09:00–17:00" in ana.asks("status")
