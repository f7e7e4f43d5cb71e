"""The HTTP server, which leaves signals to the process it runs in."""

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the whole process stops in one order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the process."""
        yield

    def open(self) -> asyncio.Task[None]:
        """Begin to serve; the task ends when serving does."""
        self._serving = asyncio.create_task(self.serve())
        return self._serving

    async def drain(self) -> None:
        """Take no more requests, and answer those that are under way."""
        self.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)  # told when it was raised
