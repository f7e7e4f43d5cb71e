"""The worker: what is due is done at each tick, and stopping ends it in order."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bot.core.ports import Platforms
from bot.core.views import View
from bot.db.engine import Database
from bot.delivery.lanes import Claimed
from bot.delivery.models import RECEIPTS_KEPT
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.delivery.postman import Postman, Skip, Standings
from bot.dispatch.feature import Feature, RecurringJob, Registry
from bot.testing.platform import FakePlatform
from bot.testing.world import make_view
from jobs import forget_seen_events, prune_deliveries
from jobs.worker import CORE_JOBS, Worker
from tests.fakes.slack import FakeSlack
from tests.harness import ManualClock
from tests.scene import Scene


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


def always(session: object, message: Claimed, now: datetime, standings: Standings) -> View | Skip:
    return View.model_validate(message.view)


class Tally:
    """A recurring job that counts its runs."""

    def __init__(self, name: str = "tally", more: int = 0) -> None:
        self.runs = 0
        self.more = more
        self.job = RecurringJob(name=name, every=timedelta(hours=1), run=self.run)

    def run(self, registry: Registry, session: Session, now: datetime) -> bool:
        self.runs += 1
        return self.runs <= self.more


def make_worker(
    database: Database, clock: ManualClock, platform: FakePlatform, *jobs: RecurringJob
) -> Worker:
    postman = Postman(database, Platforms({"fake": platform}), always, clock=clock)
    return Worker(database, Registry([Feature(name="test", jobs=jobs)]), postman, clock=clock)


def queue(database: Database, clock: ManualClock, platform: FakePlatform, words: str) -> None:
    to = Address(platform="fake", workspace="W1", channel=platform.add_channel("C1"))
    with database.write() as session:
        enqueue(session, Deliver(to=to, view=make_view(words)), now=clock())


async def test_a_job_runs_once_a_period_whoever_looks(
    database: Database, clock: ManualClock
) -> None:
    tally = Tally()
    workers = [make_worker(database, clock, FakePlatform(), tally.job) for _ in range(3)]
    await asyncio.gather(*(worker.run_jobs() for worker in workers))
    assert tally.runs == 1
    clock.advance(timedelta(hours=1))
    await asyncio.gather(*(worker.run_jobs() for worker in workers))
    assert tally.runs == 2
    clock.advance(timedelta(days=3))
    await asyncio.gather(*(worker.run_jobs() for worker in workers))
    assert tally.runs == 3


async def test_a_job_goes_on_until_nothing_is_left(database: Database, clock: ManualClock) -> None:
    tally = Tally(more=3)
    await make_worker(database, clock, FakePlatform(), tally.job).run_jobs()
    assert tally.runs == 4


async def test_a_round_does_all_that_is_due_and_sends_it(
    database: Database, clock: ManualClock
) -> None:
    tally, platform = Tally(more=3), FakePlatform()
    worker = make_worker(database, clock, platform, tally.job)
    queue(database, clock, platform, "hello")
    assert await worker.work() == {}
    assert [posted.text for posted in platform.sent] == ["hello"]
    assert tally.runs == 4
    assert await worker.work() == {}
    assert tally.runs == 4


async def test_what_fails_in_a_round_is_undone_named_and_tried_again_and_the_rest_goes_on(
    database: Database, clock: ManualClock
) -> None:
    platform = FakePlatform()

    class Failing(Tally):
        def run(self, registry: Registry, session: Session, now: datetime) -> bool:
            enqueue(session, Deliver(to=to, view=make_view("half done")), now=now)
            super().run(registry, session, now)
            if self.runs == 1:
                raise LookupError("no such thing")
            return False

    to = Address(platform="fake", workspace="W1", channel=platform.add_channel("C1"))
    failing, after = Failing("failing"), Tally("after")
    worker = make_worker(database, clock, platform, failing.job, after.job)
    assert await worker.work() == {"failing": "LookupError"}
    assert platform.sent == []
    assert after.runs == 1
    assert await worker.work() == {}
    assert [posted.text for posted in platform.sent] == ["half done"]
    assert (failing.runs, after.runs) == (2, 1)


async def test_the_ticking_worker_fires_and_delivers(
    database: Database, clock: ManualClock
) -> None:
    platform = FakePlatform()
    worker = make_worker(database, clock, platform)
    worker.start()
    queue(database, clock, platform, "hello")
    await until(lambda: bool(platform.sent))
    await worker.stop()
    assert [posted.text for posted in platform.sent] == ["hello"]


async def until(condition: "object", within: float = 10.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


async def test_stopping_waits_for_what_is_being_sent_and_begins_nothing_more(
    database: Database, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    class Slow(FakePlatform):
        async def send(self, message):  # type: ignore[no-untyped-def]
            entered.set()
            await release.wait()
            return await super().send(message)

    platform = Slow()
    worker = make_worker(database, clock, platform)
    queue(database, clock, platform, "under way")
    queue(database, clock, platform, "not begun")
    worker.start()
    await asyncio.wait_for(entered.wait(), 10)
    stopping = asyncio.create_task(worker.stop())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not stopping.done()
    release.set()
    await asyncio.wait_for(stopping, 10)
    clock.advance(timedelta(minutes=1))
    assert [posted.text for posted in platform.sent] == ["under way"]
    with database.read() as session:
        from sqlalchemy import text

        states = session.execute(text("SELECT state FROM deliveries ORDER BY id")).scalars().all()
    assert states == ["sent", "queued"]
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == []


async def test_firings_are_counted(
    database: Database, clock: ManualClock, slack: FakeSlack
) -> None:
    scene = Scene(slack, database, clock)
    scene.remind(scene.channel("steering"), cadence="every day 09:00")
    worker = make_worker(database, clock, FakePlatform())
    clock.now = datetime(2027, 3, 3, 12, tzinfo=UTC)
    await worker.fire()
    assert worker.firings == {"fired": 1, "late": 1, "skipped": 1}


# The jobs of the core


def test_old_receipts_firings_and_periods_are_pruned_and_open_messages_are_not(
    database: Database, clock: ManualClock, slack: FakeSlack
) -> None:
    scene = Scene(slack, database, clock)
    steering = scene.channel("steering")
    scene.post(steering, "old and sent", "old and open")
    scene.execute(
        "UPDATE deliveries SET state = 'sent', finished_at = :at "
        "WHERE id = (SELECT min(id) FROM deliveries)",
        at=clock.now.strftime("%Y-%m-%d %H:%M:%S.%f") if database.is_sqlite else clock.now,
    )
    clock.advance(RECEIPTS_KEPT + timedelta(seconds=1))
    registry = Registry([])
    with database.write() as session:
        assert not prune_deliveries.run(registry, session, clock())
    assert scene.states() == ["queued"]


def test_the_core_brings_its_own_jobs() -> None:
    names = {"forget_seen_events", "prune_deliveries", "purge_removed"}
    assert {job.name for job in CORE_JOBS} == names
    assert forget_seen_events.JOB.every == timedelta(days=1)
