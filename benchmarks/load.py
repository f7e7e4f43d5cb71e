"""The load generator: `python -m benchmarks.load`, told in JSON what to do.

Bare protocols on uvloop, requests made and signed beforehand, one under way on each connection: it
takes several times less work than any of the servers it measures.
"""

import asyncio
import gc
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, cast

import uvloop

from benchmarks import processes, teams_requests
from benchmarks.requests import make_requests

WARM_UP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the load generator saw: seconds are those after the warm-up; times in milliseconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamsRequests:
    """What Teams' requests hold: the connector's address and a token for it."""

    address: str
    token: str


class Connection(asyncio.Protocol):
    """One connection with one request under way at a time."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._received = b""
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        request = self._run.take()
        assert self._transport is not None
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._received = b""
        self._run.note(self._began, is_ok=head[9:11] == b"20")
        if self._run.pause:
            asyncio.get_running_loop().call_later(self._run.pause, self._next)
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.leave()


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Run:
    """One measurement: requests are handed out until the time is up or there are no more."""

    def __init__(self, requests: list[bytes], *, seconds: float, connections: int) -> None:
        self.pause = 0.0
        self._requests: Iterator[bytes] = iter(requests)
        self._begun = time.perf_counter() + WARM_UP
        self._until = self._begun + seconds
        self._open = connections
        self._latencies: list[float] = []
        self._failed = 0
        self._last = self._begun
        self.ended = asyncio.Event()

    def take(self) -> bytes | None:
        if time.perf_counter() >= self._until:
            return None
        return next(self._requests, None)

    def note(self, began: float, *, is_ok: bool) -> None:
        now = time.perf_counter()
        self._failed += not is_ok
        if now >= self._begun:
            self._latencies.append(now - began)
            self._last = now

    def stop(self) -> None:
        self._until = 0.0

    def leave(self) -> None:
        self._open -= 1
        if self._open == 0:
            self.ended.set()

    def measured(self) -> Measured:
        cuts = statistics.quantiles(self._latencies, n=100)
        return Measured(
            requests=len(self._latencies),
            seconds=self._last - self._begun,
            failed=self._failed,
            p50=cuts[49] * 1000,
            p99=cuts[98] * 1000,
        )


async def drive(question: dict[str, Any]) -> Measured:
    """Do what is asked."""
    kind, channel = question["kind"], question["channel"]
    first, count = question["first"], question["count"]
    if question["teams"] is None:
        requests = make_requests(kind, channel, first=first, count=count)
    else:
        requests = teams_requests.make_requests(kind, **question["teams"], first=first, count=count)
    gc.collect()
    gc.disable()
    connections = question["connections"]
    run = Run(requests, seconds=question["seconds"], connections=connections)
    run.pause = question["pause"]
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, run.stop)
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(run), "127.0.0.1", question["port"])
    await asyncio.wait_for(run.ended.wait(), question["seconds"] + 30)
    return run.measured()


_numbers = iter(range(1, 10**9, 1_000_000))


def begin(
    port: int,
    *,
    connections: int,
    kind: str = "message",
    count: int = 50_000,
    seconds: float = 2.5,
    pause: float = 0.0,
    teams: TeamsRequests | None = None,
) -> subprocess.Popen[bytes]:
    """Start the load generator, in its own process, against a server on loopback. `pause`:
    seconds on each connection between an answer and the next request."""
    question = {
        "port": port,
        "connections": connections,
        "kind": kind,
        "channel": "C0LINKED",
        "first": next(_numbers),
        "count": count,
        "seconds": seconds,
        "pause": pause,
        "teams": asdict(teams) if teams else None,
    }
    return processes.begin("benchmarks.load", question)


def end(process: subprocess.Popen[bytes], *, early: bool = False) -> Measured:
    """What it measured; `early`: it is not to go on until its time is up."""
    if early:
        process.terminate()
    return Measured(**processes.finish(process))


def measure(port: int, *, connections: int, count: int = 50_000) -> Measured:
    """Measure a server with messages."""
    return end(begin(port, connections=connections, count=count))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(drive(json.load(sys.stdin)))), sys.stdout)
