"""Lanes: leased whole, kept in order, given back with the right moment to wake."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from bot.core.ports import Pace, Receipt
from bot.delivery.claiming import claim
from bot.delivery.lanes import Claimed, Fate, Outcome
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.delivery.settling import (
    FIRST_BACKOFF,
    GIVE_UP_AFTER,
    LANE_PATIENCE,
    LONGEST_BACKOFF,
    failure,
    settle,
)
from bot.testing.world import make_view
from tests.fakes.slack import User
from tests.harness import ManualClock
from tests.scene import Scene

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


def take(
    scene: Scene,
    clock: ManualClock,
    worker: str = "w1",
    limit: int = 10,
    only: list[int] | None = None,
) -> list[Claimed]:
    with scene.database.write() as session:
        held = claim(session, worker=worker, now=clock(), lease=LEASE, limit=limit, only=only)
    return sorted(held, key=lambda message: message.id)


def end(scene: Scene, *outcomes: Outcome, worker: str = "w1") -> None:
    with scene.database.write() as session:
        settle(session, outcomes, worker=worker)


def sent(message: Claimed, clock: ManualClock, ref: str = "1.1") -> Outcome:
    receipt = Receipt(channel=message.channel or "D1", message=ref)
    free_at = Pace(interval=SECOND).when_free(clock(), before=message.free_at)
    return Outcome(message=message, fate=Fate.SENT, at=clock(), free_at=free_at, receipt=receipt)


def failed(message: Claimed, clock: ManualClock, error: PlatformError) -> Outcome:
    return failure(message, error, now=clock(), jitter=1.0)


def words(held: list[Claimed]) -> list[str]:
    return [str((message.view or {})["blocks"][0]["text"]) for message in held]


def test_a_claim_takes_the_oldest_of_each_lane(scene: Scene, clock: ManualClock) -> None:
    for name in ("a", "b"):
        scene.post(scene.channel(name), f"{name}1", f"{name}2")
    assert words(take(scene, clock)) == ["a1", "b1"]
    assert take(scene, clock, "w2") == []


def test_a_claim_keeps_to_its_limit_and_to_the_lanes_asked_for(
    scene: Scene, clock: ManualClock
) -> None:
    channels = [scene.channel(name) for name in ("a", "b", "c")]
    for channel in channels:
        scene.post(channel, channel.name)
    assert words(take(scene, clock, only=[scene.lane(channels[2]).id or 0])) == ["c"]
    assert len(take(scene, clock, limit=1)) == 1
    assert len(take(scene, clock)) == 1


def test_messages_of_a_lane_come_one_after_the_other_a_second_apart(
    scene: Scene, clock: ManualClock
) -> None:
    scene.post(scene.channel("a"), "one", "two", "three")
    for expected in ("one", "two", "three"):
        held = take(scene, clock)
        assert words(held) == [expected]
        end(scene, sent(held[0], clock))
        assert take(scene, clock) == []
        clock.advance(SECOND)
    assert scene.states() == ["sent"] * 3


def test_what_is_queued_during_a_lease_is_not_lost(scene: Scene, clock: ManualClock) -> None:
    channel = scene.channel("a")
    scene.post(channel, "one")
    held = take(scene, clock)
    scene.post(channel, "two")
    assert take(scene, clock, "w2") == [], "the lease holds"
    end(scene, sent(held[0], clock))
    assert scene.lane(channel).next_at == clock() + SECOND
    clock.advance(SECOND)
    assert words(take(scene, clock, "w2")) == ["two"]


def test_a_lease_that_ran_out_is_anybodys_and_its_message_is_looked_for(
    scene: Scene, clock: ManualClock
) -> None:
    scene.post(scene.channel("a"), "one", "two")
    (mine,) = take(scene, clock)
    assert not mine.must_look
    clock.advance(LEASE)
    (theirs,) = take(scene, clock, "w2")
    assert (theirs.id, theirs.must_look) == (mine.id, True)


def test_after_its_lease_a_worker_has_no_say_but_a_receipt_counts(
    scene: Scene, clock: ManualClock
) -> None:
    channel = scene.channel("a")
    scene.post(channel, "one")
    (mine,) = take(scene, clock)
    clock.advance(LEASE)
    (theirs,) = take(scene, clock, "w2")
    end(scene, failed(mine, clock, Undeliverable("not_in_channel")), worker="w1")
    assert scene.states() == ["sending"]
    assert scene.lane(channel).leased_by == "w2"
    end(scene, sent(mine, clock, "7.7"), worker="w1")
    assert scene.states() == ["sent"]
    assert scene.lane(channel).leased_by == "w2"
    end(scene, sent(theirs, clock, "8.8"), worker="w2")
    assert scene.deliveries()[0].message_ref == "7.7"
    assert scene.lane(channel).leased_by is None


def test_an_empty_lane_sleeps(scene: Scene, clock: ManualClock) -> None:
    channel = scene.channel("a")
    scene.post(channel, "one")
    end(scene, sent(take(scene, clock)[0], clock))
    assert scene.lane(channel).next_at is None


def test_a_message_for_later_lets_others_pass(scene: Scene, clock: ManualClock) -> None:
    channel = scene.channel("a")
    scene.post(channel, "later", not_before=clock() + timedelta(hours=1))
    scene.post(channel, "now")
    held = take(scene, clock)
    assert words(held) == ["now"]
    end(scene, sent(held[0], clock))
    assert scene.lane(channel).next_at == clock() + timedelta(hours=1)


def test_a_head_that_is_retried_holds_up_its_lane(scene: Scene, clock: ManualClock) -> None:
    channel = scene.channel("a")
    scene.post(channel, "one", "two")
    end(scene, failed(take(scene, clock)[0], clock, Uncertain("timeout")))
    assert scene.lane(channel).next_at == clock() + FIRST_BACKOFF
    clock.advance(FIRST_BACKOFF / 2)
    assert take(scene, clock) == []
    clock.advance(FIRST_BACKOFF / 2)
    assert words(take(scene, clock)) == ["one"]


def test_a_message_that_keeps_failing_is_set_aside_and_its_lane_goes_on(
    scene: Scene, clock: ManualClock
) -> None:
    channel = scene.channel("a")
    scene.post(channel, "one", "two")
    for attempt in range(1, LANE_PATIENCE + 1):
        held = take(scene, clock)
        assert words(held) == ["one"], attempt
        end(scene, failed(held[0], clock, Uncertain("internal_error")))
        if attempt < LANE_PATIENCE:
            clock.advance(LONGEST_BACKOFF)
    held = take(scene, clock)
    assert words(held) == ["two"]
    end(scene, sent(held[0], clock))
    one, _two = scene.deliveries()
    assert one.set_aside
    assert scene.lane(channel).next_at == one.not_before
    clock.now = one.not_before
    assert words(take(scene, clock)) == ["one"]


def test_a_pause_of_the_installation_does_not_change_the_order(
    scene: Scene, clock: ManualClock
) -> None:
    scene.post(scene.channel("a"), "one", "two")
    for _ in range(LANE_PATIENCE + 2):
        held = take(scene, clock)
        assert words(held) == ["one"]
        busy = RetryLater("ratelimited", after=30, everywhere=True)
        end(scene, failed(held[0], clock, busy))
        clock.advance(timedelta(seconds=29))
        assert take(scene, clock) == []
        clock.advance(timedelta(seconds=1))


def test_a_pause_keeps_back_every_lane_of_its_installation_and_no_other(
    scene: Scene, clock: ManualClock
) -> None:
    for name in ("a", "b"):
        scene.post(scene.channel(name), name)
    elsewhere = Address(platform="slack", workspace="T0OTHER0000", channel="C0OTHER0000")
    with scene.database.write() as session:
        enqueue(session, Deliver(to=elsewhere, view=make_view("elsewhere")), now=clock())
    held = take(scene, clock, limit=1)
    end(scene, failed(held[0], clock, RetryLater("ratelimited", after=30, everywhere=True)))
    assert words(take(scene, clock)) == ["elsewhere"]
    shorter = RetryLater("ratelimited", after=3, everywhere=True)
    end(scene, failed(held[0], clock, shorter))
    clock.advance(timedelta(seconds=29))
    assert take(scene, clock) == [], "a later wish does not shorten an earlier one"
    clock.advance(timedelta(seconds=1))
    assert words(take(scene, clock)) == ["a", "b"]


def test_backoff_doubles_up_to_its_limit(scene: Scene, clock: ManualClock) -> None:
    scene.post(scene.channel("a"), "one")
    (message,) = take(scene, clock)
    for attempts, jitter, share in ((a, j, (1 + j) / 2) for a in range(15) for j in (0.0, 1.0)):
        message.attempts = attempts
        outcome = failure(message, Uncertain("timeout"), now=clock(), jitter=jitter)
        assert outcome.retry_at is not None
        full = min(FIRST_BACKOFF * 2**attempts, LONGEST_BACKOFF)
        assert outcome.retry_at - clock() == full * share


def test_what_cannot_be_sent_for_a_day_has_failed(scene: Scene, clock: ManualClock) -> None:
    scene.post(scene.channel("a"), "one")
    (message,) = take(scene, clock)
    message.started_at = clock()
    at_last = clock() + GIVE_UP_AFTER
    for moment, fate in (
        (at_last, Fate.AGAIN),
        (at_last + timedelta(seconds=1), Fate.FAILED),
    ):
        outcome = failure(message, Uncertain("timeout"), now=moment, jitter=0)
        assert (outcome.fate, outcome.reason) == (fate, "timeout")


def test_what_is_final_fails_at_once_and_its_text_is_dropped(
    scene: Scene, clock: ManualClock
) -> None:
    scene.post(scene.channel("a"), "one")
    end(scene, failed(take(scene, clock)[0], clock, Undeliverable("is_archived")))
    (delivery,) = scene.deliveries()
    assert (delivery.state, delivery.reason, delivery.view) == ("failed", "is_archived", None)


# One message a person and day


def test_unasked_messages_are_bundled_one_a_day(scene: Scene, clock: ManualClock) -> None:
    scene.dm(scene.ana, "one", "two", unasked=True)
    (bundle,) = take(scene, clock)
    assert words(bundle.all()) == ["one", "two"]
    end(scene, sent(bundle, clock))
    assert scene.states() == ["sent", "sent"]
    assert {delivery.message_ref for delivery in scene.deliveries()} == {"1.1"}
    scene.dm(scene.ana, "three", unasked=True)
    clock.advance(SECOND)
    assert take(scene, clock) == []


def test_more_on_the_same_day_waits_for_the_next_morning_in_their_zone(
    scene: Scene, clock: ManualClock
) -> None:
    tokyo = scene.user("Kenji", zone="Asia/Tokyo")
    clock.now = clock.now.replace(month=11, day=19, hour=3, minute=0, second=0, microsecond=0)
    scene.dm(tokyo, "one", unasked=True)
    end(scene, sent(take(scene, clock)[0], clock))
    scene.dm(tokyo, "two", unasked=True)
    clock.advance(SECOND)
    assert take(scene, clock) == []
    morning = clock.now.replace(day=20, hour=0, minute=0, second=0)
    assert scene.lane(tokyo).next_at == morning, "nine in Tokyo is midnight in UTC"
    clock.now = morning
    assert words(take(scene, clock)) == ["two"]


def test_what_was_asked_for_is_not_held_up_by_what_was_not(
    scene: Scene, clock: ManualClock
) -> None:
    scene.dm(scene.ana, "unasked one", unasked=True)
    end(scene, sent(take(scene, clock)[0], clock))
    scene.dm(scene.ana, "unasked two", unasked=True)
    scene.dm(scene.ana, "asked")
    clock.advance(SECOND)
    assert take(scene, clock) == [], "the first is put off"
    assert words(take(scene, clock)) == ["asked"]


def test_a_bundle_that_was_refused_for_now_is_not_put_off_until_tomorrow(
    scene: Scene, clock: ManualClock
) -> None:
    scene.dm(scene.ana, "one", "two", unasked=True)
    (bundle,) = take(scene, clock)
    busy = RetryLater("ratelimited", after=30, everywhere=True)
    end(scene, failed(bundle, clock, busy))
    scene.dm(scene.ana, "three", unasked=True)
    clock.advance(timedelta(seconds=30))
    (again,) = take(scene, clock)
    assert words(again.all()) == ["one", "two", "three"]


def test_a_bundle_that_may_have_arrived_stays_together(scene: Scene, clock: ManualClock) -> None:
    scene.dm(scene.ana, "one", "two", unasked=True)
    take(scene, clock)
    scene.dm(scene.ana, "three", unasked=True)
    clock.advance(LEASE)
    (again,) = take(scene, clock, "w2")
    assert again.must_look
    assert words(again.all()) == ["one", "two"]
    end(scene, sent(again, clock), worker="w2")
    assert scene.states() == ["sent", "sent", "queued"]
    clock.advance(SECOND)
    assert take(scene, clock, "w2") == [], "the third waits for tomorrow"


def test_a_person_gets_one_a_day_over_all_their_accounts(scene: Scene, clock: ManualClock) -> None:
    second = add_account(scene, scene.user("Ana elsewhere"))
    scene.dm(scene.ana, "one", unasked=True)
    scene.dm(second, "two", unasked=True)
    (first,) = take(scene, clock)
    assert words([first]) == ["one"]
    end(scene, sent(first, clock))
    scene.dm(second, "three", unasked=True)
    clock.advance(SECOND)
    assert take(scene, clock) == [], "the day is used up"
    scene.dm(scene.ana, "four", unasked=True)
    clock.now = scene.lane(second).next_at or clock.now
    (following,) = take(scene, clock)
    assert words(following.all()) == ["two", "three"], "what waits for longer goes first"


def add_account(scene: Scene, user: User) -> User:
    """Ana's, too: nobody else is met there any more."""
    scene.execute(
        "UPDATE member_accounts SET member_id = :ana WHERE member_id = :other",
        ana=scene.members[scene.ana.id],
        other=scene.members[user.id],
    )
    return user


