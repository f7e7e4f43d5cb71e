"""Slack's outbound half: what each answer of Slack's, or of what stands before it, means."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import METADATA, SlackPlatform
from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import ChannelQuery, Outgoing, UserProfile, UserQuery
from bot.testing.contract import before, refusal
from bot.testing.world import make_view
from tests.fakes.slack import Channel, FakeSlack, User
from tests.process import free_port


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


@pytest.fixture
def ana(slack: FakeSlack) -> User:
    return slack.user("Ana", team=slack.team("Acme"), tz="Europe/Berlin")


@pytest.fixture
def steering(slack: FakeSlack, ana: User) -> Channel:
    return slack.channel("steering", team=ana.team, members=[ana])


def make_platform(address: str, *, token: str = "xoxb-fake", timeout: float = 1.0) -> SlackPlatform:
    client = AsyncWebClient(token, base_url=address, retry_handlers=[])
    return SlackPlatform(client, request_timeout=timeout)


@pytest.fixture
def platform(slack: FakeSlack) -> SlackPlatform:
    return make_platform(slack.api_url)


def message(
    channel: str | None = "C0ANY",
    user: str | None = None,
    *,
    key: str = "k-1",
    words: str = "Hello",
) -> Outgoing:
    return Outgoing(
        key=key, workspace="T1", channel=channel, user=user, thread=None, view=make_view(words)
    )


async def test_a_post_carries_its_key_and_unfolds_no_links(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel
) -> None:
    await platform.send(message(steering.id, key="deployment-7"))
    (call,) = slack.calls("chat.postMessage")
    assert call.arguments["metadata"] == {
        "event_type": METADATA,
        "event_payload": {"key": "deployment-7"},
    }
    assert (call.arguments["unfurl_links"], call.arguments["unfurl_media"]) == (False, False)
    assert slack.strict_errors == []


async def test_a_direct_channel_is_opened_once(
    platform: SlackPlatform, slack: FakeSlack, ana: User
) -> None:
    for key in ("k-1", "k-2"):
        receipt = await platform.send(message(None, ana.id, key=key))
        assert receipt.channel == ana.dm_channel.id
    assert len(slack.calls("conversations.open")) == 1


async def test_opening_and_posting_together_keep_to_one_limit(slack: FakeSlack, ana: User) -> None:
    """The lease counts on it: a slow opening leaves less time for posting."""
    platform = make_platform(slack.api_url, timeout=0.5)
    opened = slack.hangs("conversations.open")
    slack.on_call("conversations.open", lambda call: None)
    begun = datetime.now(UTC)
    await refusal(platform.send(message(None, ana.id)), RetryLater)
    assert (datetime.now(UTC) - begun).total_seconds() < 1.5
    opened.release()
    assert slack.calls("chat.postMessage") == []


async def test_the_limit_of_a_fraction_of_a_second_is_kept(
    slack: FakeSlack, steering: Channel
) -> None:
    platform = make_platform(slack.api_url, timeout=0.3)
    slack.hangs("chat.postMessage")
    begun = datetime.now(UTC)
    assert (await refusal(platform.send(message(steering.id)), Uncertain)).reason == "timeout"
    assert (datetime.now(UTC) - begun).total_seconds() < 0.9


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
async def test_failures_on_slacks_side_are_uncertain(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel, error: str
) -> None:
    slack.fails("chat.postMessage", error=error, status=200)
    assert (await refusal(platform.send(message(steering.id)), Uncertain)).reason == error


@pytest.mark.parametrize(
    "error", ["channel_not_found", "is_archived", "not_in_channel", "token_revoked", "msg_too_long"]
)
async def test_refusals_are_final_and_counted(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel, error: str
) -> None:
    slack.fails("chat.postMessage", error=error)
    assert (await refusal(platform.send(message(steering.id)), Undeliverable)).reason == error
    assert platform.errors == {error: 1}


async def test_reading_too_often_is_no_reason_to_stop_writing(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel
) -> None:
    slack.fails("conversations.history", status=429, retry_after=60)
    error = await refusal(platform.find(message(steering.id), since=before()), RetryLater)
    assert (error.after, error.everywhere) == (60, False)
    slack.fails("chat.postMessage", status=429, retry_after=5)
    error = await refusal(platform.send(message(steering.id)), RetryLater)
    assert (error.after, error.everywhere) == (5, True)


async def test_reading_that_fails_is_tried_again_and_never_uncertain(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel
) -> None:
    query = ChannelQuery(workspace="T1", channel=steering.id)
    slack.fails("conversations.info", status=503)
    await refusal(platform.fetch(query), RetryLater)
    slack.drops("conversations.info")
    assert (await refusal(platform.fetch(query), RetryLater)).reason == "disconnected"
    assert (await platform.fetch(query)) is not None


async def test_a_slack_out_of_reach_was_sent_nothing() -> None:
    platform = make_platform(f"http://127.0.0.1:{free_port()}/api/")
    assert (await refusal(platform.send(message()), RetryLater)).reason == "unreachable"


async def test_a_message_is_found_through_pages_of_history(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel
) -> None:
    first = await platform.send(message(steering.id, key="k-first"))
    slack.rations_history(per_minute=100, messages=2)
    for number in range(9):
        await platform.send(message(steering.id, key=f"k-{number}"))
    assert await platform.find(message(steering.id, key="k-first"), since=before()) == first
    assert len(slack.calls("conversations.history")) == 5


async def test_only_the_history_since_is_read(
    platform: SlackPlatform, slack: FakeSlack, steering: Channel
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    await platform.find(message(steering.id), since=since)
    (call,) = slack.calls("conversations.history")
    assert float(call.arguments["oldest"]) == pytest.approx(since.timestamp(), abs=1e-3)


async def test_people_are_told_by_their_team(platform: SlackPlatform, ana: User) -> None:
    profile = await platform.fetch(UserQuery(workspace=ana.team.id, user=ana.id))
    assert isinstance(profile, UserProfile)
    assert (profile.name, profile.workspace, profile.zone) == ("Ana", ana.team.id, "Europe/Berlin")


# What stands between us and Slack


class Between:
    """A proxy that answers in Slack's place."""

    def __init__(self) -> None:
        self.address = ""
        self.answer = web.Response

    async def reply(self, request: web.Request) -> web.Response:
        return self.answer()


