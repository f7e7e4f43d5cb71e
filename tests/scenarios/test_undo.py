"""Taking one's last change back, where somebody else has changed the same thing since."""

from datetime import timedelta

import pytest

from tests.scenarios.conftest import World

LEFT_ALONE = "It has changed since"


@pytest.fixture
def both(world: World) -> World:
    """Ana and Tom both manage Acme."""
    world.start()
    world.tom.says(world.steering, f"<@{world.slack.bot_user}> status")
    world.bot.settle()
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    return world


def _edit(world: World, who: str, **values: str) -> None:
    person = getattr(world, who)
    world.say(person, "remind edit 1")
    person.submits(world.slack.views(person)[-1], **values)
    world.bot.settle()
    world.clock.advance(timedelta(minutes=1))


def test_what_another_changed_in_a_reminder_since_is_left_alone(both: World) -> None:
    both.remind("north star every monday 09:00")
    _edit(both, "ana", cadence="every tuesday 10:00")
    _edit(both, "tom", cadence="first friday of the month 11:00")
    assert LEFT_ALONE in both.say(both.ana, "undo")
    assert "first friday of the month 11:00" in both.say(both.ana, "remind list")


def test_a_new_reminder_that_another_has_changed_is_not_removed(both: World) -> None:
    both.remind("north star every monday 09:00")
    _edit(both, "tom", cadence="first friday of the month 11:00")
    assert LEFT_ALONE in both.say(both.ana, "undo")
    assert "first friday" in both.say(both.ana, "remind list")


def test_a_pause_that_another_has_ended_is_left_alone(both: World) -> None:
    both.remind("north star every monday 09:00")
    both.say(both.ana, "remind pause 1")
    both.say(both.tom, "remind remove 1")
    assert LEFT_ALONE in both.say(both.ana, "undo")
    assert "No reminders yet" in both.say(both.ana, "remind list")


def test_settings_that_another_changed_since_are_left_alone(both: World) -> None:
    for who, given in ((both.ana, {"hours_start": "10:00"}), (both.tom, {"name": "By Tom"})):
        both.say(who, "setup")
        who.submits(both.slack.views(who)[-1], **given)
        both.bot.settle()
        who.closes(both.slack.views(who)[-1])
    assert LEFT_ALONE in both.say(both.ana, "undo")
    assert "By Tom" in both.say(both.ana, "status")
