"""The playground's time: it runs at its own pace from where it stopped, and can be moved ahead."""

import time
from datetime import datetime, timedelta


class PlaygroundClock:
    """Answers the playground's moment. Runs with the machine's clock unless `runs` is false."""

    def __init__(self, start: datetime, *, runs: bool = True) -> None:
        self._base = start
        self._runs = runs
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        """The moment it is in the playground, in UTC."""
        if not self._runs:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def move_to(self, moment: datetime) -> None:
        """Go ahead to `moment`; a moment that has passed changes nothing."""
        if moment > self():
            self._base = moment
            self._since = time.monotonic()
