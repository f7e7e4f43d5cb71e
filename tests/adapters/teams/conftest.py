"""A bot that hears Teams alone, and one team with two people in a channel."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fakes.teams import Channel, FakeTeams, TeamsUser
from tests.harness import Bot, ManualClock


@dataclass
class Scene:
    """Ana and Tom of Acme in #steering, and Entente in their team."""

    teams: FakeTeams
    bot: Bot
    ana: TeamsUser
    tom: TeamsUser
    steering: Channel


@pytest.fixture
def scene(sqlite_url: str, clock: ManualClock) -> Iterator[Scene]:
    """The bot on SQLite."""
    with FakeTeams() as teams:
        acme = teams.tenant("Acme")
        ana, tom = teams.user("Ana", tenant=acme), teams.user("Tom", tenant=acme)
        steering = teams.channel("steering", team=teams.team("Alliance", tenant=acme))
        steering.members += [ana.member, tom.member]
        steering.team.channels[0].members += steering.members
        with Bot(sqlite_url, None, clock, teams=teams) as bot:
            yield Scene(teams, bot, ana, tom, steering)
        assert teams.strict_errors == []
