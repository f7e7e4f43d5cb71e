"""2. Messages that are handled with one committed write: what Entente does for them, in full."""

from contextlib import ExitStack
from statistics import median

from benchmarks import databases
from benchmarks.load import Measured, measure
from benchmarks.report import Ratio, Report
from benchmarks.seed import World
from benchmarks.serve_bolt import bolt
from benchmarks.serve_entente import entente
from benchmarks.stub_slack import stub_slack
from benchmarks.turned_away import Medians
from bot.db.engine import Database

ROUNDS = 5
CONNECTIONS = 16


def run() -> Report:
    """Measure."""
    report = Report(
        name="handled",
        title="Messages that are handled",
        how="Signed `message` events that a feature wants and answers with one inserted row, "
        "committed on SQLite together with the event's key, against the same bare Bolt app, which "
        "does nothing with them. With 50 features registered, each with a command, a button and "
        f"a listener, and with one. {CONNECTIONS} connections; medians of five rounds in turn.",
        columns=("Server", "Requests a second", "p50 ms", "p99 ms", "Failed"),
    )
    found = _measure()
    for name, measured in found.items():
        report.rows.append((name, *Medians.of(measured).cells()))
    one, many, theirs = (median(m.rate for m in measured) for measured in found.values())
    report.ratios += [
        Ratio(what="Requests a second, Entente / Bolt", value=one / theirs, aim=0.25),
        Ratio(what="The same with 50 features / with one", value=many / one, aim=0.9),
    ]
    return report


def _measure() -> dict[str, list[Measured]]:
    with ExitStack() as stack:
        slack = stack.enter_context(stub_slack())
        ports: dict[str, int] = {}
        for name, handlers in (("Entente, one feature", 1), ("Entente, 50 features", 50)):
            address = stack.enter_context(databases.sqlite())
            database = Database(address)
            World(database)
            database.close()
            ports[name] = stack.enter_context(entente(address, slack, handlers=handlers))
        ports["Bolt"] = stack.enter_context(bolt(slack))
        found: dict[str, list[Measured]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, port in ports.items():
                found[name].append(measure(port, connections=CONNECTIONS, count=10_000))
        return found
