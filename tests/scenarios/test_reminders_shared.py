"""Reminders in a channel that both partners read: nothing of one side's own is shown by itself."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.schedules.models import Reminder
from tests.scenarios.conftest import STAR, World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two

NEW = "A wording that only Acme knows."


@pytest.fixture
def two(world: World) -> Two:
    """Both have agreed to the shared channel, and Ana's North Star comes there every Monday."""
    world.start()
    two = Two(world)
    world.say(world.ana, "link", channel=two.shared)
    linked = world.slack.ephemerals(user=world.ana)[-1]
    two.accept(two.code())
    two.agree(world.ana, linked)
    two.agree(two.jonas, world.slack.dms(two.jonas)[-1])
    return two


def _remind(two: Two) -> str:
    world = two.world
    offer = world.say(world.ana, "remind add north star every monday 09:00", channel=two.shared)
    button = world.slack.ephemerals(user=world.ana)[-1]
    return offer + world.press(world.ana, button, "Set up a reminder")


def test_whoever_sets_it_up_reads_that_the_others_read_it(two: Two) -> None:
    assert "In #acme-borealis the other partners read this, too" in _remind(two)


@pytest.mark.parametrize("command", ["remind preview 1", "remind test 1"])
def test_the_others_get_no_look_at_a_wording_before_it_comes(two: Two, command: str) -> None:
    _remind(two)
    assert STAR in two.world.say(two.world.ana, command)
    theirs = two.mention(two.jonas, command)
    assert STAR not in theirs
    assert "still Acme's own" in theirs


def test_a_new_wording_waits_until_its_side_agrees_to_show_it(two: Two) -> None:
    world = two.world
    _remind(two)
    world.bot.advance(timedelta(days=7))
    assert STAR in two.posts()[-1]
    posted = len(two.posts())
    said = world.say(world.ana, f'north star set "{NEW}"')
    assert "The reminder in #acme-borealis is read by the other partners, too" in said
    saved = world.slack.ephemerals(user=world.ana)[-1]
    world.bot.advance(timedelta(days=7))
    assert len(two.posts()) == posted
    assert "leaves out what is new" in world.say(world.ana, "remind list")
    assert "Done" in world.press(world.ana, saved, "Show it there")
    assert "leaves out what is new" not in world.say(world.ana, "remind list")
    world.bot.advance(timedelta(days=7))
    assert NEW in two.posts()[-1]


def test_a_yes_counts_for_what_was_read_and_for_nothing_newer(two: Two) -> None:
    world = two.world
    _remind(two)
    world.bot.advance(timedelta(minutes=5))
    world.say(world.ana, 'north star set "The second wording of Acme."')
    saved = world.slack.ephemerals(user=world.ana)[-1]
    world.bot.advance(timedelta(minutes=5))
    world.say(world.ana, f'north star set "{NEW}"')
    world.press(world.ana, saved, "Show it there")
    before = len(two.posts())
    world.bot.advance(timedelta(days=7))
    assert len(two.posts()) == before


def test_a_yes_can_be_taken_back(two: Two) -> None:
    world = two.world
    _remind(two)
    world.bot.advance(timedelta(minutes=5))
    world.say(world.ana, f'north star set "{NEW}"')
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Show it there")
    assert "waits until your side agrees" in world.say(world.ana, "undo")
    before = len(two.posts())
    world.bot.advance(timedelta(days=7))
    assert len(two.posts()) == before


def test_only_a_manager_of_the_side_itself_agrees(two: Two) -> None:
    world = two.world
    _remind(two)
    world.bot.advance(timedelta(minutes=5))
    world.say(world.ana, f'north star set "{NEW}"')
    reminder_id = world.bot.read(lambda s: s.exec(select(Reminder.id)).one())
    value = f"{reminder_id}@{world.clock.now.isoformat()}"
    said = press_forged(world, two.jonas, "remind.agree", value, two.shared)
    assert "Ask Ana" in said
    assert "older message" in press_forged(
        world, two.jonas, "remind.agree", reminder_id, two.shared
    )


def test_ones_own_channel_and_people_read_the_new_wording_at_once(two: Two) -> None:
    world = two.world
    world.remind("north star every monday 09:00")
    said = world.say(world.ana, f'north star set "{NEW}"')
    assert "read by the other partners" not in said
    world.bot.advance(timedelta(days=7))
    assert NEW in world.posts()[-1]


def test_a_new_clause_waits_in_the_charter_too(two: Two) -> None:
    world = two.world
    _write_scope(world, "What both know.")
    world.say(world.ana, "remind add charter scope every monday 09:00", channel=two.shared)
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    world.bot.advance(timedelta(minutes=5))
    assert "read by the other partners, too" in _write_scope(world, NEW)
    assert NEW not in two.mention(two.jonas, "remind preview 1")
    world.bot.advance(timedelta(days=7))
    assert not any(NEW in post for post in two.posts())


def _write_scope(world: World, text: str) -> str:
    world.say(world.ana, "charter edit scope")
    world.ana.submits(world.slack.views(world.ana)[-1], text=text)
    world.bot.settle()
    form = world.slack.views(world.ana)[-1]
    return world.slack.text_of(form)


def test_the_others_see_no_buttons_that_would_be_refused(two: Two) -> None:
    _remind(two)
    slack = two.world.slack
    assert "north star" in two.mention(two.jonas, "remind list").casefold()
    assert "remind.remove" not in str(slack.ephemerals(user=two.jonas)[-1].blocks)
    two.world.say(two.world.ana, "remind list")
    assert "remind.remove" in str(slack.ephemerals(user=two.world.ana)[-1].blocks)


def test_where_entente_is_still_silent_no_day_is_promised(world: World) -> None:
    world.start()
    two = Two(world)
    world.say(world.ana, "link", channel=two.shared)
    said = _remind(two)
    assert "I am silent in #acme-borealis until each side's manager has agreed" in said
    assert "The first one comes on" not in said
    assert "Waits: I am silent there" in world.say(world.ana, "remind list")


def test_another_day_for_its_review_is_no_new_wording(two: Two) -> None:
    world = two.world
    _remind(two)
    world.bot.advance(timedelta(minutes=5))
    world.say(world.ana, "north star set")
    answer = world.ana.submits(world.slack.views(world.ana)[-1], review_on="2027-09-01")
    world.bot.settle()
    assert answer.status == 200
    assert "read by the other partners" not in world.slack.text_of(world.slack.views(world.ana)[-1])
    world.bot.advance(timedelta(days=7))
    assert STAR in two.posts()[-1]