@pytest.fixture
async def between() -> AsyncIterator[Between]:
    made = Between()
    application = web.Application()
    application.router.add_route("*", "/api/{method}", made.reply)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    yield made
    await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, "<html>Bad Gateway</html>", "text/html"),
        (200, "<html>Log in to the guest network</html>", "text/html"),
        (403, "<html>Not through this proxy</html>", "text/html"),
        (200, "ok", "text/plain"),
        (504, "upstream timed out", "text/plain"),
        (200, '{"ok": tr', "application/json"),
        (200, "[]", "application/json"),
        (200, "", "application/json"),
    ],
)
async def test_an_answer_that_is_not_slacks_leaves_it_open(
    between: Between, status: int, body: str, kind: str
) -> None:
    between.answer = lambda: web.Response(status=status, text=body, content_type=kind)  # type: ignore[assignment]
    platform = make_platform(between.address)
    error: PlatformError = await refusal(platform.send(message()), Uncertain)
    assert error.reason
    await refusal(platform.find(message(), since=before()), RetryLater)


async def test_a_limit_without_a_readable_wish_is_half_a_minute(between: Between) -> None:
    body = json.dumps({"ok": False, "error": "ratelimited"})

    def busy() -> web.Response:
        headers = {"Retry-After": "soon"}
        return web.Response(status=429, text=body, content_type="application/json", headers=headers)

    between.answer = busy  # type: ignore[assignment]
    error = await refusal(make_platform(between.address).send(message()), RetryLater)
    assert (error.after, error.everywhere) == (30.0, True)
