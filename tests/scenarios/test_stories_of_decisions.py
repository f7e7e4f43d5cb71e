"""What comes of decisions, told alike in Slack, in Teams, and with one partner in each."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, begun, note, switch_on

LISTEN = "Point at what was decided"
SUGGEST = "Suggest to note decisions down"
ASK = "Ask the partners to confirm"


@pytest.fixture(params=ARRANGEMENTS)
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """An alliance of two, on each platform and across them."""
    yield from begun(ARRANGEMENTS[request.param](database_url, clock))


def test_a_change_takes_the_place_of_what_was_confirmed(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    note(ana, '"Use the Basel site" because "it can start in May"', ASK)
    jonas.presses("Confirm for Borealis Bio", on="confirm D-1 for Borealis Bio")
    jonas.opens("decisions replace D-1", "Write down a decision")
    jonas.fills(what="Use the Zurich site", why="Basel is full.", weight="asked")
    jonas.close_form()
    ana.presses("Confirm for Acme", on="confirm D-2 for Acme")
    for who in (ana, jonas):
        assert "replaced by D-2" in who.asks("decisions show D-1")
        assert "Takes the place of D-1" in who.asks("decisions show D-2")


def test_an_approval_is_chased_on_its_own_side(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    ana.opens("decide", "Write down a decision")
    ana.fills(
        what="Use the Basel site",
        weight="noted",
        audience="alliance",
        approvals="Budget approval; Ana; 2027-03-05",
    )
    ana.close_form()
    shown = jonas.asks("decisions show D-1")
    assert "Acme: approvals open" in shown
    assert "Budget" not in shown
    cast.bot.advance(timedelta(days=5))
    ana.presses("Done", on="waits for Acme's approval")
    assert "Acme: approvals done" in jonas.asks("decisions show D-1")
    assert not any("Budget" in text for text in jonas.texts())


def test_the_digest_says_what_waits(cast: Cast) -> None:
    note(cast.ana, '"Use the Basel site"', ASK)
    assert "One wording waits for the partners" in cast.jonas.asks("digest")


def test_whoever_brings_it_up_again_is_pointed_at_it(cast: Cast) -> None:
    if not cast.shared:
        pytest.skip("Teams lets Entente hear only what is said to it there")
    ana, jonas = cast.ana, cast.jonas
    note(ana, '"Use the Basel site for phase 2" because "it can start in May"', ASK)
    jonas.presses("Confirm for Borealis Bio", on="confirm D-1 for Borealis Bio")
    switch_on(LISTEN, cast.ana, cast.jonas)
    jonas.chats("Why did we choose Basel?")
    assert "Because: it can start in May" in jonas.hears("This was decided on 1 March 2027 (D-1)")
    jonas.presses("Never", on="This was decided on")
    jonas.hears("I won't point you at what was decided any more")


def test_a_discussion_that_ended_is_suggested_to_be_noted_down(cast: Cast) -> None:
    if not cast.shared:
        pytest.skip("they do not talk in one channel")
    switch_on(SUGGEST, cast.ana, cast.jonas)
    cast.jonas.chats("Which site, Basel or Zurich? Basel can start in May.")
    cast.ana.chats("ok, let's go with Basel")
    cast.jonas.chats("great, agreed")
    cast.ana.hears("Shall I note it down?")
