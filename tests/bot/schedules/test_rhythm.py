from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedules.cadence import parse_cadence
from bot.schedules.calendar import EVERY_DAY, WorkingHours, is_working_day
from bot.schedules.rhythm import (
    Moment,
    Moved,
    OnHoliday,
    Rhythm,
    Skipped,
    moments,
    next_due,
    plan,
    to_utc,
    within_hours,
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Nuuk",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
)
OFFICE = WorkingHours(time(9), time(17))
BEGINNING = date(2024, 1, 1)

_zones = st.sampled_from(ZONES)
_clocks = st.times() | st.sampled_from(
    [time(0), time(0, 30), time(1, 30), time(2), time(2, 15), time(2, 30), time(23, 30)]
)
_forms = st.sampled_from(
    [
        "every day",
        "every weekday",
        "every 3 days",
        "every sunday",
        "every monday and saturday",
        "every 2 weeks on tuesday",
        "first monday of the month",
        "every 2 months on the last friday",
        "every month on day 31",
        "every 3 months on day 1",
        "every year on 29 february",
        "every year on 25 december",
        "on 2027-03-28",
        "on 2027-10-31",
    ]
)
_cadences = st.tuples(_forms, _clocks).map(
    lambda parts: parse_cadence(f"{parts[0]} {parts[1]:%H:%M}")
)
_hours = st.none() | st.sampled_from(
    [
        OFFICE,
        WorkingHours(time(0), time(0)),
        WorkingHours(time(2, 30), time(23, 45), frozenset(range(6))),
        WorkingHours(time(8), time(12), frozenset({1, 3})),
        WorkingHours(time(9), time(9), frozenset({6})),
    ]
)
_countries = st.sampled_from([(), ("DE-BY",), ("CA-ON", "US"), ("JP", "WS"), ("AE",)])
_rhythms = st.builds(
    Rhythm,
    _cadences,
    zone=_zones,
    anchor=st.dates(BEGINNING, date(2028, 12, 31)),
    hours=_hours,
    countries=_countries,
    on_holiday=st.sampled_from(OnHoliday),
)
_walls = st.datetimes(*map(datetime.fromisoformat, ("2024-01-01", "2031-12-31")))
_times = _walls.map(lambda wall: wall.replace(tzinfo=UTC))


def _rhythm(
    words: str,
    zone: str = "Europe/Berlin",
    hours: WorkingHours | None = None,
    countries: tuple[str, ...] = (),
    on_holiday: OnHoliday = OnHoliday.SHIFT,
) -> Rhythm:
    return Rhythm(
        parse_cadence(words),
        zone=zone,
        anchor=BEGINNING,
        hours=hours,
        countries=countries,
        on_holiday=on_holiday,
    )


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def _local(rhythm: Rhythm, after: datetime, count: int = 1) -> list[str]:
    return [f"{each.local:%Y-%m-%d %H:%M}" for each in islice(moments(rhythm, after), count)]


def _next(rhythm: Rhythm, after: datetime) -> Moment:
    return next(moments(rhythm, after))


def _exists(wall: datetime, zone: str) -> bool:
    here = ZoneInfo(zone)
    return wall.replace(tzinfo=here).astimezone(UTC).astimezone(here).replace(tzinfo=None) == wall


# The one rule for clock changes


