"""7. Two partners with Entente in one channel: what the second installation costs at the door."""

import asyncio
import time
from collections.abc import MutableMapping
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median
from typing import Any

import orjson

from adapters.asgi import Receive, Scope, Send
from adapters.slack.door import Door, Listening
from adapters.slack.paths import PATH
from adapters.slack.tokens import PURPOSE
from adapters.slack.vault import Vault
from benchmarks import databases
from benchmarks.load import Measured, begin, end
from benchmarks.report import Ratio, Report
from benchmarks.requests import make_requests
from benchmarks.seed import World
from benchmarks.serve_entente import MANY, entente
from benchmarks.stub_slack import BOT_USER, OTHER_BOT_USER, OTHER_TEAM, SECRET, TEAM, stub_slack
from bot.db.engine import Database
from bot.people import installations
from bot.people.installations import NewInstallation

ROUNDS = 5
CONNECTIONS = 16
WANTED = 6_000
SECONDS = 2.0
AT_THE_DOOR = 4_000
"""Messages whose time at the door is measured, in each round."""


def run() -> Report:
    """Measure."""
    report = Report(
        name="installs",
        title="Two installations in one channel",
        how="The processor's time that the door takes for a signed message that nobody wants, by "
        "the number of installations. Then, over HTTP, messages that a feature answers with one "
        "committed row on SQLite, each told once, and each told through both installations under "
        f"an event id of its own: requests a second, {CONNECTIONS} messages under way; medians of "
        f"{ROUNDS} rounds in turn.",
        columns=("What", "Found"),
    )
    rounds = [[_time_at_the_door(number) for number in COUNTS] for _ in range(ROUNDS)]
    doors = {
        number: median(each) for number, each in zip(COUNTS, zip(*rounds, strict=True), strict=True)
    }
    for number, micros in doors.items():
        report.rows.append((f"Unwanted, installations: {number}", f"{micros:.1f} µs"))
    once, twice = (median(m.rate for m in found) for found in _measure_wanted().values())
    report.rows.append(("Wanted, told once", f"{once:,.0f} a second"))
    report.rows.append(("Wanted, told twice", f"{twice:,.0f} a second"))
    report.ratios += [
        Ratio(
            what=f"Time at the door, {number} installations / one",
            value=doors[number] / doors[1],
            aim=1.1,
            at_most=True,
        )
        for number in COUNTS[1:]
    ]
    report.ratios.append(
        Ratio(
            what="Time for a wanted message that is told twice / told once",
            value=2 * once / twice,
            aim=1.5,
            at_most=True,
        )
    )
    return report


COUNTS = (1, 2, 500)


def _time_at_the_door(number: int) -> float:
    """Microseconds of the processor's time for one message."""
    listening = Listening(linked=frozenset({"C0LINKED"}))
    listening.set_bot_users(frozenset(f"U0BOT{n}" for n in range(number)))
    door = Door(
        _nobody,
        _handle,
        signing_secret=SECRET,
        listening=listening,
        wants_text=lambda *_: False,
    )
    requests = make_requests("message", "C0LINKED", first=1, count=AT_THE_DOOR)
    scopes = [_to_scope(request) for request in requests]
    return asyncio.run(_knock(door, scopes)) / AT_THE_DOOR * 1e6


async def _knock(door: Door, scopes: list[tuple[Scope, bytes]]) -> float:
    async def send(_message: object) -> None:
        """Nobody listens."""

    began = time.process_time()
    for scope, body in scopes:
        message = {"type": "http.request", "body": body}

        async def receive(message: MutableMapping[str, Any] = message) -> MutableMapping[str, Any]:
            return message

        await door(scope, receive, send)
    return time.process_time() - began


def _to_scope(request: bytes) -> tuple[Scope, bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
    headers = [(name.lower(), value) for name, _, value in lines]
    return {"type": "http", "method": "POST", "path": PATH, "headers": headers}, body


async def _nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("the door answers by itself")


async def _handle(_payload: dict[str, Any], _key: str) -> tuple[int, bytes, str]:
    raise AssertionError("nobody wants it")


def _measure_wanted() -> dict[str, list[Measured]]:
    with ExitStack() as stack:
        slack = stack.enter_context(stub_slack())
        address = stack.enter_context(databases.sqlite())
        database = Database(address)
        World(database)
        _install(database)
        database.close()
        port = stack.enter_context(entente(address, slack, handlers=1, many=True))
        found: dict[str, list[Measured]] = {"message": [], "twin": []}
        for _ in range(ROUNDS):
            for kind, measured in found.items():
                # As many messages under way in both.
                connections = 2 * CONNECTIONS if kind == "twin" else CONNECTIONS
                load = begin(
                    port, connections=connections, kind=kind, count=2 * WANTED, seconds=SECONDS
                )
                measured.append(end(load))
        return found


def _install(database: Database) -> None:
    now = datetime.now(UTC)
    vault = Vault([MANY["ENTENTE_SECRET_KEY"]], purpose=PURPOSE)
    with database.write() as session:
        for team, bot_user in ((TEAM, BOT_USER), (OTHER_TEAM, OTHER_BOT_USER)):
            secret = vault.close(orjson.dumps({"token": f"xoxb-{team}"}).decode(), now=now)
            new = NewInstallation(
                platform="slack",
                external_id=team,
                workspace=team,
                name=team,
                is_organisation=False,
                bot_user=bot_user,
                bot_id=None,
                scopes="",
                secret=secret,
                expires_at=None,
                granted_at=now,
            )
            installations.save(session, new, now=now)
