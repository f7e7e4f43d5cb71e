"""Never lost in Teams either: real workers are killed at the worst moments. Teams can't be asked
what arrived, so what was under way is sent again, and recorded as uncertain."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from tests.process import Process, make_environment, name_teams, wait_until
from tests.scenarios.test_crashes import WriteLock

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
        with self.database.write() as session:
            for channel in self.channels:
                for said in ("one", "two"):
                    self._enqueue(session, said, channel=channel.id)
            self._enqueue(session, "for you", user=self.ana.id)

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
            said = [self.teams.text_of(m) for m in self.teams.posts(channel)]
            assert said == ["one", "one", "two"][not twice :]
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


@contextmanager
def worker(traffic: Traffic, folder: Path, database_url: str) -> Iterator[Process]:
    environment = make_environment(database_url, None, **name_teams(traffic.teams))
    with Process(folder, environment, "worker") as process:
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
