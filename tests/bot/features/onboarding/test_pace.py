"""When a step is due: never out of hours, never on a day that had one, never before its day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.features.onboarding.pace import (
    SETTLING,
    Hours,
    count_working_days,
    is_working,
    plan_step,
    propose_times,
)
from bot.schedules.calendar import WorkingHours

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
NINE_TO_FIVE = WorkingHours(time(9), time(17))
BERLIN = Hours("Europe/Berlin", NINE_TO_FIVE, ("DE",))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
hours = st.builds(
    Hours,
    st.sampled_from(ZONES),
    st.sampled_from(
        [NINE_TO_FIVE, WorkingHours(time(8), time(12)), WorkingHours(time(9), time(9, 5))]
    ),
    st.sampled_from([(), ("DE",), ("US", "JP")]),
)


@given(hours, st.integers(0, 30), moments, st.none() | moments, moments)
def test_every_moment_is_one_at_which_people_work(
    who: Hours, day: int, begun: datetime, last: datetime | None, now: datetime
) -> None:
    due = plan_step(who, day=day, begun_at=begun, last_at=last, not_before=now)
    here = ZoneInfo(who.zone)
    assert is_working(due, who)
    assert due >= now
    assert due >= begun + SETTLING
    assert (due.astimezone(here).date() - begun.astimezone(here).date()).days >= day
    if last is not None:
        assert due.astimezone(here).date() > last.astimezone(here).date()


def test_a_join_at_night_is_answered_ten_minutes_into_the_morning() -> None:
    night = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)
    due = plan_step(BERLIN, day=0, begun_at=night, last_at=None, not_before=night)
    assert due == datetime(2027, 3, 3, 8, 10, tzinfo=UTC)


def test_a_join_by_day_is_answered_ten_minutes_later() -> None:
    noon = datetime(2027, 3, 2, 11, 0, tzinfo=UTC)
    due = plan_step(BERLIN, day=0, begun_at=noon, last_at=None, not_before=noon)
    assert due == noon + SETTLING


def test_working_days_leave_out_weekends_and_holidays() -> None:
    thursday = datetime(2027, 3, 25, 12, 0, tzinfo=UTC)
    tuesday = datetime(2027, 3, 30, 12, 0, tzinfo=UTC)
    assert count_working_days(thursday, tuesday, BERLIN) == 1


@given(hours, hours, moments)
def test_proposed_times_suit_both_and_lie_on_different_days(
    one: Hours, other: Hours, after: datetime
) -> None:
    found = propose_times(one, other, after=after, length=timedelta(minutes=30))
    assert len(found) <= 3
    days = {moment.astimezone(ZoneInfo(one.zone)).date() for moment in found}
    assert len(days) == len(found)
    for moment in found:
        assert moment > after
        for at in (moment, moment + timedelta(minutes=30)):
            assert is_working(at, one)
            assert is_working(at, other)
