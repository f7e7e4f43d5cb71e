"""`entente demo`: the whole bot in a browser on this machine, with a simulated chat."""

import asyncio
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
import uvicorn
from rich.console import Console

from adapters.asgi import App
from adapters.local import sample
from adapters.local.app import make_app
from adapters.local.cast import CAST, Cast
from adapters.local.clock import PlaygroundClock
from adapters.local.hub import Hub
from adapters.local.pace import NOW, Pace
from adapters.local.platform import PLATFORM, LocalPlatform
from adapters.local.playground import Playground
from adapters.local.steps import STEPS
from adapters.local.tour import Tour
from adapters.local.world import World
from adapters.serving import Server
from adapters.web import documents
from bot.core.clock import system_clock
from bot.core.errors import SettingsError
from bot.core.ports import Outgoing, Platforms
from bot.db import migrate
from bot.db.engine import Database
from bot.delivery.postman import Postman
from bot.dispatch.dispatcher import Dispatcher
from bot.dispatch.feature import Feature, Registry
from bot.dispatch.prepare import find_next_day, make_prepare
from bot.features.catalogue import make_registry
from jobs.worker import Worker

log = structlog.get_logger(__name__)

HOST = "127.0.0.1"
DEFAULT_PORT = 8787
FOLDER = Path(".entente")
DATABASE, CHAT = "demo.db", "chat.db"

STOP_WITHIN = 1
"""Seconds that open requests get when the demo stops."""


@dataclass(slots=True, kw_only=True)
class Demo:
    """The playground with everything behind it, put together but not started."""

    playground: Playground
    clock: PlaygroundClock
    worker: Worker
    asgi: App

    async def stop(self) -> None:
        """Finish what is under way and close the files."""
        playground = self.playground
        playground.hub.close()
        await playground.pace.stop()
        await self.worker.stop()
        await playground.dispatcher.finish()
        playground.database.close()
        playground.world.close()


def build(
    folder: Path,
    *,
    fresh: bool = False,
    clock: PlaygroundClock | None = None,
    address: str | None = None,
    features: Sequence[Feature] = (),
    cast: Cast | None = None,
) -> Demo:
    """Put the playground together on the files in `folder`, which are made if need be.

    `address`: where a browser reaches it; `features`: some beside all that there are; `cast`:
    people who have set nothing up yet, in place of the sample's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fresh:
        _remove(folder)
    world = World(folder / CHAT)
    clock = clock or PlaygroundClock(_read_start(world))
    database = Database(f"sqlite:///{folder / DATABASE}")
    migrate.upgrade(database)
    world.populate(cast or CAST, now=clock())
    registry = make_registry(*features, address=address)
    if cast is None:
        with database.write() as session:
            sample.load(session, registry, now=clock())
    return _assemble(world, database, clock, registry)


def _assemble(world: World, database: Database, clock: PlaygroundClock, registry: Registry) -> Demo:
    hub, tour = Hub(), Tour(world, STEPS)

    def note_sending(message: Outgoing) -> None:
        tour.note_sending(message)
        pace.note_sending()

    platform = LocalPlatform(world, hub, clock=clock, on_sent=note_sending)
    platforms = Platforms({PLATFORM: platform})
    postman = Postman(
        database, platforms, make_prepare(registry), clock=clock, next_day=find_next_day
    )
    worker = Worker(database, registry, postman, clock=clock, platforms=platforms)
    pace = Pace(clock, worker, database, registry, world, hub)

    async def hurry(lanes: list[int]) -> object:
        async with pace.lock:
            return await postman.deliver_due(only=lanes)

    dispatcher = Dispatcher(database, registry, platforms, clock=clock, hurry=hurry)
    playground = Playground(
        world=world,
        hub=hub,
        clock=clock,
        database=database,
        dispatcher=dispatcher,
        pace=pace,
        tour=tour,
    )
    asgi = make_app(playground, documents.make_routes(database, registry, clock))
    return Demo(playground=playground, clock=clock, worker=worker, asgi=asgi)


def _read_start(world: World) -> datetime:
    """Where the playground's time goes on: where it stopped, or now."""
    kept = world.get_fact(NOW)
    return datetime.fromisoformat(kept) if kept else system_clock()


def _remove(folder: Path) -> None:
    for name in (DATABASE, CHAT):
        for ending in ("", "-wal", "-shm"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)


def reserve(port: int) -> socket.socket:
    """The port, kept for us. Raises SettingsError if somebody else has it."""
    # Named as TCP, or the event loop leaves Nagle's algorithm on, and each answer waits 40 ms.
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((HOST, port))
        held.listen()
    except OSError:
        held.close()
        other = port + 1 if port < 65535 else DEFAULT_PORT
        raise SettingsError(
            [
                f"Port {port} is taken, perhaps by a playground that is running already. "
                f"Choose another: entente demo --port {other}"
            ]
        ) from None
    return held


async def run(demo: Demo, held: socket.socket, *, opens_browser: bool, out: Console) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = make_server(demo)
    serving = asyncio.create_task(server.serve(sockets=[held]))
    demo.playground.pace.start()
    address = f"http://{HOST}:{held.getsockname()[1]}/"
    out.print(f"The playground is at {address}", markup=False)
    out.print("Ctrl-C stops it; what you did is kept. --fresh starts over.", markup=False)
    if opens_browser and has_display():
        # Not waited for: some browsers answer only when they are closed.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    await stop.wait()
    demo.playground.hub.close()
    demo.playground.pace.end()
    server.should_exit = True
    await serving
    await demo.stop()


def make_server(demo: Demo) -> Server:
    """The HTTP server, not started yet."""
    return Server(
        uvicorn.Config(
            demo.asgi,
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN,
        )
    )


def has_display() -> bool:
    """Whether a browser could be shown here."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
