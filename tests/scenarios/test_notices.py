"""What the other managers hear when one of them changes what belongs to all; the way in; and what
is said when a form comes too late."""

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


def add_committee(two: Two, **values: str) -> None:
    world = two.world
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1], **values)
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def change_committee(two: Two, **values: str) -> None:
    world = two.world
    world.say(world.ana, "roster")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Change")
    world.ana.submits(world.slack.views(world.ana)[-1], **values)
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def test_the_other_manager_hears_of_a_changed_committee_once_it_stands(two: Two) -> None:
    world = two.world
    add_committee(two, decides="Budgets.")
    change_committee(two, decides="Budgets and sites.", rule="By consensus.")
    assert not any("committee JSC" in text for text in world.dms(two.jonas))
    world.bot.advance(timedelta(days=2))
    told = "\n".join(world.dms(two.jonas))
    assert "Ana (Acme) has set up the committee JSC" in told
    assert "Ana (Acme) has changed the committee JSC: what it decides, how it decides" in told
    assert "because you are an alliance manager in Acme–Borealis" in told
    assert not any("has changed the committee" in text for text in world.dms(world.ana))
    assert len([t for t in world.dms(two.jonas) if "committee JSC" in t]) == 1


def test_what_was_taken_back_is_told_to_nobody(two: Two) -> None:
    world = two.world
    add_committee(two)
    change_committee(two, decides="Everything.")
    assert "is as it was" in world.say(world.ana, "undo")
    world.bot.advance(timedelta(days=2))
    assert not any("has changed the committee" in text for text in world.dms(two.jonas))


def test_changed_settings_are_told_and_a_muted_manager_is_left_alone(two: Two) -> None:
    world = two.world
    for muted in (False, True):
        if muted:
            two.mention(two.jonas, "mute")
        before = len(world.dms(two.jonas))
        world.say(world.ana, "setup")
        world.ana.submits(world.slack.views(world.ana)[-1], hours_end="15:00" if muted else "16:00")
        world.bot.settle()
        world.ana.closes(world.slack.views(world.ana)[-1])
        world.bot.advance(timedelta(days=3))
        told = "\n".join(world.dms(two.jonas)[before:])
        assert ("has changed Acme–Borealis: its working hours." in told) is not muted


# -- the way from a fresh alliance to one that runs ------------------------------------------------


def checklist(world: World) -> list[str]:
    world.ana.opens_home()
    world.bot.settle()
    text = world.slack.text_of(world.slack.home(world.ana))  # type: ignore[arg-type]
    return [line for line in text.splitlines() if line[:5] in {"Done:", "Next:", "Waiti"}] or [
        part for part in text.split("\n") if ":" in part
    ]


def test_every_step_is_named_and_a_blocked_one_says_whom_it_waits_for(world: World) -> None:
    world.set_up()
    text = "\n".join(checklist(world))
    for step in (
        "Done: your side is set up",
        "Next: a North Star",
        "Next: who sits on which committee",
        "Next: your counterparts join (Borealis)",
        "Next: a channel in which I may speak",
        "Next: a first reminder",
    ):
        assert step in text, text
    two = Two(world)
    code = two.code()
    assert "Waiting: your counterparts join. It waits for Borealis" in "\n".join(checklist(world))
    world.say(world.ana, "link", channel=two.shared)
    linked = world.slack.ephemerals(user=world.ana)[-1]
    assert "your side's yes to what I read and keep in #acme-borealis" in "\n".join(
        checklist(world)
    )
    two.agree(world.ana, linked)
    waiting = "\n".join(checklist(world))
    assert "Waiting: a channel in which I may speak. It waits for Borealis" in waiting
    assert "Waiting: a first reminder. It waits for Borealis" in waiting
    two.accept(code)
    assert "Done: your counterparts join" in "\n".join(checklist(world))
    assert "It waits for Borealis Bio" in "\n".join(checklist(world))


# -- a form that comes too late --------------------------------------------------------------------


def test_a_form_that_opens_too_late_is_said_in_a_direct_message(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.ana.opens_home()
    world.bot.settle()
    slack.fails("views.open", error="expired_trigger_id")
    world.ana.presses(slack.home(world.ana), "Change settings")  # type: ignore[arg-type]
    world.bot.settle()
    assert "took too long" in world.dms(world.ana)[-1]
