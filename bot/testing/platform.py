"""A strict platform in memory. It is held to the same contract as the real ones."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import (
    ChannelProfile,
    ChannelQuery,
    MembersProfile,
    MembersQuery,
    Outgoing,
    Pace,
    Profile,
    Query,
    Receipt,
    ThreadProfile,
    ThreadQuery,
    Unsearchable,
    UserProfile,
    UserQuery,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message that is there. `private_to`: who alone sees it."""

    key: str
    channel: str
    message: str
    text: str
    at: datetime
    thread: str | None = None
    private_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Fault:
    error: PlatformError
    arrives: bool = False


_PACE = Pace(interval=timedelta(seconds=1))


@dataclass(slots=True)
class FakePlatform:
    """A platform with the channels and people that the test puts there.

    `sent` is what arrived, in its order; `objections` what a good client would not have done.
    """

    name: str = "fake"
    workspace: str = "W1"
    request_timeout: float = 1.0
    pace: Pace = _PACE
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    channels: dict[str, ChannelProfile] = field(default_factory=dict)
    people: dict[str, UserProfile] = field(default_factory=dict)
    sent: list[Posted] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)
    attempts: int = 0
    closed: dict[str, PlatformError] = field(default_factory=dict)
    """Whose direct messages don't open, and why."""
    _faults: deque[_Fault] = field(default_factory=deque)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add_channel(self, channel: str, name: str = "", *, is_member: bool = True) -> str:
        """A channel, with Entente in it or not."""
        self.channels[channel] = ChannelProfile(
            channel=channel, name=name or channel, is_shared=False, is_member=is_member
        )
        return channel

    def add_person(self, user: str, name: str = "", *, zone: str = "Etc/UTC") -> str:
        """A person of the workspace."""
        self.people[user] = UserProfile(
            user=user, workspace=self.workspace, name=name or user, zone=zone
        )
        return user

    def archive(self, channel: str) -> None:
        """Nobody writes there any more."""
        self.channels[channel] = replace(self.channels[channel], is_archived=True)

    def remove_bot(self, channel: str) -> None:
        """Entente is thrown out."""
        self.channels[channel] = replace(self.channels[channel], is_member=False)

    def refuses(self, error: PlatformError, *, times: int = 1) -> None:
        """Refuse the next messages with this error."""
        self._faults.extend(_Fault(error) for _ in range(times))

    def limits(self, seconds: float, *, times: int = 1) -> None:
        """Ask for silence."""
        self.refuses(RetryLater("ratelimited", after=seconds, everywhere=True), times=times)

    def loses(self, *, arrives: bool, times: int = 1) -> None:
        """Break the connection without an answer, after the message arrived or before."""
        error = Uncertain("disconnected")
        self._faults.extend(_Fault(error, arrives) for _ in range(times))

    async def send(self, message: Outgoing) -> Receipt:
        """Put a message where it belongs."""
        self.attempts += 1
        await asyncio.sleep(0)
        fault = self._faults.popleft() if self._faults else None
        if fault is not None and not fault.arrives:
            raise fault.error
        posted = self._post(message)
        if fault is not None:
            raise fault.error
        return Receipt(channel=posted.channel, message=posted.message)

    def _post(self, message: Outgoing) -> Posted:
        if message.workspace != self.workspace:
            raise Undeliverable("no_such_workspace")
        text = message.view.plain_text()
        if not text.strip():
            raise Undeliverable("no_text")
        posted = Posted(
            key=message.key,
            channel=self._place(message),
            message=f"M{next(self._numbers)}",
            text=text,
            at=self.now(),
            thread=message.thread,
            private_to=message.user if message.channel else None,
        )
        roots = {p.message for p in self.sent if p.channel == posted.channel}
        if message.thread is not None and message.thread not in roots:
            self.objections.append(f"{message.thread} is no message of {posted.channel}")
        self.sent.append(posted)
        return posted

    def _place(self, message: Outgoing) -> str:
        if message.user is not None and message.user not in self.people:
            raise Undeliverable("user_not_found")
        if message.channel is None:
            if message.user is None:
                raise Undeliverable("nowhere")
            if message.user in self.closed:
                raise self.closed[message.user]
            return f"D-{message.user}"
        channel = self._channel(message.channel)
        if channel.is_archived:
            raise Undeliverable("is_archived")
        if not channel.is_member:
            raise Undeliverable("not_in_channel")
        return channel.channel

    def _channel(self, channel: str) -> ChannelProfile:
        if channel not in self.channels:
            raise Undeliverable("channel_not_found")
        return self.channels[channel]

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """Look for the message by its key."""
        await asyncio.sleep(0)
        if message.thread is not None or (message.channel and message.user):
            raise Unsearchable
        place = message.channel or f"D-{message.user}"
        if message.channel and not self.channels.get(message.channel, _NOWHERE).is_member:
            raise Unsearchable
        for posted in self.sent:
            is_it = posted.key == message.key and posted.channel == place
            if is_it and posted.private_to is None and posted.at > since:
                return Receipt(channel=posted.channel, message=posted.message)
        return None

    async def fetch(self, query: Query) -> Profile:
        """Read a person, a channel, who is in it (everybody), or a thread."""
        await asyncio.sleep(0)
        if isinstance(query, UserQuery) and query.user in self.people:
            return self.people[query.user]
        if isinstance(query, ChannelQuery):
            return self._channel(query.channel)
        if isinstance(query, MembersQuery):
            users = tuple(self.people)
            return MembersProfile(channel=self._channel(query.channel).channel, users=users)
        if isinstance(query, ThreadQuery):
            return self._thread(query)
        raise Undeliverable("user_not_found")

    def _thread(self, query: ThreadQuery) -> ThreadProfile:
        """A thread, in which only Entente has spoken here: none of that is read."""
        root = query.thread or query.message
        said = {
            p.message
            for p in self.sent
            if p.channel == query.channel and root in {p.message, p.thread} and not p.private_to
        }
        if query.message not in said:
            raise Undeliverable("message_not_found")
        return ThreadProfile(channel=query.channel, message=query.message, thread=root)


_NOWHERE = ChannelProfile(channel="", name="", is_shared=False, is_member=False)
