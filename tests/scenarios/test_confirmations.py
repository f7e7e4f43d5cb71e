"""Every partner confirms: asked by direct message, answered in one tap, or with better words."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.statements.models import Version, Voice
from tests.fakes.slack.errors import SlackRefuses
from tests.fakes.teams.errors import TeamsRefuses
from tests.scenarios.casts import ask_partners, set_up_committee
from tests.scenarios.conftest import STAR, Home
from tests.scenarios.persons import Person

BETTER = "As one team, give every child with Marlow syndrome an ordinary school day."
ASKED = "can you confirm the North Star for Borealis Bio?"
CONFIRM = "Confirm for Borealis Bio"


@pytest.fixture
def jonas(home: Home) -> Person:
    """Borealis has joined Acme, which has a North Star in force; its manager."""
    return home.join()


def ask(home: Home, whom: str = "Jonas") -> None:
    """Ana asks everybody entitled to confirm the North Star."""
    assert f"{whom} (Borealis Bio)" in ask_partners(home.ana, "north star")


def requests(who: Person) -> list[str]:
    """The requests that somebody got."""
    return [text for text in who.letters() if "an you confirm" in text]


def submit(who: Person, label: str, *, on: str, **values: str) -> str:
    """Open a form by a button, fill it in; what is read for it at the end."""
    who.presses(label, on=on)
    said = who.fills(**values)
    who.close_form()
    return said


def hire_lena(home: Home) -> Person:
    """A colleague of Jonas'."""
    lena = home.cast.hire("Lena")
    lena.says("help")
    return lena


def test_confirmed_by_both_and_told_to_both(home: Home, jonas: Person) -> None:
    ask(home)
    text = jonas.letters()[-1]
    assert f"Jonas, {ASKED}" in text
    assert STAR in text
    assert "Already confirmed by Acme" in text
    assert "approved minutes prevail" in text
    shown = home.ana.asks("north star")
    assert "These words wait for the partners' confirmation" in shown
    assert "Another wording" not in shown
    jonas.presses(CONFIRM, on=ASKED)
    assert "Confirmed by Acme, Borealis Bio on 1 March 2027" in home.ana.asks("north star")
    assert "Confirmed: the North Star" in home.ana.letters()[-1]
    assert "Confirmed by Acme, Borealis Bio" in jonas.asks("north star")


def test_better_words_are_taken_over_and_everybody_is_asked_again(
    home: Home, jonas: Person
) -> None:
    ana = home.ana
    ask(home)
    (asked,) = [m for m in jonas.direct() if ASKED in jonas.text_of(m)]
    submit(jonas, "Suggest wording", on=ASKED, text=BETTER, note="All of them.")
    suggestion = ana.letters()[-1]
    assert "Jonas (Borealis Bio) suggests another wording" in suggestion
    assert "All of them." in suggestion
    submit(ana, "Take it over", on="All of them.", text=BETTER)
    assert BETTER in requests(jonas)[-1]
    took = (
        f"Ana (Acme) took up your wording for the North Star. Everybody is asked again:\n{BETTER}"
    )
    assert took in jonas.letters()
    assert "Another wording waits" in ana.asks("north star")
    # The earlier message asks about words that are no longer on the table.
    refused = "\n".join(jonas.learns(lambda: jonas.press_on(asked, CONFIRM)))
    assert "The wording changed after you got this" in refused
    assert BETTER in refused
    jonas.presses(CONFIRM, on=ASKED)
    assert BETTER in ana.asks("north star")


def test_whoever_had_confirmed_is_told_what_changed(home: Home, jonas: Person) -> None:
    lena = hire_lena(home)
    jonas.says("role @Lena manager", lena)
    home.ana.says('north star set "Something else entirely."')
    ask(home)
    jonas.presses(CONFIRM, on=ASKED)
    home.ana.says(f'north star set "{BETTER}"')
    home.ana.presses("Ask the partners to confirm", on=BETTER)
    home.ana.fills()
    text = jonas.letters()[-1]
    assert "The wording of" not in text
    assert "the wording of the North Star has changed" in text
    assert "Changed since you confirmed" in text


