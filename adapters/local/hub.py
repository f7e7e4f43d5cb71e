"""Telling open pages that something changed; what it is, they ask for themselves."""

import asyncio
from collections.abc import AsyncIterator


class Hub:
    """Every open page listens here. Changes that come close together are told once."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self._closing = False

    def publish(self) -> None:
        """Tell every open page to look again."""
        for listener in self._listeners:
            listener.set()

    async def listen(self) -> AsyncIterator[dict[str, str | int]]:
        """One server-sent event for each change, until the hub closes."""
        changed = asyncio.Event()
        self._listeners.add(changed)
        try:
            yield {"event": "hello", "data": "here", "retry": 1000}
            while not self._closing:
                await changed.wait()
                changed.clear()
                if not self._closing:
                    yield {"event": "change", "data": "look"}
        finally:
            self._listeners.discard(changed)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closing = True
        self.publish()
