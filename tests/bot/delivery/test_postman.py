"""The delivery loop before the strict fake Slack: every error ends in the right state."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import RetryLater
from bot.core.ports import Pace, Platforms
from bot.core.views import View
from bot.db.engine import Database
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.delivery.postman import Postman, Skip, Standings
from bot.delivery.settling import GIVE_UP_AFTER, LANE_PATIENCE, LONGEST_BACKOFF
from bot.people import optouts
from bot.people.models import ChannelState, Member
from bot.schedules import reminders
from bot.schedules.models import Reminder, ReminderState
from bot.testing.platform import FakePlatform
from bot.testing.world import make_view
from tests.fakes.slack import Channel, FakeSlack
from tests.harness import Bot, ManualClock
from tests.scene import Scene

SECOND = timedelta(seconds=1)


@pytest.fixture
def bot(scene: Scene, slack: FakeSlack, database_url: str, clock: ManualClock) -> Iterator[Bot]:
    short = {"ENTENTE_REQUEST_TIMEOUT": 0.3, "ENTENTE_LEASE_SECONDS": 30}
    with Bot(database_url, slack, clock, **short) as opened:
        yield opened


@pytest.fixture
def steering(scene: Scene) -> Channel:
    return scene.channel("steering")


def deliver(bot: Bot) -> int:
    return bot.call(bot.entente.postman.deliver_due())


def deliver_all(bot: Bot, scene: Scene, step: timedelta = SECOND, most: int = 50) -> None:
    """Deliver, and let time pass, until nothing is left to do."""
    assert isinstance(bot.clock, ManualClock)
    for _ in range(most):
        deliver(bot)
        if scene.is_idle():
            return
        bot.clock.advance(step)
    raise AssertionError(f"still {scene.states()}")


# Errors that pass


def test_a_limit_is_kept_by_all_channels_in_order_and_nothing_is_lost(
    bot: Bot, scene: Scene, slack: FakeSlack, clock: ManualClock, steering: Channel
) -> None:
    science = scene.channel("science")
    slack.fails("chat.postMessage", status=429, retry_after=20)
    scene.post(steering, "one", "two")
    deliver(bot)
    calls = len(slack.calls("chat.postMessage"))
    scene.post(science, "three")
    clock.advance(timedelta(seconds=19))
    assert deliver(bot) == 0
    assert len(slack.calls("chat.postMessage")) == calls == 1
    clock.advance(SECOND)
    deliver_all(bot, scene)
    assert scene.texts(steering) == ["one", "two"]
    assert scene.texts(science) == ["three"]
    assert set(scene.states()) == {"sent"}


def test_an_answer_that_is_lost_is_looked_for(bot: Bot, scene: Scene, slack: FakeSlack) -> None:
    for break_off, reason in ((slack.drops, "disconnected"), (slack.hangs, "timeout")):
        for arrives in (True, False):
            channel = scene.channel(f"{reason}-{arrives}".lower())
            break_off("chat.postMessage", recorded=arrives, channel=channel)
            scene.post(channel, "one", "two")
            deliver(bot)
            first = scene.deliveries()[-2]
            assert (first.state, first.reason) == ("sending", reason)
            deliver_all(bot, scene)
            assert scene.texts(channel) == ["one", "two"]
            calls = [
                c for c in slack.calls("chat.postMessage") if channel.id in c.arguments.values()
            ]
            assert len(calls) == (2 if arrives else 3)
    assert set(scene.states()) == {"sent"}
    assert not any(delivery.uncertain for delivery in scene.deliveries())


def test_a_failure_of_slacks_is_tried_again(
    bot: Bot, scene: Scene, slack: FakeSlack, steering: Channel
) -> None:
    for status in (500, 502, 503):
        slack.fails("chat.postMessage", status=status)
    scene.post(steering, "one", "two")
    deliver_all(bot, scene)
    assert scene.texts(steering) == ["one", "two"]
    assert len(slack.calls("chat.postMessage")) == 5


def test_a_direct_message_that_may_have_arrived_is_looked_for(
    bot: Bot, scene: Scene, slack: FakeSlack
) -> None:
    slack.drops("chat.postMessage", recorded=True)
    scene.dm(scene.ana, "one", "two")
    deliver_all(bot, scene)
    assert [message.text for message in slack.dms(scene.ana)] == ["one", "two"]
    assert not any(delivery.uncertain for delivery in scene.deliveries())


def test_a_bundle_that_may_have_arrived_is_not_sent_in_pieces(
    bot: Bot, scene: Scene, slack: FakeSlack
) -> None:
    slack.drops("chat.postMessage", recorded=True)
    scene.dm(scene.ana, "one", "two", unasked=True)
    deliver_all(bot, scene)
    (message,) = slack.dms(scene.ana)
    assert {"one", "two"} <= set(slack.text_of(message).split())
    assert {delivery.message_ref for delivery in scene.deliveries()} == {message.ts}


def test_what_cannot_be_looked_for_is_sent_again_and_marked(
    bot: Bot, scene: Scene, slack: FakeSlack, steering: Channel
) -> None:
    scene.post(steering, "root")
    deliver_all(bot, scene)
    (root,) = slack.messages(steering)
    slack.drops("chat.postMessage", recorded=True)
    slack.drops("chat.postEphemeral", recorded=True)
    scene.post(steering, "reply", thread=root.ts)
    scene.whisper(steering, scene.ana, "whisper")
    deliver_all(bot, scene)
    assert scene.texts(steering) == ["root", "reply", "reply"]
    assert [m.text for m in slack.ephemerals(scene.ana)] == ["whisper", "whisper"]
    assert [delivery.uncertain for delivery in scene.deliveries()] == [False, True, True]


def test_a_history_that_is_rationed_holds_back_one_message_not_the_installation(
    bot: Bot, scene: Scene, slack: FakeSlack, steering: Channel, clock: ManualClock
) -> None:
    slack.drops("chat.postMessage", recorded=True)
    scene.post(steering, "one")
    deliver(bot)
    slack.fails("conversations.history", status=429, retry_after=60)
    clock.advance(timedelta(seconds=2))
    deliver(bot)
    scene.post(scene.channel("science"), "not held back")
    deliver(bot)
    assert scene.states() == ["sending", "sent"]
    clock.advance(timedelta(seconds=60))
    deliver(bot)
    assert scene.texts(steering) == ["one"]
    assert scene.states() == ["sent", "sent"]


# Errors that stay


FINAL = {
    "channel_not_found": "can't see the channel",
    "is_archived": "is archived",
    "not_in_channel": "not in the channel",
    "token_revoked": "was removed from the workspace",
    "restricted_action": "does not let Entente post",
    "some_new_error": "some_new_error",
}


def test_what_is_final_is_kept_with_its_reason_and_shown_to_the_manager(
    bot: Bot, scene: Scene, slack: FakeSlack, clock: ManualClock
) -> None:
    for error, words in FINAL.items():
        channel = scene.channel(error.replace("_", "-"))
        slack.fails("chat.postMessage", error=error, channel=channel)
        scene.post(channel, "lost", "the next")
        deliver(bot)
        lost, _following = scene.deliveries()[-2:]
        assert (lost.state, lost.reason, lost.view) == ("failed", error, None)
        shown = read_status(bot, scene, channel)
        assert "These messages could not be sent" in shown
        assert f"#{channel.name}" in shown
        assert words in shown
        deliver_all(bot, scene)
        assert scene.texts(channel) == ["the next"]


def read_status(bot: Bot, scene: Scene, channel: Channel) -> str:
    """What Ana is told when she asks how things stand."""
    assert scene.ana.slash("/alliance", "status", channel=channel).ok
    bot.settle()
    return scene.slack.text_of(scene.slack.ephemerals(scene.ana)[-1])


def test_what_slack_itself_says_of_archived_and_left_channels(
    bot: Bot, scene: Scene, slack: FakeSlack
) -> None:
    archived, left = scene.channel("archived"), scene.channel("left")
    slack.archive(archived)
    slack.remove_bot(left)
    scene.post(archived, "lost")
    scene.post(left, "lost")
    deliver_all(bot, scene)
    assert [d.reason for d in scene.deliveries()] == ["is_archived", "not_in_channel"]
    slack.revoke_token()
    scene.post(scene.channel("any"), "lost")
    deliver_all(bot, scene)
    assert scene.deliveries()[-1].reason == "token_revoked"


def test_a_message_that_keeps_failing_lets_others_pass_and_is_given_up_after_a_day(
    bot: Bot, scene: Scene, slack: FakeSlack, steering: Channel, clock: ManualClock
) -> None:
    begun = clock()
    slack.fails("chat.postMessage", status=500, times=LANE_PATIENCE)
    scene.post(steering, "poison", "patient")
    for _ in range(LANE_PATIENCE):
        deliver(bot)
        clock.advance(LONGEST_BACKOFF / 15)
    poison = scene.deliveries()[0]
    assert (poison.state, poison.attempts) == ("sending", LANE_PATIENCE)
    slack.fails("conversations.history", status=500, times=None)
    deliver(bot)
    assert scene.texts(steering) == ["patient"]
    deliver_all(bot, scene, step=LONGEST_BACKOFF, most=120)
    poison = scene.deliveries()[0]
    assert (poison.state, poison.reason) == ("failed", "internal_error")
    assert poison.finished_at is not None
    assert GIVE_UP_AFTER < poison.finished_at - begun < GIVE_UP_AFTER + 2 * LONGEST_BACKOFF


# Looking again before sending


def test_what_is_no_longer_wanted_is_skipped_with_its_reason(
    bot: Bot, scene: Scene, slack: FakeSlack
) -> None:
    unlinked, pending = scene.channel("unlinked"), scene.channel("pending")
    paused, muted, gone = scene.channel("paused"), scene.user("Ben"), scene.user("Cem")
    reminder = scene.remind(paused)
    scene.make_due(reminder, at=bot.clock())
    bot.call(bot.entente.worker.fire())
    for place in (unlinked, pending):
        scene.post(place, "no")
    for person in (muted, gone):
        scene.dm(person, "no", unasked=True)
    scene.set_state(unlinked, ChannelState.UNLINKED)
    scene.set_state(pending, ChannelState.PENDING)
    with scene.database.write() as session:
        found = session.get_one(Reminder, reminder)
        reminders.set_state(session, found, ReminderState.PAUSED, now=bot.clock())
        optouts.opt_out(session, scene.members[muted.id], optouts.ALL, now=bot.clock())
        session.get_one(Member, scene.members[gone.id]).left_at = bot.clock()
    deliver_all(bot, scene)
    assert set(scene.states()) == {"skipped"}
    assert [delivery.reason for delivery in scene.deliveries()] == [
        "reminder paused",
        "channel not linked",
        "channel not linked",
        "muted",
        "no longer a member",
    ]
    assert slack.calls("chat.postMessage") == []


def test_what_a_muted_person_asked_for_still_comes(
    bot: Bot, scene: Scene, slack: FakeSlack
) -> None:
    with scene.database.write() as session:
        optouts.opt_out(session, scene.viewer.member_id, optouts.ALL, now=bot.clock())
    scene.dm(scene.ana, "the answer")
    deliver_all(bot, scene)
    assert [message.text for message in slack.dms(scene.ana)] == ["the answer"]


def test_what_comes_too_late_is_skipped(
    bot: Bot, scene: Scene, steering: Channel, clock: ManualClock
) -> None:
    scene.post(steering, "stale", expires_at=clock() + timedelta(hours=1))
    scene.post(steering, "fresh", expires_at=clock() + timedelta(hours=3))
    clock.advance(timedelta(hours=2))
    deliver_all(bot, scene)
    assert [(d.state, d.reason) for d in scene.deliveries()] == [
        ("skipped", "late"),
        ("sent", None),
    ]


def test_a_skipped_bundle_does_not_use_up_the_day(bot: Bot, scene: Scene, slack: FakeSlack) -> None:
    scene.dm(scene.ana, "stale", unasked=True, expires_at=bot.clock() - SECOND)
    deliver(bot)
    scene.dm(scene.ana, "fresh", unasked=True)
    deliver_all(bot, scene)
    assert [message.text for message in slack.dms(scene.ana)] == ["fresh"]
    assert scene.states() == ["skipped", "sent"]


# Pace, and more than one postman


def test_a_channel_gets_one_message_a_second_from_all_postmen_together(
    bot: Bot,
    scene: Scene,
    slack: FakeSlack,
    database_url: str,
    clock: ManualClock,
    steering: Channel,
) -> None:
    with Bot(database_url, slack, clock, ENTENTE_REQUEST_TIMEOUT=0.3) as other:
        scene.post(steering, *map(str, range(5)))
        for expected in range(1, 6):
            deliver(bot)
            deliver(other)
            assert len(scene.texts(steering)) == expected
            clock.advance(SECOND - timedelta(milliseconds=1))
            assert deliver(bot) == deliver(other) == 0
            clock.advance(timedelta(milliseconds=1))
    assert scene.texts(steering) == [str(number) for number in range(5)]


def always(session: object, message: Claimed, now: datetime, standings: Standings) -> View | Skip:
    return View.model_validate(message.view)


class Stage:
    """A postman before a platform in memory."""

    def __init__(self, database: Database, **more: timedelta) -> None:
        self.database = database
        self.platform = FakePlatform(request_timeout=0.2)
        self.clock = ManualClock(datetime.now(UTC))
        self.postman = Postman(
            database, Platforms({"fake": self.platform}), always, clock=self.clock, **more
        )

    def queue(self, channel: str, *texts: str) -> None:
        to = Address(platform="fake", workspace="W1", channel=self.platform.add_channel(channel))
        with self.database.write() as session:
            for words in texts:
                enqueue(session, Deliver(to=to, view=make_view(words)), now=self.clock())


async def test_a_message_that_breaks_the_loop_fails_alone(database: Database) -> None:
    stage = Stage(database)

    def prepare(
        session: object, message: Claimed, now: datetime, standings: Standings
    ) -> View | Skip:
        return View(blocks=())

    stage.postman._prepare = prepare
    stage.queue("C1", "empty")
    assert await stage.postman.deliver_due() == 1
    stage.postman._prepare = always
    stage.queue("C2", "whole")
    await stage.postman.deliver_due()
    assert [posted.text for posted in stage.platform.sent] == ["whole"]
    assert stage.postman.counts.by_fate == {"failed": 1, "sent": 1}


async def test_a_platform_that_takes_a_burst_gets_it_at_once_and_no_more(
    database: Database,
) -> None:
    stage = Stage(database)
    stage.platform.pace = Pace(interval=2 * SECOND, burst=3)
    stage.queue("C1", *map(str, range(5)))
    other = Postman(database, Platforms({"fake": stage.platform}), always, clock=stage.clock)
    assert await stage.postman.deliver_due() == 3
    assert await other.deliver_due() == 0
    stage.clock.advance(2 * SECOND)
    assert await other.deliver_due() == 1
    assert [posted.text for posted in stage.platform.sent] == ["0", "1", "2", "3"]


async def test_a_platform_that_is_not_connected_here_is_left_to_others(database: Database) -> None:
    stage = Stage(database)
    stage.queue("C1", "hello")
    idle = Postman(database, Platforms({}), always, clock=stage.clock)
    await idle.deliver_due()
    stage.clock.advance(timedelta(seconds=3))
    await stage.postman.deliver_due()
    assert [posted.text for posted in stage.platform.sent] == ["hello"]


async def test_what_could_end_after_the_lease_is_not_begun(database: Database) -> None:
    stage = Stage(database, lease=timedelta(seconds=0.1))
    stage.queue("C1", "hello")
    await stage.postman.deliver_due()
    assert stage.platform.attempts == 0
    assert stage.postman.counts.by_fate == {"again": 1}


async def test_a_loop_that_fails_leaves_none_of_the_others_behind(database: Database) -> None:
    """What is under way is finished and stored, though another loop met an error."""
    stage = Stage(database)
    entered, release = asyncio.Event(), asyncio.Event()
    calls = 0

    class Slow(FakePlatform):
        async def send(self, message):  # type: ignore[no-untyped-def]
            entered.set()
            await release.wait()
            return await super().send(message)

    slow = Slow(channels=stage.platform.channels)
    stage.queue("C1", "slow")

    class Broken(Postman):
        async def _claim(self, only):  # type: ignore[no-untyped-def]
            nonlocal calls
            calls += 1
            if calls == 2:
                await entered.wait()
                raise RetryLater("this loop breaks")
            return await super()._claim(only)

    postman = Broken(database, Platforms({"fake": slow}), always, clock=stage.clock)
    work = asyncio.create_task(postman.deliver_due())
    await entered.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not work.done()
    release.set()
    with pytest.raises(RetryLater):
        await work
    assert postman.counts.by_fate == {"sent": 1}


async def test_a_stopped_postman_claims_nothing_more(database: Database) -> None:
    stage = Stage(database)
    stage.queue("C1", "hello")
    stage.postman.stop()
    assert await stage.postman.deliver_due() == 0
    assert stage.platform.attempts == 0
