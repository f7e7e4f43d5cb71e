"""A shared channel with Entente in the host's tenant alone: nothing can be written directly to the
other side's people, and in some tenants nothing can be shown to one person in a channel either."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.teams.cards import words_of
from tests.harness import ManualClock
from tests.scenarios.casts import Cast, found_alliance, in_teams_of_the_host, join
from tests.scenarios.conftest import STAR
from tests.scenarios.meanings import contest
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person
from tests.scenarios.test_stories import ask_for_star

ANSWER = "It opens for the person who asked"
SOMETHING = "Something waits here"
NOTHING = "Nothing waits for you here"


@pytest.fixture
def begun(database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Before anybody has set anything up."""
    for made in in_teams_of_the_host(database_url, clock):
        yield made
        for fake in made.fakes:
            assert fake.strict_errors == []


@pytest.fixture
def cast(begun: Cast) -> Cast:
    """An alliance; from here on nothing can be shown to one person alone."""
    begun.begin()
    begun.fakes[0].world.has_targets = False
    return begun


def lines(who: Person, words: str) -> list[Any]:
    """The posts in the channel that say this."""
    assert isinstance(who, InTeams)
    return [m for m in who.fake.posts(who.room) if words in who.fake.text_of(m)]


def open_line(who: Person, line: Any) -> str:
    """What somebody reads behind its button."""
    assert isinstance(who, InTeams)
    who.press_on(line, "Open mine")
    assert who.user.dialog is not None
    return words_of(who.user.dialog.card)


@pytest.mark.parametrize(
    "code", ["NotEnoughPermissions", "BotNotInConversationRoster", "BotDisabledByAdmin"]
)
def test_with_whatever_word_teams_refuses_it_something_waits_there(begun: Cast, code: str) -> None:
    begun.fakes[0].world.refuses_strangers = code
    begun.begin()
    begun.fakes[0].world.has_targets = False
    begun.jonas.says("help")
    begun.jonas.until(lambda: lines(begun.jonas, ANSWER), "a line for Jonas")


def test_an_answer_waits_behind_a_button_for_the_one_who_asked(cast: Cast) -> None:
    before = len(cast.jonas.texts())
    cast.jonas.says("help")
    cast.bot.settle()
    (line,) = lines(cast.jonas, ANSWER)
    assert "Jonas" not in cast.jonas.text_of(line)
    assert len(cast.jonas.texts()) == before
    assert "Here is what you can say" in open_line(cast.jonas, line)
    assert NOTHING in open_line(cast.ana, line)
    assert "Here is what you can say" in open_line(cast.jonas, line), "as often as they like"
    cast.bot.advance(timedelta(days=8))
    cast.bot.work()
    assert NOTHING in open_line(cast.jonas, line)


