"""The common language over weeks, told alike in Slack and in the playground: the list that a
manager clears, and eight people who say what a word means."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import Cast, begun, in_playground, in_slack
from tests.scenarios.meanings import DRUG, SOFTWARE, contest

ARRANGEMENTS = {"slack": in_slack, "playground": in_playground}


@pytest.fixture(params=ARRANGEMENTS)
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """An alliance of two that share a channel."""
    yield from begun(ARRANGEMENTS[request.param](database_url, clock))


def test_the_weekly_list_comes_and_is_cleared_by_buttons(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    for who in (ana, jonas):
        who.opens("term checks", f"Checks in #{cast.shared}")
        who.fills(mode="count")
        who.close_form()
    for text in ("the DSMB meets", "ask the DSMB", "a PDF for the CEO"):
        ana.chats(text)
    jonas.chats("the DSMB again")
    cast.bot.settle()
    ana.says("term weekly")
    ana.presses("Send me this every Monday", on="· partners: 2")
    ana.hears("every Monday, in your working hours")
    before = len(ana.texts())
    cast.bot.advance(timedelta(days=7))
    (listed,) = ana.until(lambda: ana.texts()[before:], "the list")
    assert "Words of the week" in listed
    assert "DSMB" in listed
    for word in ("PDF", "CEO", "Ana", "Jonas"):
        assert word not in listed
    ana.presses("Define", on="· partners: 2")
    ana.fills(meaning="Data safety monitoring board.")
    ana.close_form()
    assert "DSMB" not in ana.asks("term weekly")
    for text in ("our SUSAR list", "the SUSAR list"):
        jonas.chats(text)
    cast.bot.settle()
    assert "SUSAR" in ana.asks("term weekly")
    ana.presses("Ignore", on="· partners: 1")
    ana.hears("does not come up in your list any more")
    assert "SUSAR" not in ana.asks("term weekly")
    assert "SUSAR" in jonas.asks("term weekly")


def test_eight_people_show_where_the_partners_differ(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    contest(ana, jonas)
    acme = [ana, *(cast.make_colleague(f"Acme{number}") for number in range(3))]
    borealis = [jonas, *(cast.hire(f"Borealis{number}") for number in range(3))]
    for who in (*acme, *borealis):
        assert "Contested" in who.asks("what is API?")
    assert "I ask 8 people" in ana.asks("term check API")
    cast.bot.advance(timedelta(hours=8))
    meanings = [DRUG] * 4 + [SOFTWARE] * 3
    for who, meaning in zip((*acme, *borealis[:3]), meanings, strict=True):
        who.presses("Answer in private", on="What does “API” mean here?")
        who.fills(choice=meaning)
        who.close_form()
    borealis[3].presses("Answer in private", on="What does “API” mean here?")
    borealis[3].fills(words="It is the substance that is the drug")
    borealis[3].close_form()
    cast.bot.advance(timedelta(days=1))
    for who in (ana, jonas):
        result = who.hears("8 people answered")
        assert "Inside Acme: 100 of 100" in result
        assert "Inside Borealis Bio: 50 of 100" in result
        assert "Between the partners: 25 of 100" in result
    assert not any("8 people answered" in text for text in acme[1].texts())
