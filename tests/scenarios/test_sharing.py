"""A manager shows everybody what was her side's alone, after a preview; nobody else does."""

import pytest

from tests.fakes.slack import Message, User
from tests.scenarios.conftest import STAR, World
from tests.scenarios.forging import forge_press
from tests.scenarios.test_two_partners import Two

LABEL = "Share with everybody"


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def preview(two: Two, line: str) -> Message:
    two.world.say(two.world.ana, line)
    return two.world.slack.ephemerals(user=two.world.ana)[-1]


def write_clause(two: Two, clause: str, words: str) -> None:
    world = two.world
    world.say(world.ana, f"charter edit {clause}")
    world.ana.submits(world.slack.views(world.ana)[-1], text=words)
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def value_of(message: Message) -> str:
    return next(
        str(element["value"])
        for block in message.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "sharing.confirm"
    )


def test_the_north_star_is_shown_to_all_after_a_preview_and_taken_back(two: Two) -> None:
    world = two.world
    shown = preview(two, "north star share")
    assert STAR in world.slack.text_of(shown)
    assert "Borealis Bio can read it too" in world.slack.text_of(shown)
    assert STAR not in two.mention(two.jonas, "north star")
    assert "Every partner can see" in world.press(world.ana, shown, LABEL)
    assert STAR in two.mention(two.jonas, "north star")
    assert "can see that already" in world.say(world.ana, "north star share")
    assert "Only your side sees" in world.say(world.ana, "undo")
    assert STAR not in two.mention(two.jonas, "north star")


def test_a_clause_is_shown_and_approvals_never_are(two: Two) -> None:
    world = two.world
    write_clause(two, "scope", "Children up to twelve.")
    write_clause(two, "approvals", "Our board, above two million.")
    assert "approvals stay with your side" in world.say(world.ana, "charter share approvals")
    world.press(world.ana, preview(two, "charter share scope"), LABEL)
    assert "Children up to twelve." in two.mention(two.jonas, "charter scope")
    assert "two million" not in two.mention(two.jonas, "charter approvals")


def test_a_channel_is_made_known_with_its_reminders_and_taken_back(two: Two) -> None:
    world = two.world
    world.remind('"Bring the blue ledger" every monday 09:00')
    assert "steering" not in two.mention(two.jonas, "status")
    shown = preview(two, f"share {world.steering.mention}")
    assert "1 reminder in it" in world.slack.text_of(shown)
    world.press(world.ana, shown, LABEL)
    assert "steering" in two.mention(two.jonas, "status")
    assert "blue ledger" in two.mention(two.jonas, "remind")
    world.say(world.ana, "undo")
    assert "steering" not in two.mention(two.jonas, "status")
    assert "blue ledger" not in two.mention(two.jonas, "remind")


def test_only_the_sides_own_manager_widens(two: Two) -> None:
    world = two.world
    value = value_of(preview(two, "north star share"))

    def forged(user: User) -> str:
        forge_press(world.slack, user, "sharing.confirm", value, two.shared)
        world.bot.settle()
        return world.slack.text_of(world.slack.ephemerals(user=user)[-1])

    assert "can't find that" in forged(two.jonas)
    world.tom.says(world.steering, "<@BOT> status")
    world.tom.joins(two.shared)
    world.bot.settle()
    assert "Only alliance managers" in forged(world.tom)
    assert "has not written a North Star" in two.mention(two.jonas, "north star share")
    assert "Only alliance managers" in world.say(world.tom, "north star share")
    assert STAR not in two.mention(two.jonas, "north star")


def test_what_makes_no_sense_is_answered_with_how_to_say_it(two: Two) -> None:
    world = two.world
    assert "Say `share #channel`" in world.say(world.ana, "share") or "share #channel" in world.say(
        world.ana, "share"
    )
    assert "I don't know that clause" in world.say(world.ana, "charter share nonsense")
    assert "has not written that clause" in world.say(world.ana, "charter share scope")
    assert "can't find that channel" in world.say(world.ana, f"share {two.shared.mention}")
