"""Leap days, holidays of two countries, changes of the clocks, days without a worker: the whole,
from the line that somebody types to what stands in the channel."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.harness import ManualClock
from tests.scenarios.conftest import STAR, Home


@pytest.fixture
def today() -> datetime | None:
    """When the story begins; None: on an ordinary Monday."""
    return None


@pytest.fixture
def clock(clock: ManualClock, today: datetime | None) -> ManualClock:
    clock.now = today or clock.now
    return clock


def _begin(*parts: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("today", [_utc(*parts)], ids=[""])


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def _work_at(home: Home, *moments: datetime) -> list[int]:
    """How many posts there are after each of these moments."""
    counts = []
    for moment in moments:
        home.jump_to(moment)
        counts.append(len(home.posts()))
    return counts


@_begin(2028, 2, 21, 9)
def test_a_leap_day_is_the_last_of_its_month(home: Home) -> None:
    home.remind("north star last day of the month 09:00")
    assert "29 February 2028" in home.ana.asks("remind preview 1")
    moment = _utc(2028, 2, 29, 8)
    assert _work_at(home, moment - timedelta(minutes=1), moment) == [0, 1]


@_begin(2028, 7, 10, 9)
@pytest.mark.parametrize(
    ("day", "because"), [("2028-08-01", "National Day"), ("2028-10-03", "German Unity Day")]
)
def test_the_holidays_of_both_partners_move_a_reminder(
    joined: Home, day: str, because: str
) -> None:
    joined.remind(f"north star on {day} 09:00")
    assert because in joined.ana.asks("remind preview 1")
    planned = datetime.fromisoformat(f"{day} 07:00").replace(tzinfo=UTC)
    assert _work_at(joined, planned, planned + timedelta(days=1)) == [0, 1]


@_begin(2027, 10, 28, 9)
def test_over_a_clock_change_posts_come_at_the_same_time_of_day(home: Home) -> None:
    home.remind("north star every day 09:00")
    before, after = _utc(2027, 10, 29, 7), _utc(2027, 11, 1, 8)
    minute = timedelta(minutes=1)
    # Clocks go back on the Sunday between; Saturday and Sunday are days off.
    assert _work_at(home, before - minute, before, after - minute, after) == [0, 1, 1, 2]


def test_after_three_days_without_a_worker_one_post_makes_up_for_them(home: Home) -> None:
    home.remind("north star every day 09:00")
    assert _work_at(home, _utc(2027, 3, 2, 8)) == [1]
    assert _work_at(home, _utc(2027, 3, 5, 11), _utc(2027, 3, 5, 12)) == [2, 2]
    assert STAR in home.posts()[-1]
    assert _work_at(home, _utc(2027, 3, 8, 8)) == [3]


def test_what_was_missed_on_a_friday_afternoon_is_not_posted_at_night(home: Home) -> None:
    home.remind("north star every friday 16:00")
    assert _work_at(home, _utc(2027, 3, 6, 2), _utc(2027, 3, 8, 8)) == [0, 0]
    assert _work_at(home, _utc(2027, 3, 12, 15)) == [1]