@pytest.mark.parametrize(
    ("zone", "wall", "local", "due"),
    [
        # spring: the clock jumps over the time
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 03:00", "2027-03-28 01:00"),
        ("America/New_York", "2027-03-14 02:00", "2027-03-14 03:00", "2027-03-14 07:00"),
        ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-03 02:30", "2027-10-02 15:30"),
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-31 00:00", "2011-12-30 10:00"),
        # autumn: it comes twice
        ("Europe/Berlin", "2027-10-31 02:30", "2027-10-31 02:30", "2027-10-31 00:30"),
        ("America/New_York", "2027-11-07 01:30", "2027-11-07 01:30", "2027-11-07 05:30"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-04 01:45", "2027-04-03 14:45"),
        # and at any other time
        ("Asia/Kolkata", "2027-03-28 02:30", "2027-03-28 02:30", "2027-03-27 21:00"),
    ],
)
def test_clock_changes_have_one_rule(zone: str, wall: str, local: str, due: str) -> None:
    found = to_utc(datetime.fromisoformat(wall), zone)
    assert f"{found:%Y-%m-%d %H:%M}" == due
    assert f"{found.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" == local
    assert found.tzinfo is UTC


@given(_walls, _zones)
def test_every_existing_time_is_kept_and_the_order_too(wall: datetime, zone: str) -> None:
    due = to_utc(wall, zone)
    local = due.astimezone(ZoneInfo(zone))
    assert local.fold == 0
    assert (local.replace(tzinfo=None) == wall) == _exists(wall, zone)
    assert due <= to_utc(wall + timedelta(minutes=7), zone)


def test_a_reminder_in_the_gap_comes_at_its_end_once() -> None:
    rhythm = _rhythm("every day 02:30")
    found = list(islice(moments(rhythm, _utc(2027, 3, 27, 12)), 2))
    assert [each.due for each in found] == [_utc(2027, 3, 28, 1), _utc(2027, 3, 29, 0, 30)]
    assert [each.moved for each in found] == [Moved.CLOCK_CHANGE, None]


def test_a_reminder_in_the_double_hour_comes_once() -> None:
    rhythm = _rhythm("every day 02:30")
    found = [each.due for each in islice(moments(rhythm, _utc(2027, 10, 30, 12)), 2)]
    assert found == [_utc(2027, 10, 31, 0, 30), _utc(2027, 11, 1, 1, 30)]


def test_a_gap_that_leads_into_a_day_off_leads_on_to_the_next_working_day() -> None:
    # In Nuuk the clock jumps from Saturday 23:00 to Sunday 00:00.
    hours = WorkingHours(time(8), time(0), frozenset(range(6)))
    rhythm = _rhythm("every saturday 23:30", "America/Nuuk", hours)
    assert _local(rhythm, _utc(2027, 3, 27, 12)) == ["2027-03-29 08:00"]


# Working days and hours


def test_a_daily_cadence_over_a_weekend_is_one_monday() -> None:
    found = list(islice(moments(_rhythm("every day", hours=OFFICE), _utc(2027, 1, 8)), 3))
    assert [f"{each.local:%a %d %H:%M}" for each in found] == [
        "Fri 08 09:00",
        "Mon 11 09:00",
        "Tue 12 09:00",
    ]
    assert {each.moved for each in found} == {None}


def test_the_holidays_of_either_partner_count() -> None:
    canada_day, independence_day = _utc(2027, 6, 30, 22), _utc(2027, 7, 4, 22)
    both = _rhythm("every day 09:00", "America/Toronto", OFFICE, ("CA-ON", "US"))
    moment = _next(both, canada_day)
    assert f"{moment.local:%a %d}" == "Fri 02"
    assert _local(both, independence_day) == ["2027-07-06 09:00"]
    thursday = _next(_rhythm("every thursday", "America/Toronto", OFFICE, ("CA-ON",)), canada_day)
    assert thursday.moved is Moved.HOLIDAY
    assert thursday.because == "Canada Day (CA-ON)"
    assert thursday.planned == _wall("2027-07-01 09:00")


def test_a_day_off_is_told_as_one() -> None:
    moment = _next(_rhythm("every sunday", hours=OFFICE), _utc(2027, 1, 8))
    assert (moment.moved, moment.because) == (Moved.DAY_OFF, None)
    assert f"{moment.local:%a %H:%M}" == "Mon 09:00"


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("every friday 07:00", "Fri 09:00"),
        ("every friday 17:00", "Fri 17:00"),
        ("every friday 20:00", "Mon 09:00"),
        ("every sunday 20:00", "Tue 09:00"),
    ],
)
def test_nothing_is_sent_in_quiet_hours(words: str, local: str) -> None:
    moment = _next(_rhythm(words, hours=OFFICE), _utc(2027, 1, 7, 23))
    assert f"{moment.local:%a %H:%M}" == local
    expected = {"Fri 17:00": None, "Tue 09:00": Moved.DAY_OFF}
    assert moment.moved == expected.get(local, Moved.QUIET_HOURS)


def test_a_moment_carried_past_the_cut_is_still_found() -> None:
    # Planned on Friday evening, looked for on Sunday: due on Monday.
    rhythm = _rhythm("on 2027-01-08 20:00", hours=OFFICE)
    assert next_due(rhythm, _utc(2027, 1, 10, 12)) == _utc(2027, 1, 11, 8)
    assert next_due(rhythm, _utc(2027, 1, 11, 8)) is None


# Skipping


def test_skipped_moments_are_left_out_and_shown_in_the_plan() -> None:
    rhythm = _rhythm("every thursday 09:00", "UTC", OFFICE, ("US",), OnHoliday.SKIP)
    after = _utc(2027, 11, 20)
    assert plan(rhythm, after, 1) == [
        Skipped(_wall("2027-11-25 09:00"), Moved.HOLIDAY, "Thanksgiving Day (US)"),
        Moment(_utc(2027, 12, 2, 9), _wall("2027-12-02 09:00"), _utc(2027, 12, 2, 9)),
    ]
    assert next_due(rhythm, after) == _utc(2027, 12, 2, 9)


def test_what_is_always_skipped_ends() -> None:
    rhythm = _rhythm("every year on 25 december", countries=("DE",), on_holiday=OnHoliday.SKIP)
    assert list(moments(rhythm, _utc(2027, 1, 1))) == []
    assert next_due(rhythm, _utc(2027, 1, 1)) is None
    assert len(plan(rhythm, _utc(2027, 1, 1), 1000)) == 60
    assert len(plan(rhythm, _utc(2027, 1, 1), 10)) == 30


