"""Decisions between partners who don't take each other's word, and people who come and go."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.features.decisions.models import Decision
from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import capture, last_dm, make_two, press
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def listen(two: Two, label: str) -> None:
    """Both managers switch it on."""
    for who in (two.world.ana, two.jonas):
        two.mention(who, "decisions listen")
        two.world.press(who, two.world.slack.ephemerals(user=who)[-1], f"On: {label}")
    two.world.bot.settle()


def hear(two: Two, who: User, text: str) -> str:
    """What somebody is told, unasked, for a message in the shared channel."""
    slack = two.world.slack
    before = len(slack.ephemerals(user=who))
    who.says(two.shared, text)
    two.world.bot.settle()
    return "\n".join(slack.text_of(m) for m in slack.ephemerals(user=who)[before:])


def test_one_side_replaces_nothing_that_both_confirmed(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two)
    world.press(two.jonas, last_dm(two, two.jonas), "Confirm for Borealis Bio")
    two.mention(two.jonas, "decisions replace D-1")
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Write down a decision")
    form = slack.views(two.jonas)[-1]
    given = {"what": "Use the Zurich site", "weight": "noted", "audience": "alliance"}
    assert "Every partner relies on D-1" in two.jonas.submits(form, **given).text
    hidden = given | {"weight": "asked", "audience": "partner"}
    assert two.jonas.submits(form, **hidden).text
    assert "D-1 · confirmed" in world.say(world.ana, "decisions show D-1")


def test_a_forged_start_reads_nothing_of_the_others_own_channel(two: Two) -> None:
    world, slack = two.world, two.world.slack
    said = world.ana.says(world.steering, "Project Falcon moves to Basel")
    capture(two)
    alliance = world.bot.read(lambda session: session.exec(select(Decision.alliance_id)).one())
    start = {"alliance": alliance, "channel": world.steering.id, "message": said.ts}
    views = len(slack.views(two.jonas))
    told = press_forged(world, two.jonas, "decisions.draft", json.dumps(start), two.shared)
    assert "works in a channel of your alliance" in told
    assert len(slack.views(two.jonas)) == views


def test_what_somebody_left_behind_is_a_managers_of_the_same_side(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.tom, "help")
    capture(two, approvals="Budget approval; Tom; 2027-03-05", review_on="2027-03-10")
    assert "no side now" in world.say(world.ana, f"place <@{world.tom.id}> in nobody")
    world.bot.advance(timedelta(days=5))
    (question,) = [m for m in slack.dms(world.ana) if "Budget" in slack.text_of(m)]
    assert "because it was Tom's" in slack.text_of(question)
    assert not any("Budget" in text for text in world.dms(world.tom))
    world.press(world.ana, question, "Done")
    assert "approval, done: Budget" in world.say(world.ana, "decisions show D-1")


def test_not_approved_is_taken_back(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two, approvals="Budget approval; Ana; 2027-03-05")
    world.bot.advance(timedelta(days=5))
    question = next(m for m in reversed(slack.dms(world.ana)) if "Budget" in slack.text_of(m))
    press(two, world.ana, question, "Not approved", reason="The board said no.")
    assert "is open again" in world.say(world.ana, "undo")
    assert "approval, open: Budget" in world.say(world.ana, "decisions show D-1")


def test_what_is_decided_while_entente_listens_is_pointed_at_too(two: Two) -> None:
    world = two.world
    listen(two, "Point at what was decided")
    slack = world.slack
    question = "Should we rather use the Zurich site for phase 2?"
    assert hear(two, two.jonas, question) == ""
    world.say(world.ana, 'decide "Use the Zurich site for phase 2"', channel=two.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Note it down")
    world.bot.settle()
    assert "(D-1): Use the Zurich site" in hear(two, two.jonas, question)

    # What took its place is what counts.
    world.bot.advance(timedelta(days=1))
    world.say(world.ana, "decisions show D-1")
    shown = slack.ephemerals(user=world.ana)[-1]
    given = {"what": "Stay in Basel", "weight": "noted", "audience": "alliance"}
    press(two, world.ana, shown, "Propose a change", **given)
    assert "(D-2): Stay in Basel" in hear(two, two.jonas, question)
    assert "replaced 2 March 2027" in world.say(world.ana, "decisions show D-1")


def test_the_suggested_form_holds_what_was_decided_not_the_yes_to_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    listen(two, "Suggest to note decisions down")
    first = two.jonas.says(two.shared, "Which site, Basel or Zurich? Basel can start in May.")
    world.ana.says(two.shared, "ok, let's go with Basel", thread=first)
    two.jonas.says(two.shared, "great, agreed", thread=first)
    world.bot.settle()
    hint = slack.ephemerals(user=world.ana)[-1]
    world.ana.presses(hint, "Capture decision")
    world.bot.settle()
    (what,) = [
        block["element"]["initial_value"]
        for block in slack.views(world.ana)[-1].payload["blocks"]
        if "what" in str(block.get("block_id"))
    ]
    assert what == "ok, let's go with Basel"
