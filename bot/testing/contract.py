"""What every platform promises to the core, as a suite: subclass it, and give it a `stage`.

class TestSlack(PlatformContract):
    @pytest.fixture
    def stage(self) -> Stage: ...
"""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ids import new_id
from bot.core.ports import (
    ChannelProfile,
    ChannelQuery,
    MembersProfile,
    MembersQuery,
    Outgoing,
    Platform,
    ThreadProfile,
    ThreadQuery,
    Unsearchable,
    UserProfile,
    UserQuery,
)
from bot.testing.world import make_view

X = TypeVar("X", bound=Exception)


class Stage(Protocol):
    """A platform under test, what is there, and how to make it misbehave.

    `other_channel` is one that exists and Entente is not in.
    """

    platform: Platform
    workspace: str
    channel: str
    other_channel: str
    person: str

    def read(self, place: str) -> list[str]:
        """The texts that everybody in a channel sees, or that a person got directly."""
        ...

    def limits(self, seconds: int) -> None:
        """Refuse the next message, and ask for silence for so long."""
        ...

    def fails(self) -> None:
        """Answer the next message with an error of the platform's own making."""
        ...

    def loses(self, *, arrives: bool) -> None:
        """Break the connection at the next message, after it was taken or before."""
        ...

    def hangs(self) -> None:
        """Take the next message and never answer."""
        ...

    def archives(self) -> None:
        """Archive `channel`."""
        ...

    def removes_bot(self) -> None:
        """Throw Entente out of `channel`."""
        ...


async def refusal(work: Awaitable[object], kind: type[X]) -> X:
    """The error of exactly this kind that `work` must raise."""
    try:
        answer = await work
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was to be raised, but the answer is {answer!r}")


def before() -> datetime:
    """A moment safely before anything in the test."""
    return datetime.now(UTC) - timedelta(minutes=5)


