"""1. Messages that no feature wants: Entente's door against a bare Bolt app."""

from dataclasses import dataclass
from statistics import median

from benchmarks import databases
from benchmarks.load import Measured, measure
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from benchmarks.serve_bolt import bolt
from benchmarks.serve_entente import entente
from benchmarks.stub_slack import stub_slack
from bot.db.engine import Database

ROUNDS = 5
CONNECTIONS = (16, 64)


@dataclass(frozen=True, slots=True)
class Medians:
    """Over the rounds."""

    rate: float
    p50: float
    p99: float
    failed: int

    @classmethod
    def of(cls, found: list[Measured]) -> "Medians":
        return cls(
            rate=median(one.rate for one in found),
            p50=median(one.p50 for one in found),
            p99=median(one.p99 for one in found),
            failed=sum(one.failed for one in found),
        )

    def cells(self) -> tuple[str, ...]:
        """For the table."""
        return f"{self.rate:,.0f}", f"{self.p50:.1f}", f"{self.p99:.1f}", str(self.failed)


def run() -> Report:
    """Measure."""
    report = Report(
        name="turned_away",
        title="Messages that nobody wants",
        how="Signed `message` events of a linked channel that no feature wants, over HTTP: "
        "`entente web` against a bare Bolt `AsyncApp` on aiohttp with one empty listener. "
        "Each in a process of its own; medians of five rounds, taken in turn.",
        columns=("Server", "Connections", "Requests a second", "p50 ms", "p99 ms", "Failed"),
    )
    with stub_slack() as slack, databases.sqlite() as address:
        database = Database(address)
        World(database)
        database.close()
        with entente(address, slack) as ours, bolt(slack) as theirs:
            for connections in CONNECTIONS:
                _compare(report, ours, theirs, connections)
    return report


def _compare(report: Report, ours: int, theirs: int, connections: int) -> None:
    found: dict[int, list[Measured]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for port in (ours, theirs):
            found[port].append(measure(port, connections=connections))
    us, them = Medians.of(found[ours]), Medians.of(found[theirs])
    report.rows.append(("Entente", str(connections), *us.cells()))
    report.rows.append(("Bolt", str(connections), *them.cells()))
    what = f"Requests a second, Entente / Bolt, {connections} connections"
    report.ratios.append(Ratio(what=what, value=us.rate / them.rate, aim=3.5))
    what = f"p99, Entente / Bolt, {connections} connections"
    report.ratios.append(Ratio(what=what, value=us.p99 / them.p99, aim=1.0, at_most=True))
