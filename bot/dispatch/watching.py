"""What features watch for in the messages of linked channels, kept ready for the door."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.core.events import MessagePosted
from bot.db.revisions import get_number
from bot.dispatch.context import Context
from bot.dispatch.feature import Watch


class Watching:
    """The state of every watch in this process. `wants`, `drain` and `take_over` belong to the
    loop's thread; `load` runs in another, and `take_over` puts its result in place."""

    def __init__(self, watches: Mapping[str, Watch]) -> None:
        self._watches = tuple(watches.values())
        self._loaded: dict[str, tuple[int, Any]] = {}

    def wants(self, platform: str, channel: str, user: str, text: str) -> bool:
        """Whether any watch wants this message. Every watch is asked: some only count."""
        wanted = False
        for watch in self._watches:
            found = self._loaded.get(watch.name)
            if found is not None and watch.wants(found[1], platform, channel, user, text):
                wanted = True
        return wanted

    def handle(self, context: Context, event: MessagePosted) -> None:
        """Hand over a message that was wanted."""
        for watch in self._watches:
            found = self._loaded.get(watch.name)
            if found is not None:
                watch.handle(context, event, found[1])

    def load(self, session: Session) -> dict[str, tuple[int, Any]]:
        """Build anew what has changed since it was built."""
        fresh: dict[str, tuple[int, Any]] = {}
        for watch in self._watches:
            number = get_number(session, watch.scope)
            known = self._loaded.get(watch.name)
            if known is None or known[0] != number:
                fresh[watch.name] = (number, watch.load(session))
        return fresh

    def take_over(self, fresh: Mapping[str, tuple[int, Any]]) -> None:
        """Put into place what `load` built, with what was counted since the last `drain`."""
        for watch in self._watches:
            old, new = self._loaded.get(watch.name), fresh.get(watch.name)
            if old is not None and new is not None and watch.carry is not None:
                watch.carry(old[1], new[1])
        self._loaded.update(fresh)

    def drain(self) -> list[tuple[Watch, Any]]:
        """Take out what was counted, to be stored."""
        drained = []
        for watch in self._watches:
            found = self._loaded.get(watch.name)
            counted = watch.drain(found[1]) if found is not None and watch.drain else None
            if counted is not None:
                drained.append((watch, counted))
        return drained


def store(session: Session, drained: list[tuple[Watch, Any]], now: datetime) -> None:
    """Write down what was counted."""
    for watch, counted in drained:
        if watch.store is not None:
            watch.store(session, counted, now)
