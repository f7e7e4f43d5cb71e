"""The door: who gets in, what is turned away, and that nothing else happens to what is refused."""

import http.client
import json
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, text
from sqlmodel import Session

from adapters.slack.door import LARGEST
from bot.db.table import Table
from bot.dispatch.feature import Feature, Watch
from tests.fakes.slack import Channel, FakeSlack, User
from tests.harness import Bot, ManualClock

FORM = "application/x-www-form-urlencoded"
STAR = "An ordinary school day for every child."


@dataclass
class Heard:
    """A feature that wants messages with a certain word, and what it got."""

    texts: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def feature(self) -> Feature:
        return Feature(
            name="quorum",
            watches=(
                Watch(
                    name="quorum",
                    scope="quorum",
                    load=lambda _session: self,
                    wants=lambda _state, _platform, _channel, _user, said: self._matches(said),
                    handle=lambda _context, event, _state: self.texts.append(event.text),
                ),
            ),
        )

    def _matches(self, said: str) -> bool:
        self.asked.append(said)
        return "quorum" in said


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    ana: User
    linked: Channel
    other: Channel
    heard: Heard

    # Requests as they are

    def posts(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        kind: str | None = FORM,
        method: str = "POST",
        chunks: int | None = None,
    ) -> tuple[int, str]:
        address = urlsplit(self.bot.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        typed = {} if kind is None else {"Content-Type": kind}
        content = body if chunks is None else _pieces(body, chunks)
        try:
            connection.request(method, "/slack/events", content, {**headers, **typed})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def command(self, words: str) -> bytes:
        """A command of a manager, as Slack would send it."""
        return urlencode(
            {
                "command": "/alliance",
                "text": words,
                "team_id": self.ana.team.id,
                "user_id": self.ana.id,
                "channel_id": self.linked.id,
                "trigger_id": "1.2.3",
            }
        ).encode()

    def message(self, said: str, channel: Channel, **more: object) -> dict[str, object]:
        ts = self.slack.world.new_ts()
        return {
            "type": "message",
            "user": self.ana.id,
            "text": said,
            "ts": ts,
            "channel": channel.id,
            "channel_type": "channel",
            "event_ts": ts,
            **more,
        }

    # What came of them

    def counted(self) -> dict[str, float]:
        address = urlsplit(self.bot.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        connection.request("GET", "/metrics")
        said = connection.getresponse().read().decode()
        connection.close()
        (requests,) = (
            f for f in text_string_to_metric_families(said) if f.name == "entente_requests"
        )
        return {sample.labels["outcome"]: sample.value for sample in requests.samples}

    @contextmanager
    def changes_nothing(self, outcome: str) -> Iterator[None]:
        """What happens within is counted once under `outcome`, and has no other effect."""
        rows, events, counted = self.rows(), self.events(), self.counted()
        yield
        assert self.rows() == rows
        assert self.events() == events
        after = self.counted()
        grown = {name: after[name] - counted.get(name, 0) for name in after}
        assert {name for name, by in grown.items() if by} == {outcome}
        assert grown[outcome] == 1

    def events(self) -> int:
        return sum(self.bot.entente.dispatcher.counts.by_outcome.values())

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        return self.bot.read(read_rows)

    def stars(self) -> list[str]:
        return self.bot.read(
            lambda session: list(
                session.execute(text("SELECT text FROM versions ORDER BY number")).scalars()
            )
        )


def _pieces(body: bytes, count: int) -> Iterator[bytes]:
    size = max(len(body) // count, 1)
    for start in range(0, len(body), size):
        yield body[start : start + size]


def read_rows(session: Session) -> dict[str, list[tuple[object, ...]]]:
    tables = Table.metadata.sorted_tables
    return {t.name: sorted(map(tuple, session.execute(select(t))), key=repr) for t in tables}


@pytest.fixture
def stage(sqlite_url, clock):
    """A bot for one test that changes something."""
    with make_stage(sqlite_url, clock) as made:
        yield made


@pytest.fixture(scope="module")
def calm(sqlite_template, tmp_path_factory):
    """One bot for all the tests after which nothing may have changed."""
    path = tmp_path_factory.mktemp("calm") / "entente.db"
    shutil.copy(sqlite_template, path)
    with make_stage(f"sqlite:///{path}", ManualClock()) as made:
        yield made


@contextmanager
def make_stage(database_url: str, clock: ManualClock) -> Iterator[Stage]:
    heard = Heard()
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        with Bot(database_url, slack, clock, features=(heard.feature(),)) as bot:
            ana = slack.user("Ana", team=acme)
            linked = slack.channel("linked", team=acme, members=[ana])
            other = slack.channel("other", team=acme, members=[ana])
            ana.slash("/alliance", "setup", channel=linked)
            (form,) = slack.views(ana)
            ana.submits(form, name="Pact", own_partner="Acme", other_partners="Borealis")
            ana.slash("/alliance", "link", channel=linked)
            bot.settle()
            yield Stage(slack, bot, ana, linked, other, heard)
            assert slack.strict_errors == []


def test_a_request_that_slack_signed_is_let_in(stage):
    body = stage.command(f"north star set {STAR}")
    status, said = stage.posts(body, stage.slack.sign(body))
    assert status == 200
    assert STAR in said
    assert stage.stars() == [STAR]


FORGERIES = {
    "unsigned": lambda stage, body: {},
    "no timestamp": lambda stage, body: {
        "X-Slack-Signature": stage.slack.sign(body)["X-Slack-Signature"]
    },
    "no signature": lambda stage, body: {"X-Slack-Request-Timestamp": str(int(time.time()))},
    "empty signature": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Signature": "",
    },
    "another's signature": lambda stage, body: stage.slack.sign(body + b"&text=help"),
    "signature without its version": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Signature": stage.slack.sign(body)["X-Slack-Signature"].removeprefix("v0="),
    },
    "non-ascii signature": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Signature": "v0=ÄÖÜ",
    },
    "non-ascii timestamp": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Request-Timestamp": "²³",
    },
    "words for a timestamp": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Request-Timestamp": "now",
    },
    "endless timestamp": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Request-Timestamp": "1" * 5000,
    },
    "another timestamp": lambda stage, body: {
        **stage.slack.sign(body),
        "X-Slack-Request-Timestamp": str(int(time.time()) - 1),
    },
    "stale": lambda stage, body: stage.slack.sign(body, time.time() - 5 * 60 - 2),
    "future": lambda stage, body: stage.slack.sign(body, time.time() + 5 * 60 + 10),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_request_that_slack_did_not_sign_just_now_changes_nothing(calm, forge):
    body = calm.command(f"north star set {STAR}")
    with calm.changes_nothing("refused_signature"):
        assert calm.posts(body, forge(calm, body)) == (401, "refused")


