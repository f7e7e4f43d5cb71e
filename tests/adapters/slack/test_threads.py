"""What people wrote in a thread, as it is read from Slack."""

import asyncio

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import SlackPlatform
from bot.core.ports import ThreadProfile, ThreadQuery
from tests.fakes.slack import FakeSlack


def test_a_thread_is_read_oldest_first_from_any_of_its_messages() -> None:
    with FakeSlack() as slack:
        slack.raises_when_unreachable = False
        slack.events_url = "http://127.0.0.1:9/nobody"
        acme = slack.team("Acme")
        ana, tom = slack.user("Ana", team=acme), slack.user("Tom", team=acme)
        room = slack.channel("steering", team=acme, members=[ana, tom], with_bot=True)
        root = ana.says(room, "Basel or Zurich?")
        answer = tom.says(room, "Basel", thread=root)
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        platform = SlackPlatform(client, request_timeout=5)
        for message in (root, answer):
            query = ThreadQuery(
                workspace=acme.id, channel=room.id, message=message.ts, thread=root.ts
            )
            found = asyncio.run(platform.fetch(query))
            assert isinstance(found, ThreadProfile)
            said = [(each.message, each.user, each.text) for each in found.messages]
            assert said == [
                (root.ts, ana.id, "Basel or Zurich?"),
                (answer.ts, tom.id, "Basel"),
            ]
            assert found.thread == root.ts
