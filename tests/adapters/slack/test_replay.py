"""Every payload that Slack's own libraries ship as a sample: answered, and never tripped over."""

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.parse import parse
from bot.core.events import Event
from tests import databases
from tests.fakes.slack import Channel, FakeSlack, User
from tests.harness import Bot, ManualClock

Json = dict[str, Any]
KINDS = ("event", "bare_event", "interactive", "slash_command", "socket_mode")
ANSWER_ONLY = "answers of the Web API to us: nothing that Slack sends"


class World:
    """A bot in a linked channel of an alliance, to which the samples are sent."""

    def __init__(self, slack: FakeSlack, bot: Bot) -> None:
        self.slack = slack
        self.bot = bot
        team = slack.installation.team
        self.ana: User = slack.user("Ana", team=team)
        self.linked: Channel = slack.channel("linked", team=team, members=[self.ana])
        self.ana.slash("/alliance", "setup", channel=self.linked)
        (form,) = slack.views(self.ana)
        self.ana.submits(form, name="Pact", own_partner="Acme", other_partners="Borealis")
        self.link()

    def link(self) -> None:
        """Samples archive, move and delete channels: put it right again."""
        for words in ("unlink", "link"):
            self.ana.slash("/alliance", words, channel=self.linked)
        self.bot.settle()

    def outcomes(self) -> dict[tuple[str, str], int]:
        return dict(self.bot.entente.dispatcher.counts.by_outcome)

    def failures(self) -> int:
        return sum(n for (_, outcome), n in self.outcomes().items() if outcome == "failed")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("replay") / "entente.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_migrated")
        databases.empty(url)
    with FakeSlack() as slack:
        slack.team("Acme")
        with Bot(url, slack, ManualClock()) as bot:
            yield World(slack, bot)


