"""Never lost, never twice: real workers are killed and paused at the worst moments."""

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot.db.engine import Database
from tests.fakes.slack import Channel, FakeSlack
from tests.process import REQUEST_TIMEOUT, Process, free_port, make_environment, wait_until
from tests.scene import Scene

pytestmark = pytest.mark.process

SETTLED_WITHIN = 30.0


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


@pytest.fixture
def scene(slack: FakeSlack, database: Database) -> Scene:
    return Scene(slack, database)


@pytest.fixture
def postgres_scene(slack: FakeSlack, postgres_url: str) -> Iterator[Scene]:
    database = Database(postgres_url)
    yield Scene(slack, database)
    database.close()


class Traffic:
    """Two messages each to two channels, a direct message, and a reply in a thread."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.channels = [scene.channel("steering"), scene.channel("science")]
        self.forum = scene.channel("forum", with_bot=False)
        self.root = scene.ana.says(self.forum, "What do we know?").ts
        self.forum.members.append(scene.slack.bot_user)

    def queue(self) -> None:
        for channel in self.channels:
            self.scene.post(channel, "one", "two")
        self.scene.dm(self.scene.ana, "for you")
        self.scene.post(self.forum, "a reply", thread=self.root)

    @property
    def lanes(self) -> int:
        """How many messages can be under way at once."""
        return 4

    def wait_until_sent(self) -> None:
        self.scene.slack.wait_for(self.scene.is_idle, SETTLED_WITHIN, "an empty outbox")

    def check(self) -> None:
        """Top-level messages once and in order; replies at least once, and if twice, marked."""
        scene = self.scene
        for channel in self.channels:
            assert scene.texts(channel) == ["one", "two"]
        assert [m.text for m in scene.slack.dms(scene.ana)] == ["for you"]
        assert set(scene.states()) == {"sent"}
        replies = scene.texts(self.forum)
        assert set(replies) == {"a reply"}
        (reply,) = [d for d in scene.deliveries() if d.thread is not None]
        assert reply.uncertain or len(replies) == 1
        assert not any(d.uncertain for d in scene.deliveries() if d.thread is None)
        known = {m.ts for m in scene.slack.world.messages}
        assert {d.message_ref for d in scene.deliveries()} <= known
        assert scene.slack.strict_errors == []


@contextmanager
def worker(scene: Scene, folder: Path, database_url: str, name: str = "a") -> Iterator[Process]:
    environment = make_environment(database_url, scene.slack)
    with Process(folder / name, environment, "worker") as process:
        yield process.wait_until_started()


@pytest.fixture
def traffic(scene: Scene) -> Traffic:
    return Traffic(scene)


def posted(slack: FakeSlack) -> int:
    """Messages that are there."""
    return sum(1 for m in slack.world.messages if m.by_bot)


def under_way(slack: FakeSlack) -> int:
    return len(slack.calls("chat.postMessage"))


# One worker


def test_killed_after_claiming_and_before_sending(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    slack, scene = traffic.scene.slack, traffic.scene
    with worker(scene, tmp_path, database_url) as process:
        slack.hangs("chat.postMessage", recorded=False, times=None)
        traffic.queue()
        slack.wait_for(lambda: under_way(slack) >= traffic.lanes)
        process.kill()
    assert scene.states().count("sending") == traffic.lanes
    slack.works_again()
    assert posted(slack) == 0
    with worker(scene, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check()


def test_killed_after_sending_and_before_the_answer(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    slack, scene = traffic.scene.slack, traffic.scene
    with worker(scene, tmp_path, database_url) as process:
        slack.hangs("chat.postMessage", recorded=True, times=traffic.lanes)
        traffic.queue()
        slack.wait_for(lambda: posted(slack) == traffic.lanes)
        process.kill()
    assert "sent" not in scene.states()
    slack.works_again()
    with worker(scene, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check()
    assert len(scene.texts(traffic.forum)) == 2, "in a thread nobody can look"
    assert [d.uncertain for d in scene.deliveries() if d.thread] == [True]


def test_killed_after_the_answer_and_before_the_receipt_is_stored(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    slack, scene = traffic.scene.slack, traffic.scene
    lock = WriteLock(database_url, "LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
    slack.on_call("chat.postMessage", lambda call: lock.take())
    with worker(scene, tmp_path, database_url) as process:
        traffic.queue()
        wait_until(lambda: process.said.count('"answered"') >= traffic.lanes, "all answers")
        process.kill()
    lock.release()
    assert posted(slack) == traffic.lanes
    assert "sent" not in scene.states()
    with worker(scene, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check()


class WriteLock:
    """Keeps everybody else from writing, from the first `take` to `release`."""

    def __init__(self, database_url: str, statement: str) -> None:
        self._url = database_url
        self._statement = statement
        self._once = threading.Lock()
        self._taken: sqlite3.Connection | psycopg.Connection | None = None
        self._is_over = False

    def take(self) -> None:
        with self._once:
            if self._taken is not None or self._is_over:
                return
            if self._url.startswith("sqlite"):
                path = self._url.removeprefix("sqlite:///")
                self._taken = sqlite3.connect(
                    path, isolation_level=None, timeout=10, check_same_thread=False
                )
                self._taken.execute("BEGIN IMMEDIATE").close()
            else:
                self._taken = psycopg.connect(self._url)
                self._taken.execute(self._statement)

    def release(self) -> None:
        with self._once:
            self._is_over = True
            if self._taken is not None:
                self._taken.rollback()
                self._taken.close()


def test_killed_while_firing(scene: Scene, database_url: str, tmp_path: Path) -> None:
    channels = [scene.channel(name) for name in ("steering", "science", "forum")]
    for channel in channels:
        scene.remind(channel, words=f"for {channel.name}")
    add_clocks(scene, 1200)
    scene.make_due()
    is_sqlite = database_url.startswith("sqlite")
    # It may choose and fire, but not store where the clocks stand then.
    lock = WriteLock(database_url, "LOCK TABLE reminder_clocks IN SHARE MODE")
    if not is_sqlite:
        lock.take()
    with worker(scene, tmp_path, database_url) as process:
        if is_sqlite:
            wait_until(lambda: scene.count("firings") > 0, "the first firings")
        else:
            wait_until(lambda: waits_for_lock(database_url), "the worker to wait")
        process.kill()
    lock.release()
    with worker(scene, tmp_path, database_url):
        wait_until(lambda: scene.count("firings") == 1203, "all firings")
        scene.slack.wait_for(scene.is_idle, SETTLED_WITHIN, "an empty outbox")
    assert scene.execute("SELECT count(DISTINCT clock_id), count(*) FROM firings") == [(1203, 1203)]
    for channel in channels:
        (message,) = scene.slack.messages(channel)
        assert f"for {channel.name}" in scene.slack.text_of(message)


def add_clocks(scene: Scene, count: int) -> None:
    """Clocks that fire into the void, so that firing takes several transactions."""
    reminder = scene.remind(scene.channel("void"), words="void")
    scene.execute("DELETE FROM reminder_targets WHERE reminder_id = :id", id=reminder)
    numbers = ", ".join(f"({number})" for number in range(count - 1))
    scene.execute(
        f"WITH n(number) AS (VALUES {numbers}) "
        "INSERT INTO reminder_clocks (reminder_id, zone, rhythm, next_at) "
        "SELECT c.reminder_id, c.zone || n.number, c.rhythm, c.next_at "
        "FROM reminder_clocks c JOIN n ON true WHERE c.reminder_id = :id",
        id=reminder,
    )


def waits_for_lock(database_url: str) -> bool:
    """Whether somebody else in this database waits for a lock."""
    with psycopg.connect(database_url, autocommit=True) as watcher:
        row = watcher.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock'"
        ).fetchone()
        return bool(row and row[0])


# Several workers (PostgreSQL)


def test_one_of_two_workers_is_killed_while_its_messages_are_under_way(
    postgres_scene: Scene, postgres_url: str, tmp_path: Path
) -> None:
    scene, slack = postgres_scene, postgres_scene.slack
    traffic = Traffic(scene)
    with (
        worker(scene, tmp_path, postgres_url, "a") as first,
        worker(scene, tmp_path, postgres_url, "b"),
    ):
        slack.hangs("chat.postMessage", recorded=True, times=traffic.lanes)
        traffic.queue()
        slack.wait_for(lambda: posted(slack) == traffic.lanes)
        first.kill()
        traffic.wait_until_sent()
    traffic.check()


def test_a_worker_paused_between_claiming_and_sending_does_not_send_after_its_lease(
    postgres_scene: Scene, postgres_url: str, tmp_path: Path
) -> None:
    scene, slack = postgres_scene, postgres_scene.slack
    channel = scene.channel("steering")
    with worker(scene, tmp_path, postgres_url, "a") as first:
        with psycopg.connect(postgres_url) as holder:
            # What it looks at again before it sends: it stands still between claim and send.
            holder.execute("LOCK TABLE channels IN ACCESS EXCLUSIVE MODE")
            scene.post(channel, "once")
            wait_until(lambda: scene.states() == ["sending"], "the claim")
            wait_until(lambda: waits_for_lock(postgres_url), "the second look")
            first.pause()
        with worker(scene, tmp_path, postgres_url, "b"):
            slack.wait_for(scene.is_idle, SETTLED_WITHIN, "the second worker's message")
            assert scene.texts(channel) == ["once"]
            first.go_on()
            first.wait_for("lease ran out before sending")
            assert first.is_running
    assert scene.texts(channel) == ["once"]
    assert under_way(slack) == 1
    assert scene.states() == ["sent"]


def test_a_worker_paused_while_its_message_is_under_way(
    postgres_scene: Scene, postgres_url: str, tmp_path: Path
) -> None:
    scene, slack = postgres_scene, postgres_scene.slack
    channel = scene.channel("steering")
    with worker(scene, tmp_path, postgres_url, "a") as first:
        gate = slack.hangs("chat.postMessage", recorded=True)
        scene.post(channel, "once", "then")
        slack.wait_for(lambda: posted(slack) == 1)
        first.pause()
        with worker(scene, tmp_path, postgres_url, "b"):
            slack.wait_for(scene.is_idle, SETTLED_WITHIN, "the second worker's messages")
            first.go_on()
            gate.release()
            wait_until(
                lambda: '"answered"' in first.said or "attempt failed" in first.said,
                "what the first made of it",
            )
            scene.post(channel, "at last")
            slack.wait_for(scene.is_idle, SETTLED_WITHIN, "the last message")
    assert scene.texts(channel) == ["once", "then", "at last"]
    assert set(scene.states()) == {"sent"}
    assert not any(delivery.uncertain for delivery in scene.deliveries())


def test_two_workers_share_the_work_without_doing_anything_twice(
    postgres_scene: Scene, postgres_url: str, tmp_path: Path
) -> None:
    scene, slack = postgres_scene, postgres_scene.slack
    channels = [scene.channel(f"room-{number}") for number in range(6)]
    for channel in channels:
        scene.remind(channel, words=f"for {channel.name}")
    with (
        worker(scene, tmp_path, postgres_url, "a"),
        worker(scene, tmp_path, postgres_url, "b"),
    ):
        scene.make_due()
        for channel in channels:
            scene.post(channel, "one", "two")
        slack.wait_for(lambda: scene.count("firings") == 6 and scene.is_idle(), SETTLED_WITHIN)
    for channel in channels:
        texts = scene.texts(channel)
        assert len(texts) == 3
        assert [t for t in texts if t in {"one", "two"}] == ["one", "two"]
        assert slack.rate(channel) == 1


# Stopping, and a database that is away


def test_a_worker_told_to_stop_finishes_what_it_sends(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    channel = scene.channel("steering")
    with worker(scene, tmp_path, database_url) as process:
        gate = scene.slack.hangs("chat.postMessage", recorded=True)
        scene.post(channel, "under way", "not begun")
        scene.slack.wait_for(gate.entered.is_set)
        process.terminate()
        process.wait_for("stopping")
        gate.release()
        assert process.wait(10) == 0
        assert '"level": "error"' not in process.said
    assert scene.states() == ["sent", "queued"]
    assert scene.deliveries()[0].message_ref == scene.slack.messages(channel)[0].ts


def test_a_worker_told_to_stop_waits_no_longer_than_the_request_may_take(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    channel = scene.channel("steering")
    with worker(scene, tmp_path, database_url) as process:
        gate = scene.slack.hangs("chat.postMessage", recorded=False)
        scene.post(channel, "never answered")
        scene.slack.wait_for(gate.entered.is_set)
        process.terminate()
        assert process.wait(REQUEST_TIMEOUT + 5) == 0
    (delivery,) = scene.deliveries()
    assert (delivery.state, delivery.reason) == ("sending", "timeout")


def test_by_the_defaults_what_is_under_way_ends_within_the_ten_seconds(
    slack: FakeSlack, sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    scene = Scene(slack, database)
    channel = scene.channel("steering")
    port = free_port()
    # As if unset: the longest that may be set.
    defaults = {"ENTENTE_REQUEST_TIMEOUT": "", "ENTENTE_LEASE_SECONDS": "", "PORT": str(port)}
    environment = make_environment(sqlite_url, slack, **defaults)
    with (
        Process(tmp_path, environment, "run") as process,
        socket.socket() as caller,
    ):
        process.wait_until_started()
        # A request that never comes to its end is waited for at the same time.
        caller.connect(("127.0.0.1", port))
        caller.sendall(b"POST /slack/events HTTP/1.1\r\nHost: e\r\nContent-Length: 9\r\n\r\n")
        gate = slack.hangs("chat.postMessage", recorded=True)
        scene.post(channel, "never answered", "not begun")
        slack.wait_for(gate.entered.is_set)
        process.terminate()
        assert process.wait(10) == 0
        assert "raised an exception" not in process.said
        assert "not all finished" not in process.said
    first, second = scene.deliveries()
    assert (first.state, first.reason) == ("sending", "timeout")
    assert (second.state, second.attempts) == ("queued", 0)
    database.close()


def test_a_message_that_is_looked_for_when_the_worker_is_told_to_stop_is_not_sent(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    channel = scene.channel("steering")
    slack = scene.slack
    with worker(scene, tmp_path, database_url) as process:
        slack.drops("chat.postMessage", recorded=False)
        gate = slack.hangs("conversations.history")
        scene.post(channel, "once")
        slack.wait_for(gate.entered.is_set)
        process.terminate()
        process.wait_for("stopping")
        gate.release()
        assert process.wait(10) == 0
        assert '"level": "error"' not in process.said
    (delivery,) = scene.deliveries()
    assert (delivery.state, delivery.reason) == ("sending", "stopping")
    assert scene.texts(channel) == []
    with worker(scene, tmp_path, database_url):
        slack.wait_for(scene.is_idle, SETTLED_WITHIN, "an empty outbox")
    assert scene.texts(channel) == ["once"]


def test_a_worker_outlives_a_postgresql_that_goes_away(
    postgres_scene: Scene, postgres_url: str, tmp_path: Path
) -> None:
    scene = postgres_scene
    channel = scene.channel("steering")
    with worker(scene, tmp_path, postgres_url) as process:
        gate = scene.slack.hangs("chat.postMessage", recorded=True)
        scene.post(channel, "before", "after")
        scene.slack.wait_for(gate.entered.is_set)
        with closed_to_all(postgres_url):
            gate.release()
            process.wait_for('"receipts wait"')
        scene.slack.wait_for(scene.is_idle, SETTLED_WITHIN, "an empty outbox")
        assert process.is_running
    assert scene.texts(channel) == ["before", "after"]
    assert set(scene.states()) == {"sent"}


@contextmanager
def closed_to_all(postgres_url: str) -> Iterator[None]:
    """Nobody is connected, and nobody gets in."""
    address, name = postgres_url.rsplit("/", 1)
    with psycopg.connect(f"{address}/postgres", autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_a_receipt_waits_for_a_locked_sqlite(
    slack: FakeSlack, sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    scene = Scene(slack, database)
    channel = scene.channel("steering")
    lock = WriteLock(sqlite_url, "")
    slack.on_call("chat.postMessage", lambda call: lock.take())
    with worker(scene, tmp_path, sqlite_url) as process:
        scene.post(channel, "before", "after")
        process.wait_for('"answered"')
        assert scene.states() == ["sending", "queued"]
        lock.release()
        slack.wait_for(scene.is_idle, SETTLED_WITHIN, "an empty outbox")
        assert process.is_running
    assert scene.texts(channel) == ["before", "after"]
    database.close()


def test_a_channel_that_never_answers_does_not_hold_up_the_others(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    silent: Channel = scene.channel("silent")
    lively = scene.channel("lively")
    scene.slack.hangs("chat.postMessage", channel=silent, times=None)
    with worker(scene, tmp_path, database_url):
        scene.post(silent, "into the void")
        scene.post(lively, "one", "two")
        scene.slack.wait_for(lambda: scene.texts(lively) == ["one", "two"])
    assert scene.texts(silent) == []