def test_a_signature_of_another_secret_is_refused(calm):
    body = calm.command(f"north star set {STAR}")
    with FakeSlack(signing_secret="guessed") as elsewhere:
        headers = elsewhere.sign(body)
    with calm.changes_nothing("refused_signature"):
        assert calm.posts(body, headers)[0] == 401


def test_a_request_just_within_five_minutes_is_let_in(stage):
    body = stage.command(f"north star set {STAR}")
    assert stage.posts(body, stage.slack.sign(body, time.time() - 4 * 60))[0] == 200
    assert stage.stars() == [STAR]


def test_a_replayed_request_is_answered_and_acts_once(stage):
    body = stage.command(f"north star set {STAR}")
    headers = stage.slack.sign(body)
    first, second = (stage.posts(body, headers) for _ in range(2))
    assert (first[0], second[0]) == (200, 200)
    assert STAR in first[1]
    assert second[1] == ""
    assert stage.stars() == [STAR]
    assert stage.bot.entente.dispatcher.counts.by_outcome[("CommandInvoked", "repeated")] == 1


MALFORMED = {
    "not json": (b"{", "application/json"),
    "a json list": (b'[{"type": "event_callback"}]', "application/json"),
    "a json text": (b'"event_callback"', "application/json"),
    "null": (b"null", "application/json"),
    "an empty object": (b"{}", "application/json"),
    "an empty body": (b"", FORM),
    "an empty json body": (b"", "application/json"),
    "a payload that is no json": (b"payload=%7B", FORM),
    "a payload that is a list": (b"payload=%5B%5D", FORM),
    "an empty payload": (b"payload=", FORM),
    "half a surrogate pair": (b'{"type": "\\ud800"}', "application/json"),
}


