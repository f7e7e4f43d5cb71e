"""The playground served over HTTP in a thread of its own, as tests use it."""

import asyncio
import http.client
import re
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import orjson
from sqlmodel import Session

from adapters.cli import demo
from adapters.local.cast import BOT, Cast
from adapters.local.clock import PlaygroundClock
from adapters.local.records import Message
from bot.core.views import View
from bot.dispatch.feature import Feature
from tests.harness import MONDAY

T = TypeVar("T")


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class _Words(HTMLParser):
    """The words of a page, and every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(_Words(text).found))


def elements_of(text: str) -> list[tuple[str, dict[str, str | None]]]:
    return _Words(text).elements


class Served:
    """The playground on its files in `folder`, from `start` on. Its clock stands still unless
    `runs`."""

    def __init__(
        self,
        folder: Path,
        *,
        start: datetime = MONDAY,
        runs: bool = False,
        port: int = 0,
        features: Sequence[Feature] = (),
        cast: Cast | None = None,
    ) -> None:
        self.clock = PlaygroundClock(start, runs=runs)
        self._held = demo.reserve(port)
        self.port = self._held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.demo = demo.build(
            folder, clock=self.clock, address=self.url, features=features, cast=cast
        )
        self.playground = self.demo.playground
        self.world = self.playground.world
        self.runs = runs
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, if it has not ended yet."""
        if not self._thread.is_alive():
            return
        self.call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._held.close()

    async def _start(self) -> None:
        self._server = demo.make_server(self.demo)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._held]))
        while not self._server.started:
            await asyncio.sleep(0.005)
        if self.runs:
            self.playground.pace.start()

    async def _stop(self) -> None:
        self.playground.hub.close()
        self._server.should_exit = True
        await self._serving
        await self.demo.stop()
        here = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not here]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def settle(self) -> None:
        """Let the sending that something set off come to its end; a channel or person gets a
        message a second, so time goes on a little."""
        self.call(self._settle())

    async def _settle(self) -> None:
        await self.playground.dispatcher.finish()
        if not self.runs:
            self.clock.move_to(self.clock() + timedelta(seconds=2))
            await self.playground.pace.work()

    # -- as `tests.harness.Bot` ----------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.clock()

    def work(self) -> None:
        """What the worker does when it ticks."""
        self.call(self.playground.pace.work())

    def advance(self, by: timedelta) -> None:
        """Let time pass; the worker does what is due on the way."""
        self.call(self.playground.pace.advance(by))

    def read(self, work: Callable[[Session], T]) -> T:
        """Look into the database."""
        with self.playground.database.read() as session:
            return work(session)

    # -- over HTTP -----------------------------------------------------------------------------

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items() if value}
        connection.request(method, path, body or None, named)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def get(self, **query: str) -> str:
        """The page for an address; `acme_at` stands for `acme.at`."""
        named = {name.replace("_", "."): value for name, value in query.items()}
        answer = self.request("GET", "/?" + urlencode(named))
        assert answer.status == 200, answer.text
        return answer.text

    def post(self, path: str, body: object, **headers: str) -> Answer:
        own = {
            "origin": self.url,
            "content_type": "application/json",
            "x_entente_token": self.world.get_fact("token") or "",
        }
        return self.request("POST", path, orjson.dumps(body), **{**own, **headers})

    def say(self, person: str, at: str, text: str, **more: str) -> Any:
        answer = self.post("/say", {"person": person, "at": at, "text": text, **more})
        assert answer.status == 200, answer.text
        self.settle()
        return answer.json

    def press(self, person: str, surface: str, label: str, option: str = "") -> Any:
        """Press the button with this label, on a message (`M12`), `home`, or a dialog."""
        item = self.find_button(person, surface, label)
        body = {"person": person, "surface": surface, "item": item, "option": option}
        answer = self.post("/press", body)
        assert answer.status == 200, answer.text
        self.settle()
        return answer.json

    def find_button(self, person: str, surface: str, label: str) -> str:
        shown = self.view_of(person, surface)
        for number, block in enumerate(shown.blocks):
            for place, item in enumerate(getattr(block, "items", ())):
                if getattr(item, "label", None) == label:
                    return f"{number}.{place}"
        raise AssertionError(f"no {label!r} in: {shown.plain_text()}")

    def view_of(self, person: str, surface: str) -> View:
        if surface.startswith("M"):
            message = self.world.get_message(surface)
            assert message is not None
            assert message.view is not None
            return message.view
        identifier = f"home:{person}" if surface == "home" else surface
        found = self.world.get_surface(identifier, person=person)
        assert found is not None
        assert found.view is not None
        return found.view

    def submit(self, person: str, surface: str, **values: object) -> Any:
        answer = self.post("/submit", {"person": person, "surface": surface, "values": values})
        assert answer.status == 200, answer.text
        self.settle()
        return answer.json

    # -- looking -------------------------------------------------------------------------------

    def messages(self, person: str, at: str, *, thread: str | None = None) -> list[Message]:
        return list(self.world.get_messages(at, viewer=person, thread=thread))

    def last(self, person: str, at: str, *, thread: str | None = None) -> Message:
        return self.messages(person, at, thread=thread)[-1]

    def text(self, person: str, at: str, *, thread: str | None = None) -> str:
        """What Entente said last."""
        found = [m for m in self.messages(person, at, thread=thread) if m.author == BOT]
        assert found[-1].view is not None
        return found[-1].view.plain_text()

    def posts(self, channel: str) -> list[str]:
        """What Entente said in a channel for all to read."""
        found = self.messages("U-NOBODY", channel)
        return [m.view.plain_text() for m in found if m.author == BOT and m.view is not None]


def form_in(html: str) -> str:
    """The id of the form in a dialog."""
    return next(str(a["data-form"]) for _, a in elements_of(html) if "data-form" in a)


def view_in(html: str) -> str:
    """The id of the view in a dialog."""
    return next(str(a["data-view"]) for _, a in elements_of(html) if "data-view" in a)
