"""Firing: once for each moment, late within its limit, never twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.db.engine import Database
from bot.schedules.firing import FRESH_FOR, LATE_LIMIT, PROMPT, Fired, claim_period, fire_due
from tests.fakes.slack import FakeSlack
from tests.harness import MONDAY, ManualClock
from tests.scene import Scene


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


@pytest.fixture
def scene(slack: FakeSlack, database: Database, clock: ManualClock) -> Scene:
    return Scene(slack, database, clock)


@pytest.fixture
def postgres_scene(slack: FakeSlack, postgres_url: str, clock: ManualClock) -> Iterator[Scene]:
    database = Database(postgres_url)
    yield Scene(slack, database, clock)
    database.close()


def fire(scene: Scene, *, limit: int = 500) -> Fired:
    """All that is due, in batches."""
    total = Fired()
    while True:
        with scene.database.write() as session:
            batch = fire_due(session, now=scene.clock(), limit=limit)
        if batch.looked_at == 0:
            return total
        total = Fired(
            fired=total.fired + batch.fired,
            late=total.late + batch.late,
            skipped=total.skipped + batch.skipped,
        )


def firings(scene: Scene) -> list[tuple[datetime, str]]:
    """Every moment that came due, oldest first."""
    with scene.database.read() as session:
        from sqlmodel import col, select

        from bot.schedules.models import Firing

        found = session.exec(select(Firing).order_by(col(Firing.due_at), col(Firing.id)))
        return [(firing.due_at, firing.state) for firing in found]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def test_a_reminder_fires_at_its_moment_and_not_before(scene: Scene, clock: ManualClock) -> None:
    steering, science = scene.channel("steering"), scene.channel("science")
    scene.remind(steering, science, cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 7, 59, 59)
    assert fire(scene) == Fired()
    clock.now = utc(2027, 3, 2, 8, 0)
    assert fire(scene) == Fired(fired=1)
    assert fire(scene) == Fired()
    assert firings(scene) == [(utc(2027, 3, 2, 8), "fired")]
    assert [delivery.topic for delivery in scene.deliveries()] == ["reminder", "reminder"]
    assert len({delivery.lane_id for delivery in scene.deliveries()}) == 2
    assert {scene.lane(channel).next_at for channel in (steering, science)} == {clock.now}


def test_people_get_it_in_their_own_zone(scene: Scene, clock: ManualClock) -> None:
    kenji, ben = scene.user("Kenji", zone="Asia/Tokyo"), scene.user("Ben", zone="Europe/London")
    scene.remind(kenji, ben, cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 3)
    fire(scene)
    assert [due for due, _ in firings(scene)] == [utc(2027, 3, 2, 0), utc(2027, 3, 2, 9)]
    assert [delivery.unasked for delivery in scene.deliveries()] == [True, True]


def test_late_within_the_limit_is_sent_and_beyond_it_recorded_as_skipped(
    scene: Scene, clock: ManualClock
) -> None:
    channel = scene.channel("steering")
    scene.remind(channel, cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 8) + LATE_LIMIT
    assert fire(scene) == Fired(fired=1, late=1)
    clock.now = utc(2027, 3, 9, 8) + LATE_LIMIT + timedelta(seconds=1)
    assert fire(scene) == Fired(skipped=1)
    assert [state for _, state in firings(scene)] == ["fired", "skipped"]
    assert len(scene.deliveries()) == 1
    (clocks,) = scene.clocks(scene.execute("SELECT id FROM reminders")[0][0])
    assert clocks.next_at == utc(2027, 3, 16, 8), "and it goes on"


def test_what_is_late_waits_for_working_hours(scene: Scene, clock: ManualClock) -> None:
    channel = scene.channel("steering")
    scene.remind(channel, cadence="every tuesday 10:00")
    clock.now = utc(2027, 3, 2, 22)
    assert fire(scene) == Fired(fired=1, late=1)
    (waiting,) = scene.deliveries()
    morning = utc(2027, 3, 3, 8)
    assert waiting.not_before == morning
    assert waiting.expires_at == morning + FRESH_FOR
    assert scene.lane(channel).next_at == morning


def test_what_would_have_to_wait_too_long_for_working_hours_is_skipped(
    scene: Scene, clock: ManualClock
) -> None:
    channel = scene.channel("steering")
    scene.remind(channel, cadence="every friday 16:00")
    clock.now = utc(2027, 3, 6, 2)
    assert fire(scene) == Fired(skipped=1)
    assert scene.deliveries() == []
    assert scene.lane(channel).next_at is None


def test_what_would_come_together_with_the_next_moment_is_skipped(
    scene: Scene, clock: ManualClock
) -> None:
    scene.remind(scene.channel("steering"), cadence="every day 09:00")
    clock.now = utc(2027, 3, 2, 22)
    assert fire(scene) == Fired(skipped=1)


def test_a_moment_just_before_the_end_of_the_day_may_be_minutes_late(
    scene: Scene, clock: ManualClock
) -> None:
    scene.remind(scene.channel("steering"), cadence="every tuesday 17:00")
    clock.now = utc(2027, 3, 2, 16) + PROMPT
    assert fire(scene) == Fired(fired=1, late=1)
    assert [each.not_before for each in scene.deliveries()] == [clock.now]


def test_after_three_days_of_silence_every_moment_is_accounted_for(
    scene: Scene, clock: ManualClock
) -> None:
    scene.remind(scene.channel("steering"), cadence="every day 09:00")
    clock.now = utc(2027, 3, 4, 12)
    assert fire(scene) == Fired(fired=1, late=1, skipped=2)
    assert firings(scene) == [
        (utc(2027, 3, 2, 8), "skipped"),
        (utc(2027, 3, 3, 8), "skipped"),
        (utc(2027, 3, 4, 8), "fired"),
    ]
    assert len(scene.deliveries()) == 1


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        # 28 March 2027: at 02:00 the clock jumps to 03:00 in Berlin.
        (
            utc(2027, 3, 26, 12),
            [utc(2027, 3, 27, 9), utc(2027, 3, 28, 8), utc(2027, 3, 29, 8)],
        ),
        # 31 October 2027: 03:00 goes back to 02:00.
        (
            utc(2027, 10, 29, 12),
            [utc(2027, 10, 30, 8), utc(2027, 10, 31, 9), utc(2027, 11, 1, 9)],
        ),
    ],
)
def test_over_a_clock_change_it_comes_at_the_same_time_of_day_once(
    scene: Scene, clock: ManualClock, begin: datetime, expected: list[datetime]
) -> None:
    clock.now = begin
    scene.execute("UPDATE alliances SET days = '[0,1,2,3,4,5,6]'")
    scene.remind(scene.channel("steering"), cadence="every day 10:00")
    for _ in range(72 * 2):
        clock.advance(timedelta(minutes=30))
        fire(scene)
    assert firings(scene) == [(due, "fired") for due in expected]


@pytest.mark.parametrize(
    ("begin", "day", "due"),
    [
        (utc(2027, 3, 26, 12), "2027-03-28", utc(2027, 3, 28, 1, 0)),
        (utc(2027, 10, 29, 12), "2027-10-31", utc(2027, 10, 31, 0, 30)),
    ],
)
def test_a_time_that_is_missing_or_comes_twice_fires_once(
    scene: Scene, clock: ManualClock, begin: datetime, day: str, due: datetime
) -> None:
    clock.now = begin
    scene.execute(
        "UPDATE alliances SET days = '[0,1,2,3,4,5,6]', hours_start = '00:00', hours_end = '23:59'"
    )
    scene.remind(scene.channel("steering"), cadence=f"on {day} 02:30")
    for _ in range(72 * 2):
        clock.advance(timedelta(minutes=30))
        fire(scene)
    assert firings(scene) == [(due, "fired")]


def test_a_reminder_for_one_day_ends(scene: Scene, clock: ManualClock) -> None:
    once = scene.remind(scene.channel("steering"), cadence="on 2027-03-02 09:00")
    weekly = scene.remind(scene.channel("science"), cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 9)
    assert fire(scene).fired == 2
    assert scene.clocks(once)[0].next_at is None
    assert scene.reminder(once).state == "ended"
    assert scene.reminder(weekly).state == "active"
    clock.advance(timedelta(days=365))
    fire(scene)
    assert scene.count("firings", f"reminder_id = '{once}'") == 1


def test_a_reminder_for_one_day_ends_with_its_last_zone(scene: Scene, clock: ManualClock) -> None:
    people = [scene.user("Kenji", zone="Asia/Tokyo"), scene.user("Joe", zone="America/New_York")]
    once = scene.remind(*people, cadence="on 2027-03-02 09:00")
    clock.now = utc(2027, 3, 2, 1)
    fire(scene)
    assert scene.reminder(once).state == "active"
    clock.now = utc(2027, 3, 2, 15)
    fire(scene)
    assert scene.reminder(once).state == "ended"


def test_batches_do_it_all(scene: Scene, clock: ManualClock) -> None:
    for number in range(7):
        scene.remind(scene.channel(f"room-{number}"), cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 9)
    assert fire(scene, limit=3) == Fired(fired=7, late=7)
    assert len(scene.deliveries()) == 7


def test_a_firing_that_fails_leaves_nothing_behind(scene: Scene, clock: ManualClock) -> None:
    scene.remind(scene.channel("steering"), cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 8)
    with pytest.raises(RuntimeError), scene.database.write() as session:
        fire_due(session, now=clock())
        raise RuntimeError("killed")
    assert (scene.count("firings"), scene.count("deliveries")) == (0, 0)
    assert fire(scene).fired == 1


def test_a_moment_that_fired_already_does_not_fire_again(scene: Scene, clock: ManualClock) -> None:
    """Were a clock ever put back, the unique key stands in the way."""
    reminder = scene.remind(scene.channel("steering"), cadence="every tuesday 09:00")
    clock.now = utc(2027, 3, 2, 8)
    fire(scene)
    scene.make_due(reminder, at=clock.now)
    fire(scene)
    assert len(firings(scene)) == 1
    assert len(scene.deliveries()) == 1


@pytest.mark.postgres
def test_workers_at_once_fire_each_moment_once(postgres_scene: Scene, clock: ManualClock) -> None:
    scene = postgres_scene
    for number in range(40):
        scene.remind(scene.channel(f"room-{number}"), cadence="every day 09:00")
    clock.now = utc(2027, 3, 3, 12)
    begin = threading.Barrier(4)

    def work(_: int) -> Fired:
        begin.wait(10)
        return fire(scene, limit=7)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    assert sum(each.fired for each in done) == 40
    assert sum(each.skipped for each in done) == 40
    keys = scene.execute("SELECT clock_id, due_at, count(*) FROM firings GROUP BY 1, 2")
    assert [count for _, _, count in keys] == [1] * 80
    assert len(scene.deliveries()) == 40


# Recurring jobs


def claim(database: Database, now: datetime, every: timedelta = timedelta(hours=1)) -> bool:
    with database.write() as session:
        return claim_period(session, "tidy", every=every, now=now)


def test_a_period_is_claimed_once(database: Database) -> None:
    assert claim(database, MONDAY)
    assert not claim(database, MONDAY + timedelta(minutes=59))
    assert claim(database, MONDAY + timedelta(hours=1))


def test_of_many_at_once_one_claims_the_period(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: claim(database, MONDAY), range(16)))
    assert sorted(claimed) == [False] * 15 + [True]


def test_after_a_pause_a_job_is_caught_up_once(database: Database) -> None:
    assert claim(database, MONDAY)
    later = MONDAY + timedelta(days=3)
    assert [claim(database, later) for _ in range(3)] == [True, False, False]


def test_a_period_whose_work_failed_is_free_again(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        assert claim_period(session, "tidy", every=timedelta(hours=1), now=MONDAY)
        raise RuntimeError("the job failed")
    assert claim(database, MONDAY)
