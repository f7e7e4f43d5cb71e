"""People meet people, in Slack, in Teams, and from one to the other."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, watched
from tests.scenarios.persons import Person

ADDRESS = "mei@borealis.example"


@pytest.fixture(params=ARRANGEMENTS)
def cast(request: pytest.FixtureRequest, sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    yield from watched(ARRANGEMENTS[request.param](sqlite_url, clock))


def pass_days(cast: Cast, days: int) -> None:
    for _ in range(days):
        cast.bot.advance(timedelta(days=1))
        cast.bot.work()


def hire_mei(cast: Cast) -> Person:
    """Mei is new at Borealis, and has her notes."""
    cast.begin()
    cast.bot.work()
    mei = cast.hire("Mei")
    cast.bot.settle()
    cast.bot.work()
    pass_days(cast, 9)
    return mei


def said(who: Person, words: str) -> list[str]:
    return [text for text in who.texts() if words in text]


def test_both_are_asked_before_they_are_introduced_and_can_reach_one_another(cast: Cast) -> None:
    mei = hire_mei(cast)
    assert said(mei, "Ana looks after the alliance at Acme")
    mei.presses("Introduce us", on="Introduce us")
    is_apart = not cast.shared
    if is_apart:
        mei.presses("How to reach you", on="How to reach you")
        mei.hears("How can Ana reach you?")
        mei.fills(contact=ADDRESS)
    mei.hears("I ask Ana whether it suits")
    mei.close_form()
    pass_days(cast, 1)
    assert said(cast.ana, "would like to say hello")
    assert not said(cast.ana, ADDRESS)
    cast.ana.presses("Yes, introduce us", on="Yes, introduce us")
    if is_apart:
        cast.ana.hears("How can Mei reach you?")
        cast.ana.fills()
        cast.ana.close_form()
    pass_days(cast, 1)
    (told,) = said(cast.ana, "here is")
    assert (ADDRESS in told) == is_apart
    (heard,) = said(mei, "here is")
    assert ("left no address" in heard) == is_apart
    assert ("You are both in" in heard) == (not is_apart)
    assert not said(cast.jonas, ADDRESS)


def test_whoever_wants_half_an_hour_with_their_own_manager_gets_three_times(cast: Cast) -> None:
    mei = hire_mei(cast)
    mei.presses("Ask for half an hour", on="Ask for half an hour")
    mei.hears("I have asked Jonas")
    pass_days(cast, 1)
    (asked,) = said(cast.jonas, "would like half an hour with you")
    assert "new on a committee" not in asked
    cast.jonas.presses("Propose these times", on="Propose these times")
    pass_days(cast, 1)
    (proposal,) = said(mei, "Which time suits?")
    assert "You get this because you asked for it" in proposal
    mei.presses("None of these", on="None of these")
    pass_days(cast, 1)
    assert said(mei, "Please find one between yourselves")


def test_an_offer_comes_under_its_own_title_where_there_is_nothing_to_read_yet(cast: Cast) -> None:
    mei = hire_mei(cast)
    (offer,) = said(mei, "Meet your alliance manager")
    assert "How we work together" not in offer
    with pytest.raises(AssertionError):
        mei.presses("I've read it", on="Meet your alliance manager")
    (counterpart,) = said(mei, "Your counterpart")
    assert "Words" not in counterpart
