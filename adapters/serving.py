"""The HTTP server, which leaves signals to the process it runs in."""

import contextlib
from collections.abc import Iterator

import uvicorn


class Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the whole process stops in one order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the process."""
        yield