def test_what_is_skipped_is_none_of_the_moments_of_a_plan() -> None:
    rhythm = _rhythm("every day 09:00", "UTC", OFFICE, ("US",), OnHoliday.SKIP)
    after = _utc(2027, 11, 22)
    entries = plan(rhythm, after, 10)
    sent = [each for each in entries if isinstance(each, Moment)]
    assert sent == list(islice(moments(rhythm, after), 10))
    assert len(entries) == 10 + 5, "two weekends and a holiday stand between them"


def test_hours_without_days_are_every_day() -> None:
    rhythm = _rhythm("every sunday 06:00", hours=WorkingHours(time(9), time(17), frozenset()))
    assert _local(rhythm, _utc(2027, 1, 8)) == ["2027-01-10 09:00"]


# What holds for every rhythm


@given(_rhythms, _times)
def test_moments_increase_and_keep_the_rules(rhythm: Rhythm, after: datetime) -> None:
    found = list(islice(moments(rhythm, after), 6))
    dues = [each.due for each in found]
    assert dues == sorted(set(dues))
    assert all(due > after for due in dues)
    for each in found:
        assert each.local.astimezone(UTC) == each.due
        assert is_working_day(each.local.date(), rhythm.hours, rhythm.countries)
        assert rhythm.hours is None or rhythm.hours.include(each.local.time())
        assert (each.moved is None) == (each.local.replace(tzinfo=None) == each.planned)
    assert next_due(rhythm, after) == (dues[0] if dues else None)


@given(_rhythms, _times, st.timedeltas(timedelta(0), timedelta(days=40)))
@settings(max_examples=150)
def test_moments_after_a_cut_are_the_rest_of_those_before(
    rhythm: Rhythm, after: datetime, further: timedelta
) -> None:
    cut = after + further
    rest = list(islice((each for each in moments(rhythm, after) if each.due > cut), 3))
    assert list(islice(moments(rhythm, cut), 3)) == rest


@given(_rhythms, _times)
@settings(max_examples=50)
def test_stepping_from_due_to_due_meets_every_moment_once(rhythm: Rhythm, after: datetime) -> None:
    stepped: list[datetime] = []
    due = next_due(rhythm, after)
    while due is not None and len(stepped) < 5:
        stepped.append(due)
        due = next_due(rhythm, due)
    assert stepped == [each.due for each in islice(moments(rhythm, after), 5)]


@given(_rhythms, _times)
@settings(max_examples=50)
def test_the_plan_holds_the_moments_in_order(rhythm: Rhythm, after: datetime) -> None:
    entries = plan(rhythm, after, 8)
    sent = [each for each in entries if isinstance(each, Moment)]
    assert sent == list(islice(moments(rhythm, after), len(sent)))
    assert [each.planned for each in entries] == sorted({each.planned for each in entries})


@given(_rhythms)
def test_rhythms_survive_their_text(rhythm: Rhythm) -> None:
    text = rhythm.to_text()
    assert Rhythm.from_text(text) == rhythm
    assert Rhythm.from_text(text).to_text() == text


def test_the_text_is_canonical() -> None:
    hours = WorkingHours(time(9), time(17, 30), frozenset({4, 0}))
    assert _rhythm("mondays", hours=hours, countries=("DE", "US")).to_text() == (
        '{"anchor":"2024-01-01","cadence":"every monday 09:00","countries":["DE","US"],'
        '"hours":{"days":[0,4],"end":"17:30:00","start":"09:00:00"},'
        '"on_holiday":"shift","zone":"Europe/Berlin"}'
    )


# A person's own hours


@given(_times, _zones, _hours, _countries)
def test_within_hours_finds_an_open_moment_and_stays_there(
    moment: datetime, zone: str, hours: WorkingHours | None, countries: tuple[str, ...]
) -> None:
    found = within_hours(moment, zone, hours, countries)
    local = found.astimezone(ZoneInfo(zone))
    assert found >= moment
    assert is_working_day(local.date(), hours, countries)
    assert hours is None or hours.include(local.time())
    assert within_hours(found, zone, hours, countries) == found


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (_utc(2027, 1, 8, 10), _utc(2027, 1, 8, 10)),
        (_utc(2027, 1, 8, 5), _utc(2027, 1, 8, 8)),
        (_utc(2027, 1, 8, 18), _utc(2027, 1, 11, 8)),
        (_utc(2027, 1, 9, 18), _utc(2027, 1, 11, 8)),
    ],
)
def test_a_message_waits_for_the_first_open_moment(moment: datetime, expected: datetime) -> None:
    assert within_hours(moment, "Europe/Berlin", OFFICE, ()) == expected


def test_an_opening_still_ahead_in_the_double_hour_is_the_second() -> None:
    hours = WorkingHours(time(2, 30), time(17), EVERY_DAY)
    between = _utc(2027, 10, 31, 1, 10)  # 02:10 for the second time
    assert within_hours(between, "Europe/Berlin", hours, ()) == _utc(2027, 10, 31, 1, 30)
