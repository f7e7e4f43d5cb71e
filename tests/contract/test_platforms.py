"""The fake platform and Slack's adapter keep the same promises."""

from collections.abc import Iterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import SlackPlatform
from bot.core.errors import Uncertain
from bot.testing.contract import PlatformContract, Stage
from bot.testing.platform import FakePlatform
from tests.fakes.slack import FakeSlack


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


class TestFakePlatform(PlatformContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return FakeStage()


class TestSlackPlatform(PlatformContract):
    @pytest.fixture
    def stage(self) -> Iterator[Stage]:
        with FakeSlack() as slack:
            yield SlackStage(slack)