def test_a_second_suggestion_goes_on_with_the_wording_that_is_open(
    home: Home, jonas: Person
) -> None:
    ana = home.ana
    ask(home)
    words = ("First.", "Second.")
    for text in words:
        submit(jonas, "Suggest wording", on=ASKED, text=text)
        assert text in ana.letters()[-1]
    for text in words:
        submit(ana, "Take it over", on=text, text=text)
        assert text in requests(jonas)[-1]
    submit(ana, "Answer", on="First.", answer="Both are in now.")
    home.advance(timedelta(minutes=1))
    assert "Both are in now." in jonas.letters()[-1]
    assert "Second." in jonas.presses("Read it", on="Both are in now.")


def test_other_words_are_no_longer_than_their_kind_may_be(home: Home, jonas: Person) -> None:
    ask(home)
    jonas.presses("Suggest wording", on=ASKED)
    with pytest.raises((SlackRefuses, TeamsRefuses), match=r"at most 600|is too long"):
        jonas.fills(text="x" * 601)
    jonas.fills(text="x" * 600)
    assert "x" * 600 in home.ana.letters()[-1]


def test_another_managers_time_for_answers_is_told(home: Home, jonas: Person) -> None:
    assert "after 12 days" in home.ana.asks("confirm lapse 12")
    home.advance(timedelta(days=1))
    assert any("lapses after 12 days" in text for text in jonas.letters())
    assert not any("lapses after 12 days" in text for text in home.ana.letters())


def test_only_who_objected_is_asked_to_talk_it_through(home: Home, jonas: Person) -> None:
    ask(home)
    jonas.presses(CONFIRM, on=ASKED)
    voices = home.cast.bot.read(lambda session: session.exec(select(Voice.id)).all())
    before = len(jonas.letters())
    assert len(voices) == 2
    for voice in voices:
        assert "I can't find that" in home.ana.forges("confirmations.talk", voice)
    assert len(jonas.letters()) == before


def test_an_objection_reaches_the_author_with_ways_on(home: Home, jonas: Person) -> None:
    ask(home)
    assert "You objected" in submit(jonas, "Object", on=ASKED, reason="It leaves the teachers out.")
    objection = "Jonas objects to the North Star for Borealis Bio"
    assert "teachers" in home.ana.hears(objection)
    home.ana.presses("Talk it through", on=objection)
    assert "would like to talk the North Star through" in jonas.letters()[-1]
    submit(home.ana, "New wording", on=objection, text=f"{BETTER} With their teachers.")
    assert "With their teachers" in jonas.letters()[-1]


def test_a_question_and_its_answer(home: Home, jonas: Person) -> None:
    ask(home)
    submit(jonas, "Ask", on=ASKED, question="Which children exactly?")
    assert "Which children exactly?" in home.ana.letters()[-1]
    submit(home.ana, "Answer", on="Which children exactly?", answer="All who live with it.")
    assert "All who live with it." in jonas.letters()[-1]
    jonas.presses(CONFIRM, on="All who live with it.")
    assert "Confirmed by" in home.ana.asks("north star")


def test_nudged_twice_in_working_days_and_then_it_lapses(home: Home, jonas: Person) -> None:
    ask(home)

    def nudges() -> int:
        return sum("still waits for Borealis Bio" in text for text in jonas.letters())

    home.advance(timedelta(days=1))
    assert nudges() == 0
    home.advance(timedelta(days=2))
    assert nudges() == 1
    home.advance(timedelta(days=20))
    assert nudges() == 2
    home.advance(timedelta(days=10))
    assert nudges() == 2
    for who in (jonas, home.ana):
        assert any("Lapsed, since" in text for text in who.letters())
    assert "In force at Acme only" in home.ana.asks("north star")


def test_nobody_answers_for_another_partner_or_without_a_seat(home: Home, jonas: Person) -> None:
    ask(home)
    (version,) = jonas.carries("confirmations.confirm", on=ASKED)
    home.tom.says("help")
    eve = home.hire("Eve")
    for who in (home.tom, eve):
        assert "Only those who hold a seat" in who.forges("confirmations.confirm", version)
    assert "has answered already" in home.ana.forges("confirmations.confirm", version)
    assert "These words wait" in home.ana.asks("north star")


def seat_on_jsc(home: Home, jonas: Person) -> None:
    """A steering committee with Ana and Tom of Acme, and Jonas of Borealis."""
    home.tom.says("help")
    set_up_committee(home.ana, "JSC", home.ana, home.tom, decides="What we set out to do.")
    assert "sits on JSC" in jonas.asks("seat @Jonas on JSC", jonas)


