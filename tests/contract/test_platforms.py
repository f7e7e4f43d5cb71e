"""The fake platform and Slack's adapter keep the same promises."""

from collections.abc import AsyncIterator, Iterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import SlackPlatform
from adapters.teams.app import Http
from adapters.teams.directory import Conversation, Person
from adapters.teams.parse import parse_sighting
from adapters.teams.process import Access, make_platform
from bot.core.clock import system_clock
from bot.core.errors import Uncertain
from bot.db.engine import Database
from bot.testing.contract import PlatformContract, Stage
from bot.testing.platform import FakePlatform
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import Channel, FakeTeams


class FakeStage:
    """The platform in memory."""

    def __init__(self) -> None:
        self.platform = FakePlatform()
        self.workspace = self.platform.workspace
        self.channel = self.platform.add_channel("C1")
        self.other_channel = self.platform.add_channel("C2", is_member=False)
        self.person = self.platform.add_person("U1")

    def read(self, place: str) -> list[str]:
        places = {place, f"D-{place}"}
        return [p.text for p in self.platform.sent if p.channel in places and not p.private_to]

    def limits(self, seconds: int) -> None:
        self.platform.limits(seconds)

    def fails(self) -> None:
        self.platform.refuses(Uncertain("internal_error"))

    def loses(self, *, arrives: bool) -> None:
        self.platform.loses(arrives=arrives)

    def hangs(self) -> None:
        self.platform.refuses(Uncertain("timeout"))

    def archives(self) -> None:
        self.platform.archive(self.channel)

    def removes_bot(self) -> None:
        self.platform.remove_bot(self.channel)


class SlackStage:
    """Slack's adapter before the strict fake."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        team = slack.team("Acme")
        ana = slack.user("Ana", team=team)
        self.home = slack.channel("steering", team=team, members=[ana])
        other = slack.channel("elsewhere", team=team, members=[ana], with_bot=False)
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.platform = SlackPlatform(client, request_timeout=0.5)
        self.workspace, self.channel = team.id, self.home.id
        self.other_channel, self.person, self.ana = other.id, ana.id, ana

    def read(self, place: str) -> list[str]:
        is_person = place == self.person
        found = self.slack.dms(self.ana) if is_person else self.slack.messages(self.home)
        return [message.text for message in found]

    def limits(self, seconds: int) -> None:
        self.slack.fails("chat.postMessage", status=429, retry_after=seconds)

    def fails(self) -> None:
        self.slack.fails("chat.postMessage", status=500)

    def loses(self, *, arrives: bool) -> None:
        self.slack.drops("chat.postMessage", recorded=arrives)

    def hangs(self) -> None:
        self.slack.hangs("chat.postMessage")

    def archives(self) -> None:
        self.slack.archive(self.home)

    def removes_bot(self) -> None:
        self.slack.remove_bot(self.home)


class TeamsStage:
    """Teams' adapter before the strict fake, after it has heard from the channel."""

    def __init__(self, teams: FakeTeams, database: Database) -> None:
        self.teams = teams
        acme = teams.tenant("Acme")
        self.ana = teams.user("Ana", tenant=acme)
        self.home = teams.channel("steering", team=teams.team("Alliance", tenant=acme))
        self.home.members.append(self.ana.member)
        away = teams.team("Elsewhere", tenant=acme, with_bot=False)
        other = teams.channel("elsewhere", team=away, members=[self.ana])
        self.http = Http(0.5)
        access = Access(
            app_id=teams.app_id,
            password=teams.password,
            tenant=teams.home,
            timeout=0.5,
            local=teams.url,
        )
        self.platform = make_platform(access, database, self.http, clock=system_clock)
        self.workspace, self.person = acme.id, self.ana.id
        self.channel, self.other_channel = self.home.id, other.id
        self.seen = [self.make_sighting(place) for place in (self.home, other)]

    def make_sighting(self, place: Channel) -> tuple[Conversation, Person]:
        payload = self.ana._activity("message", place, "1")
        found = parse_sighting(payload)
        assert found is not None
        assert found[1] is not None
        return found[0], found[1]

    async def begin(self) -> None:
        for conversation, person in reversed(self.seen):
            await self.platform.directory.note(conversation, person)

    def read(self, place: str) -> list[str]:
        is_person = place == self.person
        found = self.teams.dms(self.ana) if is_person else self.teams.posts(self.home)
        return [self.teams.text_of(message) for message in found]

    def limits(self, seconds: int) -> None:
        self.teams.limits(seconds)

    def fails(self) -> None:
        self.teams.fails(502)

    def loses(self, *, arrives: bool) -> None:
        self.teams.loses(arrives=arrives)

    def hangs(self) -> None:
        self.teams.hangs()

    def archives(self) -> None:
        self.home.team.is_archived = True

    def removes_bot(self) -> None:
        self.home.team.has_bot = False


class TestFakePlatform(PlatformContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return FakeStage()


class TestSlackPlatform(PlatformContract):
    @pytest.fixture
    def stage(self) -> Iterator[Stage]:
        with FakeSlack() as slack:
            yield SlackStage(slack)


class TestTeamsPlatform(PlatformContract):
    can_look = False
    limits_all = False
    reads_threads = False

    @pytest.fixture
    async def stage(self, sqlite_url: str) -> AsyncIterator[Stage]:
        database = Database(sqlite_url)
        with FakeTeams() as teams:
            stage = TeamsStage(teams, database)
            await stage.begin()
            yield stage
            await stage.http.close()
            assert teams.strict_errors == []
        database.close()
