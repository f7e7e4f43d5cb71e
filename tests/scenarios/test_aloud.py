"""Answers are for the one who asks; `aloud` has one read by all, and shows them nothing more."""

import pytest

from tests.scenarios.conftest import STAR, World
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    """Acme and Borealis, both heard in their shared channel; the North Star is Acme's alone."""
    world.start()
    both = Two(world)
    both.open()
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


SHOWN = (
    "decisions aloud",
    "decisions D-1 aloud",
    "decisions show D-1 aloud",
    "decisions search basel aloud",
    "decisions pending aloud",
    "decisions coming up aloud",
    "define batch aloud",
    "what is a batch? aloud",
    "what does batch mean aloud?",
    "term aloud",
    "terms aloud",
    "terms quantity aloud",
    "members aloud",
)
"""What is shown to one person, and can be to all."""

SECRETS = ("Basel", "produced together", "Batch", "batch (")
"""What Acme keeps to itself: a decision, a term and what it means."""


def _keep_to_acme(two: Two) -> None:
    """Acme notes a decision and a term, for its own side alone."""
    world = two.world
    world.say(world.ana, 'decide "Use the Basel site" because "it can start in May"')
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Note it down")
    world.say(world.ana, "term add Batch = a quantity produced together")


def test_nothing_a_side_keeps_to_itself_is_said_to_all(two: Two) -> None:
    world, slack = two.world, two.world.slack
    _keep_to_acme(two)
    assert "Use the Basel site" in world.say(world.ana, "decisions D-1")
    assert "produced together" in world.say(world.ana, "define batch")
    for line in SHOWN:
        before = len(two.posts())
        said = world.say(world.ana, line, channel=two.shared)
        answer = slack.ephemerals(user=world.ana)[-1]
        if "Post it here" in said:
            world.press(world.ana, answer, "Post it here")
            assert len(two.posts()) == before + 1, line
        for secret in SECRETS:
            assert secret not in said, line
            assert not any(secret in post for post in two.posts()), line


def test_what_all_may_read_is_said_to_all(two: Two) -> None:
    world, slack = two.world, two.world.slack
    _keep_to_acme(two)
    world.say(world.ana, "decisions share D-1")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Share with everybody")
    assert "Use the Basel site" in two.mention(two.jonas, "decisions search basel aloud")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Post it here")
    assert "D-1" in two.posts()[-1]
    two.mention(two.jonas, "what are members? aloud")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Post it here")
    assert "Jonas" in two.posts()[-1]


def test_each_of_them_is_said_in_a_sides_own_channel(two: Two) -> None:
    world = two.world
    _keep_to_acme(two)
    for line in SHOWN:
        before = len(world.posts())
        assert "Nothing is posted yet" in world.say(world.ana, line), line
        world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Post it here")
        assert len(world.posts()) == before + 1, line
    assert any("Use the Basel site" in post for post in world.posts())
    assert any("produced together" in post for post in world.posts())


def test_what_is_ones_own_is_not(two: Two) -> None:
    before = len(two.posts())
    for line in ("status aloud", "what is the status? aloud", "decisions mine aloud"):
        assert "Post it here" not in two.mention(two.jonas, line), line
    for line in ("status aloud", "briefing aloud", "confirm aloud!"):
        assert "That answer is for you alone" in two.mention(two.jonas, line), line
    assert len(two.posts()) == before
