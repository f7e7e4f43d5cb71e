"""How time passes in the playground: the worker works on the way, and what comes is stopped at."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from adapters.cli.demo import DATABASE
from bot.dispatch.feature import Feature, RecurringJob, Registry
from tests.adapters.local.served import Served
from tests.harness import MONDAY


class Unlucky:
    """A job that fails until it is mended."""

    def __init__(self) -> None:
        self.is_mended = False
        self.feature = Feature(
            name="unlucky",
            jobs=(RecurringJob(name="unlucky_job", every=timedelta(hours=1), run=self.run),),
        )

    def run(self, registry: Registry, session: Session, now: datetime) -> bool:
        if not self.is_mended:
            raise LookupError("the words of somebody")
        return False


def go_on(served: Served) -> datetime:
    """Press “To the next event”; when it came."""
    assert served.post("/step", {"by": "next"}).status == 200
    return served.clock()


def test_each_press_stops_at_the_next_message_also_at_one_that_a_job_brings(
    served: Served,
) -> None:
    served.settle()
    assert len(served.messages("U-JONAS", "D-U-JONAS")) == 1
    nudged = go_on(served)
    assert nudged.date() == datetime(2027, 3, 3, tzinfo=UTC).date()
    assert "D-4 still waits for Borealis" in served.text("U-JONAS", "D-U-JONAS")
    again = go_on(served)
    assert again.date() == datetime(2027, 3, 8, tzinfo=UTC).date()
    assert go_on(served) == datetime(2027, 3, 18, 9, tzinfo=UTC)
    assert "Why each of us is here" in served.posts("C-SHARED")[-1]


def test_what_comes_in_one_go_is_one_event(served: Served) -> None:
    served.settle()
    for words in ("one", "two"):
        served.say("U-ANA", "C-STEERING", f'@Entente remind add "{words}" every day 09:00')
        served.press("U-ANA", served.last("U-ANA", "C-STEERING").id, "Set up a reminder")
    before = len(served.posts("C-STEERING"))
    go_on(served)
    assert len(served.posts("C-STEERING")) == before + 2


def test_a_job_that_fails_is_shown_on_the_page_until_it_works_again(
    sqlite_template: Path, tmp_path: Path
) -> None:
    unlucky = Unlucky()
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    with Served(tmp_path, features=[unlucky.feature]) as served:
        served.settle()
        page = served.get()
        assert "The worker fails at unlucky_job, and tries again." in page
        assert "the words of somebody" not in page
        assert len(served.messages("U-JONAS", "D-U-JONAS")) == 1
        unlucky.is_mended = True
        served.settle()
        assert "unlucky_job" not in served.get()


def test_time_goes_on_by_itself_after_an_error(sqlite_template: Path, tmp_path: Path) -> None:
    unlucky = Unlucky()
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    with Served(tmp_path, features=[unlucky.feature], runs=True) as served:
        served.call(
            _until(lambda: served.playground.pace.failing == {"unlucky_job": "LookupError"})
        )
        unlucky.is_mended = True
        served.call(_until(lambda: served.playground.pace.failing == {}))


def test_the_clock_stops_on_its_way_when_the_playground_ends(served: Served) -> None:
    async def end_on_the_way() -> None:
        steps = [asyncio.create_task(served.playground.step("week")) for _ in range(6)]
        while served.clock() < MONDAY + timedelta(hours=1):
            await asyncio.sleep(0)
        served.playground.pace.end()
        await asyncio.gather(*steps)

    served.call(end_on_the_way())
    assert served.clock() < MONDAY + timedelta(weeks=1)


async def _until(condition: "object") -> None:
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)
