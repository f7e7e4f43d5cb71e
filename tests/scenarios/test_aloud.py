"""Answers are for the one who asks; `aloud` has one read by all, and shows them nothing more."""

import pytest

from tests.scenarios.conftest import STAR, World
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    """Acme and Borealis, both heard in their shared channel; the North Star is Acme's alone."""
    world.start()
    both, slack = Two(world), world.slack
    world.say(world.ana, "link", channel=both.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    both.accept(both.code())
    both.agree(world.ana, linked)
    both.agree(both.jonas, slack.dms(both.jonas)[-1])
    return both


def test_everybody_reads_it_once_it_was_seen_and_posted(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "north star share")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Share with everybody")
    before = len(two.posts())
    shown = two.mention(two.jonas, "north star aloud")
    assert "Nothing is posted yet" in shown
    assert STAR in shown
    assert len(two.posts()) == before
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Post it here")
    (post,) = two.posts()[before:]
    assert STAR in post
    assert "Jonas (Borealis Bio) asked me" in post


def test_what_is_ones_own_sides_alone_is_not_said_to_all(two: Two) -> None:
    world, slack = two.world, two.world.slack
    assert STAR in world.say(world.ana, "north star", channel=two.shared)
    assert STAR not in world.say(world.ana, "north star aloud", channel=two.shared)
    before = len(two.posts())
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Post it here")
    (post,) = two.posts()[before:]
    assert STAR not in post


def test_in_a_sides_own_channel_its_own_may_be_said(two: Two) -> None:
    world = two.world
    assert STAR in world.say(world.ana, "north star aloud")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Post it here")
    assert STAR in world.posts()[-1]


def test_where_it_is_silent_nothing_is_said_aloud(two: Two) -> None:
    world = two.world
    two.mention(two.jonas, "unlink")
    before = len(two.posts())
    said = world.say(world.ana, "roster aloud", channel=two.shared)
    assert "only in a channel that is linked" in said
    assert len(two.posts()) == before


@pytest.mark.parametrize("line", ["roster aloud", "who decides budgets? aloud", "charter aloud"])
def test_each_of_these_can_be_said_aloud(two: Two, line: str) -> None:
    assert "Nothing is posted yet" in two.mention(two.jonas, line)
