"""What Slack holds, for a test to look at, and waiting until it holds something."""

import time
from collections.abc import Callable
from typing import TypeVar

from .chat import rate_of
from .courier import Courier
from .people import User
from .records import Call, Channel, Message, Response, View
from .server import Server
from .texts import text_of
from .world import World

T = TypeVar("T")
GLANCE = 0.2


class Ledger:
    """Questions about the recorded world; a part of FakeSlack."""

    world: World
    _server: Server
    _courier: Courier

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self._server.sockets.active)

    @property
    def deliveries(self) -> list[Response]:
        """All that was sent to the bot, with its answers, echoes of its own messages too."""
        with self.world.lock:
            return list(self._courier.responses)

    def messages(self, channel: Channel) -> list[Message]:
        """The messages of a channel, oldest first; no ephemeral or deleted ones."""
        return self._select(lambda m: m.channel is channel and m.ephemeral_to is None)

    def ephemerals(self, user: User | None = None, channel: Channel | None = None) -> list[Message]:
        """What only one person saw, from the API, a response_url or a command's answer."""
        return self._select(
            lambda m: (
                m.ephemeral_to is not None
                and (user is None or m.ephemeral_to == user.id)
                and (channel is None or m.channel is channel)
            )
        )

    def dms(self, user: User) -> list[Message]:
        """What bots said in their DMs with a person."""
        return self._select(
            lambda m: m.channel.peer == user.id and m.by_bot and m.ephemeral_to is None
        )

    def _select(self, chosen: Callable[[Message], bool]) -> list[Message]:
        with self.world.lock:
            return [m for m in self.world.messages if not m.deleted and chosen(m)]

    def views(self, user: User) -> list[View]:
        """The open modals of a person, the visible one last."""
        with self.world.lock:
            return self.world.open_views(user.id)

    def home(self, user: User) -> View | None:
        """The home tab as last published for a person."""
        return self.world.homes.get(user.id)

    def calls(self, method: str | None = None) -> list[Call]:
        """The bot's calls, all or of one method; response_urls count as `response_url`."""
        with self.world.lock:
            return [call for call in self.world.calls if method in (None, call.method)]

    def count_readings(self) -> int:
        """How often it was asked who is in a channel."""
        return len(self.calls("conversations.info")) + len(self.calls("conversations.members"))

    @property
    def strict_errors(self) -> list[str]:
        """What a well-behaved client would not have done."""
        with self.world.lock:
            return list(self.world.strict_errors)

    def rate(self, channel: Channel) -> int:
        """The most messages the bots posted to a channel within one second."""
        with self.world.lock:
            return rate_of(self.world, channel)

    def text_of(self, shown: Message | View | None) -> str:
        """All that a person reads in a message or view."""
        return text_of(shown)

    def wait_for(
        self, condition: Callable[[], T], timeout: float = 10.0, what: str = "the condition"
    ) -> T:
        """Wait until a condition holds; its value. AssertionError with the latest calls if not."""
        end = time.monotonic() + timeout
        while True:
            version = self.world.version
            value = condition()
            if value:
                return value
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {timeout} s for {what}\n{self._latest()}")
            with self.world.lock:
                # What is not Slack's (a database, a file) changes unheard: glance at it too.
                self.world.lock.wait_for(lambda: self.world.version != version, min(left, GLANCE))  # noqa: B023

    def _latest(self) -> str:
        lines = [f"  {c.method} {c.status} {c.error or ''} {c.arguments}" for c in self.calls()]
        blames = [f"  {blame}" for blame in self.strict_errors[-5:]]
        latest = [line[:300] for line in lines[-10:]] or ["  none"]
        return "\n".join(["latest calls:", *latest, "strict errors:", *(blames or ["  none"])])

    def wait_for_connection(self, count: int = 1, timeout: float = 10.0) -> None:
        """Wait until the bot has opened its Socket Mode connections."""
        self.wait_for(lambda: self.connections >= count, timeout, f"{count} connections")
