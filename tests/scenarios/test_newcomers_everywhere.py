"""How newcomers are brought in, told alike in Slack, in Teams and on the playground."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, begun, write_clause
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import Person

NIGHT = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)
"""Tuesday, 22:40 in Berlin."""

NORMS = "Questions before judgements."
MORNING = datetime(2027, 3, 3, 8, 11, tzinfo=UTC)


@pytest.fixture(params=[name for name in ARRANGEMENTS if name != "teams of the host"])
def cast(request: pytest.FixtureRequest, sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Acme and Borealis with their North Star, on a Tuesday night."""
    for made in begun(ARRANGEMENTS[request.param](sqlite_url, clock)):
        for manager in (made.ana, made.jonas):
            manager.says(f'north star set "{STAR}"')
        move_to(made, NIGHT)
        yield made


def move_to(cast: Cast, moment: datetime) -> None:
    cast.bot.work()
    cast.bot.advance(moment - cast.clock.now)
    cast.bot.settle()


def hire(cast: Cast, name: str) -> Person:
    person = cast.hire(name)
    cast.bot.settle()
    cast.bot.work()
    return person


def said(who: Person, words: str) -> list[str]:
    return [text for text in who.texts() if words in text]


def test_from_a_join_at_night_to_the_managers_view_two_weeks_later(cast: Cast) -> None:
    write_clause(cast.jonas, "norms", NORMS)
    mei = hire(cast, "Mei")
    move_to(cast, MORNING - timedelta(minutes=2))
    assert mei.texts() == []
    move_to(cast, MORNING)
    (welcome,) = mei.texts()
    assert "Welcome, Mei" in welcome
    assert STAR not in welcome
    mei.presses("Open", on="Welcome, Mei")
    assert STAR in mei.hears(STAR)
    move_to(cast, MORNING + timedelta(days=15))
    assert not said(mei, "Welcome, Mei"), "it was opened, and never came again"
    assert NORMS in mei.hears("How we work together")
    mei.presses("I've read it", on=NORMS)
    move_to(cast, MORNING + timedelta(days=15, hours=1))
    assert said(mei, "what was missing")
    mei.presses("Nothing was missing", on="what was missing")
    shown = cast.jonas.asks("onboarding")
    assert "Mei" in shown
    assert "through" in shown
    assert "Mei" not in cast.ana.asks("onboarding")


def test_a_team_that_joins_waits_until_its_own_manager_said_yes(cast: Cast) -> None:
    team = [hire(cast, f"Person {number}") for number in range(9)]
    move_to(cast, MORNING + timedelta(hours=1))
    assert [person.texts() for person in team] == [[]] * len(team)
    assert not said(cast.ana, "9 people")
    cast.jonas.presses("Yes, all of them", on="9 people of Borealis")
    move_to(cast, MORNING + timedelta(hours=3))
    assert [len(said(person, "Welcome, Person")) for person in team] == [1] * len(team)


def test_whom_direct_messages_do_not_reach_opens_each_note_in_the_channel(cast: Cast) -> None:
    mei = hire(cast, "Mei")
    mei.closes_messages()
    move_to(cast, MORNING + timedelta(minutes=30))
    (line,) = [m for m in mei.public() if "A short note waits here" in mei.text_of(m)]
    assert "Mei" not in mei.text_of(line)
    mei.press_on(line, "Open mine")
    assert STAR in mei.hears("Welcome, Mei")
    mei.close_form()
    mei.press_on(line, "Open mine")
    mei.hears("Welcome, Mei")


def test_a_new_role_brings_its_own_notes_and_losing_it_ends_them(cast: Cast) -> None:
    mei = hire(cast, "Mei")
    move_to(cast, MORNING)
    cast.jonas.says("role @Mei manager", mei)
    for days in (0, 1, 2):
        move_to(cast, MORNING + timedelta(days=days, hours=1))
        assert len(mei.texts()) == days + 1, "one a day, of both together"
    assert len(said(mei, "because you look after")) == 1
    cast.jonas.says("role @Mei none", mei)
    move_to(cast, MORNING + timedelta(days=14))
    assert not said(mei, "These commands are yours")
