"""A process from its start to its end."""

import asyncio
import gc
import signal
import sys

import structlog
import uvicorn
from sqlalchemy.exc import DBAPIError

from adapters.bootstrap import Adapter, Entente
from adapters.serving import Server
from adapters.settings import LONGEST_REQUEST
from bot.db import migrate
from bot.db.revisions import get_number
from bot.people.channels import CHANNELS_SCOPE

log = structlog.get_logger(__name__)

REFRESH = 1.0
"""Seconds between looks for changes that other processes made."""

SWITCH_INTERVAL = 0.0005
"""Seconds: the loop and the writer thread hand an event to each other four times, and with
Python's usual 5 ms each may wait that long for its turn."""

STOP_WITHIN = LONGEST_REQUEST + 2
"""Seconds for what is under way at SIGTERM: a request, and storing what became of it."""


async def run(entente: Entente, *, serves: bool, works: bool) -> None:
    """Run until SIGTERM or SIGINT. Raises DatabaseNotReady, SettingsError (a bad token)."""
    migrate.check_ready(entente.database)
    sys.setswitchinterval(SWITCH_INTERVAL)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = make_server(entente, serves=serves)
    if server is not None:
        # The server gives up by itself when its port is taken.
        server.open().add_done_callback(lambda _: stop.set())
    try:
        await start(entente, serves=serves, works=works, stop=stop)
        # What is there now stays: the collector need not look through all of it while people wait.
        gc.collect()
        gc.freeze()
        log.info("started", serves=serves, works=works)
        await stop.wait()
    finally:
        log.info("stopping")
        await shut_down(entente, server)
        log.info("stopped")


def make_server(entente: Entente, *, serves: bool = True) -> Server | None:
    """The HTTP server of a process, not started yet. One that only works has none, unless a port
    was given for it to tell how it is."""
    settings = entente.settings
    port = settings.port if serves else settings.worker_port
    if port is None:
        return None
    return Server(
        uvicorn.Config(
            entente.asgi if serves else entente.probes,
            host=settings.host,
            port=port,
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=int(LONGEST_REQUEST),
        )
    )


async def start(entente: Entente, *, serves: bool, works: bool, stop: asyncio.Event) -> None:
    """Begin to hear and to work, and connect. A platform that is out of reach holds up no other;
    what is for it waits until it is connected."""
    if serves:
        await listen(entente)
    task = asyncio.create_task(_keep_listening(entente, serves=serves))
    entente.errands.add(task)
    if works:
        entente.worker.start()
    await asyncio.gather(
        *(
            _connect(entente, name, adapter, serves=serves, stop=stop)
            for name, adapter in entente.adapters.items()
        )
    )


async def _connect(
    entente: Entente, name: str, adapter: Adapter, *, serves: bool, stop: asyncio.Event
) -> None:
    await adapter.connect(serves=serves, stop=stop)
    if not stop.is_set():
        entente.connected[name] = adapter.platform


async def listen(entente: Entente) -> None:
    """Take over where Entente listens, and what its features watch for."""
    for adapter in entente.adapters.values():
        await adapter.follow()
        await adapter.listen()
    await entente.dispatcher.follow_watches()


async def _keep_listening(entente: Entente, *, serves: bool) -> None:
    """Follow what other processes change, within two seconds."""
    seen = -1
    while True:
        seen = await follow(entente, seen, serves=serves)
        await asyncio.sleep(REFRESH)


async def follow(entente: Entente, seen: int = -1, *, serves: bool) -> int:
    """Take over what other processes changed, and where to listen if that is another revision than
    the one `seen`; the revision it is now."""
    try:
        for adapter in entente.adapters.values():
            await adapter.follow()
        if serves:
            number = await entente.database.in_read(
                lambda session: get_number(session, CHANNELS_SCOPE)
            )
            if number != seen:
                await listen(entente)
                seen = number
            await entente.dispatcher.follow_watches()
    except DBAPIError as error:
        log.warning("database away", reason=type(error.orig).__name__)
    return seen


async def shut_down(entente: Entente, server: Server | None) -> None:
    """Stop in order: hear no more, finish what is under way, close."""
    for task in list(entente.errands):
        task.cancel()
    try:
        await asyncio.wait_for(_finish(entente, server), STOP_WITHIN)
    except TimeoutError:
        log.warning("not all finished")
    for adapter in entente.adapters.values():
        await adapter.close()
    entente.database.close()


async def _finish(entente: Entente, server: Server | None) -> None:
    adapters = entente.adapters.values()
    # At the same time, so that each has all of it.
    await asyncio.gather(
        *([server.drain()] if server is not None else []),
        *(adapter.hush() for adapter in adapters),
        entente.worker.stop(),
    )
    await entente.dispatcher.finish()
    for adapter in adapters:
        await adapter.finish()
