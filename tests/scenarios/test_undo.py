"""Taking one's last change back, where somebody else has changed the same thing since."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.people.models import Alliance, Change
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


def test_an_alliance_just_set_up_is_taken_away_again(world: World) -> None:
    world.set_up(name="Acme-Borealis")
    world.say(world.ana, "link")
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", world.say(world.ana, "invite Borealis"))
    assert code
    world.say(world.ana, "undo")
    assert "not linked any more" in world.say(world.ana, "undo")
    said = world.say(world.ana, "undo")
    assert "Acme-Borealis is not set up any more" in said
    assert "Acme-Borealis" not in world.say(world.ana, "status")
    assert "does not work" in world.say(world.tom, f"join {code.group()}")
    world.set_up(name="Acme-Borealis", own_partner="Acme Pharma")
    assert "belongs to Acme-Borealis" in world.say(world.ana, "link")


def test_the_audit_trail_of_an_alliance_taken_away_says_so(world: World) -> None:
    world.set_up()
    world.say(world.ana, "undo")
    (change,) = world.bot.read(lambda session: session.exec(select(Change)).all())
    ended_at = world.bot.read(lambda session: session.exec(select(Alliance.ended_at)).one())
    assert ended_at is not None
    assert (change.action, change.undone_at) == ("alliance.created", ended_at)


def test_an_alliance_in_which_others_have_acted_stays(world: World) -> None:
    world.set_up()
    world.say(world.ana, "link")
    world.say(world.tom, "mute")
    world.say(world.ana, "undo")
    assert "`end alliance` to end it" in world.say(world.ana, "undo")
    assert "Acme–Borealis" in world.say(world.ana, "status")


def test_an_alliance_is_not_taken_away_after_ten_minutes(world: World) -> None:
    world.set_up()
    world.clock.advance(timedelta(minutes=11))
    assert "nothing of yours to take back" in world.say(world.ana, "undo")
