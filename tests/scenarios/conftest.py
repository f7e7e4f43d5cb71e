"""A company in Slack with people and channels, and Entente listening."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.fakes.slack import Channel, FakeSlack, Team, User
from tests.fakes.teams import FakeTeams
from tests.harness import Bot, ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, found_alliance, join, watched
from tests.scenarios.persons import Person
from tests.scenarios.teams import TeamsWorld, make_world

STAR = "As one team, give children with Marlow syndrome an ordinary school day."


@dataclass
class World:
    """Acme's workspace: Ana manages the alliance, Tom is a colleague in #steering."""

    slack: FakeSlack
    bot: Bot
    clock: ManualClock
    acme: Team
    ana: User
    tom: User
    steering: Channel

    def say(self, who: User, text: str, channel: Channel | None = None) -> str:
        """A slash command; answers what the person got to read for it."""
        before = len(self.slack.ephemerals(user=who))
        response = who.slash("/alliance", text, channel=channel or self.steering)
        assert response.status == 200, response.text
        self.bot.settle()
        return "\n".join(
            self.slack.text_of(message) for message in self.slack.ephemerals(user=who)[before:]
        )

    def press(self, who: User, message: object, label: str) -> str:
        """A press on a button; answers what the person got to read for it."""
        before = len(self.slack.ephemerals(user=who))
        who.presses(message, label)
        self.bot.settle()
        answers = self.slack.ephemerals(user=who)
        shown = answers[before:] or answers[-1:]
        return "\n".join(self.slack.text_of(answer) for answer in shown)

    def set_up(self, **values: str) -> None:
        """Ana sets up Acme–Borealis."""
        self.say(self.ana, "setup")
        form = self.slack.views(self.ana)[-1]
        given = {
            "name": "Acme–Borealis",
            "own_partner": "Acme",
            "other_partners": "Borealis",
            "zone": "Europe/Berlin",
            "countries": "DE",
        }
        answer = self.ana.submits(form, **(given | values))
        assert answer.status == 200, answer.text
        self.bot.settle()
        self.ana.closes(self.slack.views(self.ana)[-1])

    def start(self) -> None:
        """Ana sets up, links #steering and writes the North Star."""
        self.set_up()
        assert "now belongs to" in self.say(self.ana, "link")
        assert "in force at Acme only" in self.say(self.ana, f'north star set "{STAR}"')

    def remind(self, line: str) -> str:
        """Ana sets up a reminder in one line."""
        self.say(self.ana, f"remind add {line}")
        offered = self.slack.ephemerals(user=self.ana)[-1]
        return self.press(self.ana, offered, "Set up a reminder")

    def posts(self) -> list[str]:
        """What Entente has posted in #steering."""
        return [self.slack.text_of(m) for m in self.slack.messages(self.steering) if m.by_bot]

    def dms(self, who: User) -> list[str]:
        """What Entente has written to a person."""
        return [self.slack.text_of(message) for message in self.slack.dms(who)]


@pytest.fixture
def world(database_url: str, clock: ManualClock) -> Iterator[World]:
    """Acme's workspace, on each kind of database."""
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        tom = slack.user("Tom", team=acme, tz="America/New_York")
        steering = slack.channel("steering", team=acme, members=[ana, tom], with_bot=True)
        with Bot(database_url, slack, clock) as bot:
            yield World(slack, bot, clock, acme, ana, tom, steering)
        assert slack.strict_errors == []


@pytest.fixture(params=["slack-sqlite", "slack-postgresql", "teams-sqlite"])
def strangers(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Cast]:
    """Two organisations that meet in a channel, and have begun nothing with Entente yet: on each
    platform, and on each kind of database."""
    platform, database = request.param.split("-")
    kind = "sqlite_url" if database == "sqlite" else "postgres_url"
    yield from watched(ARRANGEMENTS[platform](request.getfixturevalue(kind), clock))


@pytest.fixture
def partners(strangers: Cast) -> Cast:
    """The same, in an alliance: both have joined and agreed to the channel where they meet."""
    strangers.begin()
    return strangers


@dataclass
class Home:
    """Acme at home: Ana manages the alliance, Tom is a colleague in their own channel."""

    cast: Cast
    ana: Person
    tom: Person

    def join(self) -> Person:
        """Borealis joins, though no channel is linked where both are; answers Jonas."""
        join(self.ana, self.cast.jonas)
        return self.cast.jonas

    def meet(self) -> Person:
        """Borealis joins, and both are heard in the channel where they meet; answers Jonas."""
        jonas = self.join()
        self.cast.share()
        return jonas

    def remind(self, line: str, *about: Person) -> str:
        """Ana sets up a reminder in one line; what she reads then."""
        self.ana.asks(f"remind add {line}", *about)
        return self.ana.presses("Set up a reminder", on="Set up a reminder")

    @property
    def jonas(self) -> Person:
        """Of Borealis, in the channel where both meet; Ana is there too."""
        return self.cast.jonas

    def hire(self, name: str, **known: str) -> Person:
        """Somebody new of Acme, in the channel; `known` of them, such as their `zone`."""
        person = self.cast.make_colleague(name, **known).enters(self.ana.room)
        self.cast.bot.settle()
        return person

    def advance(self, by: timedelta) -> None:
        """Let time pass; what is due is done."""
        self.cast.advance(by)

    def move_to(self, moment: datetime) -> None:
        """Let time pass until then."""
        self.advance(moment - self.cast.clock.now)

    def jump_to(self, moment: datetime) -> None:
        """Nothing ran until that moment; the worker does what is due then."""
        bot, clock = self.cast.bot, self.cast.clock
        assert isinstance(bot, Bot)
        assert isinstance(clock, ManualClock)
        clock.now = moment
        bot.work()

    def posts(self) -> list[str]:
        """What Entente has posted in the channel."""
        return self.ana.posts()


@pytest.fixture
def home(strangers: Cast) -> Home:
    """Acme has set up the alliance, linked a channel of its own and written the North Star."""
    ana, tom = strangers.ana, strangers.make_colleague("Tom", "America/New_York")
    found_alliance(ana)
    room = strangers.make_room("steering", ana, tom)
    ana, tom = ana.at(room), tom.at(room)
    assert "now belongs to" in ana.asks("link")
    assert "in force at Acme only" in ana.asks(f'north star set "{STAR}"')
    return Home(strangers, ana, tom)


@pytest.fixture
def joined(home: Home) -> Home:
    """The same, and Borealis has joined; the channel where both meet is not linked yet."""
    home.join()
    return home


@pytest.fixture
def teams_world(database_url: str, clock: ManualClock) -> Iterator[TeamsWorld]:
    """Borealis' tenant, on each kind of database; nothing of Slack is configured."""
    with FakeTeams() as teams:
        with Bot(database_url, None, clock, teams=teams) as bot:
            yield make_world(teams, bot, clock)
        assert teams.strict_errors == []