def test_the_committees_seats_are_asked_and_one_voice_a_partner_counts(
    home: Home, jonas: Person
) -> None:
    seat_on_jsc(home, jonas)
    lena = hire_lena(home)
    jonas.says("seat @Lena on JSC", lena)
    ask(home)
    assert len(requests(jonas)) == len(requests(lena)) == 1
    # Ana put it forward and sits there herself: Acme has spoken, so Tom is not asked.
    assert requests(home.tom) == []
    jonas.presses(CONFIRM, on=ASKED)
    assert "not waiting for an answer" in lena.presses(CONFIRM, on=ASKED)


def test_a_deputy_is_asked_while_somebody_is_away(home: Home, jonas: Person) -> None:
    seat_on_jsc(home, jonas)
    lena = hire_lena(home)
    jonas.says("deputy @Lena for @Jonas on JSC", lena, jonas)
    jonas.says("away until 2027-03-20")
    ask(home)
    assert len(requests(lena)) == 1
    lena.presses(CONFIRM, on=ASKED)
    assert "Confirmed by Acme, Borealis Bio" in home.ana.asks("north star")


def test_an_empty_seat_is_for_that_sides_manager_to_fill(home: Home, jonas: Person) -> None:
    seat_on_jsc(home, jonas)
    jonas.says("seat @Jonas on JSC as none", jonas)
    assert "Nobody sits there for Borealis Bio" in ask_partners(home.ana, "north star")
    told = jonas.letters()[-1]
    assert "waits for Borealis Bio, and nobody can answer" in told
    assert "seat @name on JSC" in told


def test_whoever_fills_the_empty_seat_is_asked(home: Home, jonas: Person) -> None:
    seat_on_jsc(home, jonas)
    jonas.says("seat @Jonas on JSC as none", jonas)
    ask_partners(home.ana, "north star")
    jonas.says("seat @Jonas on JSC", jonas)
    home.advance(timedelta(hours=3))
    assert sum("and nobody can answer" in text for text in jonas.letters()) == 1
    assert len(requests(jonas)) == 1
    jonas.presses(CONFIRM, on=ASKED)
    assert "Confirmed by Acme, Borealis Bio" in home.ana.asks("north star")


def test_once_the_alliance_has_ended_nobody_is_asked_any_more(home: Home, jonas: Person) -> None:
    ask(home)
    home.ana.says("end alliance")
    home.ana.presses("End Acme–Borealis", on="End Acme–Borealis")
    before = len(jonas.letters())
    home.advance(timedelta(days=40))
    later = jonas.letters()[before:]
    assert not any("still waits" in text or "Lapsed" in text for text in later)


def test_of_a_list_what_still_waits_stays(home: Home, jonas: Person) -> None:
    ask(home)
    for what in ("Use the Basel site", "Start in May"):
        home.ana.says(f'decide "{what}"')
        home.ana.presses("Ask the partners to confirm", on=what)
    assert jonas.asks_alone("confirm").count("Answered elsewhere") == 3
    jonas.presses(CONFIRM, on="Confirm all 3")
    said = jonas.hears("You confirmed")
    assert "You confirmed the North Star" in said
    assert "D-1" in said
    assert "D-2" in said
    assert "Confirm all 2 for Borealis Bio" in said


def test_a_manager_sees_apart_what_others_of_their_side_are_to_answer(
    home: Home, jonas: Person
) -> None:
    seat_on_jsc(home, jonas)
    lena = hire_lena(home)
    jonas.says("seat @Lena on JSC", lena)
    jonas.says("seat @Jonas on JSC as none", jonas)
    ask(home, "Lena")
    text = jonas.asks_alone("confirm")
    assert "Others at Borealis Bio are still to answer these" in text
    assert "Waiting for you" not in text


def test_whoever_answered_takes_it_back_manager_or_not(home: Home, jonas: Person) -> None:
    ana, tom = home.ana, home.tom
    tom.says("help")
    set_up_committee(ana, "JSC", tom, decides="What we set out to do.")
    jonas.says("seat @Jonas on JSC", jonas)
    ask(home)
    tom.presses("Confirm for Acme", on="an you confirm")
    assert "waits for Acme again" in tom.asks("undo")
    jonas.presses(CONFIRM, on=ASKED)
    ana.says("north star")
    assert "Waiting for: Acme" in ana.presses("Read it", on="Read it")
    assert "Withdrawn: the North Star" in ana.asks("undo")
    assert "Withdrawn: the North Star" in jonas.letters()[-1]


