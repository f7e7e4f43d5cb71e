"""Never lost in Teams either: real workers are killed at the worst moments. Teams can't be asked
what arrived, so what was under way is sent again, and recorded as uncertain."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlmodel import col, select

from adapters.teams.directory import Directory
from adapters.teams.parse import parse_sighting
from bot.core.clock import system_clock
from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.testing.world import link_channel, make_alliance, make_view
from tests.fakes.teams import Channel, Chat, FakeTeams
from tests.process import REQUEST_TIMEOUT, Process, make_environment, name_teams, wait_until
from tests.scenarios.test_crashes import WriteLock, closed_to_all, waits_for_lock

pytestmark = pytest.mark.process


class Traffic:
    """Two messages each to two channels, and a direct message."""

    lanes = 3
    """How many messages can be under way at once."""

    def __init__(self, teams: FakeTeams, database: Database) -> None:
        self.teams, self.database = teams, database
        self.tenant = teams.tenant("Acme")
        self.ana = teams.user("Ana", tenant=self.tenant)
        team = teams.team("Alliance", tenant=self.tenant)
        self.channels = [
            teams.channel(name, team=team, members=[self.ana]) for name in ("steering", "science")
        ]
        common = {"platform": "teams", "workspace": self.tenant.id, "now": system_clock()}
        with database.write() as session:
            viewer = make_alliance(session, user=self.ana.id, **common)  # type: ignore[arg-type]
            self.alliance = viewer.alliance_id
            for channel in self.channels:
                link_channel(
                    session,
                    viewer,
                    channel=channel.id,
                    name=channel.name,
                    **common,  # type: ignore[arg-type]
                )
        asyncio.run(self._meet(*self.channels, self.ana.direct))

    async def _meet(self, *places: Channel | Chat) -> None:
        """Entente has heard from there before."""
        directory = Directory(self.database, clock=system_clock)
        for place in places:
            sighting = parse_sighting(self.ana._activity("message", place, "1"))
            assert sighting is not None
            conversation, person = sighting
            assert person is not None
            await directory.note(conversation, person)

    def queue(self) -> None:
        for channel in self.channels:
            self.post(channel, "one", "two")
        with self.database.write() as session:
            self._enqueue(session, "for you", user=self.ana.id)

    def post(self, channel: Channel, *said: str) -> None:
        """Put these messages to a channel into the outbox."""
        with self.database.write() as session:
            for each in said:
                self._enqueue(session, each, channel=channel.id)

    def texts(self, channel: Channel) -> list[str]:
        """What is there."""
        return [self.teams.text_of(message) for message in self.teams.posts(channel)]

    def _enqueue(self, session: object, said: str, **to: str) -> None:
        address = Address(platform="teams", workspace=self.tenant.id, **to)  # type: ignore[arg-type]
        deliver = Deliver(to=address, view=make_view(said), alliance_id=self.alliance)
        enqueue(session, deliver, now=system_clock())  # type: ignore[arg-type]

    def deliveries(self) -> list[Delivery]:
        with self.database.read() as session:
            return list(session.exec(select(Delivery).order_by(col(Delivery.id))))

    def states(self) -> list[str]:
        return [delivery.state for delivery in self.deliveries()]

    def posted(self) -> list[str]:
        """What is there, in the order in which it came."""
        return [self.teams.text_of(m) for m in self.teams.world.messages if m.by_bot]

    def asked(self) -> int:
        """How often Entente tried to post."""
        return sum(1 for call in self.teams.world.calls if call.method == "POST")

    def wait_until_sent(self) -> None:
        wait_until(lambda: set(self.states()) == {"sent"}, "an empty outbox")

    def check(self, *, twice: bool) -> None:
        """All is there and in order; what was under way is marked, and there twice or not."""
        for channel in self.channels:
            assert self.texts(channel) == ["one", "one", "two"][not twice :]
        assert len(self.teams.dms(self.ana)) == 1 + twice
        uncertain = [delivery.uncertain for delivery in self.deliveries()]
        assert uncertain == [True, False, True, False, True]
        known = {message.id for message in self.teams.world.messages}
        assert {delivery.message_ref for delivery in self.deliveries()} <= known
        assert self.teams.strict_errors == []


@pytest.fixture
def traffic(database: Database) -> Iterator[Traffic]:
    with FakeTeams() as teams:
        yield Traffic(teams, database)


@pytest.fixture
def postgres_traffic(postgres_url: str) -> Iterator[Traffic]:
    database = Database(postgres_url)
    with FakeTeams() as teams:
        yield Traffic(teams, database)
    database.close()


@contextmanager
def worker(traffic: Traffic, folder: Path, database_url: str, name: str = "a") -> Iterator[Process]:
    environment = make_environment(database_url, None, **name_teams(traffic.teams))
    with Process(folder / name, environment, "worker") as process:
        yield process.wait_until_started()


def test_killed_after_claiming_and_before_it_arrives(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    traffic.queue()
    traffic.teams.hangs(times=2 * traffic.lanes)
    with worker(traffic, tmp_path, database_url) as process:
        wait_until(lambda: traffic.asked() >= traffic.lanes, "all lanes to be under way")
        process.kill()
    assert traffic.states().count("sending") == traffic.lanes
    traffic.teams.works_again()
    assert traffic.posted() == []
    with worker(traffic, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check(twice=False)


def test_killed_after_it_arrived_and_before_the_answer(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    traffic.queue()
    traffic.teams.hangs(arrives=True, times=traffic.lanes)
    with worker(traffic, tmp_path, database_url) as process:
        wait_until(lambda: len(traffic.posted()) == traffic.lanes, "all lanes to be under way")
        process.kill()
    assert "sent" not in traffic.states()
    traffic.teams.works_again()
    with worker(traffic, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check(twice=True)


def test_killed_after_the_answer_and_before_the_receipt_is_stored(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    traffic.queue()
    lock = WriteLock(database_url, "LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
    traffic.teams.server.on_post = lock.take
    with worker(traffic, tmp_path, database_url) as process:
        wait_until(lambda: process.said.count('"answered"') >= traffic.lanes, "all answers")
        process.kill()
    lock.release()
    assert len(traffic.posted()) == traffic.lanes
    assert "sent" not in traffic.states()
    with worker(traffic, tmp_path, database_url):
        traffic.wait_until_sent()
    traffic.check(twice=True)


# Several workers (PostgreSQL)


def test_one_of_two_workers_is_killed_while_its_messages_are_under_way(
    postgres_traffic: Traffic, postgres_url: str, tmp_path: Path
) -> None:
    traffic = postgres_traffic
    with worker(traffic, tmp_path, postgres_url, "a") as first:
        traffic.teams.hangs(arrives=True, times=traffic.lanes)
        traffic.queue()
        wait_until(lambda: len(traffic.posted()) == traffic.lanes, "all lanes to be under way")
        with worker(traffic, tmp_path, postgres_url, "b"):
            first.kill()
            traffic.wait_until_sent()
    traffic.teams.works_again()
    traffic.check(twice=True)


def test_a_worker_paused_between_claiming_and_sending_does_not_send_after_its_lease(
    postgres_traffic: Traffic, postgres_url: str, tmp_path: Path
) -> None:
    traffic = postgres_traffic
    channel = traffic.channels[0]
    with worker(traffic, tmp_path, postgres_url, "a") as first:
        with psycopg.connect(postgres_url) as holder:
            # What it looks at again before it sends: it stands still between claim and send.
            holder.execute("LOCK TABLE channels IN ACCESS EXCLUSIVE MODE")
            traffic.post(channel, "once")
            wait_until(lambda: traffic.states() == ["sending"], "the claim")
            wait_until(lambda: waits_for_lock(postgres_url), "the second look")
            first.pause()
        with worker(traffic, tmp_path, postgres_url, "b"):
            traffic.wait_until_sent()
            first.go_on()
            first.wait_for("lease ran out before sending")
            assert first.is_running
    assert traffic.texts(channel) == ["once"]
    assert traffic.asked() == 1
    # Nobody can find out that the first had not sent it yet.
    assert [delivery.uncertain for delivery in traffic.deliveries()] == [True]


def test_what_a_paused_worker_had_under_way_is_sent_again_and_marked(
    postgres_traffic: Traffic, postgres_url: str, tmp_path: Path
) -> None:
    traffic = postgres_traffic
    channel = traffic.channels[0]
    with worker(traffic, tmp_path, postgres_url, "a") as first:
        traffic.teams.hangs(arrives=True)
        traffic.post(channel, "once", "then")
        wait_until(lambda: traffic.posted() == ["once"], "the message to be under way")
        first.pause()
        with worker(traffic, tmp_path, postgres_url, "b"):
            traffic.wait_until_sent()
            first.go_on()
            traffic.teams.works_again()
            wait_until(
                lambda: '"answered"' in first.said or "attempt failed" in first.said,
                "what the first made of it",
            )
            traffic.post(channel, "at last")
            traffic.wait_until_sent()
    assert traffic.texts(channel) == ["once", "once", "then", "at last"]
    assert [delivery.uncertain for delivery in traffic.deliveries()] == [True, False, False]


def test_two_workers_share_the_work_without_doing_anything_twice(
    postgres_traffic: Traffic, postgres_url: str, tmp_path: Path
) -> None:
    traffic = postgres_traffic
    with (
        worker(traffic, tmp_path, postgres_url, "a"),
        worker(traffic, tmp_path, postgres_url, "b"),
    ):
        for _ in range(2):
            traffic.queue()
        traffic.wait_until_sent()
    for channel in traffic.channels:
        assert traffic.texts(channel) == ["one", "two"] * 2
    assert traffic.asked() == len(traffic.deliveries()) == 10


# Stopping, a database that is away, and a channel that is silent


def test_a_worker_told_to_stop_finishes_what_it_sends(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    channel = traffic.channels[0]
    with worker(traffic, tmp_path, database_url) as process:
        traffic.teams.hangs(arrives=True)
        traffic.post(channel, "under way", "not begun")
        wait_until(traffic.posted, "the message to be under way")
        process.terminate()
        process.wait_for("stopping")
        traffic.teams.works_again()
        assert process.wait(10) == 0
        assert "Traceback" not in process.said
    assert traffic.states() == ["sent", "queued"]
    assert traffic.deliveries()[0].message_ref == traffic.teams.posts(channel)[0].id


def test_a_worker_told_to_stop_waits_no_longer_than_the_request_may_take(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    with worker(traffic, tmp_path, database_url) as process:
        traffic.teams.hangs()
        traffic.post(traffic.channels[0], "never answered")
        wait_until(traffic.asked, "the message to be under way")
        process.terminate()
        assert process.wait(REQUEST_TIMEOUT + 5) == 0
    (delivery,) = traffic.deliveries()
    assert (delivery.state, delivery.reason) == ("sending", "timeout")


def test_a_worker_outlives_a_postgresql_that_goes_away(
    postgres_traffic: Traffic, postgres_url: str, tmp_path: Path
) -> None:
    traffic = postgres_traffic
    channel = traffic.channels[0]
    with worker(traffic, tmp_path, postgres_url) as process:
        traffic.teams.hangs(arrives=True)
        traffic.post(channel, "before", "after")
        wait_until(traffic.posted, "the message to be under way")
        with closed_to_all(postgres_url):
            traffic.teams.works_again()
            process.wait_for('"receipts wait"')
        traffic.wait_until_sent()
        assert process.is_running
    assert traffic.texts(channel) == ["before", "after"]


def test_a_channel_that_never_answers_does_not_hold_up_the_others(
    traffic: Traffic, database_url: str, tmp_path: Path
) -> None:
    silent, lively = traffic.channels
    with worker(traffic, tmp_path, database_url):
        traffic.teams.hangs()
        traffic.post(silent, "into the void")
        wait_until(traffic.asked, "the silent channel to be tried")
        traffic.post(lively, "one", "two")
        wait_until(lambda: traffic.texts(lively) == ["one", "two"], "the lively channel")
        assert traffic.texts(silent) == []
