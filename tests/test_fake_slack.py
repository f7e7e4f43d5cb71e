"""The fake Slack behaves as Slack does, towards Slack's own SDK and Bolt."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookClient

from tests.fakes.schemas import read_schema
from tests.fakes.slack import BotUnreachable, Channel, FakeSlack, SlackRefuses, User

Json = dict[str, Any]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(signing_secret="s3cret", bot_token="xoxb-1", app_token="xapp-1") as fake:
        fake.team("Acme")
        yield fake


@pytest.fixture
def ana(slack: FakeSlack) -> User:
    return slack.user("Ana", team=slack.installation.team, tz="Europe/Berlin")


@pytest.fixture
def general(slack: FakeSlack, ana: User) -> Channel:
    return slack.channel("general", team=ana.team, members=[ana])


@pytest.fixture
def jonas(slack: FakeSlack) -> User:
    return slack.user("Jonas", team=slack.team("Borealis"), email="jonas@borealis.example")


@pytest.fixture
def shared(slack: FakeSlack, ana: User, jonas: User) -> Channel:
    return slack.channel("both", team=ana.team, shared_with=[jonas.team], members=[ana, jonas])


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient("xoxb-1", base_url=slack.api_url)


def error_of(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, action_id: str, value: str = "") -> Json:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "text": label, "action_id": action_id, "value": value or action_id}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def field(label: str, block_id: str, element: Json, **more: Any) -> Json:
    text = {"type": "plain_text", "text": label}
    return {"type": "input", "block_id": block_id, "label": text, "element": element, **more}


def option(text: str, value: str) -> Json:
    return {"text": {"type": "plain_text", "text": text}, "value": value}


def modal(*blocks: Json, **more: Any) -> Json:
    texts = {"title": "Pledge", "submit": "Save"}
    shown = {key: {"type": "plain_text", "text": text} for key, text in texts.items()}
    return {"type": "modal", "callback_id": "pledge", "blocks": list(blocks), **shown, **more}


PLEDGE = modal(
    field("What", "what", {"type": "plain_text_input", "action_id": "text", "max_length": 20}),
    field(
        "How often",
        "often",
        {
            "type": "static_select",
            "action_id": "cadence",
            "options": [option("Weekly", "w"), option("Daily", "d")],
            "initial_option": option("Weekly", "w"),
        },
        dispatch_action=True,
    ),
    field("Who", "who", {"type": "multi_users_select", "action_id": "users"}, optional=True),
    notify_on_close=True,
)


def make_app(slack: FakeSlack, seen: list[Json]) -> AsyncApp:
    """A small bot that does a little of everything."""
    client = AsyncWebClient("xoxb-1", base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret="s3cret", request_verification_enabled=True)

    @app.event("app_mention")
    async def greet(event: Json, say: Any) -> None:
        seen.append(event)
        blocks = [section("Hello!"), actions(button("Agree", "agree", "42"))]
        await say(text="Hello!", blocks=blocks)

    @app.event("message")
    async def hear(event: Json) -> None:
        seen.append(event)

    @app.event("app_home_opened")
    async def show_home(event: Json, client: Any) -> None:
        view = {"type": "home", "blocks": [section("At home"), actions(button("Go", "agree"))]}
        await client.views_publish(user_id=event["user"], view=view)

    @app.command("/alliance")
    async def command(ack: Any, body: Json, client: Any) -> None:
        seen.append(body)
        if body["text"] == "new":
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=PLEDGE)
        else:
            await ack(f"You said {body['text']}")

    @app.action("agree")
    async def agree(ack: Any, body: Json, respond: Any) -> None:
        seen.append(body)
        await ack()
        if "response_url" in body:
            await respond(text="Agreed", replace_original=True)

    @app.action("cadence")
    async def cadence(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack()

    @app.view("pledge")
    async def submitted(ack: Any, body: Json) -> None:
        seen.append(body)
        if body["view"]["state"]["values"]["what"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"what": "No."})
        else:
            await ack()

    @app.view_closed("pledge")
    async def closed(ack: Any, body: Json) -> None:
        seen.append(body)
        await ack()

    return app


async def serve(slack: FakeSlack, app: AsyncApp, stack: AsyncExitStack, *, socket: bool) -> None:
    if socket:
        own = AsyncWebClient(base_url=slack.api_url)
        handler = AsyncSocketModeHandler(app, "xapp-1", web_client=own, ping_interval=1)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        stack.push_async_callback(handler.close_async)
        return
    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"


@contextmanager
def running(slack: FakeSlack, *, socket: bool) -> Iterator[list[Json]]:
    """A bot in a thread of its own; yields what its listeners have seen."""
    seen: list[Json] = []
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def live() -> None:
        loops.append(asyncio.get_running_loop())
        async with AsyncExitStack() as stack:
            await serve(slack, make_app(slack, seen), stack, socket=socket)
            ready.set()
            await stop.wait()

    with ThreadPoolExecutor(1) as pool:
        life = pool.submit(asyncio.run, live())
        assert ready.wait(10) or life.result(0)
        try:
            yield seen
        finally:
            loops[0].call_soon_threadsafe(stop.set)
            life.result(10)


@pytest.fixture(params=["http", "socket"])
def seen(slack: FakeSlack, request: pytest.FixtureRequest) -> Iterator[list[Json]]:
    with running(slack, socket=request.param == "socket") as listened:
        if request.param == "socket":
            slack.wait_for_connection()
        yield listened


# The Web API


def test_a_message_is_recorded_and_comes_back(
    slack: FakeSlack, client: WebClient, general: Channel
) -> None:
    metadata = {"event_type": "greeting", "event_payload": {"id": 1}}
    posted = client.chat_postMessage(
        channel=general.id, text="Hello", blocks=[section("Hello *you*")], metadata=metadata
    )
    [message] = slack.messages(general)
    assert (message.ts, message.text, message.by_bot) == (posted["ts"], "Hello", True)
    assert slack.text_of(message) == "Hello *you*"
    history = client.conversations_history(channel=general.id, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == metadata
    client.chat_update(channel=general.id, ts=message.ts, text="Bye", blocks=[])
    assert (message.text, message.blocks, bool(message.edited)) == ("Bye", [], True)
    assert slack.strict_errors == []


def test_a_broken_block_is_refused_with_the_reason(
    slack: FakeSlack, client: WebClient, general: Channel
) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=general.id, text="x", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    [why, *_] = refused.value.response["response_metadata"]["messages"]
    assert why == "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert "invalid_blocks" in slack.strict_errors[0]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "marquee"},
        section("x" * 3001),
        {"type": "section"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},
        actions(),
        actions(*[button("x", f"a{n}") for n in range(26)]),
        actions(button("x", "same"), button("y", "same")),
        actions(button("x" * 76, "a")),
        actions(button("x", "a", "v" * 2001)),
        actions({"type": "plain_text_input", "action_id": "a"}),
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
        {"type": "table", "rows": []},
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]},
        {**section("x"), "block_id": "b" * 256},
        {
            **section("x"),
            "accessory": {
                "type": "static_select",
                "action_id": "a",
                "options": [option("x", "1")],
                "initial_option": option("x", "2"),
            },
        },
    ],
)
def test_what_slack_does_not_render_is_refused(
    client: WebClient, general: Channel, block: Json
) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        client.chat_postMessage(channel=general.id, text="x", blocks=[block])


def test_good_blocks_of_all_kinds_are_taken(
    slack: FakeSlack, client: WebClient, general: Channel
) -> None:
    cell = {"type": "raw_text", "text": "1"}
    words = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Title", "emoji": True}},
        {**section("x"), "accessory": {"type": "overflow", "options": [option("a", "1")]}},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
        {"type": "table", "rows": [[cell, cell]]},
        {"type": "rich_text", "elements": [words]},
        {"type": "markdown", "text": "# md"},
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A"},
        actions({"type": "datepicker", "action_id": "d"}, button("B", "b")),
    ]
    client.chat_postMessage(channel=general.id, text="x", blocks=blocks)
    [message] = slack.messages(general)
    assert slack.text_of(message).split("\n") == (
        ["Title", "x", "a", "small", "1", "1", "rich", "# md", "A", "B"]
    )


def test_wrong_tokens_channels_and_arguments_are_named(
    slack: FakeSlack, client: WebClient, general: Channel, ana: User
) -> None:
    post = client.chat_postMessage
    assert error_of(post, channel="C404", text="x") == "channel_not_found"
    empty = {"channel": general.id, "text": ""}
    assert error_of(client.api_call, api_method="chat.postMessage", json=empty) == "no_text"
    assert error_of(client.api_call, api_method="chat.postMessage") == "invalid_arguments"
    assert error_of(client.api_call, api_method="chat.shout") == "unknown_method"
    assert error_of(client.apps_connections_open, app_token="xoxb-1") == "not_allowed_token_type"
    assert error_of(WebClient("xoxb-no", base_url=slack.api_url).auth_test) == "invalid_auth"
    assert error_of(client.users_info, user="U404") == "user_not_found"
    away = slack.channel("away", team=ana.team, members=[ana], with_bot=False)
    assert error_of(post, channel=away.id, text="x") == "not_in_channel"
    assert any("not_in_channel" in blame for blame in slack.strict_errors)
    secret = slack.channel("s", team=ana.team, members=[ana], with_bot=False, is_private=True)
    assert error_of(post, channel=secret.id, text="x") == "channel_not_found"
    slack.archive(general)
    assert error_of(post, channel=general.id, text="x") == "is_archived"
    slack.revoke_token()
    assert error_of(client.auth_test) == "token_revoked"


def test_people_of_another_organisation_show_less(
    client: WebClient, shared: Channel, jonas: User, ana: User
) -> None:
    theirs = client.users_info(user=jonas.id, include_locale=True)["user"]
    ours = client.users_info(user=ana.id, include_locale=True)["user"]
    assert (theirs["team_id"], theirs["is_stranger"]) == (jonas.team.id, False)
    assert "locale" not in theirs
    assert "is_stranger" not in ours
    assert ours["locale"] == "en-US"
    assert theirs["profile"]["email"] == "jonas@borealis.example"
    info = client.conversations_info(channel=shared.id)["channel"]
    assert (info["is_ext_shared"], info["connected_team_ids"]) == (True, [jonas.team.id])
    first = client.conversations_members(channel=shared.id, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_members(channel=shared.id, limit=2, cursor=cursor)
    assert len(first["members"] + rest["members"]) == 3


def test_a_dm_opens_by_user_and_ephemerals_stay_with_their_reader(
    slack: FakeSlack, client: WebClient, general: Channel, ana: User
) -> None:
    opened = client.conversations_open(users=ana.id)["channel"]["id"]
    client.chat_postMessage(channel=opened, text="psst")
    client.chat_postMessage(channel=ana.id, text="again")
    assert [message.text for message in slack.dms(ana)] == ["psst", "again"]
    client.chat_postEphemeral(channel=general.id, user=ana.id, text="only you")
    assert [m.text for m in slack.ephemerals(ana)] == ["only you"]
    assert slack.messages(general) == []


def test_history_can_be_rationed(slack: FakeSlack, client: WebClient, general: Channel) -> None:
    for number in range(20):
        client.chat_postMessage(channel=general.id, text=str(number))
    slack.rations_history()
    assert len(client.conversations_history(channel=general.id, limit=100)["messages"]) == 15
    assert error_of(client.conversations_history, channel=general.id) == "ratelimited"
    slack.advance(61)
    assert client.conversations_history(channel=general.id)["has_more"] is True
    assert slack.rate(general) > 1


# Faults


def test_rate_limits_server_errors_and_dropped_connections(
    slack: FakeSlack, client: WebClient, general: Channel
) -> None:
    slack.fails("chat.postMessage", status=429, retry_after=2)
    with pytest.raises(SlackApiError) as limited:
        client.chat_postMessage(channel=general.id, text="1")
    assert limited.value.response.headers["Retry-After"] == "2"
    slack.fails("chat.postMessage", status=503)
    assert error_of(client.chat_postMessage, channel=general.id, text="2") == "internal_error"
    slack.fails("chat.postMessage", error="is_archived")
    assert error_of(client.chat_postMessage, channel=general.id, text="3") == "is_archived"
    client.retry_handlers.clear()
    slack.drops("chat.postMessage", recorded=True)
    with pytest.raises(OSError, match=r"closed|reset"):
        client.chat_postMessage(channel=general.id, text="4")
    assert [message.text for message in slack.messages(general)] == ["4"]
    assert slack.strict_errors == []


@pytest.mark.parametrize("recorded", [True, False])
def test_a_gate_keeps_a_call_waiting(
    slack: FakeSlack, client: WebClient, general: Channel, recorded: bool
) -> None:
    gate = slack.hangs("chat.postMessage", recorded=recorded)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.chat_postMessage, channel=general.id, text="slow")
        assert gate.entered.wait(5)
        assert len(slack.messages(general)) == recorded
        assert not answer.done()
        gate.release()
        assert answer.result(5)["ok"]
    assert len(slack.messages(general)) == 1


def test_closing_lets_waiting_calls_go() -> None:
    with FakeSlack() as fake, ThreadPoolExecutor(1) as pool:
        fake.team("Acme")
        gate = fake.hangs("auth.test")
        answer = pool.submit(WebClient("xoxb-fake", base_url=fake.api_url).auth_test)
        assert gate.entered.wait(5)
        fake.close()
        assert answer.exception(5) or answer.result()["ok"]


def test_a_callback_runs_between_recording_and_answering(
    slack: FakeSlack, client: WebClient, general: Channel
) -> None:
    found: list[int] = []
    slack.on_call("chat.postMessage", lambda call: found.append(len(slack.messages(general))))
    client.chat_postMessage(channel=general.id, text="x")
    assert found == [1]


def test_waiting_in_vain_shows_the_latest_calls(slack: FakeSlack, client: WebClient) -> None:
    client.auth_test()
    with pytest.raises(AssertionError, match=r"(?s)a miracle.*auth\.test 200"):
        slack.wait_for(lambda: False, timeout=0.05, what="a miracle")


# People and the bot


def test_a_mention_makes_two_events_of_one_message(
    slack: FakeSlack, seen: list[Json], shared: Channel, jonas: User
) -> None:
    message = jonas.says(shared, "<@BOT> hi & bye")
    first, second = (response.delivery.payload for response in message.responses)
    assert first["event_id"] != second["event_id"]
    assert first["authorizations"][0]["team_id"] == slack.installation.team.id
    slack.wait_for(lambda: len(seen) == 2, what="both events")
    assert {event["type"] for event in seen} == {"message", "app_mention"}
    assert {(event["channel"], event["ts"]) for event in seen} == {(shared.id, message.ts)}
    assert {event["team"] for event in seen} == {jonas.team.id}
    assert seen[0]["text"] == f"<@{slack.bot_user}> hi &amp; bye"
    slack.wait_for(lambda: len(slack.messages(shared)) == 2, what="the greeting")
    retry = slack.redelivers(message.responses[0])
    assert retry.ok
    assert slack.strict_errors == []


def test_a_button_replaces_its_message_through_the_response_url(
    slack: FakeSlack, seen: list[Json], shared: Channel, jonas: User
) -> None:
    jonas.says(shared, "<@BOT> hi")
    greeting = slack.wait_for(lambda: [m for m in slack.messages(shared) if m.by_bot])[0]
    with pytest.raises(SlackRefuses, match="Agree"):
        jonas.presses(greeting, "Refuse")
    assert jonas.presses(greeting, "Agree").ok
    slack.wait_for(lambda: greeting.text == "Agreed", what="the replacement")
    [body] = [payload for payload in seen if payload["type"] == "block_actions"]
    assert body["actions"][0]["value"] == "42"
    assert body["user"]["team_id"] == jonas.team.id
    assert slack.calls("response_url")[0].status == 200


def test_a_command_is_answered_privately_and_only_at_home(
    slack: FakeSlack, seen: list[Json], general: Channel, ana: User, jonas: User
) -> None:
    response = ana.slash("/alliance", f"ask {jonas.mention}", channel=general)
    assert response.ok
    [answer] = slack.ephemerals(ana, general)
    assert answer.text == f"You said ask <@{jonas.id}|jonas>"
    with pytest.raises(SlackRefuses, match="Borealis has not installed"):
        jonas.slash("/alliance", "help")


def test_a_form_is_filled_in_checked_and_sent(
    slack: FakeSlack, seen: list[Json], general: Channel, ana: User
) -> None:
    ana.slash("/alliance", "new", channel=general)
    [view] = slack.wait_for(lambda: slack.views(ana), what="the modal")
    with pytest.raises(SlackRefuses, match="required"):
        ana.submits(view)
    with pytest.raises(SlackRefuses, match="at most 20"):
        ana.submits(view, text="x" * 21)
    with pytest.raises(SlackRefuses, match="Nonsense"):
        ana.submits(view, Nonsense="x")
    response = ana.chooses(view, "How often", "Daily")
    assert response is not None
    assert response.ok
    ana.submits(view, text="bad")
    assert view.errors == {"what": "No."}
    assert ana.submits(view, What="Write weekly", users=[ana]).ok
    assert slack.views(ana) == []
    values = seen[-1]["view"]["state"]["values"]
    assert values["what"]["text"] == {"type": "plain_text_input", "value": "Write weekly"}
    assert values["often"]["cadence"]["selected_option"]["value"] == "d"
    assert values["who"]["users"]["selected_users"] == [ana.id]
    assert seen[-1]["view"]["app_installed_team_id"] == ana.team.id


def test_a_closed_form_tells_the_bot(
    slack: FakeSlack, seen: list[Json], general: Channel, ana: User
) -> None:
    ana.slash("/alliance", "new", channel=general)
    [view] = slack.wait_for(lambda: slack.views(ana), what="the modal")
    closed = ana.closes(view)
    assert closed is not None
    assert closed.ok
    assert seen[-1]["type"] == "view_closed"


def test_the_home_tab_is_published(slack: FakeSlack, seen: list[Json], ana: User) -> None:
    assert ana.opens_home().ok
    home = slack.wait_for(lambda: slack.home(ana), what="the home tab")
    assert home is not None
    assert slack.text_of(home) == "At home\nGo"
    assert ana.presses(home, "Go").ok
    slack.wait_for(lambda: seen, what="the press")
    assert seen[-1]["container"]["type"] == "view"


def test_the_bot_hears_itself_only_when_told_so(
    slack: FakeSlack, seen: list[Json], client: WebClient, general: Channel
) -> None:
    client.chat_postMessage(channel=general.id, text="unheard")
    slack.echo_bot_messages = True
    client.chat_postMessage(channel=general.id, text="heard")
    [echo] = slack.wait_for(lambda: slack.deliveries, what="the echo")
    event = echo.delivery.payload["event"]
    assert (event["text"], event["bot_id"], event["user"]) == (
        "heard",
        slack.bot_id,
        slack.bot_user,
    )


def test_people_come_go_react_and_change_their_minds(
    slack: FakeSlack, seen: list[Json], general: Channel, ana: User
) -> None:
    slack.patience = 0.3  # this bot does not acknowledge what it has no listener for
    ben = slack.user("Ben", team=ana.team)
    told = [
        *ben.joins(general),
        *(message := ben.says(general, "Hm")).responses,
        *ben.edits(message, "Hmm"),
        *ana.reacts(message, "eyes"),
        *ana.removes_reaction(message, "eyes"),
        *ben.deletes(message),
        *ben.leaves(general),
    ]
    events = [response.delivery.payload["event"] for response in told]
    assert [event.get("subtype", event["type"]) for event in events] == [
        "member_joined_channel",
        "channel_join",
        "message",
        "message_changed",
        "reaction_added",
        "reaction_removed",
        "message_deleted",
        "member_left_channel",
        "channel_leave",
    ]
    with pytest.raises(SlackRefuses, match="not in #general"):
        ben.says(general, "Anyone?")


def test_both_organisations_may_install(
    slack: FakeSlack, ana: User, jonas: User, client: WebClient
) -> None:
    theirs = slack.install(jonas.team, bot_token="xoxb-2")
    both = slack.channel("b", team=ana.team, shared_with=[jonas.team], members=[ana, jonas])
    with running(slack, socket=False):
        [heard] = jonas.says(both, "hello").responses
        mention = jonas.says(both, "<@BOT> hello").responses[1]
    for response in (heard, mention):
        [named] = response.delivery.payload["authorizations"]
        assert (named["team_id"], named["user_id"]) == (jonas.team.id, theirs.bot.id)
    WebClient("xoxb-2", base_url=slack.api_url).chat_postMessage(channel=both.id, text="ours")
    assert slack.messages(both)[-1].bot_id == theirs.bot_id
    slack.revoke_token(jonas.team)
    assert client.auth_test()["team_id"] == ana.team.id


def test_sharing_a_channel_may_change_its_id(
    slack: FakeSlack, general: Channel, jonas: User
) -> None:
    old = general.id
    with running(slack, socket=False):
        changed, told = slack.share(general, jonas.team, changes_id=True)
    assert changed is not None
    assert told is not None
    event = changed.delivery.payload["event"]
    assert (event["old_channel_id"], event["new_channel_id"]) == (old, general.id)
    assert told.delivery.payload["event"]["connected_team_id"] == jonas.team.id


def test_a_response_url_lasts_five_uses_and_half_an_hour(
    slack: FakeSlack, general: Channel, ana: User
) -> None:
    url, _ = ana.courier.response_url("actions", ana.id, general, slack.installation, None)
    later, _ = ana.courier.response_url("actions", ana.id, general, slack.installation, None)
    webhook = WebhookClient(url)
    answers = [webhook.send(text=str(number), response_type="in_channel") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert len(slack.messages(general)) == 5
    slack.advance(31 * 60)
    assert WebhookClient(later).send(text="late").status_code == 404


def test_triggers_work_once_and_for_three_seconds(
    slack: FakeSlack, client: WebClient, ana: User
) -> None:
    def trigger() -> str:
        return ana.courier.trigger(ana.id)

    used, old = trigger(), trigger()
    client.views_open(trigger_id=used, view=PLEDGE)
    assert error_of(client.views_open, trigger_id=used, view=PLEDGE) == "exchanged_trigger_id"
    slack.advance(4)
    assert error_of(client.views_open, trigger_id=old, view=PLEDGE) == "expired_trigger_id"
    bare = {key: value for key, value in PLEDGE.items() if key != "submit"}
    assert error_of(client.views_open, trigger_id=trigger(), view=bare) == "invalid_arguments"


def test_an_update_with_an_old_hash_is_refused(
    slack: FakeSlack, client: WebClient, ana: User
) -> None:
    opened = client.views_open(trigger_id=ana.courier.trigger(ana.id), view=PLEDGE)["view"]
    update = {"view_id": opened["id"], "hash": opened["hash"], "view": PLEDGE}
    client.views_update(**update)
    assert error_of(client.views_update, **update) == "hash_conflict"


def test_a_dead_bot_is_a_clear_error(slack: FakeSlack, general: Channel, ana: User) -> None:
    slack.events_url = "http://127.0.0.1:1/slack/events"
    with pytest.raises(BotUnreachable, match=r"127\.0\.0\.1:1"):
        ana.says(general, "anyone?")
    slack.raises_when_unreachable = False
    assert ana.says(general, "anyone?").responses[0].status == 0


def test_forged_and_stale_requests_do_not_pass(slack: FakeSlack) -> None:
    with running(slack, socket=False):
        body = json.dumps({"type": "url_verification", "challenge": "c"})
        kind = {"Content-Type": "application/json"}
        assert slack.post_raw(body, {**kind, **slack.sign(body)}).status == 200
        assert slack.post_raw(body, {**kind, **slack.sign(body + " ")}).status == 401
        assert slack.post_raw(body, {**kind, **slack.sign(body, timestamp=1)}).status == 401


def test_a_socket_is_replaced_when_slack_asks_for_it(
    slack: FakeSlack, general: Channel, ana: User
) -> None:
    with running(slack, socket=True) as seen:
        slack.wait_for_connection()
        slack.disconnects()
        slack.wait_for_connection()
        assert ana.says(general, "still there?").responses[0].ok
        slack.wait_for(lambda: seen, what="the event, which Bolt acknowledges at once")
        assert [event["text"] for event in seen] == ["still there?"]


# Without the shared data


def test_a_schema_that_is_not_there_is_told_in_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_SHARED_DATA", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    assert read_schema("cards.json") is None
    monkeypatch.setenv("CI", "true")
    with pytest.raises(FileNotFoundError, match="set ENTENTE_SHARED_DATA"):
        read_schema("cards.json")
