"""Files that people send: read from Slack alone, and no more of them than was asked for."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.files import NOT_READABLE
from adapters.slack.send import SlackPlatform
from bot.core.errors import Undeliverable
from bot.core.ports import TOO_LARGE, FileContent, FileQuery, Profile
from tests.fakes.slack import FakeSlack, User


@dataclass
class Stage:
    slack: FakeSlack
    ana: User
    platform: SlackPlatform

    def fetch(self, file: str, *, most: int = 100) -> Profile:
        query = FileQuery(workspace=self.ana.team.id, file=file, most=most)
        return asyncio.run(self.platform.fetch(query))

    def share(self, content: bytes, *, claimed_size: int | None = None) -> str:
        before = set(self.slack.world.files)
        self.ana.shares("charter.md", content, claimed_size=claimed_size)
        return str((set(self.slack.world.files) - before).pop())


@pytest.fixture
def stage() -> Iterator[Stage]:
    with FakeSlack() as slack:
        slack.raises_when_unreachable = False
        slack.events_url = "http://127.0.0.1:9/nobody"
        ana = slack.user("Ana", team=slack.team("Acme"))
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        yield Stage(slack, ana, SlackPlatform(client, request_timeout=5))


def test_a_file_is_read_with_its_name(stage: Stage) -> None:
    file = stage.share(b"# Scope")
    assert stage.fetch(file) == FileContent(file=file, name="charter.md", content=b"# Scope")


@pytest.mark.parametrize("claimed", [None, 5])
def test_no_more_is_read_than_was_asked_for(stage: Stage, claimed: int | None) -> None:
    file = stage.share(b"x" * 101, claimed_size=claimed)
    with pytest.raises(Undeliverable) as refused:
        stage.fetch(file)
    assert refused.value.reason == TOO_LARGE


@pytest.mark.parametrize(
    "address",
    [
        "https://slack.com.evil.example/f",
        "http://files.slack.com/f",
        "https://evil.example/slack.com",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
def test_the_token_goes_to_slack_alone(stage: Stage, address: str) -> None:
    file = stage.share(b"# Scope")
    stage.slack.world.files[file].address = address
    with pytest.raises(Undeliverable) as refused:
        stage.fetch(file)
    assert refused.value.reason == NOT_READABLE


def test_a_page_for_logging_in_is_no_file(stage: Stage) -> None:
    file = stage.share(b"# Scope")
    held = stage.slack.world.files[file]
    held.address = held.address.replace(file, "F0NOTHING00")
    with pytest.raises(Undeliverable) as refused:
        stage.fetch(file)
    assert refused.value.reason == NOT_READABLE


def test_a_file_that_is_gone_or_somebody_elses_is_not_read(stage: Stage) -> None:
    with pytest.raises(Undeliverable):
        stage.fetch("F0NOTHING00")
