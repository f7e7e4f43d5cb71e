"""A decision from the thread to what replaces it, as two partners live it."""

import json
from datetime import timedelta

from sqlmodel import select

from bot.features.decisions.models import Decision, Task
from tests.scenarios.casts import BASEL, Cast, capture, note, switch_on, talk
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two

BETTER = "Use the Basel site for phase 2, with Zurich as reserve"
BUDGET = "Budget approval; Ana; 2027-03-05"
HIDDEN = {"audience": "partner", "weight": "noted", "approvals": BUDGET}
SUGGEST = "Suggest to note decisions down"


def test_from_the_thread_to_what_replaces_it(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert "Saved as D-1" in capture(ana, jonas, approvals=BUDGET)
    assert not any("D-1" in post for post in ana.posts())

    # One side improves the wording; both confirm.
    jonas.presses("Suggest wording", on="can you confirm D-1 for Borealis Bio")
    jonas.fills(what=BETTER, why="It can start in May.")
    jonas.close_form()
    ana.presses("Take it over", on="suggests")
    ana.fills(what=BETTER, why="It can start in May.")
    ana.close_form()
    assert BETTER in ana.asks("decisions show D-1")
    assert BETTER in ana.asks("decisions search reserve")
    assert any("took up your wording" in text for text in jonas.letters())
    jonas.presses("Confirm for Borealis Bio", on="confirm D-1")
    (announced,) = [post for post in ana.posts() if "D-1" in post]
    assert "D-1 is confirmed by the partners" in announced
    assert BETTER in announced

    # The approval is chased on Acme's side alone.
    shown = jonas.asks("decisions show D-1")
    assert "Acme: approvals open" in shown
    assert "Budget" not in shown
    partners.advance(timedelta(days=4))
    question = next(text for text in reversed(ana.letters()) if "Budget" in text)
    assert "D-1 waits for Acme's approval" in question
    assert not any("Budget" in text for text in jonas.texts())
    ana.presses("Done", on="Budget")
    assert "Acme: approvals done" in jonas.asks("decisions show 1")

    # Two months later it is found, by its new words, with a slip of the finger too.
    partners.advance(timedelta(days=60))
    assert BETTER in ana.asks("decisions search reserve basel")
    assert "Did you mean" in jonas.asks("decisions search zurihc")

    # Somebody brings the subject up again, and is pointed at it; once.
    switch_on("Point at what was decided", ana, jonas)
    again = "Should we use the Zurich site as reserve for phase 2, or Basel?"
    (pointer,) = jonas.learns(lambda: jonas.chats(again))
    assert "This was decided on 1 March 2027 (D-1)" in pointer
    assert "Because: It can start in May." in pointer

    # A change is proposed, confirmed by both, and takes its place.
    jonas.presses("Propose a change", on="This was decided on 1 March 2027 (D-1)")
    zurich = "Use the Zurich site for phase 2"
    jonas.fills(what=zurich, why="Basel is full.", weight="asked", audience="alliance")
    jonas.close_form()
    ana.presses("Confirm for Acme", on="confirm D-2")
    assert "replaced by D-2" in ana.asks("decisions show D-1")
    assert "Takes the place of D-1" in ana.asks("decisions show D-2")


def test_either_side_captures_in_its_own_way(partners: Cast) -> None:
    """From a message's menu, or by a pin where there is none."""
    ana, jonas = partners.ana, partners.jonas
    jonas.captures(talk(ana, jonas))
    jonas.hears(BASEL)
    assert "Noted as D-1" in jonas.fills(weight="noted", audience="alliance", why="May.")
    jonas.close_form()
    (post,) = [post for post in ana.posts() if "D-1" in post]
    assert "Noted by Jonas (Borealis Bio) as D-1" in post
    assert "Open the thread" in ana.asks("decisions show D-1")


def test_one_line_is_looked_at_before_it_is_saved(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    said = jonas.asks('decide "Use the Basel site" because "it can start in May"')
    assert "Nothing is saved until you press" in said
    assert "No decision has been written down yet" in jonas.asks("decisions")
    jonas.presses("Ask the partners to confirm", on="saved until")
    assert "can you confirm D-1 for Acme" in ana.letters()[-1]
    assert "waits for the partners" in jonas.asks("decisions pending")
    alliance = partners.bot.read(lambda session: session.exec(select(Decision.alliance_id)).one())
    twice = json.dumps({"alliance": alliance, "what": "Use the Basel site"})
    assert "saved already, as D-1" in jonas.forges("decisions.note", twice)
    jonas.close_form()
    assert "D-1" in ana.asks("decisions mine")


def test_the_second_of_two_sees_what_the_first_captured(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    last = talk(ana, jonas)
    ana.captures(last)
    jonas.captures(last)
    ana.fills(weight="noted", audience="alliance")
    again = jonas.fills(what="Start in May", weight="noted", audience="alliance")
    assert "Ana was a moment faster: D-1" in again
    assert "Start in May" in again
    again = jonas.fills(what="Start in May", weight="noted", audience="alliance")
    assert "Noted as D-2" in again


def test_not_approved_goes_to_the_own_manager_who_chooses_the_words(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture(ana, jonas, approvals=BUDGET)
    partners.advance(timedelta(days=5))
    ana.presses("Not approved", on="Budget")
    ana.fills(reason="The board said no.")
    ana.close_form()
    assert "Acme: approvals open" in jonas.asks("decisions show D-1")
    ana.presses("Tell the others", on="board")
    ana.fills(words="We need until May.")
    ana.close_form()
    shown = jonas.asks("decisions show D-1")
    assert "at risk" in shown
    assert "We need until May." in shown
    assert "board" not in shown


def test_a_discussion_that_ended_in_a_decision_is_suggested_to_who_said_it(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    switch_on(SUGGEST, ana, jonas)

    def discuss() -> None:
        jonas.chats("Which site, Basel or Zurich? Basel can start in May.")
        ana.chats("ok, let's go with Basel")

    assert ana.learns(discuss) == []
    (hint,) = ana.learns(lambda: jonas.chats("great, agreed"))
    assert "Shall I note it down?" in hint
    assert "Basel" not in hint
    assert "surer here" in ana.presses("Not a decision", on="Shall I note it down?")


def test_nobody_is_listened_to_before_all_managers_want_it(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    ana.says("decisions listen")
    shown = ana.presses(f"On: {SUGGEST}", on="once the managers")
    assert "Not switched on by: Borealis Bio" in shown

    def discuss() -> None:
        ana.chats("ok, let's go with Basel")
        jonas.chats("great, agreed")

    assert ana.learns(discuss) == []


def test_forged_presses_reach_nothing_of_others(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture(ana, jonas, **HIDDEN)
    decision, task = partners.bot.read(
        lambda session: (
            session.exec(select(Decision.id)).one(),
            session.exec(select(Task.id)).one(),
        )
    )
    for action, value in (
        ("decisions.show", decision),
        ("decisions.withdraw", decision),
        ("decisions.share", decision),
        ("decisions.ask_now", decision),
        ("decisions.first_yes", decision),
        ("decisions.still_right", decision),
        ("decisions.task_done", task),
        ("decisions.not_same", "0" * 24),
        ("decisions.page", "0" * 24 + "|recent|0"),
        ("decisions.note", '{"alliance": "x"}'),
        ("decisions.draft", "[1, 2"),
    ):
        said = jonas.forges(action, value)
        assert said, action
        assert "Basel" not in said, action
        assert "Budget" not in said, action
    jonas.close_form()
    assert "can't find" in jonas.asks("decisions show D-1")
    assert "no decision for" in jonas.asks("decisions search basel").casefold()
    assert not any("Basel" in post for post in ana.posts())
    assert "Basel" in ana.asks("decisions show D-1")


def test_what_is_too_long_or_makes_no_sense_is_said_kindly(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert "no more than 600 characters" in ana.asks(f"decide {'x' * 700}")
    said = jonas.asks(f"decide Use <!channel> *Basel* because {'y' * 2500}")
    assert "nothing is saved yet" in said.casefold()
    assert "Say it like" in ana.asks("decisions plan something")
    assert "what to look for" in ana.asks("decisions search ???")
    ana.captures(talk(ana, jonas))
    for values, problem in (
        ({"approvals": "Budget; Nobody Here"}, "nobody called"),
        ({"actions": "a; b; c; d"}, "can't read"),
        ({"review_on": "2020-01-01"}, "after today"),
        ({"audience": "partner", "weight": "asked"}, "may see"),
        ({"audience": "committee", "weight": "noted"}, "committee"),
    ):
        given = {"audience": "alliance", "weight": "noted", "approvals": "", "actions": ""}
        given |= {"review_on": ""} | values
        said = ana.fills(**given)
        assert problem in said, problem
        assert BASEL in said, problem


def test_plans_come_up_and_reminders_and_the_digest_say_so(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    said = ana.asks('decisions plan "Choose the <b>site</b>" on 2027-04-01')
    assert "would see it" in said
    assert "There are none" in jonas.asks("decisions coming up")
    assert "D-1 is planned" in ana.presses("Put it on the list", on="would see it")
    assert "coming up on 1 April 2027" in jonas.asks("decisions coming up")
    ana.says("remind add decisions every monday 09:00")
    assert "The first one comes" in ana.presses("Set up a reminder", on="Set up a reminder")
    assert "once a week" in jonas.asks("digest on")
    partners.advance(timedelta(days=8))
    coming = ana.posts()[-1]
    assert "Coming up on 1 April 2027: " in coming
    assert f"D-1 {ana.plain('Choose the <b>site</b>')}" in coming
    digest = [text for text in jonas.letters() if "What is new, and what waits" in text]
    assert len(digest) == 1
    assert "One comes up" in digest[0]


def test_one_sides_decision_is_shown_to_all_by_its_manager_after_a_preview(
    partners: Cast,
) -> None:
    ana, jonas, tom = partners.ana, partners.jonas, partners.make_colleague("Tom")
    capture(ana, jonas, **HIDDEN)
    assert "managers" in tom.asks("decisions share D-1")
    assert "can't find" in jonas.asks("decisions share D-1")
    shown = ana.asks("decisions share D-1")
    assert "Borealis Bio can read it too" in shown
    assert BASEL in shown
    assert "Budget" not in shown
    assert "can't find" in jonas.asks("decisions show D-1")
    ana.presses("Share with everybody", on="Borealis Bio can read it too")
    read = jonas.asks("decisions show D-1")
    assert BASEL in read
    assert "Acme: approvals open" in read
    assert "Budget" not in read
    assert "Only your side sees D-1 again" in ana.asks("undo")
    assert "can't find" in jonas.asks("decisions show D-1")


def test_whoever_captured_takes_it_back_manager_or_not(partners: Cast) -> None:
    tom = partners.make_colleague("Tom")
    note(tom, '"Use the Basel site"')
    assert "D-1 is withdrawn" in tom.asks("undo")
    assert "nothing" in tom.asks("undo").lower()


def test_what_one_side_discussed_alone_can_go_to_a_counterpart_first(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    at_home = ana.at(partners.make_room("steering", ana))
    assert "now belongs to" in at_home.asks("link")
    at_home.captures(at_home.chats(BASEL))
    said = at_home.fills(weight="asked", audience="alliance")
    assert "Only people of Acme spoke in this thread" in said
    said = at_home.fills(first="Jonas first, before anybody else")
    assert "Kept as D-1, and sent to Jonas" in said
    assert "would like your word on this" in jonas.letters()[-1]
    jonas.presses("Looks right", on="would like your word on this")
    ana.presses("Ask the partners now", on="D-1")
    assert "can you confirm D-1" in jonas.letters()[-1]


def test_where_both_sides_meet_the_thread_tells_that_one_alone_spoke(world: World) -> None:
    """Where it can be read."""
    two, slack = make_two(world), world.slack
    alone = world.ana.says(two.shared, BASEL)
    world.ana.uses_shortcut("decisions.capture", alone)
    world.ana.submits(slack.views(world.ana)[-1], weight="asked", audience="alliance")
    form = slack.views(world.ana)[-1]
    assert "Only people of Acme spoke in this thread" in slack.text_of(form)
    (jonas,) = [
        option["value"]
        for block in form.payload["blocks"]
        for option in block.get("element", {}).get("options", [])
        if "Jonas first" in option["text"]["text"]
    ]
    answer = world.ana.submits(form, weight="asked", audience="alliance", first=jonas)
    assert "Kept as D-1, and sent to Jonas" in answer.text
    world.bot.settle()
    question = slack.dms(two.jonas)[-1]
    assert "would like your word on this" in slack.text_of(question)
    world.press(two.jonas, question, "Looks right")
    world.press(world.ana, slack.dms(world.ana)[-1], "Ask the partners now")
    assert "can you confirm D-1" in slack.text_of(slack.dms(two.jonas)[-1])
