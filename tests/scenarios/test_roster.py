"""Who belongs where, who may what, and who sits where."""

from datetime import timedelta

import pytest

from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def test_a_manager_seats_her_own_people_and_everybody_can_ask(two: Two) -> None:
    world, slack = two.world, two.world.slack
    offered = world.say(world.ana, f"seat <@{world.tom.id}> on JSC as co-chair")
    assert "There is no committee called “JSC”" in offered
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    form = slack.views(world.ana)[-1]
    world.ana.submits(
        form, decides="Budgets and sites.", rule="By consensus.", meets_on="2027-04-01"
    )
    world.bot.settle()
    said = world.say(world.ana, f"seat <@{world.tom.id}> on jsc as co-chair")
    assert "Tom sits on JSC as co-chair for Acme" in said
    roster = two.mention(two.jonas, "who decides budgets?")
    assert "Budgets and sites." in roster
    assert "By consensus." in roster
    assert "Tom" in roster
    assert "1 April 2027" in roster
    assert "JSC: co-chair" in world.say(world.tom, "am I a member?")
    assert "no seat on a committee" in two.mention(two.jonas, "am I a member?")


def test_nobody_seats_places_or_raises_the_other_sides_people(two: Two) -> None:
    world = two.world
    for line in (
        f"place <@{two.jonas.id}> in Acme",
        f"role <@{two.jonas.id}> none",
        f"seat <@{two.jonas.id}> on JSC",
    ):
        assert "Only their own side's manager" in world.say(world.ana, line), line
    assert "You can place people with Acme only" in world.say(
        world.ana, f"place <@{world.tom.id}> in Borealis Bio"
    )


def test_a_guest_is_unplaced_until_a_manager_places_them(two: Two) -> None:
    world, slack = two.world, two.world.slack
    gus = slack.user("Gus", team=world.acme, is_restricted=True)
    gus.joins(world.steering)
    world.bot.settle()
    assert "Not yet placed" in world.say(world.ana, "members")
    assert "Not yet placed" not in world.say(world.tom, "members")
    assert "Gus now belongs to Acme" in world.say(world.ana, f"place <@{gus.id}> in Acme")
    assert "unplaced again" in world.say(world.ana, "undo")


def test_roles_are_given_and_taken_within_ones_own_side(two: Two) -> None:
    world = two.world
    assert "Tom is now an alliance manager" in world.say(
        world.ana, f"role <@{world.tom.id}> manager"
    )
    assert "Only alliance managers" not in world.say(world.tom, "remind add")
    assert "no longer an alliance manager" in world.say(world.tom, f"role <@{world.ana.id}> none")
    assert "without an alliance manager" in world.say(world.tom, f"role <@{world.tom.id}> none")
    assert "is as it was" in world.say(world.tom, "undo")
    assert "Ana (alliance manager)" in world.say(world.tom, "members")


