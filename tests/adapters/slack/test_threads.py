"""What people wrote in a thread, as it is read from Slack."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import THREAD_PAGE, THREAD_PAGES, SlackPlatform
from bot.core.ports import ThreadProfile, ThreadQuery
from tests.fakes.slack import FakeSlack, Message


@dataclass
class Forum:
    """A thread in a channel of Acme's, begun by Ana."""

    slack: FakeSlack

    def __post_init__(self) -> None:
        self.acme = self.slack.team("Acme")
        self.ana = self.slack.user("Ana", team=self.acme)
        self.tom = self.slack.user("Tom", team=self.acme)
        members = [self.ana, self.tom]
        self.room = self.slack.channel("steering", team=self.acme, members=members, with_bot=True)
        self.root = self.ana.says(self.room, "Basel or Zurich?")

    def answer(self, *texts: str) -> list[Message]:
        return [self.tom.says(self.room, text, thread=self.root) for text in texts]

    def read(self, message: Message | None = None) -> ThreadProfile:
        client = AsyncWebClient(self.slack.bot_token, base_url=self.slack.api_url)
        platform = SlackPlatform(client, request_timeout=30)
        query = ThreadQuery(
            workspace=self.acme.id,
            channel=self.room.id,
            message=(message or self.root).ts,
            thread=self.root.ts,
        )
        found = asyncio.run(platform.fetch(query))
        assert isinstance(found, ThreadProfile)
        return found


@pytest.fixture
def forum() -> Iterator[Forum]:
    with FakeSlack() as slack:
        slack.raises_when_unreachable = False
        slack.events_url = "http://127.0.0.1:9/nobody"
        yield Forum(slack)


def test_a_thread_is_read_oldest_first_from_any_of_its_messages(forum: Forum) -> None:
    (answer,) = forum.answer("Basel")
    for message in (forum.root, answer):
        found = forum.read(message)
        said = [(each.message, each.user, each.text) for each in found.messages]
        assert said == [
            (forum.root.ts, forum.ana.id, "Basel or Zurich?"),
            (answer.ts, forum.tom.id, "Basel"),
        ]
        assert found.thread == forum.root.ts
        assert not found.is_partial


def test_a_thread_of_several_pages_is_read_to_its_end(forum: Forum) -> None:
    forum.answer(*(f"Answer {number}" for number in range(THREAD_PAGE)))
    found = forum.read()
    assert len(found.messages) == THREAD_PAGE + 1
    assert found.messages[-1].text == f"Answer {THREAD_PAGE - 1}"
    assert not found.is_partial


def test_where_slack_rations_threads_what_was_read_is_enough(forum: Forum) -> None:
    forum.slack.rations_history()
    forum.answer(*(f"Answer {number}" for number in range(20)))
    found = forum.read()
    assert (len(found.messages), found.is_partial) == (15, True)
    refused = forum.read()
    assert (refused.messages, refused.is_partial) == ((), False)
    assert refused.permalink


def test_a_very_long_thread_is_read_in_part(forum: Forum) -> None:
    replies = [f"Answer {number}" for number in range(6)]
    forum.answer(*replies)
    forum.slack.world.history_ration = (99, 1)
    found = forum.read()
    assert (len(found.messages), found.is_partial) == (THREAD_PAGES, True)