def test_a_manager_records_what_was_said_in_a_meeting(home: Home, jonas: Person) -> None:
    ask(home)
    jonas.asks_alone("confirm")
    submit(jonas, "Answered elsewhere", on="Answered elsewhere", how="meeting", when="2027-02-26")
    text = home.ana.asks("north star")
    assert "Borealis Bio (in a meeting, 26 February 2027)" in text


def test_the_author_withdraws_and_all_are_told(home: Home, jonas: Person) -> None:
    ask(home)
    home.ana.says("confirm")
    home.ana.presses("Withdraw", on="Withdraw")
    assert "Withdrawn: the North Star" in jonas.letters()[-1]
    assert "In force at Acme only" in home.ana.asks("north star")


def find_version(home: Home, state: str) -> str:
    """The newest wording in a state."""
    chosen = select(Version.id).where(col(Version.state) == state).order_by(col(Version.id).desc())
    return home.cast.bot.read(lambda session: session.exec(chosen).first()) or ""


def put_forward(who: Person, version: str) -> str:
    """What somebody gets for sending off the form about a wording, whoever was offered it."""
    return who.forges_form("confirmations.propose", {"version": version})


def test_only_a_manager_puts_forward_what_the_others_cannot_see_yet(
    home: Home, jonas: Person
) -> None:
    home.ana.says("role @Tom manager", home.tom)
    home.tom.says(f'north star set "{BETTER}"')
    home.ana.says("role @Tom none", home.tom)
    version = find_version(home, "in_force")
    assert "Only alliance managers" in put_forward(home.tom, version)
    assert requests(jonas) == []
    assert "Asked" in put_forward(home.ana, version)
    assert len(requests(jonas)) == 1


def test_only_what_is_in_force_is_put_forward(home: Home, jonas: Person) -> None:
    refused = "is in force at your side"
    home.ana.says(f'north star set "{BETTER}"')
    assert refused in put_forward(home.ana, find_version(home, "superseded"))
    ask(home)
    jonas.presses(CONFIRM, on=ASKED)
    before = len(requests(jonas))
    assert refused in put_forward(home.ana, find_version(home, "confirmed"))
    assert len(requests(jonas)) == before


def test_a_decision_of_one_side_is_not_put_to_the_others(home: Home, jonas: Person) -> None:
    home.ana.opens("decide", "Write down a decision")
    home.ana.fills(what="Pay the Basel site more", audience="partner", weight="noted")
    said = put_forward(home.ana, find_version(home, "in_force"))
    assert "not shown to the others" in said
    assert requests(jonas) == []


def test_an_answer_given_elsewhere_has_the_day_of_whoever_records_it(
    home: Home, jonas: Person
) -> None:
    ask(home)
    # Half past eleven in the evening of Monday, 1 March in London is Tuesday in Basel.
    home.advance(timedelta(hours=15, minutes=30))
    jonas.asks_alone("confirm")
    said = submit(
        jonas, "Answered elsewhere", on="Answered elsewhere", how="meeting", when="2027-03-02"
    )
    assert "Recorded: Borealis Bio has confirmed" in said


def test_with_one_partner_there_is_nobody_to_ask(home: Home) -> None:
    home.ana.says("north star")
    home.ana.presses("Ask the partners to confirm", on=STAR)
    assert "no other partner has joined" in home.ana.fills()


def test_what_one_side_writes_later_does_not_touch_what_is_confirmed(
    home: Home, jonas: Person
) -> None:
    ask(home)
    jonas.presses(CONFIRM, on=ASKED)
    said = home.ana.asks(f'north star set "{BETTER}"')
    assert "what the partners confirmed goes on counting" in said
    shown = home.ana.asks("north star")
    assert "Confirmed by Acme, Borealis Bio" in shown
    assert "Acme has another wording in force for itself" in shown
    assert "another wording" not in jonas.asks("north star")
    undone = home.ana.asks("undo")
    assert "goes on counting" in undone
    assert STAR in undone
