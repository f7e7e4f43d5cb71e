"""What comes of decisions once they are written down: plans, reviews, what is at risk."""

from datetime import timedelta

from sqlmodel import select

from bot.people.models import Member
from tests.harness import Bot, ManualClock
from tests.scenarios.casts import BASEL, Cast, ask_partners, capture, note, talk
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two
from tests.scenarios.teams import TeamsWorld

ASK = "Ask the partners to confirm"
BUDGET = "Budget approval; Ana; 2027-03-05"


def test_a_plan_becomes_the_decision_that_was_taken(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    ana.says('decisions plan "Choose the site" on 2027-04-01')
    ana.presses("Put it on the list", on="Put it on the list")
    assert "Ask the partners" not in jonas.asks("decisions show D-1")
    jonas.presses("Decided: write it down", on="Decided: write it down")
    assert "Saved as D-2" in jonas.fills(what="Use the Basel site", weight="asked")
    jonas.close_form()
    assert "D-1" in jonas.asks("decisions coming up")
    ana.presses("Confirm for Acme", on="confirm D-2")
    assert "There are none" in jonas.asks("decisions coming up")
    assert "decided as D-2" in jonas.asks("decisions show D-1")


def test_what_was_looked_at_again_says_so_and_comes_back_on_another_day(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture(ana, jonas, weight="noted", review_on="2027-03-09")
    partners.advance(timedelta(days=9))
    assert "stands as it is" in ana.presses("Still right", on="look at D-1 again")
    assert "looked at again 10 March 2027" in jonas.asks("decisions show D-1")
    ana.presses("Look at it again", on="stands as it is")
    assert "on 9 March 2028" in ana.fills(review_on="2028-03-09")
    assert "9 March 2028" in jonas.asks("decisions show D-1")


def test_what_is_at_risk_is_told_to_the_others_in_the_managers_words(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture(ana, jonas, approvals=BUDGET)
    partners.advance(timedelta(days=5))
    ana.presses("Not approved", on="Budget")
    ana.fills(reason="The board said no.")
    ana.close_form()
    ana.presses("Tell the others", on="board")
    before = len(jonas.letters())
    ana.fills(words="We need until May.")
    (heard,) = jonas.letters()[before:]
    assert "D-1 is at risk on their side" in heard
    assert "We need until May." in heard
    assert "board" not in heard


def test_those_who_need_to_know_are_shown_and_strangers_are_said(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    people = (jonas.user.id, jonas.make_stranger("Kim"))
    said = capture(ana, jonas, weight="noted", inform=people)
    assert "One of those who need to know is not in the alliance yet" in said
    assert "Needs to know: Jonas" in ana.asks("decisions show D-1")


def test_an_objection_finds_the_managers_if_its_author_has_left(partners: Cast) -> None:
    ana, jonas, tom = partners.ana, partners.jonas, partners.make_colleague("Tom")
    note(tom, '"Use the Basel site"', ASK)
    assert isinstance(partners.bot, Bot)
    with partners.bot.entente.database.write() as session:
        member = session.exec(select(Member).where(Member.name == "Tom")).one()
        member.left_at = partners.clock.now
        session.add(member)
    jonas.presses("Object", on="confirm D-1")
    assert "Acme has your reason" in jonas.fills(reason="Too early.")
    assert any("Too early." in text for text in ana.letters())
    assert not any("Too early." in text for text in tom.letters())


def test_of_many_requests_the_list_says_how_many_more_there_are(partners: Cast) -> None:
    for number in range(12):
        note(partners.ana, f'"Thing {number}"', ASK)
    assert "2 more wait" in partners.jonas.asks("confirm")


def test_the_digest_names_what_waits_whatever_kind_it_is(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    note(ana, '"Use the Basel site"', ASK)
    ana.asks('north star set "An ordinary school day."')
    ask_partners(ana, "north star")
    digest = jonas.asks("digest")
    assert "2 wordings wait for the partners" in digest
    assert "D-1: Use the Basel site (waits for Borealis Bio)" in digest
    assert "North Star" in digest


def test_another_pin_is_told_to_the_other_managers_and_can_be_taken_back(world: World) -> None:
    two = make_two(world)
    world.say(world.ana, "decisions pin memo")
    world.bot.advance(timedelta(hours=4))
    assert any("“memo” offers to capture" in text for text in world.dms(two.jonas))
    world.say(world.ana, "decisions pin star")
    assert "“memo”" in world.say(world.ana, "undo")


def test_where_reactions_are_not_told_a_pin_is_refused_with_the_other_way(
    teams_world: TeamsWorld,
) -> None:
    teams_world.set_up()
    said = teams_world.write(teams_world.mei, "decisions pin memo")
    assert "open its menu (the three dots) and choose Capture decision" in said


def test_what_was_confirmed_before_a_crash_is_announced_after_it_and_once(
    partners: Cast,
) -> None:
    ana, jonas, bot = partners.ana, partners.jonas, partners.bot
    assert isinstance(bot, Bot)
    assert isinstance(partners.clock, ManualClock)
    capture(ana, jonas)
    (version,) = jonas.carries("confirmations.confirm", on="confirm D-1")
    (platform,) = partners.fakes
    platform.refuses_all()
    jonas.press_on(jonas.direct()[-1], "Confirm for Borealis Bio")
    bot.call(bot.entente.dispatcher.finish())
    assert not any("D-1" in post for post in ana.posts())
    platform.works_again()
    with partners.make_successor() as again:
        for _ in range(4):
            partners.clock.advance(timedelta(minutes=10))
            again.work()
        assert sum("D-1 is confirmed by the partners" in post for post in ana.posts()) == 1
        assert sum("Confirmed: D-1" in text for text in ana.letters()) == 1
        jonas.forge_press("confirmations.confirm", version)
        again.settle()
    assert sum("D-1" in post for post in ana.posts()) == 1


def test_a_message_that_was_edited_meanwhile_is_captured_as_its_reader_saw_it(
    partners: Cast,
) -> None:
    ana, jonas = partners.ana, partners.jonas
    last = talk(ana, jonas)
    ana.captures(last)
    ana.edits(last, "Use the Zurich site")
    assert "Noted as D-1" in ana.fills(weight="noted", audience="alliance")
    ana.close_form()
    assert BASEL in ana.asks("decisions show D-1")


def test_what_is_deleted_while_the_form_is_open_is_captured_all_the_same(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    last = talk(ana, jonas)
    jonas.captures(last)
    ana.deletes(last)
    said = jonas.fills(what="Start in May", weight="noted", audience="alliance")
    assert "Noted as D-1" in said


def test_what_was_deleted_before_the_button_is_pressed_is_captured_in_other_words(
    world: World,
) -> None:
    two, slack = make_two(world), world.slack
    last = world.ana.says(two.shared, BASEL)
    two.jonas.reacts(last, "pushpin")
    world.bot.settle()
    world.ana.deletes(last)
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    said = two.jonas.submits(
        slack.views(two.jonas)[-1], what="Start in May", weight="noted", audience="alliance"
    )
    assert "Noted as D-1" in said.text
