"""7. Teams: messages that nobody wants, and messages with one reply, against stock botbuilder."""

import time
from dataclasses import replace
from statistics import median

from benchmarks import databases
from benchmarks.load import Measured, TeamsRequests, begin, end
from benchmarks.report import Ratio, Report
from benchmarks.serve_cloud_adapter import cloud_adapter
from benchmarks.serve_entente import entente_in_teams
from benchmarks.stub_teams import count_posts, make_key, sign, stub_teams
from benchmarks.turned_away import Medians

ROUNDS = 3
CONNECTIONS = 16


def run() -> Report:
    """Measure."""
    report = Report(
        name="teams",
        title="Microsoft Teams",
        how="Activities over HTTP with a signed token: `entente web` against botbuilder 4.17.1's "
        "`CloudAdapter` with its aiohttp integration. First messages of a channel that no feature "
        "wants (the stock handler is empty), then messages that are answered with one message to "
        "a connector on this machine; Entente asks its database who it is that acts. The stock "
        "server is given its own token for nothing, where it would log in for each turn. "
        "The time until the last reply was written counts. "
        f"{CONNECTIONS} connections; medians of {ROUNDS} rounds in turn.",
        columns=("Server", "Requests a second", "p50 ms", "p99 ms", "Failed"),
    )
    key = make_key()
    with stub_teams(key) as stub, databases.sqlite() as address:
        requests = TeamsRequests(address=f"{stub}/teams/", token=sign(key, f"{stub}/teams/"))
        with entente_in_teams(address, stub) as ours:
            with cloud_adapter(stub, replies=False) as theirs:
                _compare(report, stub, "turned away", "teams_message", 5.0, ours, theirs, requests)
            with cloud_adapter(stub, replies=True) as theirs:
                _compare(report, stub, "one reply", "teams_press", 4.0, ours, theirs, requests)
    return report


def _with_replies(measured: Measured, stub: str, kind: str) -> Measured:
    """The same, with the time until the last reply was written, which may follow the answer."""
    if kind != "teams_press":
        return measured
    written, waited = -1, 0.0
    while (now := count_posts(stub)) != written:
        written, waited = now, waited + 0.25
        time.sleep(0.25)
    return replace(measured, seconds=measured.seconds + waited - 0.25)


def _compare(
    report: Report,
    stub: str,
    what: str,
    kind: str,
    aim: float,
    ours: int,
    theirs: int,
    requests: TeamsRequests,
) -> None:
    found: dict[int, list[Measured]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for port in (ours, theirs):
            process = begin(port, connections=CONNECTIONS, kind=kind, count=30_000, teams=requests)
            found[port].append(_with_replies(end(process), stub, kind))
    for name, port in (("Entente", ours), ("botbuilder", theirs)):
        report.rows.append((f"{name}, {what}", *Medians.of(found[port]).cells()))
    ratio = median(m.rate for m in found[ours]) / median(m.rate for m in found[theirs])
    report.ratios.append(Ratio(what=f"Requests a second, {what}", value=ratio, aim=aim))
