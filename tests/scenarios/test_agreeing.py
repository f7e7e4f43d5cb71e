"""What the partners agreed on together, and what becomes of it when one side changes its mind."""

from datetime import timedelta

import pytest

from tests.scenarios.conftest import World
from tests.scenarios.test_glossary import bring, contest
from tests.scenarios.test_two_partners import Two

AGREED = "Write “drug substance”; API is the software interface."


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def agree(two: Two, name: str = "API", text: str = AGREED) -> None:
    """Both partners confirm one meaning."""
    world, slack = two.world, two.world.slack
    world.say(world.ana, f"define {name}")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Propose a meaning for all")
    world.ana.submits(slack.views(world.ana)[-1], meaning=text)
    world.bot.settle()
    world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
    assert "Agreed* by the partners" in world.say(world.tom, f"define {name}")


def test_no_side_alone_renames_or_takes_away_what_all_agreed_on(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "term add API = The drug substance.")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Share with the alliance")
    agree(two)
    for line in ("term retire API", "undo"):
        world.say(world.ana, line)
        assert "Agreed* by the partners" in two.mention(two.jonas, "define API")
    assert "no side alone" in world.say(world.ana, "term retire API")
    world.say(world.ana, "term edit API")
    answer = world.ana.submits(slack.views(world.ana)[-1], name="XYZ")
    assert "no side alone" in answer.text
    assert "Nobody here has said" in world.say(world.tom, "define XYZ")


def test_a_meaning_that_leaves_what_was_agreed_contests_it_and_the_others_hear(two: Two) -> None:
    world = two.world
    contest(two)
    agree(two)
    said = two.mention(two.jonas, "term edit API = An advanced intermediate.")
    assert "Contested" in said
    world.bot.advance(timedelta(hours=3))
    heard = [text for text in world.dms(world.ana) if "contested again" in text]
    assert len(heard) == 1
    assert "Jonas (Borealis Bio)" in heard[0]
    assert AGREED in heard[0]


def test_what_is_taken_back_at_once_nobody_hears_of(two: Two) -> None:
    world = two.world
    contest(two)
    agree(two)
    world.bot.advance(timedelta(days=5))
    assert "Contested" in two.mention(two.jonas, "term dispute API")
    assert "is as it was" in two.mention(two.jonas, "undo")
    said = world.say(world.tom, "term")
    assert "Agreed: 1. Contested: 0." in said
    assert "-" not in said.split("in the middle")[0].rsplit("\n", 1)[-1].removeprefix("- ")
    two.mention(two.jonas, "term edit API = An advanced intermediate.")
    two.mention(two.jonas, "undo")
    assert "Agreed* by the partners" in world.say(world.tom, "define API")
    world.bot.advance(timedelta(days=1))
    assert not any("contested again" in text for text in world.dms(world.ana))


def test_a_dispute_brings_its_reason_to_the_others(two: Two) -> None:
    world, slack = two.world, two.world.slack
    contest(two)
    agree(two)
    two.mention(two.jonas, "define API")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Dispute")
    two.jonas.submits(slack.views(two.jonas)[-1], reason="Our teams still mix it up.")
    world.bot.settle()
    world.bot.advance(timedelta(hours=3))
    (heard,) = [text for text in world.dms(world.ana) if "contested again" in text]
    assert "Our teams still mix it up." in heard


def test_an_import_that_leaves_what_was_agreed_is_told_to_the_others(two: Two) -> None:
    world = two.world
    contest(two)
    agree(two)
    bring(two, two.jonas, "b.csv", "term,meaning\nAPI,An advanced intermediate\n")
    world.bot.advance(timedelta(days=1))
    (heard,) = [text for text in world.dms(world.ana) if "imported a glossary" in text]
    assert "contested again: API" in heard


def test_several_meanings_are_put_to_the_partners_in_one_go(two: Two) -> None:
    world, slack = two.world, two.world.slack
    bring(two, world.ana, "a.csv", "term,meaning\nAC: board,Audit\nAC,Cooling\nDBL,Lock\n")
    bring(two, two.jonas, "b.csv", "term,meaning\nAC: board,Advice\nAC,Current\nDBL,Blank\n")
    world.say(world.ana, "terms contested")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Propose for several")
    form = slack.views(world.ana)[-1]
    by_label = {
        block["label"]["text"]: block["block_id"]
        for block in form.payload["blocks"]
        if block["type"] == "input"
    }
    values = {by_label["AC: board"]: "The audit committee.", by_label["AC"]: "Air conditioning."}
    assert "at least one meaning" in world.ana.submits(form).text
    world.ana.submits(form, **values)
    world.bot.settle()
    asked = slack.dms(two.jonas)[-1]
    assert "the meanings of 2 terms" in slack.text_of(asked)
    world.press(two.jonas, asked, "Confirm for Borealis Bio")
    for name, text in (("AC: board", "The audit committee."), ("AC", "Air conditioning.")):
        said = world.say(world.tom, f"define {name}")
        assert "Agreed* by the partners" in said
        assert text in said
    assert "Contested" in world.say(world.tom, "define DBL")


def test_a_terms_history_holds_what_was_proposed_answered_imported_and_disputed(two: Two) -> None:
    world, slack = two.world, two.world.slack
    bring(two, world.ana, "a.csv", "term,meaning\nAPI,Drug\n")
    agree(two)
    two.mention(two.jonas, "term add API = Project Falcon.")
    two.mention(two.jonas, "term dispute API")
    world.say(world.ana, "define API")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "History")
    said = slack.text_of(slack.ephemerals(user=world.ana)[-1])
    for words in (
        "imported",
        "proposed for all",
        "confirmed the proposal",
        "agreed by the",
        AGREED,
    ):
        assert words in said
    assert "disputed" in said
    assert "Falcon" not in said
    two.mention(two.jonas, "define API")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "History")
    assert "Falcon" in slack.text_of(slack.ephemerals(user=two.jonas)[-1])


def test_the_status_says_how_the_common_language_stands(two: Two) -> None:
    world = two.world
    assert "Common language" not in world.say(world.ana, "status")
    contest(two)
    said = world.say(world.ana, "status")
    assert "Common language" in said
    assert "Agreed: 0. Contested: 1." in said