class PlatformContract:
    """The suite. What a platform cannot do it says: whether messages can be looked for, whether
    its limits are the whole installation's, whether threads can be read."""

    can_look = True
    limits_all = True
    reads_threads = True

    def make(
        self,
        stage: Stage,
        words: str = "Hello",
        *,
        channel: str | None = None,
        user: str | None = None,
        thread: str | None = None,
    ) -> Outgoing:
        """A message with a key of its own."""
        return Outgoing(
            key=new_id(),
            workspace=stage.workspace,
            channel=channel,
            user=user,
            thread=thread,
            view=make_view(words),
        )

    async def test_a_message_arrives_once_where_its_receipt_says(self, stage: Stage) -> None:
        """Send, in a channel."""
        receipt = await stage.platform.send(self.make(stage, channel=stage.channel))
        assert receipt.channel == stage.channel
        assert receipt.message
        assert stage.read(stage.channel) == ["Hello"]

    async def test_messages_keep_their_order(self, stage: Stage) -> None:
        """Send, one after the other."""
        for words in ("one", "two", "three"):
            await stage.platform.send(self.make(stage, words, channel=stage.channel))
        assert stage.read(stage.channel) == ["one", "two", "three"]

    async def test_a_direct_message_reaches_the_person(self, stage: Stage) -> None:
        """Send, to a person."""
        receipt = await stage.platform.send(self.make(stage, user=stage.person))
        assert receipt.channel
        assert receipt.message
        assert stage.read(stage.person) == ["Hello"]

    async def test_what_is_private_within_a_channel_is_not_seen_by_all(self, stage: Stage) -> None:
        """Send, to one person within a channel."""
        message = self.make(stage, channel=stage.channel, user=stage.person)
        receipt = await stage.platform.send(message)
        assert receipt.channel == stage.channel
        assert stage.read(stage.channel) == []

    async def test_what_was_sent_is_found_by_its_key(self, stage: Stage) -> None:
        """Find, in a channel and among direct messages, between others."""
        if not self.can_look:
            message = self.make(stage, channel=stage.channel)
            await stage.platform.send(message)
            await refusal(stage.platform.find(message, since=before()), Unsearchable)
            return
        for place in ({"channel": stage.channel}, {"user": stage.person}):
            messages = [self.make(stage, words, **place) for words in ("a", "b", "c")]
            receipts = [await stage.platform.send(message) for message in messages]
            found = [await stage.platform.find(m, since=before()) for m in messages]
            assert found == receipts

    async def test_what_was_never_sent_is_surely_not_there(self, stage: Stage) -> None:
        """Find nothing, though there are others."""
        if not self.can_look:
            message = self.make(stage, channel=stage.channel)
            await refusal(stage.platform.find(message, since=before()), Unsearchable)
            return
        for place in ({"channel": stage.channel}, {"user": stage.person}):
            await stage.platform.send(self.make(stage, **place))
            assert await stage.platform.find(self.make(stage, **place), since=before()) is None

    async def test_only_what_came_since_is_found(self, stage: Stage) -> None:
        """Find nothing that is older."""
        if not self.can_look:
            return
        message = self.make(stage, channel=stage.channel)
        await stage.platform.send(message)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert await stage.platform.find(message, since=later) is None

    async def test_private_and_threaded_messages_cannot_be_looked_for(self, stage: Stage) -> None:
        """Nobody can say whether they are there."""
        root = await stage.platform.send(self.make(stage, channel=stage.channel))
        private = self.make(stage, channel=stage.channel, user=stage.person)
        reply = self.make(stage, channel=stage.channel, thread=root.message)
        for message in (private, reply):
            await stage.platform.send(message)
            await refusal(stage.platform.find(message, since=before()), Unsearchable)

    async def test_where_history_is_closed_nothing_can_be_told(self, stage: Stage) -> None:
        """Entente has left the channel since."""
        message = self.make(stage, channel=stage.channel)
        await stage.platform.send(message)
        stage.removes_bot()
        await refusal(stage.platform.find(message, since=before()), Unsearchable)

    async def test_a_limit_says_for_how_long_and_that_all_must_wait(self, stage: Stage) -> None:
        """Too fast: nothing arrived."""
        stage.limits(7)
        message = self.make(stage, channel=stage.channel)
        error = await refusal(stage.platform.send(message), RetryLater)
        assert (error.after, error.everywhere) == (7, self.limits_all)
        assert stage.read(stage.channel) == []
        await stage.platform.send(message)
        assert stage.read(stage.channel) == ["Hello"]

    async def test_a_failure_of_the_platform_leaves_it_open(self, stage: Stage) -> None:
        """It may have arrived: look for it."""
        stage.fails()
        message = self.make(stage, channel=stage.channel)
        error = await refusal(stage.platform.send(message), Uncertain)
        assert error.reason

    async def test_a_lost_answer_leaves_it_open_and_looking_tells(self, stage: Stage) -> None:
        """Broken off after it arrived, or before."""
        for arrives in (True, False):
            stage.loses(arrives=arrives)
            message = self.make(stage, channel=stage.channel)
            await refusal(stage.platform.send(message), Uncertain)
            if not self.can_look:
                await refusal(stage.platform.find(message, since=before()), Unsearchable)
                continue
            found = await stage.platform.find(message, since=before())
            assert (found is not None) is arrives

    async def test_no_answer_is_waited_for_no_longer_than_promised(self, stage: Stage) -> None:
        """The core counts on `request_timeout`."""
        stage.hangs()
        begun = datetime.now(UTC)
        await refusal(stage.platform.send(self.make(stage, channel=stage.channel)), Uncertain)
        spent = (datetime.now(UTC) - begun).total_seconds()
        assert spent < stage.platform.request_timeout + 1

    async def test_where_nobody_may_write_it_is_final(self, stage: Stage) -> None:
        """An unknown channel, one without Entente, an unknown person, an archived channel."""
        for place in (
            {"channel": "C0NOWHERE00"},
            {"channel": stage.other_channel},
            {"user": "U0NOBODY000"},
        ):
            error = await refusal(stage.platform.send(self.make(stage, **place)), Undeliverable)
            assert error.reason
        stage.archives()
        message = self.make(stage, channel=stage.channel)
        assert (await refusal(stage.platform.send(message), Undeliverable)).reason == "is_archived"

    async def test_people_and_channels_can_be_read(self, stage: Stage) -> None:
        """Fetch; what is not there is final."""
        person = await stage.platform.fetch(UserQuery(workspace=stage.workspace, user=stage.person))
        assert isinstance(person, UserProfile)
        assert (person.user, person.workspace) == (stage.person, stage.workspace)
        channel = await stage.platform.fetch(
            ChannelQuery(workspace=stage.workspace, channel=stage.channel)
        )
        assert isinstance(channel, ChannelProfile)
        assert (channel.channel, channel.is_member) == (stage.channel, True)
        for query in (
            UserQuery(workspace=stage.workspace, user="U0NOBODY000"),
            ChannelQuery(workspace=stage.workspace, channel="C0NOWHERE00"),
        ):
            error: PlatformError = await refusal(stage.platform.fetch(query), Undeliverable)
            assert error.reason

    async def test_who_is_in_a_channel_can_be_read(self, stage: Stage) -> None:
        """The people, by their ids."""
        found = await stage.platform.fetch(
            MembersQuery(workspace=stage.workspace, channel=stage.channel)
        )
        assert isinstance(found, MembersProfile)
        assert stage.person in found.users
        nowhere = MembersQuery(workspace=stage.workspace, channel="C0NOWHERE00")
        await refusal(stage.platform.fetch(nowhere), Undeliverable)

    async def test_a_thread_can_be_read_from_any_of_its_messages(self, stage: Stage) -> None:
        """Found whichever message one points at. What Entente said itself is no part of it."""
        root = await stage.platform.send(self.make(stage, channel=stage.channel))
        reply = self.make(stage, channel=stage.channel, thread=root.message)
        answer = await stage.platform.send(reply)
        assert root.message is not None
        assert answer.message is not None
        for message in (root.message, answer.message):
            found = await stage.platform.fetch(
                ThreadQuery(
                    workspace=stage.workspace,
                    channel=stage.channel,
                    message=message,
                    thread=root.message,
                )
            )
            assert isinstance(found, ThreadProfile)
            if not self.reads_threads:
                assert found.permalink
                assert found.messages == ()
                continue
            assert found.thread == root.message
            assert found.messages == ()
        if not self.reads_threads:
            return
        nothing = ThreadQuery(
            workspace=stage.workspace, channel=stage.channel, message="1000000000.000100"
        )
        await refusal(stage.platform.fetch(nothing), Undeliverable)
