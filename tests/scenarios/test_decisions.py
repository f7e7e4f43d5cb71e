"""A decision from the thread to what replaces it, as two partners live it."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.features.decisions.models import Decision, Task
from tests.fakes.slack import Message, User
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two

BASEL = "Use the Basel site for phase 2"
BETTER = "Use the Basel site for phase 2, with Zurich as reserve"


def make_two(world: World) -> Two:
    """Acme and Borealis, with a shared channel that both agreed to."""
    world.start()
    made = Two(world)
    slack = world.slack
    world.say(world.ana, "link", channel=made.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    made.accept(made.code())
    made.agree(world.ana, linked)
    made.agree(made.jonas, slack.dms(made.jonas)[-1])
    return made


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def talk(two: Two) -> Message:
    """A thread that ends in a decision; answers its last message."""
    world = two.world
    first = world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, "Basel can start in May.", thread=first)
    last = world.ana.says(two.shared, BASEL, thread=first)
    world.bot.settle()
    return last


def prefilled(two: Two, who: User) -> str:
    """What stands in the form in front of a person."""
    return str(two.world.slack.views(who)[-1].payload["blocks"])


def press(two: Two, who: User, message: object, label: str, **values: str) -> str:
    """A button that opens a form, and the form filled in; answers what it says at the end."""
    who.presses(message, label)
    two.world.bot.settle()
    answer = who.submits(two.world.slack.views(who)[-1], **values)
    two.world.bot.settle()
    assert answer.status == 200, answer.text
    return answer.text


def last_dm(two: Two, who: User) -> Message:
    return two.world.slack.dms(who)[-1]


def capture(two: Two, **values: str) -> str:
    """Ana captures the end of a discussion, for all partners to confirm."""
    world, slack = two.world, two.world.slack
    world.ana.uses_shortcut("decisions.capture", talk(two))
    assert BASEL in prefilled(two, world.ana)
    given = {"why": "It can start in May.", "weight": "asked", "audience": "alliance"}
    answer = world.ana.submits(slack.views(world.ana)[-1], **(given | values))
    assert answer.status == 200, answer.text
    world.bot.settle()
    return answer.text


def test_from_the_thread_to_what_replaces_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    assert "Saved as D-1" in capture(two, approvals="Budget approval; Ana; 2027-03-05")
    assert not any("D-1" in post for post in two.posts())

    # One side improves the wording; both confirm.
    asked = last_dm(two, two.jonas)
    assert "can you confirm D-1 for Borealis Bio" in slack.text_of(asked)
    press(two, two.jonas, asked, "Suggest wording", what=BETTER, why="It can start in May.")
    suggestion = next(m for m in reversed(slack.dms(world.ana)) if "suggests" in slack.text_of(m))
    press(two, world.ana, suggestion, "Take it over", what=BETTER, why="It can start in May.")
    assert BETTER in world.say(world.ana, "decisions show D-1")
    assert BETTER in world.say(world.ana, "decisions search reserve")
    assert any("took up your wording" in text for text in world.dms(two.jonas))
    again = next(m for m in reversed(slack.dms(two.jonas)) if "confirm D-1" in slack.text_of(m))
    world.press(two.jonas, again, "Confirm for Borealis Bio")
    (announced,) = [post for post in two.posts() if "D-1" in post]
    assert "D-1 is confirmed by the partners" in announced
    assert BETTER in announced

    # The approval is chased on Acme's side alone.
    shown = two.mention(two.jonas, "decisions show D-1")
    assert "Acme: approvals open" in shown
    assert "Budget" not in shown
    world.bot.advance(timedelta(days=4))
    question = next(m for m in reversed(slack.dms(world.ana)) if "Budget" in slack.text_of(m))
    assert "D-1 waits for Acme's approval" in slack.text_of(question)
    assert not any("Budget" in text for text in world.dms(two.jonas))
    world.press(world.ana, question, "Done")
    assert "Acme: approvals done" in two.mention(two.jonas, "decisions show 1")

    # Two months later it is found, by its new words, with a slip of the finger too.
    world.bot.advance(timedelta(days=60))
    assert BETTER in world.say(world.ana, "decisions search reserve basel")
    assert "Did you mean" in two.mention(two.jonas, "decisions search zurihc")

    # Somebody brings the subject up again, and is pointed at it; once.
    for who in (world.ana, two.jonas):
        world.bot.settle()
        two.mention(who, "decisions listen")
        offered = slack.ephemerals(user=who)[-1]
        world.press(who, offered, "On: Point at what was decided")
    world.bot.settle()
    before = len(slack.ephemerals(user=two.jonas))
    two.jonas.says(two.shared, "Should we use the Zurich site as reserve for phase 2, or Basel?")
    world.bot.settle()
    (pointer,) = slack.ephemerals(user=two.jonas)[before:]
    assert "This was decided on 1 March 2027 (D-1)" in slack.text_of(pointer)
    assert "Because: It can start in May." in slack.text_of(pointer)

    # A change is proposed, confirmed by both, and takes its place.
    press(
        two,
        two.jonas,
        pointer,
        "Propose a change",
        what="Use the Zurich site for phase 2",
        why="Basel is full.",
        weight="asked",
        audience="alliance",
    )
    request = next(m for m in reversed(slack.dms(world.ana)) if "confirm D-2" in slack.text_of(m))
    world.press(world.ana, request, "Confirm for Acme")
    shown = world.say(world.ana, "decisions show D-1")
    assert "replaced by D-2" in shown
    assert "Takes the place of D-1" in world.say(world.ana, "decisions show D-2")


def test_a_pin_gives_a_button_to_those_who_have_no_shortcuts(two: Two) -> None:
    world, slack = two.world, two.world.slack
    last = talk(two)
    two.jonas.reacts(last, "pushpin")
    world.bot.settle()
    offered = slack.ephemerals(user=two.jonas)[-1]
    two.jonas.presses(offered, "Capture decision")
    world.bot.settle()
    assert BASEL in prefilled(two, two.jonas)
    answer = two.jonas.submits(
        slack.views(two.jonas)[-1], weight="noted", audience="alliance", why="May."
    )
    assert "Noted as D-1" in answer.text
    world.bot.settle()
    (post,) = [post for post in two.posts() if "D-1" in post]
    assert "Noted by Jonas (Borealis Bio) as D-1" in post
    assert "Open the thread" in world.say(world.ana, "decisions show D-1")


def test_one_line_is_looked_at_before_it_is_saved(two: Two) -> None:
    world, slack = two.world, two.world.slack
    said = two.mention(two.jonas, 'decide "Use the Basel site" because "it can start in May"')
    assert "Nothing is saved until you press" in said
    assert "No decision has been written down yet" in two.mention(two.jonas, "decisions")
    preview = next(
        m for m in reversed(slack.ephemerals(user=two.jonas)) if "saved until" in slack.text_of(m)
    )
    two.jonas.presses(preview, "Ask the partners to confirm")
    world.bot.settle()
    assert "can you confirm D-1 for Acme" in slack.text_of(last_dm(two, world.ana))
    assert "waits for the partners" in two.mention(two.jonas, "decisions pending")
    alliance = world.bot.read(lambda session: session.exec(select(Decision.alliance_id)).one())
    twice = json.dumps({"alliance": alliance, "what": "Use the Basel site"})
    said = press_forged(world, two.jonas, "decisions.note", twice, two.shared)
    assert "saved already, as D-1" in said
    assert "D-1" in world.say(world.ana, "decisions mine")


def test_the_second_of_two_sees_what_the_first_captured(two: Two) -> None:
    world, slack = two.world, two.world.slack
    last = talk(two)
    world.ana.uses_shortcut("decisions.capture", last)
    two.jonas.reacts(last, "pushpin")
    world.bot.settle()
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    world.ana.submits(slack.views(world.ana)[-1], weight="noted", audience="alliance")
    world.bot.settle()
    form = slack.views(two.jonas)[-1]
    two.jonas.submits(form, what="Start in May", weight="noted", audience="alliance")
    again = slack.views(two.jonas)[-1]
    assert "Ana was a moment faster: D-1" in slack.text_of(again)
    assert "Start in May" in str(again.payload["blocks"])
    answer = two.jonas.submits(again, what="Start in May", weight="noted", audience="alliance")
    assert "Noted as D-2" in answer.text


def test_a_thread_of_one_side_offers_to_ask_a_counterpart_first(two: Two) -> None:
    world, slack = two.world, two.world.slack
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
    question = last_dm(two, two.jonas)
    assert "would like your word on this" in slack.text_of(question)
    world.press(two.jonas, question, "Looks right")
    world.press(world.ana, last_dm(two, world.ana), "Ask the partners now")
    assert "can you confirm D-1" in slack.text_of(last_dm(two, two.jonas))


def test_not_approved_goes_to_the_own_manager_who_chooses_the_words(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two, approvals="Budget approval; Ana; 2027-03-05")
    world.bot.advance(timedelta(days=5))
    question = next(m for m in reversed(slack.dms(world.ana)) if "Budget" in slack.text_of(m))
    press(two, world.ana, question, "Not approved", reason="The board said no.")
    assert "Acme: approvals open" in two.mention(two.jonas, "decisions show D-1")
    told = next(m for m in reversed(slack.dms(world.ana)) if "board" in slack.text_of(m))
    press(two, world.ana, told, "Tell the others", words="We need until May.")
    shown = two.mention(two.jonas, "decisions show D-1")
    assert "at risk" in shown
    assert "We need until May." in shown
    assert "board" not in shown


def test_a_discussion_that_ended_in_a_decision_is_suggested_to_who_said_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    for who in (world.ana, two.jonas):
        two.mention(who, "decisions listen")
        world.press(who, slack.ephemerals(user=who)[-1], "On: Suggest to note decisions down")
    world.bot.settle()
    before = len(slack.ephemerals(user=world.ana))
    two.jonas.says(two.shared, "Which site, Basel or Zurich? Basel can start in May.")
    world.ana.says(two.shared, "ok, let's go with Basel")
    world.bot.settle()
    assert slack.ephemerals(user=world.ana)[before:] == []
    two.jonas.says(two.shared, "great, agreed")
    world.bot.settle()
    (hint,) = slack.ephemerals(user=world.ana)[before:]
    assert "Shall I note it down?" in slack.text_of(hint)
    assert "Basel" not in slack.text_of(hint)
    assert "surer here" in world.press(world.ana, hint, "Not a decision")


def test_nobody_is_listened_to_before_all_managers_want_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.mention(world.ana, "decisions listen")
    shown = world.press(
        world.ana, slack.ephemerals(user=world.ana)[-1], "On: Suggest to note decisions down"
    )
    assert "Not switched on by: Borealis Bio" in shown
    world.bot.settle()
    before = len(slack.ephemerals(user=world.ana))
    world.ana.says(two.shared, "ok, let's go with Basel")
    two.jonas.says(two.shared, "great, agreed")
    world.bot.settle()
    assert slack.ephemerals(user=world.ana)[before:] == []


def test_forged_presses_reach_nothing_of_others(two: Two) -> None:
    world = two.world
    capture(two, audience="partner", weight="noted", approvals="Budget approval; Ana; 2027-03-05")
    decision, task = world.bot.read(
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
        said = press_forged(world, two.jonas, action, value, two.shared)
        assert said, action
        assert "Basel" not in said, action
        assert "Budget" not in said, action
    assert "can't find" in two.mention(two.jonas, "decisions show D-1")
    assert "no decision for" in two.mention(two.jonas, "decisions search basel").casefold()
    assert not any("Basel" in post for post in two.posts())
    assert "Basel" in world.say(world.ana, "decisions show D-1")


def test_what_is_too_long_or_makes_no_sense_is_said_kindly(two: Two) -> None:
    world, slack = two.world, two.world.slack
    assert "no more than 600 characters" in world.say(world.ana, f"decide {'x' * 700}")
    assert (
        "nothing is saved yet"
        in two.mention(two.jonas, f"decide Use <!channel> *Basel* because {'y' * 2500}").casefold()
    )
    assert "Say it like" in world.say(world.ana, "decisions plan something")
    assert "what to look for" in world.say(world.ana, "decisions search ???")
    world.ana.uses_shortcut("decisions.capture", talk(two))
    form = slack.views(world.ana)[-1]
    for values, problem in (
        ({"approvals": "Budget; Nobody Here"}, "nobody called"),
        ({"actions": "a; b; c; d"}, "can't read"),
        ({"review_on": "2020-01-01"}, "after today"),
        ({"audience": "partner", "weight": "asked"}, "may see"),
        ({"audience": "committee", "weight": "noted"}, "committee"),
    ):
        given = {"audience": "alliance", "weight": "noted", "approvals": "", "actions": ""}
        given |= {"review_on": ""} | values
        assert problem in world.ana.submits(form, **given).text, problem


def test_plans_come_up_and_reminders_and_the_digest_say_so(two: Two) -> None:
    world, slack = two.world, two.world.slack
    said = world.say(world.ana, 'decisions plan "Choose the <b>site</b>" on 2027-04-01')
    assert "would see it" in said
    assert "There are none" in two.mention(two.jonas, "decisions coming up")
    offered = slack.ephemerals(user=world.ana)[-1]
    assert "D-1 is planned" in world.press(world.ana, offered, "Put it on the list")
    assert "coming up on 1 April 2027" in two.mention(two.jonas, "decisions coming up")
    world.say(world.ana, "remind add decisions every monday 09:00", channel=two.shared)
    offered = slack.ephemerals(user=world.ana)[-1]
    assert "The first one comes" in world.press(world.ana, offered, "Set up a reminder")
    assert "once a week" in two.mention(two.jonas, "digest on")
    world.bot.advance(timedelta(days=8))
    assert "Coming up on 1 April 2027: *D-1* Choose the &lt;b&gt;site" in two.posts()[-1]
    digest = [text for text in world.dms(two.jonas) if "What is new, and what waits" in text]
    assert len(digest) == 1
    assert "One comes up" in digest[0]


def test_one_sides_decision_is_shown_to_all_by_its_manager_after_a_preview(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture(two, audience="partner", weight="noted", approvals="Budget approval; Ana; 2027-03-05")
    assert "managers" in world.say(world.tom, "decisions share D-1")
    assert "can't find" in two.mention(two.jonas, "decisions share D-1")
    shown = world.say(world.ana, "decisions share D-1")
    assert "Borealis Bio can read it too" in shown
    assert BASEL in shown
    assert "Budget" not in shown
    offered = slack.ephemerals(user=world.ana)[-1]
    assert "can't find" in two.mention(two.jonas, "decisions show D-1")
    world.press(world.ana, offered, "Share with everybody")
    read = two.mention(two.jonas, "decisions show D-1")
    assert BASEL in read
    assert "Acme: approvals open" in read
    assert "Budget" not in read
    assert "Only your side sees D-1 again" in world.say(world.ana, "undo")
    assert "can't find" in two.mention(two.jonas, "decisions show D-1")


def test_whoever_captured_takes_it_back_manager_or_not(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.tom, 'decide "Use the Basel site"')
    two.world.press(world.tom, slack.ephemerals(user=world.tom)[-1], "Note it down")
    assert "D-1 is withdrawn" in world.say(world.tom, "undo")
    assert "nothing" in world.say(world.tom, "undo").lower()
