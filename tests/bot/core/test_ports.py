"""The pace of a platform: a burst, and then one message after the other."""

from datetime import UTC, datetime, timedelta

from bot.core.ports import Pace

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_without_a_burst_each_message_waits_for_the_one_before() -> None:
    assert Pace(interval=SECOND).when_free(NOON, before=None) == NOON + SECOND


def test_a_burst_goes_at_once_and_the_next_message_waits() -> None:
    pace = Pace(interval=2 * SECOND, burst=3)
    first = pace.when_free(NOON, before=None)
    second = pace.when_free(NOON, before=first)
    third = pace.when_free(NOON, before=second)
    assert first < second == NOON
    assert third == NOON + 2 * SECOND


def test_a_place_that_rested_has_its_burst_again_and_no_more() -> None:
    pace = Pace(interval=2 * SECOND, burst=3)
    long_ago = NOON - timedelta(days=1)
    assert pace.when_free(NOON, before=long_ago) == pace.when_free(NOON, before=None)