# At once (PostgreSQL)


@pytest.mark.postgres
def test_no_wake_up_is_lost_between_queueing_and_giving_back(
    postgres_scene: Scene, clock: ManualClock
) -> None:
    scene = postgres_scene
    channel = scene.channel("a")
    scene.post(channel, "0")
    count, rounds = 60, 600
    queued = threading.Event()

    def queue() -> None:
        for number in range(1, count):
            scene.post(channel, str(number))
        queued.set()

    done: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(queue)
        for _ in range(rounds):
            held = take(scene, clock)
            done += words(held)
            if held:
                end(scene, sent(held[0], clock))
                clock.advance(SECOND)
            elif queued.is_set():
                break
        writing.result()
        done += drain(scene, clock)
    assert done == [str(number) for number in range(count)]
    assert scene.lane(channel).next_at is None


def drain(scene: Scene, clock: ManualClock) -> list[str]:
    """Send whatever the lanes say is due."""
    done: list[str] = []
    clock.advance(SECOND)
    while held := take(scene, clock):
        done += words(held)
        end(scene, *(sent(message, clock) for message in held))
        clock.advance(SECOND)
    return done


@pytest.mark.postgres
def test_workers_at_once_never_hold_the_same_lane(
    postgres_scene: Scene, clock: ManualClock
) -> None:
    scene = postgres_scene
    for number in range(30):
        scene.post(scene.channel(f"room-{number}"), "hello")
    begin = threading.Barrier(4)

    def work(worker: str) -> list[int]:
        begin.wait(10)
        found: list[int] = []
        while held := take(scene, clock, worker, limit=3):
            found += [message.id for message in held]
        return found

    with ThreadPoolExecutor(4) as pool:
        held = [i for found in pool.map(work, ["w1", "w2", "w3", "w4"]) for i in found]
    assert len(held) == len(set(held)) == 30


@pytest.mark.postgres
def test_a_claim_on_postgresql_leaves_the_indexes_alone(
    postgres_scene: Scene, clock: ManualClock
) -> None:
    scene = postgres_scene
    for name in ("a", "b"):
        scene.post(scene.channel(name), name)
    with scene.database.write() as session:
        before = count_writes(session)
        claim(session, worker="w1", now=clock(), lease=LEASE, limit=10)
        after = count_writes(session)
    assert [now - then for now, then in zip(after, before, strict=True)] == [4, 4]


def count_writes(session: Session) -> Sequence[int]:
    """How many rows of the outbox this process wrote again, and how many beside themselves."""
    counted = text(
        "SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_xact_user_tables "
        "WHERE relname IN ('deliveries', 'lanes')"
    )
    return session.execute(counted).one()