def test_a_seat_ends_and_a_deputy_stands_in(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC from 2027-02-01 until 2028-01-31")
    said = world.say(world.ana, f"deputy <@{world.ana.id}> for <@{world.tom.id}> on JSC")
    assert "Ana stands in for Tom" in said
    assert "you stand in for Tom" in world.say(world.ana, "am I a member?")
    assert "no longer sits" in world.say(world.ana, f"seat <@{world.tom.id}> on JSC as none")
    assert "Nobody sits here yet" in world.say(world.ana, "roster JSC")


def test_words_that_make_no_sense_are_answered_with_how_to_say_it(two: Two) -> None:
    world = two.world
    assert "Mention them" in world.say(world.ana, "seat Tom on JSC")
    assert "Which committee?" in world.say(world.ana, f"seat <@{world.tom.id}>")
    assert "Which role?" in world.say(world.ana, f"role <@{world.tom.id}> king")
    assert "Until when?" in world.say(world.ana, "away")
    assert "past" in world.say(world.ana, "away until 2020-01-01")


def test_whoever_is_away_gets_nothing_unasked(two: Two) -> None:
    world = two.world
    world.remind(f'"A note" every monday 09:00 for <@{world.ana.id}>')
    assert "before 20 March 2027" in world.say(world.ana, "away until 2027-03-20")
    world.bot.advance(timedelta(days=8))
    assert not any("A note" in text for text in world.dms(world.ana))
    world.bot.advance(timedelta(days=14))
    assert any("A note" in text for text in world.dms(world.ana))


def _make_jsc(two: Two, **values: str) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    if "rule_kind" in values:
        world.ana.chooses(slack.views(world.ana)[-1], "rule_kind", values["rule_kind"])
        world.bot.settle()
    answer = world.ana.submits(slack.views(world.ana)[-1], **values)
    assert answer.status == 200, answer.text
    world.bot.settle()


def test_an_easier_way_to_decide_counts_once_the_other_side_agreed(two: Two) -> None:
    world = two.world
    _make_jsc(two, rule_kind="silence", rule_days="5")
    said = world.say(world.ana, "roster JSC")
    assert "*Confirmed by:* all partners seated" in said
    assert "once these have agreed to it: Borealis Bio" in said
    asked = world.slack.dms(two.jonas)[-1]
    assert "no objection within 5 working days" in world.slack.text_of(asked)
    assert "now confirms things like this" in world.press(
        two.jonas, asked, "Agree for Borealis Bio"
    )
    assert "*Confirmed by:* no objection within 5" in world.say(world.ana, "roster JSC")
    assert "as it was" in two.mention(two.jonas, "undo")
    assert "*Confirmed by:* all partners seated" in world.say(world.ana, "roster JSC")


def test_a_yes_is_to_the_rule_that_was_read(two: Two) -> None:
    world = two.world
    _make_jsc(two, rule_kind="silence", rule_days="10")
    asked = world.slack.dms(two.jonas)[-1]
    world.say(world.ana, "roster JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Change")
    world.ana.submits(world.slack.views(world.ana)[-1], rule_days="2")
    world.bot.settle()
    assert "has changed since" in world.press(two.jonas, asked, "Agree for Borealis Bio")
    assert "*Confirmed by:* all partners seated" in world.say(world.ana, "roster JSC")


def test_only_a_manager_agrees_and_only_within_the_alliance(two: Two) -> None:
    world = two.world
    _make_jsc(two, rule_kind="count", rule_count="1")
    asked = world.slack.dms(two.jonas)[-1]
    (value,) = (
        element["value"]
        for block in asked.blocks
        for element in block.get("elements", [])
        if element["type"] == "button" and "Agree" in element["text"]["text"]
    )
    refused = press_forged(world, world.tom, "roster.agree", value, world.steering)
    assert "Only alliance managers" in refused
    forger = world.slack.user("Eve", team=world.acme)
    forger.joins(world.steering)
    assert "now confirms" not in press_forged(world, forger, "roster.agree", value, world.steering)
    assert "agreed too: Borealis Bio" in press_forged(
        world, world.ana, "roster.agree", value, world.steering
    )
    assert "*Confirmed by:* all partners seated" in world.say(world.ana, "roster JSC")


def make_jsc(world: World) -> None:
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1], decides="Budgets.")
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


@pytest.mark.parametrize(
    "days",
    ["from 2027-06-01 until 2027-05-01", "from 2027-06-01 until 2027-06-01", "until 2027-02-01"],
)
def test_a_seat_that_ends_before_it_begins_is_refused(two: Two, days: str) -> None:
    world = two.world
    make_jsc(world)
    seat = f"seat <@{world.tom.id}> on JSC"
    assert "end before it begins" in world.say(world.ana, f"{seat} {days}")
    assert "Tom sits on JSC as member" in world.say(world.ana, seat)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("from 2027-06-01", "Tom will sit on JSC as member for Acme from 1 June 2027."),
        ("until 2027-06-01", "Tom sits on JSC as member for Acme until 1 June 2027."),
        ("from 2027-06-01 until 2027-07-01", "from 1 June 2027 until 1 July 2027."),
    ],
)
def test_a_seat_is_announced_with_its_days(two: Two, days: str, said: str) -> None:
    world = two.world
    make_jsc(world)
    assert said in world.say(world.ana, f"seat <@{world.tom.id}> on JSC {days}")
