"""Lists of terms that people work through: real counts, pages, senses, and what waits for whom."""

import pytest

from tests.scenarios.conftest import World
from tests.scenarios.test_glossary import bring
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def test_a_long_list_says_how_long_it_is_and_goes_on(two: Two) -> None:
    world, slack = two.world, two.world.slack
    lines = [f"T{number:02},the service number {number}" for number in range(45)]
    bring(two, world.ana, "a.csv", "\n".join(["term,meaning", *lines]))
    said = world.say(world.tom, "terms")
    assert "The terms you can see: 45." in said
    assert "T19" in said
    assert "T20" not in said
    said = world.press(world.tom, slack.ephemerals(user=world.tom)[-1], "Next page")
    assert "T20" in said
    assert "T40" in world.press(world.tom, slack.ephemerals(user=world.tom)[-1], "Next page")
    assert "“service” in them: 45" in world.say(world.tom, "terms service")
    last = slack.ephemerals(user=world.tom)[-1]
    world.tom.chooses(last, "term.pick", form_option_of(last, "T07"))
    world.bot.settle()
    assert "the service number 7" in slack.text_of(slack.ephemerals(user=world.tom)[-1])


def form_option_of(message: object, words: str) -> str:
    for block in message.blocks:  # type: ignore[attr-defined]
        for element in block.get("elements", []):
            for option in element.get("options", []) if isinstance(element, dict) else ():
                if words in option["text"]["text"]:
                    return str(option["value"])
    raise AssertionError(words)


def test_the_words_of_what_was_agreed_are_found(two: Two) -> None:
    world, slack = two.world, two.world.slack
    bring(two, world.ana, "a.csv", "term,meaning\nDBL,Lock\n")
    world.say(world.ana, "define DBL")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Propose a meaning for all")
    world.ana.submits(slack.views(world.ana)[-1], meaning="The moment when data are frozen.")
    world.bot.settle()
    world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
    assert "DBL" in world.say(world.tom, "terms frozen")


def test_every_sense_of_a_word_is_reached_disputed_and_retired(two: Two) -> None:
    world, slack = two.world, two.world.slack
    senses = ["Audit", "Board", "Cooling", "Duty", "Escrow", "Fuel", "Grant"]
    lines = [f"AC,{sense} of some kind" for sense in senses]
    bring(two, world.ana, "a.csv", "\n".join(["term,meaning", *lines]))
    said = world.say(world.ana, "term retire AC")
    assert "2 more senses" in said
    shown = slack.ephemerals(user=world.ana)[-1]
    assert form_option_of(shown, "AC")
    world.press(world.ana, shown, "term.retire~5")
    world.ana.submits(slack.views(world.ana)[-1], reason="Nobody says so.")
    world.bot.settle()
    assert "not in use any more: 1" in world.say(world.tom, "terms retired")
    two.mention(two.jonas, "define AC")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "term.dispute~5")
    two.jonas.submits(slack.views(two.jonas)[-1], reason="We mean the council.")
    world.bot.settle()
    assert "AC" in world.say(world.tom, "terms contested")


def test_a_members_proposal_reaches_their_own_manager(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.tom, "term add DBL = The database lock.")
    world.bot.settle()
    (asked,) = [
        m for m in slack.dms(world.ana) if "Tom proposes what Acme means" in slack.text_of(m)
    ]
    assert not any("Tom proposes" in text for text in world.dms(two.jonas))
    for asked_for in ("terms waiting", "term weekly", "confirm"):
        assert "The database lock." in world.say(world.ana, asked_for)
    assert "The database lock." not in world.say(world.tom, "confirm")
    assert "The database lock." not in two.mention(two.jonas, "confirm")
    assert "this is what Acme means" in world.press(world.ana, asked, "Confirm for Acme")
    assert "The database lock." not in world.say(world.ana, "terms waiting")
    assert "Nothing waits for your confirmation" in world.say(world.ana, "confirm")


def test_all_that_waits_for_a_manager_is_in_one_place(two: Two) -> None:
    world = two.world
    world.say(world.tom, "term add DBL = The database lock.")
    for number in range(12):
        two.mention(two.jonas, f'decide "Thing {number}"')
        world.press(
            two.jonas, world.slack.ephemerals(user=two.jonas)[-1], "Ask the partners to confirm"
        )
    shown = world.say(world.ana, "confirm")
    assert "Thing 9" in shown
    assert "Thing 10" not in shown
    assert "2 more wait" in shown
    assert "The database lock." in shown
    rest = world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Show the next")
    assert "Thing 10" in rest
    assert "Thing 11" in rest
    assert "more wait" not in rest
