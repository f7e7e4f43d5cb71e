"""3. People at work while the worker fires 100,000 reminders on the same SQLite file."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from benchmarks import databases, load
from benchmarks.load import Measured
from benchmarks.processes import ENTENTE, running
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from benchmarks.serve_entente import entente, settings_for
from benchmarks.stub_slack import get_calls, stub_slack
from bot.db.engine import Database

REMINDERS = 100_000
LANES = 5_000
QUIET, LONGEST = 3.0, 90.0


@dataclass(frozen=True, slots=True)
class Phase:
    """Pressing and writing at one time, and what came of it."""

    presses: Measured
    writes: Measured
    opened: int
    written: int

    @property
    def lost(self) -> int:
        """Presses and writes that failed, by their answer or by what is there afterwards."""
        unopened = max(self.presses.requests - self.opened, 0)
        unwritten = max(self.writes.requests - self.written, 0)
        return max(self.presses.failed, unopened) + max(self.writes.failed, unwritten)

    def cells(self) -> tuple[str, ...]:
        """For the table."""
        return (
            f"{self.presses.requests:,}",
            f"{self.presses.p50:.0f}",
            f"{self.presses.p99:.0f}",
            f"{self.writes.requests:,}",
            f"{self.writes.p50:.0f}",
            f"{self.writes.p99:.0f}",
            str(self.lost),
        )


def run() -> Report:
    """Measure."""
    report = Report(
        name="forms",
        title="People at work while 100,000 reminders fire",
        how="On one SQLite file, `entente worker` in its own process fires 100,000 reminders and "
        "sends what it can, while two people open the reminder form again and again (button press "
        "→ `views.open`, at a Slack that answers at once) and another process has one event after "
        "another handled with a write. Milliseconds.",
        columns=("", "Forms", "p50", "p99", "Writes", "p50", "p99", "Failed"),
    )
    with ExitStack() as stack:
        slack = stack.enter_context(stub_slack())
        address = stack.enter_context(databases.sqlite())
        database = Database(address)
        World(database, moment=datetime.now(UTC) - timedelta(minutes=1)).add_reminders(
            REMINDERS, lanes=LANES
        )
        port = stack.enter_context(entente(address, slack, handlers=1))
        quiet = _observe(database, slack, port, lambda: time.sleep(QUIET))
        with running((*ENTENTE, "worker"), settings_for(address, slack, 1)):
            spent: list[float] = []
            busy = _observe(database, slack, port, lambda: spent.append(_await_fired(database)))
        database.close()
    report.rows += [("Quiet", *quiet.cells()), ("While firing", *busy.cells())]
    report.rows.append((f"(all fired after {spent[0]:.1f} s)", *[""] * 7))
    report.ratios += _ratios(busy)
    return report


def _ratios(busy: Phase) -> list[Ratio]:
    return [
        Ratio(
            what="Opening a form while reminders fire, p99",
            value=busy.presses.p99,
            aim=500,
            at_most=True,
            unit="ms",
        ),
        Ratio(
            what="Forms not opened, and writes lost, of those answered",
            value=busy.lost,
            aim=0,
            at_most=True,
            unit="",
        ),
    ]


def _observe(database: Database, slack: str, port: int, meanwhile: Callable[[], object]) -> Phase:
    opened, written = get_calls(slack)["views.open"], _count(database, "bench_notes")
    pressing = load.begin(
        port, connections=2, kind="press", count=20_000, seconds=LONGEST, pause=0.02
    )
    writing = load.begin(port, connections=1, count=50_000, seconds=LONGEST)
    try:
        time.sleep(1.5)  # the load generators make their requests
        meanwhile()
        presses, writes = load.end(pressing, early=True), load.end(writing, early=True)
    finally:
        pressing.kill()
        writing.kill()
    return Phase(
        presses=presses,
        writes=writes,
        opened=get_calls(slack)["views.open"] - opened,
        written=_count(database, "bench_notes") - written,
    )


def _await_fired(database: Database) -> float:
    begun = time.perf_counter()
    while _count(database, "firings") < REMINDERS:
        if time.perf_counter() - begun > LONGEST:
            raise TimeoutError("the worker is not done")
        time.sleep(0.1)
    return time.perf_counter() - begun


def _count(database: Database, table: str) -> int:
    with database.read() as session:
        return int(session.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one())