@pytest.mark.parametrize(("body", "kind"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_signed_body_that_is_no_payload_is_refused(calm, body, kind):
    with calm.changes_nothing("refused_not_a_payload"):
        assert calm.posts(body, calm.slack.sign(body), kind=kind) == (400, "refused")


def test_a_body_that_is_no_text_cannot_be_slacks(calm):
    body = b'{"type": "\xff"}'
    with calm.changes_nothing("refused_signature"):
        assert calm.posts(body, calm.slack.sign(body), kind="application/json")[0] == 401


def test_a_form_that_is_no_command_is_answered_at_the_door(calm):
    body = b"ssl_check=1&token=t"
    with calm.changes_nothing("turned_away"):
        assert calm.posts(body, calm.slack.sign(body)) == (200, "")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", None])
def test_a_content_type_that_slack_never_sends_is_refused(calm, kind):
    body = calm.command(f"north star set {STAR}")
    with calm.changes_nothing("refused_not_a_payload"):
        assert calm.posts(body, calm.slack.sign(body), kind=kind) == (400, "refused")


def test_a_content_type_with_a_character_set_is_read(stage):
    body = stage.command(f"north star set {STAR}")
    status, _ = stage.posts(body, stage.slack.sign(body), kind=f"{FORM}; charset=utf-8")
    assert status == 200
    assert stage.stars() == [STAR]


def test_a_body_in_chunks_is_read(stage):
    body = stage.command(f"north star set {STAR}")
    status, _ = stage.posts(body, stage.slack.sign(body), chunks=7)
    assert status == 200
    assert stage.stars() == [STAR]


def test_a_body_in_chunks_is_checked_like_any_other(calm):
    body = calm.command(f"north star set {STAR}")
    with calm.changes_nothing("refused_signature"):
        assert calm.posts(body, calm.slack.sign(b"else"), chunks=7)[0] == 401


@pytest.mark.parametrize("chunks", [None, 5])
def test_a_body_that_is_too_large_is_refused_however_it_is_signed(calm, chunks):
    body = calm.command(f"north star set {STAR}") + b"&padding="
    body += b"x" * (LARGEST + 1 - len(body))
    with calm.changes_nothing("refused_too_large"):
        assert calm.posts(body, calm.slack.sign(body), chunks=chunks) == (413, "refused")


def test_a_body_as_large_as_allowed_is_read(stage):
    body = stage.command(f"north star set {STAR}") + b"&padding="
    body += b"x" * (LARGEST - len(body))
    assert stage.posts(body, stage.slack.sign(body))[0] == 200
    assert stage.stars() == [STAR]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_post_is_taken(calm, method):
    body = calm.command(f"north star set {STAR}")
    with calm.changes_nothing("refused_method"):
        assert calm.posts(body, calm.slack.sign(body), method=method)[0] == 405


def test_a_client_that_leaves_in_the_middle_of_its_body_changes_nothing(stage):
    body = stage.command(f"north star set {STAR}")
    head = {**stage.slack.sign(body), "Content-Type": FORM, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    address = urlsplit(stage.bot.url)
    with socket.create_connection((address.hostname, address.port)) as wire:
        wire.sendall(f"POST /slack/events HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode() + body[:-9])
    stage.slack.wait_for(lambda: stage.counted().get("refused_signature") == 1)
    assert stage.stars() == []


def test_the_answer_to_slacks_first_question_is_its_challenge(calm):
    asked = {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aB10FEMAGAZd4"}
    answer = calm.slack.sends_payload("events_api", asked)
    assert answer.status == 200
    assert answer.json["challenge"] == asked["challenge"]


# What is turned away although it is signed


UNWANTED = [
    {"type": "team_join", "user": {"id": "U1", "is_stranger": True}},
    {"type": "user_change", "user": {"id": "U1"}},
    {"type": "reaction_removed", "user": "U1", "item": {}, "reaction": "tada"},
    {"type": "pin_added"},
    {"type": "channel_rename", "channel": {"id": "C0ELSEWHERE", "name": "x"}},
    {"type": "member_joined_channel", "user": "U1", "channel": "C0ELSEWHERE"},
    {"type": "reaction_added", "user": "U1", "item": {"type": "file"}, "reaction": "tada"},
    {"type": "reaction_added", "user": "U1", "item": "?", "reaction": "tada"},
    # Shapes that are none of Slack's, and must not trip the door.
    {"type": "reaction_added", "user": "U1", "item": {"channel": ["C1"]}, "reaction": "tada"},
    {"type": "channel_rename", "channel": ["C1"]},
    {"type": ["message"]},
    {"type": "message", "channel_type": "im", "subtype": {}, "user": "U1", "text": "hi"},
    {"type": "message", "user": {}, "channel": "C1", "text": "hi"},
    {"type": "message", "user": "U1", "channel": "C1", "text": {}},
    {},
]


@pytest.mark.parametrize("event", UNWANTED, ids=[str(n) for n in range(len(UNWANTED))])
def test_an_event_that_nobody_wants_is_answered_at_the_door(calm, event):
    envelope = {"type": "event_callback", "event_id": "Ev1", "event": event}
    with calm.changes_nothing("turned_away"):
        answer = calm.slack.sends_payload("events_api", envelope)
    assert (answer.status, answer.body) == (200, "")


@pytest.mark.parametrize("event", [None, "text", ["message"], 7])
def test_an_envelope_around_nothing_is_answered_at_the_door(calm, event):
    envelope = {"type": "event_callback", "event_id": "Ev1", "event": event}
    with calm.changes_nothing("turned_away"):
        assert calm.slack.sends_payload("events_api", envelope).status == 200


@pytest.mark.parametrize(
    "kind", ["view_closed", "block_suggestion", "dialog_submission", "shortcut", "", ["x"]]
)
def test_an_interaction_without_a_handler_is_answered_at_the_door(calm, kind):
    payload = {"type": kind, "user": {"id": calm.ana.id}, "callback_id": "x"}
    with calm.changes_nothing("turned_away"):
        answer = calm.slack.sends_payload("interactive", payload)
    assert (answer.status, answer.body) == (200, "")


def test_the_bots_own_messages_are_dropped(stage):
    turned_away = stage.counted()["turned_away"]
    mention = f"<@{stage.slack.bot_user}> north star set {STAR} quorum"
    for said in (
        stage.message(mention, stage.linked, user=stage.slack.bot_user),
        stage.message(mention, stage.linked, bot_id=stage.slack.bot_id),
        stage.message(mention, stage.linked, bot_id=stage.slack.bot_id, subtype="bot_message"),
    ):
        assert stage.slack.sends_event(said, channel=stage.linked).status == 200
    assert stage.counted()["turned_away"] == turned_away + 3
    assert stage.heard.texts == []
    assert stage.stars() == []


def test_a_mention_of_somebody_else_is_no_business_of_the_bots(calm):
    said = calm.message(f"<@{calm.slack.bot_user}9> help", calm.other)
    with calm.changes_nothing("turned_away"):
        assert calm.slack.sends_event(said, channel=calm.other).status == 200


def test_a_feature_that_watches_gets_what_it_wants_from_linked_channels_alone(stage):
    stage.ana.says(stage.linked, "is there a quorum?")
    stage.ana.says(stage.linked, "nothing of interest")
    stage.ana.says(stage.other, "a quorum elsewhere")
    stage.ana.dm("a quorum in private")
    assert stage.heard.texts == ["is there a quorum?"]
    # Nobody's texts are even looked at in channels that no alliance has linked.
    assert set(stage.heard.asked) == {"is there a quorum?", "nothing of interest"}


def test_reactions_are_heard_in_linked_channels_alone(stage):
    here = stage.ana.says(stage.linked, "hello there")
    there = stage.ana.says(stage.other, "hello there")
    stage.ana.reacts(here, "tada")
    stage.ana.reacts(there, "tada")
    counts = stage.bot.entente.dispatcher.counts.by_outcome
    assert sum(n for (kind, _), n in counts.items() if kind == "ReactionAdded") == 1


def test_the_door_follows_when_channels_are_linked_and_unlinked(stage):
    stage.ana.says(stage.other, "quorum one")
    stage.ana.slash("/alliance", "link", channel=stage.other)
    stage.bot.settle()
    stage.ana.says(stage.other, "quorum two")
    stage.ana.slash("/alliance", "unlink", channel=stage.other)
    stage.bot.settle()
    stage.ana.says(stage.other, "quorum three")
    assert stage.heard.texts == ["quorum two"]
    stage.ana.says(stage.linked, "quorum four")
    assert stage.heard.texts == ["quorum two", "quorum four"]


def test_a_channel_that_left_its_name_is_followed(stage):
    stage.slack.rename(stage.linked, "steering")
    stage.slack.rename(stage.other, "elsewhere")
    names = stage.bot.read(
        lambda session: list(session.execute(text("SELECT name FROM channels")).scalars())
    )
    assert names == ["steering"]


def test_what_was_refused_is_logged_without_its_content(calm, caplog, capsys):
    body = json.dumps({"type": "event_callback", "event": {"text": "very private"}}).encode()
    calm.posts(body, {}, kind="application/json")
    said = caplog.text + capsys.readouterr().out
    assert "request refused" in said
    assert "very private" not in said


def test_over_a_socket_no_signing_secret_is_needed_and_http_is_closed(
    sqlite_url: str, clock: ManualClock
) -> None:
    with FakeSlack() as slack:
        ana = slack.user("Ana", team=slack.team("Acme"))
        sockets = {"SLACK_APP_TOKEN": slack.app_token, "SLACK_SIGNING_SECRET": None}
        with Bot(sqlite_url, slack, clock, **sockets):
            assert ana.slash("/alliance", "help").status == 401
            slack.events_url = None
            slack.wait_for_connection()
            ana.slash("/alliance", "help")
            slack.wait_for(lambda: slack.ephemerals(user=ana))
        assert slack.strict_errors == []