@pytest.fixture(scope="module")
def samples(data_folder: Path) -> list[Json]:
    lines = (data_folder / "slack" / "payloads.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def unwrap(sample: Json, number: int) -> tuple[str, Json] | None:
    """How Slack would deliver a sample, or None if it would not."""
    kind, payload = sample["kind"], copy.deepcopy(sample["payload"])
    if kind == "event":
        return "events_api", payload
    if kind == "bare_event":
        envelope = {"type": "event_callback", "event_id": f"Ev{number:09}", "event": payload}
        return "events_api", {**envelope, "team_id": "T1", "event_time": 1}
    if kind == "interactive":
        return "interactive", payload
    if kind == "slash_command":
        return "slash_commands", payload
    if kind == "socket_mode":
        inner = payload.get("payload", payload)
        return str(payload.get("type") or sample["type"]), inner
    return None


def fill(world: World, kind: str, payload: Json, number: int) -> Json:
    """The same happening in this world: its workspace, its person, its linked channel."""
    slack, stamp = world.slack, f"{1_700_000_000 + number}.{number:06}"
    known = {
        "team_id": slack.installation.team.id,
        "user_id": world.ana.id,
        "channel_id": world.linked.id,
        "channel": world.linked.id,
        "user": world.ana.id,
        "team": slack.installation.team.id,
        "ts": stamp,
        "event_ts": stamp,
        "message_ts": stamp,
        "is_stranger": True,
        "tab": "home",
    }

    def visit(node: Any, inside: str) -> Any:
        if isinstance(node, list):
            return [visit(item, inside) for item in node]
        if not isinstance(node, dict):
            return node
        filled = {name: visit(value, name) for name, value in node.items()}
        for name, value in known.items():
            if name in filled and not isinstance(filled[name], dict | list):
                filled[name] = value
        if "id" in filled and inside in known and isinstance(known[inside], str):
            filled["id"] = known[inside]
        return filled

    payload = visit(payload, "")
    if "event" in payload:
        payload.update(type="event_callback", event_id=f"Ev{number:09}F")
        event = payload["event"]
        if event.get("type") in {"message", "app_mention"} and not event.get("text"):
            event["text"] = f"<@{slack.bot_user}> help"
        if isinstance(event.get("item"), dict):
            event["item"].update(type="message")
        if event.get("type") == "channel_id_changed":
            event.update(old_channel_id=world.linked.id, new_channel_id=f"C0NEW{number}")
        event.pop("bot_id", None)
    if kind in {"interactive", "slash_commands"}:
        payload["trigger_id"] = world.ana.courier.trigger(world.ana.id, None, world.linked)
        if "response_url" in payload:
            url, _ = world.ana.courier.response_url(
                "actions", world.ana.id, world.linked, slack.installation, None
            )
            payload["response_url"] = url
    return payload


def replay(
    world: World, samples: list[Json], kind: str, change: Callable[[str, Json, int], Json]
) -> int:
    """Send all samples of a kind; how many there were. Fails with a list of what went wrong."""
    wrong, sent = [], 0
    for number, sample in enumerate(samples):
        delivered = unwrap(sample, number) if sample["kind"] == kind else None
        if delivered is None:
            continue
        way, payload = delivered
        failed = world.failures()
        answer = world.slack.sends_payload(way, change(way, payload, number))
        sent += 1
        if answer.status != 200 or world.failures() != failed:
            name = f"{sample['id']} {sample['type']} ({sample['source']} {sample['path']})"
            wrong.append(f"{name}: {answer.status} {answer.body[:80]}")
    world.bot.settle()
    assert wrong == [], "\n".join([f"{len(wrong)} of {sent} {kind}", *wrong])
    said = world.ana.slash("/alliance", "help", channel=world.linked)
    assert said.status == 200
    assert "setup" in said.text
    return sent


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_as_it_is_gets_an_answer(world, samples, kind):
    assert replay(world, samples, kind, lambda _way, payload, _number: payload) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_filled_in_for_this_workspace_gets_an_answer(world, samples, kind):
    def filled(way: str, payload: Json, number: int) -> Json:
        return fill(world, way, payload, number)

    assert replay(world, samples, kind, filled) > 0
    world.link()


def test_filled_in_samples_reach_the_features(world, samples):
    before = world.outcomes()
    for number, sample in enumerate(samples):
        delivered = unwrap(sample, 5000 + number)
        if delivered is not None and sample["type"] != "app_uninstalled":
            way, payload = delivered
            world.slack.sends_payload(way, fill(world, way, payload, 5000 + number))
            if sample["type"].startswith(("channel_", "group_")):
                world.link()
    world.bot.settle()
    after = world.outcomes()
    reached = {kind for (kind, _), n in after.items() if n > before.get((kind, _), 0)}
    wanted = {
        "AppRemoved",
        "ButtonPressed",
        "ChannelChanged",
        "CommandInvoked",
        "FormSubmitted",
        "HomeOpened",
        "MemberJoined",
        "MemberLeft",
        "ReactionAdded",
        "ShortcutInvoked",
    }
    assert wanted - reached == set()
    assert world.failures() == 0


def test_no_sample_is_left_out_but_answers_of_the_web_api(samples):
    left_out = [sample for number, sample in enumerate(samples) if unwrap(sample, number) is None]
    assert {sample["kind"] for sample in left_out} == {"api_response"}, ANSWER_ONLY
    assert len(samples) - len(left_out) > 500


def parsed(payload: Any) -> Event | None:
    return parse(payload, key="slack:k", workspace="T1", bot_users=frozenset({"U0BOT"}))


def test_the_parser_makes_an_event_or_nothing_of_each(samples):
    found = [
        parsed(delivered[1])
        for number, sample in enumerate(samples)
        if (delivered := unwrap(sample, number))
    ]
    assert all(event is None or isinstance(event, Event) for event in found)
    assert sum(event is not None for event in found) > 50


def paths(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in inner:
        yield (*here, name)
        if isinstance(value, dict | list) and value:
            yield from paths(value, (*here, name))


MISSING = object()
REPLACEMENTS = st.one_of(
    st.just(MISSING),
    st.none(),
    st.text(max_size=5),
    st.integers(),
    st.booleans(),
    st.just([]),
    st.just({}),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.just({})), max_size=2),
)


def mutate(payload: Json, path: tuple[Any, ...], value: Any) -> None:
    """Put something else at a place, if it is still there."""
    node: Any = payload
    try:
        for name in path[:-1]:
            node = node[name]
        if value is MISSING:
            del node[path[-1]]
        else:
            node[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(choices=st.data())
def test_the_parser_never_raises_whatever_is_missing_or_of_another_type(samples, choices):
    number = choices.draw(st.integers(0, len(samples) - 1))
    payload = (unwrap(samples[number], number) or ("", {"type": "event_callback"}))[1]
    places = list(paths(payload))
    for path in choices.draw(st.lists(st.sampled_from(places), max_size=4)) if places else ():
        mutate(payload, path, choices.draw(REPLACEMENTS))
    event = parsed(payload)
    assert event is None or isinstance(event, Event)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    payload=st.recursive(
        st.one_of(st.none(), st.text(max_size=4), st.integers(), st.sampled_from(["message", "T"])),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["type", "event", "actions", "user", "view", "channel", "command"]),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    )
)
def test_the_parser_never_raises_on_any_json(payload):
    event = parsed(payload)
    assert event is None or isinstance(event, Event)
