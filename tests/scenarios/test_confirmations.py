"""Every partner confirms: asked by direct message, answered in one tap, or with better words."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.statements.models import Version, Voice
from tests.fakes.slack import Message, User
from tests.fakes.slack.errors import SlackRefuses
from tests.scenarios.conftest import STAR, World
from tests.scenarios.forging import forge_submission, press_forged
from tests.scenarios.test_two_partners import Two

BETTER = "As one team, give every child with Marlow syndrome an ordinary school day."


@pytest.fixture
def two(world: World) -> Two:
    """Acme with a North Star in force, and Borealis, which has joined."""
    world.start()
    made = Two(world)
    made.accept(made.code())
    return made


def ask_partners(two: Two, asked: str = "Jonas") -> None:
    """Ana asks everybody entitled to confirm the North Star."""
    world, slack = two.world, two.world.slack
    world.say(world.ana, "north star")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    form = slack.views(world.ana)[-1]
    assert f"{asked} (Borealis Bio)" in slack.text_of(form)
    assert "does not amend the agreement" in slack.text_of(form)
    assert world.ana.submits(form).status == 200
    world.bot.settle()


def last_dm(two: Two, name: str) -> Message:
    who = two.jonas if name == "jonas" else two.world.ana
    return two.world.slack.dms(who)[-1]


def submit(two: Two, name: str, message: object, label: str, **values: str) -> str:
    """Open a form by a button, fill it in; answers what it says at the end."""
    who = two.jonas if name == "jonas" else two.world.ana
    who.presses(message, label)
    form = two.world.slack.views(who)[-1]
    answer = who.submits(form, **values)
    two.world.bot.settle()
    return answer.text


def value_of(message: Message, action: str) -> str:
    """What the first button of an action carries."""
    return next(
        element["value"]
        for block in message.blocks
        for element in block.get("elements", ())
        if element.get("action_id", "").startswith(action)
    )


def test_confirmed_by_both_and_told_to_both(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    asked = last_dm(two, "jonas")
    text = slack.text_of(asked)
    assert "Jonas, can you confirm the North Star for Borealis Bio?" in text
    assert STAR in text
    assert "Already confirmed by Acme" in text
    assert "approved minutes prevail" in text
    shown = world.say(world.ana, "north star")
    assert "These words wait for the partners' confirmation" in shown
    assert "Another wording" not in shown
    world.press(two.jonas, asked, "Confirm for Borealis Bio")
    assert "Confirmed by Acme, Borealis Bio on 1 March 2027" in world.say(world.ana, "north star")
    assert "Confirmed: the North Star" in slack.text_of(last_dm(two, "ana"))
    assert "Confirmed by Acme, Borealis Bio" in two.mention(two.jonas, "north star")


def test_better_words_are_taken_over_and_everybody_is_asked_again(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    asked = last_dm(two, "jonas")
    submit(two, "jonas", asked, "Suggest wording", text=BETTER, note="All of them.")
    suggestion = last_dm(two, "ana")
    text = slack.text_of(suggestion)
    assert "Jonas (Borealis Bio) suggests another wording" in text
    assert "All of them." in text
    submit(two, "ana", suggestion, "Take it over", text=BETTER)
    again = requests(two, two.jonas)[-1]
    assert BETTER in slack.text_of(again)
    took = (
        f"Ana (Acme) took up your wording for the North Star. Everybody is asked again:\n{BETTER}"
    )
    assert took in world.dms(two.jonas)
    assert "Another wording waits" in world.say(world.ana, "north star")
    # The earlier message asks about words that are no longer on the table.
    refused = world.press(two.jonas, asked, "Confirm for Borealis Bio")
    assert "The wording changed after you got this" in refused
    assert BETTER in refused
    world.press(two.jonas, again, "Confirm for Borealis Bio")
    assert BETTER in world.say(world.ana, "north star")


def test_whoever_had_confirmed_is_told_what_changed(two: Two) -> None:
    world, slack = two.world, two.world.slack
    lena = world.slack.user("Lena", team=two.jonas.team)
    two.mention(two.jonas, f"role <@{lena.id}> manager")
    world.say(world.ana, 'north star set "Something else entirely."')
    ask_partners(two)
    world.press(two.jonas, last_dm(two, "jonas"), "Confirm for Borealis Bio")
    world.say(world.ana, f'north star set "{BETTER}"')
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    text = slack.text_of(last_dm(two, "jonas"))
    assert "The wording of" not in text
    assert "the wording of the North Star has changed" in text
    assert "Changed since you confirmed" in text


def test_a_second_suggestion_goes_on_with_the_wording_that_is_open(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    asked = last_dm(two, "jonas")
    suggestions = []
    for text in ("First.", "Second."):
        submit(two, "jonas", asked, "Suggest wording", text=text)
        suggestions.append(last_dm(two, "ana"))
    for suggestion, text in zip(suggestions, ("First.", "Second."), strict=True):
        submit(two, "ana", suggestion, "Take it over", text=text)
        assert text in slack.text_of(requests(two, two.jonas)[-1])
    submit(two, "ana", suggestions[0], "Answer", answer="Both are in now.")
    world.bot.advance(timedelta(minutes=1))
    answer = last_dm(two, "jonas")
    assert "Both are in now." in slack.text_of(answer)
    assert "Second." in world.press(two.jonas, answer, "Read it")


def test_other_words_are_no_longer_than_their_kind_may_be(two: Two) -> None:
    ask_partners(two)
    two.jonas.presses(last_dm(two, "jonas"), "Suggest wording")
    form = two.world.slack.views(two.jonas)[-1]
    with pytest.raises(SlackRefuses, match="at most 600"):
        two.jonas.submits(form, text="x" * 601)


def test_another_managers_time_for_answers_is_told(two: Two) -> None:
    world = two.world
    assert "after 12 days" in world.say(world.ana, "confirm lapse 12")
    world.bot.advance(timedelta(days=1))
    assert any("lapses after 12 days" in text for text in world.dms(two.jonas))
    assert not any("lapses after 12 days" in text for text in world.dms(world.ana))


def test_only_who_objected_is_asked_to_talk_it_through(two: Two) -> None:
    world = two.world
    ask_partners(two)
    world.press(two.jonas, last_dm(two, "jonas"), "Confirm for Borealis Bio")
    voices = world.bot.read(lambda session: session.exec(select(Voice.id)).all())
    before = len(world.dms(two.jonas))
    assert len(voices) == 2
    for voice in voices:
        said = press_forged(world, world.ana, "confirmations.talk", voice, world.steering)
        assert "I can't find that" in said
    assert len(world.dms(two.jonas)) == before


def test_an_objection_reaches_the_author_with_ways_on(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    done = submit(
        two, "jonas", last_dm(two, "jonas"), "Object", reason="It leaves the teachers out."
    )
    assert "You objected" in done
    objection = next(m for m in reversed(slack.dms(world.ana)) if "teachers" in slack.text_of(m))
    text = slack.text_of(objection)
    assert "Jonas objects to the North Star for Borealis Bio" in text
    world.press(world.ana, objection, "Talk it through")
    assert "would like to talk the North Star through" in slack.text_of(last_dm(two, "jonas"))
    submit(two, "ana", objection, "New wording", text=f"{BETTER} With their teachers.")
    assert "With their teachers" in slack.text_of(last_dm(two, "jonas"))


def test_a_question_and_its_answer(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    submit(two, "jonas", last_dm(two, "jonas"), "Ask", question="Which children exactly?")
    question = last_dm(two, "ana")
    assert "Which children exactly?" in slack.text_of(question)
    submit(two, "ana", question, "Answer", answer="All who live with it.")
    answer = last_dm(two, "jonas")
    assert "All who live with it." in slack.text_of(answer)
    world.press(two.jonas, answer, "Confirm for Borealis Bio")
    assert "Confirmed by" in world.say(world.ana, "north star")


def test_nudged_twice_in_working_days_and_then_it_lapses(two: Two) -> None:
    world = two.world
    ask_partners(two)

    def nudges() -> int:
        return sum("still waits for Borealis Bio" in text for text in world.dms(two.jonas))

    world.bot.advance(timedelta(days=1))
    assert nudges() == 0
    world.bot.advance(timedelta(days=2))
    assert nudges() == 1
    world.bot.advance(timedelta(days=20))
    assert nudges() == 2
    world.bot.advance(timedelta(days=10))
    assert nudges() == 2
    assert any("Lapsed, since" in text for text in world.dms(two.jonas))
    assert any("Lapsed, since" in text for text in world.dms(world.ana))
    assert "In force at Acme only" in world.say(world.ana, "north star")


def test_nobody_answers_for_another_partner_or_without_a_seat(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    asked = last_dm(two, "jonas")
    version = value_of(asked, "confirmations.confirm")

    def press(who: User) -> str:
        return press_forged(world, who, "confirmations.confirm", version, world.steering)

    world.say(world.tom, "help")
    assert "Only those who hold a seat" in press(world.tom)
    assert "has answered already" in press(world.ana)
    eve = slack.user("Eve", team=world.acme)
    eve.joins(world.steering)
    assert "Only those who hold a seat" in press(eve)
    assert "These words wait" in world.say(world.ana, "north star")


def seat_on_jsc(two: Two) -> None:
    """A steering committee with Ana and Tom of Acme, and Jonas of Borealis."""
    world, slack = two.world, two.world.slack
    world.say(world.ana, f"seat <@{world.ana.id}> on JSC")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(slack.views(world.ana)[-1], decides="What we set out to do.")
    world.bot.settle()
    for who in (world.ana, world.tom):
        assert "sits on JSC" in world.say(world.ana, f"seat <@{who.id}> on JSC")
    assert "sits on JSC" in two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")


def requests(two: Two, who: User) -> list[Message]:
    """The requests that somebody got."""
    slack = two.world.slack
    return [m for m in slack.dms(who) if "an you confirm" in slack.text_of(m)]


def test_the_committees_seats_are_asked_and_one_voice_a_partner_counts(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_on_jsc(two)
    lena = slack.user("Lena", team=two.jonas.team)
    lena.joins(two.shared)
    two.mention(two.jonas, f"seat <@{lena.id}> on JSC")
    ask_partners(two)
    assert len(requests(two, two.jonas)) == len(requests(two, lena)) == 1
    # Ana put it forward and sits there herself: Acme has spoken, so Tom is not asked.
    assert requests(two, world.tom) == []
    world.press(two.jonas, requests(two, two.jonas)[0], "Confirm for Borealis Bio")
    said = world.press(lena, requests(two, lena)[0], "Confirm for Borealis Bio")
    assert "not waiting for an answer" in said


def test_a_deputy_is_asked_while_somebody_is_away(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_on_jsc(two)
    lena = slack.user("Lena", team=two.jonas.team)
    lena.joins(two.shared)
    world.bot.settle()
    two.mention(two.jonas, f"deputy <@{lena.id}> for <@{two.jonas.id}> on JSC")
    two.mention(two.jonas, "away until 2027-03-20")
    ask_partners(two)
    (asked,) = requests(two, lena)
    world.press(lena, asked, "Confirm for Borealis Bio")
    assert "Confirmed by Acme, Borealis Bio" in world.say(world.ana, "north star")


def test_an_empty_seat_is_for_that_sides_manager_to_fill(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_on_jsc(two)
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC as none")
    world.say(world.ana, "north star")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    form = slack.views(world.ana)[-1]
    assert "Nobody sits there for Borealis Bio" in slack.text_of(form)
    world.ana.submits(form)
    world.bot.settle()
    told = slack.text_of(last_dm(two, "jonas"))
    assert "waits for Borealis Bio, and nobody can answer" in told
    assert "seat @name on JSC" in told


def test_whoever_fills_the_empty_seat_is_asked(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_on_jsc(two)
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC as none")
    world.say(world.ana, "north star")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    told = "and nobody can answer"
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")
    world.bot.advance(timedelta(hours=3))
    assert sum(told in text for text in world.dms(two.jonas)) == 1
    (asked,) = requests(two, two.jonas)
    world.press(two.jonas, asked, "Confirm for Borealis Bio")
    assert "Confirmed by Acme, Borealis Bio" in world.say(world.ana, "north star")


def test_once_the_alliance_has_ended_nobody_is_asked_any_more(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    world.say(world.ana, "end alliance")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "End Acme–Borealis")
    before = len(world.dms(two.jonas))
    world.bot.advance(timedelta(days=40))
    later = world.dms(two.jonas)[before:]
    assert not any("still waits" in text or "Lapsed" in text for text in later)


def test_of_a_list_what_still_waits_stays(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    partners = "Ask the partners to confirm"
    for what in ("Use the Basel site", "Start in May"):
        world.say(world.ana, f'decide "{what}"')
        world.press(world.ana, slack.ephemerals(user=world.ana)[-1], partners)
    two.jonas.dm("confirm")
    world.bot.settle()
    listed = slack.dms(two.jonas)[-1]
    assert slack.text_of(listed).count("Answered elsewhere") == 3
    first = value_of(listed, "confirmations.all")
    two.jonas.presses(listed, "Confirm for Borealis Bio", first)
    world.bot.settle()
    said = next(text for text in world.dms(two.jonas) if "You confirmed" in text)
    assert "You confirmed the North Star" in said
    assert "D-1" in said
    assert "D-2" in said
    assert "Confirm all 2 for Borealis Bio" in said


def test_a_manager_sees_apart_what_others_of_their_side_are_to_answer(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_on_jsc(two)
    lena = slack.user("Lena", team=two.jonas.team)
    lena.joins(two.shared)
    two.mention(two.jonas, f"seat <@{lena.id}> on JSC")
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC as none")
    ask_partners(two, "Lena")
    two.jonas.dm("confirm")
    world.bot.settle()
    text = slack.text_of(slack.dms(two.jonas)[-1])
    assert "Others at Borealis Bio are still to answer these" in text
    assert "Waiting for you" not in text


def test_whoever_answered_takes_it_back_manager_or_not(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(slack.views(world.ana)[-1], decides="What we set out to do.")
    world.bot.settle()
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")
    ask_partners(two)
    world.press(world.tom, requests(two, world.tom)[0], "Confirm for Acme")
    assert "waits for Acme again" in world.say(world.tom, "undo")
    world.press(two.jonas, requests(two, two.jonas)[0], "Confirm for Borealis Bio")
    assert "Waiting for: Acme" in read_open(two)
    assert "Withdrawn: the North Star" in world.say(world.ana, "undo")
    assert "Withdrawn: the North Star" in slack.text_of(last_dm(two, "jonas"))


def read_open(two: Two) -> str:
    """What Ana reads of the wording that waits."""
    world, slack = two.world, two.world.slack
    world.say(world.ana, "north star")
    return world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Read it")


def test_a_manager_records_what_was_said_in_a_meeting(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    two.jonas.dm("confirm")
    world.bot.settle()
    listed = slack.dms(two.jonas)[-1]
    submit(two, "jonas", listed, "Answered elsewhere", how="meeting", when="2027-02-26")
    text = world.say(world.ana, "north star")
    assert "Borealis Bio (in a meeting, 26 February 2027)" in text


def test_the_author_withdraws_and_all_are_told(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    world.say(world.ana, "confirm")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Withdraw")
    assert "Withdrawn: the North Star" in slack.text_of(last_dm(two, "jonas"))
    assert "In force at Acme only" in world.say(world.ana, "north star")


def put_forward(two: Two, who: User, version: str) -> str:
    """What somebody gets for sending off the form about a wording, whoever was offered it."""
    context = {"version": version}
    sent = forge_submission(two.world.slack, who, "confirmations.propose", [], context, {})
    two.world.bot.settle()
    return sent.text


def find_version(two: Two, state: str) -> str:
    """The newest wording in a state."""
    chosen = select(Version.id).where(col(Version.state) == state).order_by(col(Version.id).desc())
    return two.world.bot.read(lambda session: session.exec(chosen).first()) or ""


def test_only_a_manager_puts_forward_what_the_others_cannot_see_yet(two: Two) -> None:
    world = two.world
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    world.say(world.tom, f'north star set "{BETTER}"')
    world.say(world.ana, f"role <@{world.tom.id}> none")
    version = find_version(two, "in_force")
    assert "Only alliance managers" in put_forward(two, world.tom, version)
    assert requests(two, two.jonas) == []
    assert "Asked" in put_forward(two, world.ana, version)
    assert len(requests(two, two.jonas)) == 1


def test_only_what_is_in_force_is_put_forward(two: Two) -> None:
    world = two.world
    world.say(world.ana, f'north star set "{BETTER}"')
    assert "is in force at your side" in put_forward(
        two, world.ana, find_version(two, "superseded")
    )
    ask_partners(two)
    world.press(two.jonas, last_dm(two, "jonas"), "Confirm for Borealis Bio")
    assert "is in force at your side" in put_forward(two, world.ana, find_version(two, "confirmed"))
    assert requests(two, two.jonas) == []


def test_a_decision_of_one_side_is_not_put_to_the_others(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "decide")
    form = slack.views(world.ana)[-1]
    world.ana.submits(form, what="Pay the Basel site more", audience="partner", weight="noted")
    world.bot.settle()
    said = put_forward(two, world.ana, find_version(two, "in_force"))
    assert "not shown to the others" in said
    assert requests(two, two.jonas) == []


def test_an_answer_given_elsewhere_has_the_day_of_whoever_records_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ask_partners(two)
    # Half past eleven in the evening of Monday, 1 March in London is Tuesday in Basel.
    world.bot.advance(timedelta(hours=15, minutes=30))
    two.jonas.dm("confirm")
    world.bot.settle()
    listed = slack.dms(two.jonas)[-1]
    said = submit(two, "jonas", listed, "Answered elsewhere", how="meeting", when="2027-03-02")
    assert "Recorded: Borealis Bio has confirmed" in said


def test_with_one_partner_there_is_nobody_to_ask(world: World) -> None:
    world.start()
    world.say(world.ana, "north star")
    world.ana.presses(world.slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    form = world.slack.views(world.ana)[-1]
    answer = world.ana.submits(form)
    assert "no other partner has joined" in answer.text


def test_what_one_side_writes_later_does_not_touch_what_is_confirmed(two: Two) -> None:
    world = two.world
    ask_partners(two)
    world.press(two.jonas, last_dm(two, "jonas"), "Confirm for Borealis Bio")
    said = world.say(world.ana, f'north star set "{BETTER}"')
    assert "what the partners confirmed goes on counting" in said
    shown = world.say(world.ana, "north star")
    assert "Confirmed by Acme, Borealis Bio" in shown
    assert "Acme has another wording in force for itself" in shown
    assert "another wording" not in two.mention(two.jonas, "north star")
    undone = world.say(world.ana, "undo")
    assert "goes on counting" in undone
    assert STAR in undone
