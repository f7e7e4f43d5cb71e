"""7. How soon `entente demo` has a page, and how soon a message is on it, against a bare page of
Starlette and server-sent events that shows what it is sent."""

import asyncio
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from adapters.cli import demo
from adapters.local.hub import Hub
from benchmarks.processes import free_port
from benchmarks.report import Ratio, Report

ROUNDS = 3
MESSAGES = 60
ROOT = Path(__file__).parent.parent
DEMO = (sys.executable, "-c", "from adapters.cli.main import main; main()", "demo")


def run() -> Report:
    """Measure."""
    report = Report(
        name="playground",
        title="The playground",
        how="`entente demo` in an empty folder: from starting the process until the page is "
        "served, and, with a page open, from Ctrl-C until it is gone. "
        f"Then {MESSAGES} messages: from sending one to having read the page that shows "
        "it. The bare page does the same without Entente, a chat or a database. Medians.",
        columns=("What", "Milliseconds"),
    )
    starts, stops = zip(*(_start() for _ in range(ROUNDS)), strict=True)
    with _bare() as port:
        bare = _measure(port, {})
    with _playground() as (port, token):
        said = _measure(port, {"x-entente-token": token}, person="U-TOM", at="C-STEERING")
        asked = _measure(port, {"x-entente-token": token}, person="U-ANA", at="dm", words="help")
    report.rows += [
        ("from the command to the page", f"{median(starts) * 1000:.0f}"),
        ("from Ctrl-C to the end", f"{median(stops) * 1000:.0f}"),
        ("a message on the bare page", f"{bare * 1000:.1f}"),
        ("a message among people", f"{said * 1000:.1f} ({said / bare:.0f} times the bare page)"),
        ("a question that is answered", f"{asked * 1000:.1f} ({asked / bare:.0f} times)"),
    ]
    report.ratios += [
        Ratio(what="Page usable after", value=median(starts), aim=4, at_most=True, unit="s"),
        Ratio(what="Gone after", value=median(stops), aim=2, at_most=True, unit="s"),
        Ratio(
            what="A message answered after", value=asked * 1000, aim=150, at_most=True, unit="ms"
        ),
    ]
    return report


def _start() -> tuple[float, float]:
    """Seconds until the page is served, and until it is gone again."""
    port, folder = free_port(), tempfile.mkdtemp()
    begun = time.perf_counter()
    with subprocess.Popen(
        [*DEMO, "--no-browser", "--port", str(port)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    ) as process:
        while True:
            try:
                _get(port, "/")
                spent = time.perf_counter() - begun
                break
            except OSError:
                time.sleep(0.01)
        with socket.create_connection(("127.0.0.1", port)) as stream:
            stream.sendall(f"GET /events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
            stream.recv(100)
            asked = time.perf_counter()
            process.send_signal(signal.SIGINT)
            process.wait()
            gone = time.perf_counter() - asked
    shutil.rmtree(folder)
    return spent, gone


def _get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


def _measure(port: int, headers: dict[str, str], **said: str) -> float:
    """The median time from sending a message to having read the page that shows it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    own = {"origin": f"http://127.0.0.1:{port}", "content-type": "application/json", **headers}
    words = said.pop("words", "")
    page = f"/?acme={said.get('person', '')}&acme.at={said.get('at', '')}"
    spent = []
    for number in range(MESSAGES):
        body = orjson.dumps({**said, "text": words or f"Message {number}"})
        begun = time.perf_counter()
        connection.request("POST", "/say", body, own)
        connection.getresponse().read()
        connection.request("GET", page)
        connection.getresponse().read()
        spent.append(time.perf_counter() - begun)
    connection.close()
    return median(spent)


@contextmanager
def _playground() -> Iterator[tuple[int, str]]:
    folder = Path(tempfile.mkdtemp())
    held = demo.reserve(0)
    built = demo.build(folder)
    with _served(demo.make_server(built), held, stop=built.stop) as port:
        yield port, built.playground.world.get_fact("token") or ""
    shutil.rmtree(folder)


@contextmanager
def _bare() -> Iterator[int]:
    hub, lines = Hub(), ["hello"]

    async def say(request: Request) -> Response:
        lines.append(str(orjson.loads(await request.body())["text"]))
        hub.publish()
        return JSONResponse({})

    async def show(_request: Request) -> Response:
        return HTMLResponse("".join(f"<p>{line}</p>" for line in lines))

    async def stream(_request: Request) -> Response:
        return EventSourceResponse(hub.listen())

    app = Starlette(
        routes=[Route("/", show), Route("/events", stream), Route("/say", say, methods=["POST"])]
    )
    config = uvicorn.Config(app, loop="none", lifespan="off", access_log=False, log_config=None)
    with _served(uvicorn.Server(config), demo.reserve(0), stop=None) as port:
        yield port


@contextmanager
def _served(server: Any, held: Any, *, stop: Any) -> Iterator[int]:
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await server.serve(sockets=[held])
        if stop is not None:
            await stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield int(held.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        loop.close()
