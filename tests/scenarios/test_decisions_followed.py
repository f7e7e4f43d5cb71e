"""What comes of decisions once they are written down: plans, reviews, what is at risk."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.people.models import Member
from tests.harness import Bot
from tests.scenarios.casts import BASEL
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import capture, make_two, press, talk
from tests.scenarios.forging import forge_press
from tests.scenarios.test_confirmations import value_of
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def ask_line(two: Two, what: str) -> None:
    """Ana asks all partners to confirm something."""
    world = two.world
    world.say(world.ana, f'decide "{what}"')
    offered = world.slack.ephemerals(user=world.ana)[-1]
    world.press(world.ana, offered, "Ask the partners to confirm")


def test_a_plan_becomes_the_decision_that_was_taken(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, 'decisions plan "Choose the site" on 2027-04-01')
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Put it on the list")
    shown = two.mention(two.jonas, "decisions show D-1")
    assert "Ask the partners" not in shown
    said = press(
        two,
        two.jonas,
        slack.ephemerals(user=two.jonas)[-1],
        "Decided: write it down",
        what="Use the Basel site",
        weight="asked",
    )
    assert "Saved as D-2" in said
    assert "D-1" in two.mention(two.jonas, "decisions coming up")
    world.press(world.ana, slack.dms(world.ana)[-1], "Confirm for Acme")
    assert "There are none" in two.mention(two.jonas, "decisions coming up")
    assert "decided as D-2" in two.mention(two.jonas, "decisions show D-1")


def test_what_was_looked_at_again_says_so_and_comes_back_on_another_day(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two, weight="noted", review_on="2027-03-09")
    world.bot.advance(timedelta(days=9))
    asked = next(m for m in reversed(slack.dms(world.ana)) if "look at D-1 again" in m.text)
    world.press(world.ana, asked, "Still right")
    assert "looked at again 10 March 2027" in two.mention(two.jonas, "decisions show D-1")
    kept = next(m for m in reversed(slack.dms(world.ana)) if "stands as it is" in m.text)
    assert "on 9 March 2028" in press(
        two, world.ana, kept, "Look at it again", review_on="2028-03-09"
    )
    assert "9 March 2028" in two.mention(two.jonas, "decisions show D-1")


def test_what_is_at_risk_is_told_to_the_others_in_the_managers_words(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two, approvals="Budget approval; Ana; 2027-03-05")
    world.bot.advance(timedelta(days=5))
    question = next(m for m in reversed(slack.dms(world.ana)) if "Budget" in slack.text_of(m))
    press(two, world.ana, question, "Not approved", reason="The board said no.")
    told = next(m for m in reversed(slack.dms(world.ana)) if "board" in slack.text_of(m))
    before = len(world.dms(two.jonas))
    press(two, world.ana, told, "Tell the others", words="We need until May.")
    (heard,) = world.dms(two.jonas)[before:]
    assert "D-1 is at risk on their side" in heard
    assert "We need until May." in heard
    assert "board" not in heard


def test_those_who_need_to_know_are_shown_and_strangers_are_said(two: Two) -> None:
    world, slack = two.world, two.world.slack
    stranger = slack.user("Kim", team=two.jonas.team)
    said = capture(two, weight="noted", inform=(two.jonas.id, stranger.id))
    assert "One of those who need to know is not in the alliance yet" in said
    assert "Needs to know: Jonas" in world.say(world.ana, "decisions show D-1")


def test_an_objection_finds_the_managers_if_its_author_has_left(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.tom.joins(two.shared)
    two.mention(world.tom, 'decide "Use the Basel site"')
    offered = slack.ephemerals(user=world.tom)[-1]
    world.press(world.tom, offered, "Ask the partners to confirm")

    with world.bot.entente.database.write() as session:
        tom = session.exec(select(Member).where(Member.name == "Tom")).one()
        tom.left_at = world.clock()
        session.add(tom)
    asked = next(m for m in reversed(slack.dms(two.jonas)) if "confirm D-1" in slack.text_of(m))
    assert "Acme has your reason" in press(two, two.jonas, asked, "Object", reason="Too early.")
    assert any("Too early." in text for text in world.dms(world.ana))
    assert not any("Too early." in text for text in world.dms(world.tom))


def test_of_many_requests_the_list_says_how_many_more_there_are(two: Two) -> None:
    for number in range(12):
        ask_line(two, f"Thing {number}")
    assert "2 more wait" in two.mention(two.jonas, "confirm")


def test_the_digest_names_what_waits_whatever_kind_it_is(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_line(two, "Use the Basel site")
    world.say(world.ana, "north star")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    digest = two.mention(two.jonas, "digest")
    assert "2 wordings wait for the partners" in digest
    assert "*D-1*: Use the Basel site (waits for Borealis Bio)" in digest
    assert "North Star" in digest


def test_another_pin_is_told_to_the_other_managers_and_can_be_taken_back(two: Two) -> None:
    world = two.world
    world.say(world.ana, "decisions pin memo")
    world.bot.advance(timedelta(hours=4))
    assert any("“memo” offers to capture" in text for text in world.dms(two.jonas))
    world.say(world.ana, "decisions pin star")
    assert "“memo”" in world.say(world.ana, "undo")


def test_what_was_confirmed_before_a_crash_is_announced_after_it_and_once(
    two: Two, database_url: str
) -> None:
    world, slack = two.world, two.world.slack
    capture(two)
    asked = next(m for m in reversed(slack.dms(two.jonas)) if "confirm D-1" in slack.text_of(m))
    version = value_of(asked, "confirmations.confirm")
    slack.fails("chat.postMessage", status=503, times=None)
    two.jonas.presses(asked, "Confirm for Borealis Bio")
    world.bot.call(world.bot.entente.dispatcher.finish())
    assert not any("D-1" in post for post in two.posts())
    slack.works_again()
    with Bot(database_url, slack, world.clock) as again:
        for _ in range(4):
            world.clock.advance(timedelta(minutes=10))
            again.work()
        assert sum("D-1 is confirmed by the partners" in post for post in two.posts()) == 1
        assert sum("Confirmed: D-1" in text for text in world.dms(world.ana)) == 1
        forge_press(slack, two.jonas, "confirmations.confirm", version, two.shared)
        again.settle()
    assert sum("D-1" in post for post in two.posts()) == 1


def test_a_message_that_was_deleted_or_edited_meanwhile_is_captured_as_its_reader_saw_it(
    two: Two,
) -> None:
    world, slack = two.world, two.world.slack
    last = talk(two)
    world.ana.uses_shortcut("decisions.capture", last)
    form = slack.views(world.ana)[-1]
    world.ana.edits(last, "Use the Zurich site")
    answer = world.ana.submits(form, weight="noted", audience="alliance")
    assert "Noted as D-1" in answer.text
    world.bot.settle()
    assert BASEL in world.say(world.ana, "decisions show D-1")

    two.jonas.reacts(last, "pushpin")
    world.bot.settle()
    world.ana.deletes(last)
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    said = two.jonas.submits(
        slack.views(two.jonas)[-1], what="Start in May", weight="noted", audience="alliance"
    )
    assert "Noted as D-2" in said.text
