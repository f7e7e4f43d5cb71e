"""Many at once, and people whom direct messages don't reach: in Slack and in Teams."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.slack import Message, User
from tests.harness import ManualClock
from tests.scenarios.casts import Cast, in_teams_of_the_host
from tests.scenarios.conftest import STAR, Home, World
from tests.scenarios.persons import Person
from tests.scenarios.test_onboarding import NIGHT, join

MORNING = datetime(2027, 3, 3, 8, 11, tzinfo=UTC)


@pytest.fixture
def night(home: Home) -> Home:
    """Acme at home, on a Tuesday night."""
    home.cast.bot.work()
    home.move_to(NIGHT)
    return home


def lines(world: World) -> list[Message]:
    """The lines in the channel for somebody who could not be reached."""
    found = [m for m in world.slack.messages(world.steering) if m.by_bot]
    return [m for m in found if "A short note waits here" in world.slack.text_of(m)]


def opened(world: World, who: User, line: Message) -> str:
    """What *Open mine* shows somebody alone."""
    world.press(who, line, "Open mine")
    return world.slack.text_of(world.slack.ephemerals(user=who)[-1])


def join_slack(world: World, name: str) -> User:
    """Somebody new comes to the channel."""
    person = world.slack.user(name, team=world.acme, tz="Europe/Berlin")
    person.joins(world.steering)
    world.bot.settle()
    world.bot.work()
    return person


def move_to(world: World, moment: datetime) -> None:
    world.bot.advance(moment - world.clock.now)


def test_a_line_in_slacks_channel_shows_each_note_to_her_alone_as_often_as_she_asks(
    world: World,
) -> None:
    world.start()
    world.bot.work()
    move_to(world, NIGHT)
    mei = join_slack(world, "Mei")
    world.slack.fails("chat.postMessage", error="messages_tab_disabled", times=1)
    move_to(world, MORNING + timedelta(minutes=30))
    (line,) = lines(world)
    assert "Mei" not in world.slack.text_of(line)
    first = opened(world, mei, line)
    assert "Welcome, Mei" in first
    assert STAR in first
    assert opened(world, mei, line) == first
    assert "No note waits for you" in opened(world, world.tom, line)
    move_to(world, MORNING + timedelta(hours=6))
    assert opened(world, mei, line) == first
    world.slack.fails("chat.postMessage", error="messages_tab_disabled", times=1)
    move_to(world, MORNING + timedelta(days=1, hours=1))
    assert len(lines(world)) == 2
    assert "Meet your alliance manager" in opened(world, mei, lines(world)[-1])


def bring_team(night: Home) -> list[Person]:
    """Nine come at once; in the morning nobody has heard anything, and Ana is asked."""
    team = [join(night, f"Person {number}") for number in range(9)]
    night.move_to(MORNING + timedelta(hours=1))
    assert [person.letters() for person in team] == [[]] * len(team)
    assert "5 short notes, over 13 days" in night.ana.hears("10 people")
    return team


def test_a_team_that_is_brought_in_waits_for_its_manager_who_decides_for_all(night: Home) -> None:
    team = bring_team(night)
    night.ana.presses("Yes, all of them", on="10 people")
    night.move_to(MORNING + timedelta(hours=3))
    assert all("Welcome" in "".join(person.letters()) for person in team)


def test_a_manager_who_says_from_now_on_leaves_the_others_alone(night: Home) -> None:
    team = bring_team(night)
    night.ana.presses("Only who joins from now on", on="10 people")
    mei = join(night, "Mei")
    night.move_to(NIGHT + timedelta(days=3))
    assert [person.letters() for person in team] == [[]] * len(team)
    assert "Welcome, Mei" in mei.letters()[0]


def test_a_role_brings_its_notes_and_losing_it_ends_them(night: Home) -> None:
    ana, tom = night.ana, night.tom
    tom.asks("status")
    night.move_to(MORNING)
    ana.asks("role @Tom manager", tom)
    for hours in (7, 8, 9):
        night.move_to(MORNING + timedelta(hours=hours))
    (note,) = [text for text in tom.letters() if "look after this alliance" in text]
    assert "You get this because you look after" in note
    ana.asks("role @Tom none", tom)
    night.move_to(MORNING + timedelta(days=12))
    assert not any("These commands are yours" in text for text in tom.letters())


# -- Teams: people of a tenant without Entente have no direct messages ---------------------------


@pytest.fixture
def cast(sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Acme's shared channel, with Borealis in it; at Borealis nobody has installed Entente."""
    for made in in_teams_of_the_host(sqlite_url, clock):
        yield made
        for fake in made.fakes:
            assert fake.strict_errors == []


def test_in_teams_the_note_comes_to_the_newcomer_alone_in_the_channel(cast: Cast) -> None:
    cast.begin()
    for manager in (cast.ana, cast.jonas):
        manager.says(f'north star set "{STAR}"')
    cast.bot.work()
    mei = cast.hire("Mei")
    cast.bot.settle()
    cast.bot.work()
    cast.bot.advance(timedelta(days=1))
    assert "Welcome, Mei" in mei.texts()[-1]
    assert not any("Welcome" in post for post in mei.posts())
