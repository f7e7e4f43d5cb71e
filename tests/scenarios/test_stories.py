"""The stories of an alliance, told alike in Slack, in Teams, with one partner in each, and in the
playground."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, BASEL, Cast, begun, capture
from tests.scenarios.conftest import STAR
from tests.scenarios.meanings import DRUG, SOFTWARE, contest

BETTER = f"{BASEL}, with Zurich as reserve"
KINDER = "As one team, give every child with Marlow syndrome an ordinary school day."
NIGHT = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)
"""Tuesday, 22:40 in Berlin."""


@pytest.fixture(params=ARRANGEMENTS)
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """An alliance of two, on each platform and across them."""
    yield from begun(ARRANGEMENTS[request.param](database_url, clock))


def test_a_decision_of_a_thread_is_reworded_by_the_other_side_and_confirmed(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    capture(ana, jonas if cast.shared else None)
    asked = "can you confirm D-1 for Borealis Bio"
    assert BASEL in jonas.hears(asked)
    jonas.presses("Suggest wording", on=asked)
    jonas.fills(what=BETTER, why="It can start in May.")
    jonas.close_form()
    suggested = "suggests another wording"
    assert BETTER in ana.hears(suggested)
    ana.presses("Take it over", on=suggested)
    ana.fills(what=BETTER, why="It can start in May.")
    ana.close_form()
    jonas.presses("Confirm for Borealis Bio", on=BETTER)
    for who in (ana, jonas):
        shown = who.asks("decisions show D-1")
        assert BETTER in shown
        assert "Confirmed by" in shown
        is_elsewhere = not cast.shared and who is jonas
        assert ("Open the thread (in partner workspace)" in shown) == is_elsewhere
        assert BETTER in who.asks("decisions search reserve basel")


def test_a_decision_is_written_in_one_line_and_asked_of_all(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    jonas.says('decide "Use the Basel site" because "it can start in May"')
    jonas.presses("Ask the partners to confirm", on="Nothing is saved until you press")
    ana.presses("Confirm for Acme", on="can you confirm D-1 for Acme")
    assert "D-1" in ana.asks("decisions")
    assert "Confirmed by" in jonas.asks("decisions show D-1")


def test_an_objection_and_a_question_reach_the_author(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    asked = ask_for_star(cast)
    jonas.presses("Ask", on=asked)
    jonas.fills(question="Which children exactly?")
    jonas.close_form()
    ana.presses("Answer", on="Which children exactly?")
    ana.fills(answer="All who live with it.")
    ana.close_form()
    jonas.presses("Object", on="All who live with it.")
    jonas.fills(reason="It leaves the teachers out.")
    jonas.hears("You objected")
    jonas.close_form()
    assert "for Borealis Bio" in ana.hears("teachers")
    ana.presses("Talk it through", on="teachers")
    jonas.hears("would like to talk the North Star through")


def ask_for_star(cast: Cast) -> str:
    """Ana writes the North Star and asks for it; what Jonas is asked."""
    ana, jonas = cast.ana, cast.jonas
    ana.says(f'north star set "{STAR}"')
    ana.presses("Ask the partners to confirm", on="in force at Acme only")
    ana.hears("Jonas (Borealis Bio)")
    ana.fills()
    ana.close_form()
    asked = "Jonas, can you confirm the North Star for Borealis Bio?"
    assert STAR in jonas.hears(asked)
    return asked


def test_a_north_star_counts_once_both_sides_confirmed_it(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    asked = ask_for_star(cast)
    assert "Waiting for: Borealis Bio" in jonas.asks("north star")
    jonas.presses("Confirm for Borealis Bio", on=asked)
    ana.hears("Confirmed: the North Star")
    for who in (ana, jonas):
        said = who.asks("north star")
        assert STAR in said
        assert "Confirmed by Acme, Borealis Bio on 1 March 2027" in said


def test_the_wording_that_was_asked_about_first_cannot_be_confirmed_any_more(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    asked = ask_for_star(cast)
    jonas.presses("Suggest wording", on=asked)
    jonas.fills(text=KINDER, note="All of them.")
    jonas.close_form()
    ana.presses("Take it over", on="All of them.")
    ana.fills(text=KINDER)
    ana.close_form()
    jonas.hears(KINDER)
    jonas.presses("Confirm for Borealis Bio", on=STAR)
    jonas.hears("The wording changed after you got this")
    jonas.presses("Confirm for Borealis Bio", on="confirm the North Star for Borealis Bio")
    assert KINDER in ana.asks("north star")


def test_a_contested_term_is_explained_on_both_sides_until_both_agree(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    contest(ana, jonas)
    for who in (ana, jonas):
        said = who.asks("what is API?")
        assert "Contested" in said
        assert DRUG in said
        assert SOFTWARE in said
    ana.says("define API")
    ana.presses("Propose a meaning for all", on=SOFTWARE)
    ana.fills(meaning="Write “drug substance”; API is the software interface.")
    ana.close_form()
    assert DRUG in jonas.hears("the meaning of “API”")
    jonas.presses("Confirm for Borealis Bio", on="the meaning of “API”")
    for who in (ana, jonas):
        said = who.asks("define API")
        assert "Write “drug substance”" in said
        assert "Contested" not in said


def test_who_uses_a_contested_term_is_told_alone_and_clarifies(cast: Cast) -> None:
    if not cast.shared:
        pytest.skip("where each side has its own channel, nobody is told anything")
    ana, jonas = cast.ana, cast.jonas
    contest(ana, jonas)
    before = len(ana.texts())
    ana.chats("we file the API section on Friday")
    assert len(ana.texts()) == before
    for who in (ana, jonas):
        who.opens("term checks", f"Checks in #{cast.shared}")
        who.fills(mode="private")
        who.close_form()
    told, posted = len(jonas.texts()), len(ana.posts())
    for theirs in ("the call is `API`", "> the API section\nI agree"):
        before = len(ana.texts())
        ana.chats(theirs)
        cast.bot.settle()
        assert len(ana.texts()) == before
    ana.chats("we file the API section on Friday, as agreed")
    hint = "“API” means different things here."
    assert "Your message isn't stored." in ana.hears(hint)
    assert len(jonas.texts()) == told
    assert len(ana.posts()) == posted
    ana.presses("Preview a clarification", on=hint)
    ana.fills(meaning="Acme: The drug substance.")
    jonas.sees("“API” here means: The drug substance")


def test_a_newcomer_is_brought_in_step_by_step(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    ana.says(f'north star set "{STAR}"')
    jonas.says(f'north star set "{STAR}"')
    jonas.opens("charter edit norms", "Write it")
    jonas.fills(text="Questions before judgements.")
    jonas.close_form()
    cast.bot.work()
    cast.bot.advance(NIGHT - cast.clock.now)
    mei = cast.hire("Mei")
    cast.bot.settle()
    cast.bot.work()
    assert mei.texts() == []
    cast.bot.advance(timedelta(hours=10, minutes=31))
    (welcome,) = mei.texts()
    assert "Welcome, Mei" in welcome
    assert "Jonas" in welcome
    mei.presses("Open", on="Welcome, Mei")
    mei.hears(STAR)
    cast.bot.advance(timedelta(days=2))
    mei.presses("I've read it", on="Questions before judgements.")
    mei.hears("You've read it, on 5 March 2027")
    cast.bot.advance(timedelta(days=14))
    mei.presses("Answer", on="what was missing")
    mei.fills(text="Who orders the samples?", named="no")
    cast.bot.advance(timedelta(days=1))
    assert "Who orders the samples?" in jonas.asks("onboarding")
    assert "Who orders the samples?" not in ana.asks("onboarding")
