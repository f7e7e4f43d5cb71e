"""6. How soon `entente run` serves, and what it needs when there is nothing to do."""

import time
from statistics import median

from benchmarks import databases
from benchmarks.processes import ENTENTE, await_ok, free_port, resident_mib, running
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from benchmarks.serve_entente import settings_for
from benchmarks.stub_slack import stub_slack
from bot.db.engine import Database

ROUNDS = 3
IDLE = 10.0


def run() -> Report:
    """Measure."""
    report = Report(
        name="startup",
        title="Start and idle",
        how="`entente run` on SQLite: from starting the process until `/healthz` answers, and its "
        f"resident memory after {IDLE:.0f} seconds without work. Medians of three starts.",
        columns=("Start", "Seconds to /healthz", "MiB resident"),
    )
    seconds, memory = [], []
    with stub_slack() as slack, databases.sqlite() as address:
        database = Database(address)
        World(database)
        database.close()
        for number in range(ROUNDS):
            spent, resident = _start(address, slack)
            seconds.append(spent)
            memory.append(resident)
            report.rows.append((str(number + 1), f"{spent:.2f}", f"{resident:.0f}"))
    report.ratios += [
        Ratio(what="Serving after", value=median(seconds), aim=3, at_most=True, unit="s"),
        Ratio(what="Idle memory", value=median(memory), aim=150, at_most=True, unit="MiB"),
    ]
    return report


def _start(address: str, slack: str) -> tuple[float, float]:
    port = free_port()
    begun = time.perf_counter()
    with running((*ENTENTE, "run"), settings_for(address, slack, port)) as process:
        await_ok(process, f"http://127.0.0.1:{port}/healthz")
        spent = time.perf_counter() - begun
        time.sleep(IDLE)
        return spent, resident_mib(process)