def test_what_is_to_be_confirmed_waits_and_can_be_confirmed_there(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    assert isinstance(jonas, InTeams)
    ana.says(f'north star set "{STAR}"')
    ana.presses("Ask the partners to confirm", on="in force at Acme only")
    ana.fills()
    ana.close_form()
    cast.bot.settle()
    cast.bot.work()
    (line,) = lines(jonas, SOMETHING)
    assert STAR not in jonas.text_of(line)
    said = open_line(jonas, line)
    assert "can you confirm the North Star for Borealis Bio?" in said
    assert NOTHING in open_line(ana, line)
    ana.close_form()
    jonas.user.submits("Confirm for Borealis Bio")
    cast.bot.settle()
    assert "Confirmed by Acme, Borealis Bio" in ana.asks("north star")


def test_a_hint_leaves_no_trace_for_others(cast: Cast) -> None:
    teams = cast.fakes[0]
    teams.world.has_targets = True
    contest(cast.ana, cast.jonas)
    for who in (cast.ana, cast.jonas):
        who.opens("term checks", "Checks in #joint")
        who.fills(mode="private")
        who.close_form()
    teams.world.has_targets = False
    before = len(cast.ana.posts())
    told = len(cast.jonas.texts())
    cast.jonas.chats("we file the API section on Friday")
    cast.bot.settle()
    cast.bot.advance(timedelta(hours=1))
    assert len(cast.ana.posts()) == before
    assert len(cast.jonas.texts()) == told


def test_one_line_a_day_serves_all_who_come(cast: Cast) -> None:
    cast.ana.says(f'north star set "{STAR}"')
    cast.bot.settle()
    cast.bot.work()
    newcomers = [cast.hire("Mei"), cast.hire("Kim")]
    cast.bot.settle()
    cast.bot.work()
    cast.bot.advance(timedelta(hours=8))
    (line,) = lines(cast.ana, SOMETHING)
    for who in newcomers:
        assert f"Welcome, {who.name}" in open_line(who, line)
        assert who.texts() == []


def test_what_waits_is_shown_to_the_person_alone_where_teams_can(begun: Cast) -> None:
    begun.begin()
    ask_for_star(begun)
    assert lines(begun.ana, SOMETHING) == []


@pytest.mark.parametrize("text", ["link", "status"])
def test_the_other_sides_manager_can_agree_who_joined_before_the_channel_was_linked(
    begun: Cast, text: str
) -> None:
    ana, jonas = begun.ana, begun.jonas
    found_alliance(ana)
    join(ana, jonas)
    ana.says("link")
    ana.presses("Read and agree: #joint", on="#joint")
    ana.fills()
    ana.close_form()
    jonas.opens(text, "Read and agree: #joint")
    jonas.fills()
    jonas.close_form()
    ana.sees("Acme–Borealis")


def test_who_asks_is_told_once_that_nobody_of_a_side_could_be_reached(begun: Cast) -> None:
    ana, jonas = begun.ana, begun.jonas
    found_alliance(ana)
    join(ana, jonas)
    asked = 'decide "Use the Basel site" because "it can start in May"'
    ana.says(asked)
    ana.presses("Ask the partners to confirm", on="Nothing is saved until you press")
    told = ana.hears("I could not reach Jonas of Borealis Bio")
    assert "nobody there knows yet that D-1 waits for them" in told
    begun.bot.advance(timedelta(days=6))
    assert sum("I could not reach" in text for text in ana.texts()) == 1
    assert not any("I could not reach" in text for text in jonas.texts())
    assert "D-1" in jonas.asks("confirm")
    jonas.presses("Confirm for Borealis Bio", on="D-1")
    ana.hears("Confirmed: D-1")


def let_a_day_pass(cast: Cast) -> None:
    """Teams shows nothing of what it showed to one person alone in a channel any more."""
    cast.advance(timedelta(hours=25))
    cast.fakes[0].clears_targeted()


def test_a_request_to_confirm_that_is_gone_after_a_day_is_shown_again(begun: Cast) -> None:
    begun.begin()
    ana, jonas = begun.ana, begun.jonas
    asked = ask_for_star(begun)
    let_a_day_pass(begun)
    assert not any(asked in text for text in jonas.texts())
    assert STAR in jonas.asks("confirm")
    jonas.presses("Confirm for Borealis Bio", on="Waiting for you")
    assert "Confirmed by Acme, Borealis Bio" in ana.asks("north star")


def test_a_newcomers_note_that_is_gone_after_a_day_is_shown_again(begun: Cast) -> None:
    begun.begin()
    jonas = begun.jonas
    jonas.asks(f'north star set "{STAR}"')
    mei = begun.hire("Mei")
    begun.bot.settle()
    begun.bot.work()
    begun.advance(timedelta(hours=8))
    mei.hears("Welcome, Mei")
    let_a_day_pass(begun)
    assert mei.texts() == []
    assert "Our North Star" in mei.asks("briefing")
    assert STAR in mei.chooses("Our North Star", in_menu="Open a part", on="Briefing book")
    again = mei.asks("onboard")
    assert "Welcome, Mei" in again
    assert STAR in again


def test_a_request_to_agree_that_is_gone_after_a_day_is_shown_again(begun: Cast) -> None:
    ana, jonas = begun.ana, begun.jonas
    found_alliance(ana)
    join(ana, jonas)
    ana.says("link")
    begun.agree(ana)
    jonas.hears("Your side's yes is missing")
    let_a_day_pass(begun)
    assert jonas.texts() == []
    jonas.asks("status")
    begun.agree(jonas)
    ana.sees("Borealis Bio")


def test_the_button_of_a_post_shows_again_what_it_showed_to_one_alone(begun: Cast) -> None:
    begun.begin()
    jonas = begun.jonas
    alone = "nobody else reading"
    for _ in range(2):
        assert not any(alone in text for text in jonas.texts())
        assert alone in jonas.presses("Talk privately", on="Talk privately")
        let_a_day_pass(begun)
