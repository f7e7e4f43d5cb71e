"""The partners of an alliance that has begun: one more, one fewer, another name."""

from datetime import timedelta

import pytest

from tests.scenarios.conftest import World
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def press_last(world: World, label: str) -> str:
    return world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], label)


def test_a_partner_is_added_invited_and_the_others_hear_of_it(two: Two) -> None:
    world = two.world
    assert "Cirrus is no partner of this alliance yet" in world.say(world.ana, "invite Cirrus")
    assert "Cirrus" not in two.mention(two.jonas, "status")
    assert "is on the list" in press_last(world, "Add Cirrus as a partner")
    assert "Cirrus (not joined)" in two.mention(two.jonas, "status")
    assert "Give this code to the alliance manager of Cirrus" in world.say(world.ana, "invite")
    world.bot.advance(timedelta(hours=5))
    assert any("Ana (Acme) has added Cirrus" in text for text in world.dms(two.jonas))


def test_a_partner_that_was_just_added_is_taken_back_and_nobody_hears_of_it(two: Two) -> None:
    world = two.world
    world.say(world.ana, "invite Cirrus")
    press_last(world, "Add Cirrus as a partner")
    assert "no longer on the list" in world.say(world.ana, "undo")
    assert "Cirrus" not in world.say(world.ana, "status")
    world.bot.advance(timedelta(hours=5))
    assert not any("Cirrus" in text for text in world.dms(two.jonas))


def test_a_partner_that_has_not_joined_is_taken_off_the_list(two: Two) -> None:
    world = two.world
    world.say(world.ana, "invite Cirrus")
    press_last(world, "Add Cirrus as a partner")
    said = world.say(world.ana, "invite Cirrus")
    code = next(word for word in said.split() if word.count("-") == 2).strip(".`")
    assert "no longer on the list" in press_last(world, "Take Cirrus off the list")
    assert "Cirrus" not in world.say(world.ana, "status")
    eve = world.slack.user("Eve", team=world.slack.team("Evil"))
    world.slack.share(two.shared, eve.team)
    eve.joins(two.shared)
    assert "does not work" in two.mention(eve, f"join {code}")


def test_the_only_other_partner_stays_and_one_that_joined_does(world: World) -> None:
    world.start()
    world.say(world.ana, "invite")
    assert "only other partner" in press_last(world, "Take Borealis off the list")
    both = Two(world)
    both.accept(both.code())
    offered = next(
        m
        for m in reversed(world.slack.ephemerals(user=world.ana))
        if "Take Borealis off the list" in str(m.blocks)
    )
    assert "has joined already" in world.press(world.ana, offered, "Take Borealis off the list")


@pytest.mark.parametrize(("name", "fits"), [("Acme Labs", True), ("borealis bio", False)])
def test_a_manager_gives_her_own_side_another_name(two: Two, name: str, fits: bool) -> None:
    world = two.world
    world.say(world.ana, "setup")
    answer = world.ana.submits(world.slack.views(world.ana)[-1], own_partner=name)
    world.bot.settle()
    for form in reversed(world.slack.views(world.ana)):
        world.ana.closes(form)
    status = two.mention(two.jonas, "status")
    if fits:
        assert "Acme Labs" in status
        world.say(world.ana, "undo")
        assert "Acme Labs" not in two.mention(two.jonas, "status")
    else:
        assert "another partner" in answer.json["errors"]["own_partner"]
        assert "Acme" in status
