"""One process that sends what is in the outbox: `python -m benchmarks.drain`, told in JSON where
and from when on."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import uvloop

from adapters.cli.logs import configure
from adapters.slack.send import PACE
from benchmarks import processes as parts
from bot.core.clock import system_clock
from bot.core.ports import Outgoing, Pace, Platforms, Profile, Query, Receipt
from bot.db.engine import Database
from bot.delivery.postman import Postman
from bot.dispatch.prepare import make_prepare
from bot.features.catalogue import make_registry

ANSWERS_AFTER = 0.02
READY_WITHIN = 4.0
"""Seconds in which a process gets ready, for each that starts at once."""


@dataclass(slots=True)
class SlowPlatform:
    """Takes its time, as a network does."""

    name: str = "slack"
    request_timeout: float = 7.0
    pace: Pace = PACE
    sent: int = 0

    async def send(self, message: Outgoing) -> Receipt:
        await asyncio.sleep(ANSWERS_AFTER)
        self.sent += 1
        return Receipt(channel=message.channel or "", message=message.key)

    async def find(self, message: Outgoing, *, since: object) -> Receipt | None:
        return None

    async def fetch(self, query: Query) -> Profile:
        raise NotImplementedError


def measure(address: str, *, processes: int, messages: int) -> float:
    """Messages a second, by so many processes from their common start until the last is sent."""
    question = {"address": address, "at": time.time() + READY_WITHIN * (1 + processes)}
    begun = [parts.begin("benchmarks.drain", question) for _ in range(processes)]
    answers = [parts.finish(process) for process in begun]
    sent = sum(answer["sent"] for answer in answers)
    if sent != messages:
        raise AssertionError(f"{sent} of {messages} sent")
    if min(answer["spare"] for answer in answers) < 0:
        raise AssertionError("a process was not ready in time")
    return float(sent / (max(answer["ended"] for answer in answers) - question["at"]))


async def _drain(question: dict[str, Any]) -> dict[str, float]:
    database = Database(question["address"])
    platform = SlowPlatform()
    prepare = make_prepare(make_registry())
    postman = Postman(database, Platforms({"slack": platform}), prepare, clock=system_clock)
    spare = question["at"] - time.time()
    await asyncio.sleep(max(spare, 0))
    await postman.deliver_due()
    ended = time.time()
    database.close()
    return {"sent": platform.sent, "ended": ended, "spare": spare}


if __name__ == "__main__":
    configure("warning")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(runner.run(_drain(json.load(sys.stdin))), sys.stdout)
