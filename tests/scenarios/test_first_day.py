"""An alliance manager's first day, from setting up to the first reminder, over HTTP."""

from datetime import timedelta

from tests.scenarios.conftest import STAR, World


def test_a_manager_sets_up_writes_the_north_star_and_schedules_it(world: World) -> None:
    world.start()
    offered = world.say(world.ana, "remind add north star every monday 09:00")
    assert "Nothing is set up yet" in offered
    assert "Monday, 8 March 2027, 09:00 CET" in offered
    assert "Will people still read it" in offered
    said = world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    assert "The first one comes on Monday, 8 March 2027, 09:00 CET" in said
    assert world.posts() == []
    world.bot.advance(timedelta(days=7))
    (post,) = world.posts()
    assert STAR in post
    assert "set up by Ana (Acme)" in post
    world.bot.advance(timedelta(days=7))
    assert len(world.posts()) == 2


def test_the_form_shows_errors_at_their_fields_and_a_preview_while_open(world: World) -> None:
    world.start()
    world.say(world.ana, "remind add")
    form = world.slack.views(world.ana)[-1]
    assert "Monday, 5 April 2027" in world.slack.text_of(form)
    world.ana.types(form, "cadence", "every wendsday-ish")
    world.bot.settle()
    assert "I don't understand" in world.slack.text_of(world.slack.views(world.ana)[-1])
    form = world.slack.views(world.ana)[-1]
    answer = world.ana.submits(form, cadence="every wendsday-ish")
    assert set(answer.json["errors"]) == {"cadence"}
    form = world.slack.views(world.ana)[-1]
    answer = world.ana.submits(form, cadence="every 2 weeks on tuesday 10:00")
    world.bot.settle()
    assert "Set up: The North Star, to #steering" in world.slack.text_of(
        world.slack.views(world.ana)[-1]
    )


def test_a_setup_form_that_makes_no_sense_says_what_would(world: World) -> None:
    world.say(world.ana, "setup")
    form = world.slack.views(world.ana)[-1]
    given = {"name": "A", "own_partner": "Acme", "other_partners": "acme", "zone": "Europe/Berlin"}
    answer = world.ana.submits(form, **given)
    assert "named twice" in answer.json["errors"]["other_partners"]
    answer = world.ana.submits(form, **given | {"other_partners": "B", "zone": "Europe/Berln"})
    assert "Europe/Berlin" in answer.json["errors"]["zone"]
    answer = world.ana.submits(form, **given | {"other_partners": "B", "countries": "Atlantis"})
    assert "country" in answer.json["errors"]["countries"]


def test_a_manager_changes_the_hours_and_every_reminder_follows(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.say(world.ana, "setup")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, hours_start="10:00")
    world.bot.settle()
    assert "10:00 CET" in world.say(world.ana, "remind list")
    assert "Taken back" in world.say(world.ana, "undo")
    assert "09:00 CET" in world.say(world.ana, "remind list")


def test_a_working_week_from_sunday_to_thursday_is_kept(world: World) -> None:
    world.start()
    assert "Monday to Friday, 09:00–17:00" in world.say(world.ana, "status")
    world.remind("north star every sunday 09:00")
    assert "Monday, 8 March 2027" in world.say(world.ana, "remind list")
    world.say(world.ana, "setup")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, days=["6", "0", "1", "2", "3"])
    world.bot.settle()
    assert "Sunday to Thursday, 09:00–17:00" in world.say(world.ana, "status")
    assert "Sunday, 7 March 2027" in world.say(world.ana, "remind list")
    assert "Taken back" in world.say(world.ana, "undo")
    assert "Monday to Friday, 09:00–17:00" in world.say(world.ana, "status")
