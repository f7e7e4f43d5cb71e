from contextlib import suppress
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotUnderstood
from bot.schedules.calendar import (
    EVERY_DAY,
    WorkingHours,
    countries_known,
    country_of_zone,
    holiday_calendar,
    holiday_name,
    is_working_day,
    next_working_day,
    parse_country,
    parse_zone,
)

OFFICE = WorkingHours(time(9), time(17))


def test_hours_include_their_first_and_last_minute() -> None:
    told = [OFFICE.include(time(*clock)) for clock in ((8, 59), (9, 0), (17, 0), (17, 1))]
    assert told == [False, True, True, False]


def test_an_end_at_midnight_is_the_end_of_the_day() -> None:
    assert WorkingHours(time(18), time(0)).include(time(23, 59, 59))


def test_no_days_are_all_days() -> None:
    assert WorkingHours(time(9), time(17), frozenset()).include_day(date(2027, 1, 3))


@pytest.mark.parametrize(
    ("start", "end", "days"), [(18, 9, EVERY_DAY), (9, 17, frozenset({7})), (9, 17, {-1})]
)
def test_impossible_hours_are_refused(start: int, end: int, days: frozenset[int]) -> None:
    with pytest.raises(NotUnderstood) as caught:
        WorkingHours(time(start), time(end), frozenset(days))
    assert caught.value.key == "hours.not_understood"


def test_holidays_are_named_in_english_with_their_countries() -> None:
    assert holiday_name(date(2027, 5, 1), ("DE-BY", "FR", "US")) == "Labor Day (DE-BY, FR)"
    assert holiday_name(date(2027, 7, 1), ("CA-ON", "US")) == "Canada Day (CA-ON)"
    assert holiday_name(date(2027, 8, 16), ("DE", "US")) is None


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    assert holiday_name(date(2027, 1, 6), ("DE-BY",)) == "Epiphany (DE-BY)"
    assert holiday_name(date(2027, 1, 6), ("DE",)) is None


def test_an_observed_new_year_lies_in_the_old_year() -> None:
    assert "observed" in str(holiday_name(date(2027, 12, 31), ("US",)))


def test_a_country_that_is_no_longer_known_has_no_holidays() -> None:
    assert holiday_calendar(("XX",), 2027) == {}


def test_every_known_country_has_a_calendar() -> None:
    known = tuple(countries_known())
    assert len(known) > 200
    assert all(isinstance(holiday_calendar((code,), 2028), object) for code in known)


def test_the_next_working_day_is_free_of_everybodys_holidays() -> None:
    # Thanksgiving in the US; the weekend; the Monday is nobody's holiday.
    assert next_working_day(date(2027, 11, 25), OFFICE, ("DE", "US")) == date(2027, 11, 26)
    assert next_working_day(date(2027, 12, 24), OFFICE, ("US",)) == date(2027, 12, 27)
    assert next_working_day(date(2027, 12, 25), OFFICE, ("GB",)) == date(2027, 12, 29)
    assert not is_working_day(date(2027, 12, 26), OFFICE, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        (" DE-by ", "DE-BY"),
        ("ca-on", "CA-ON"),
        ("Germany", "DE"),
        ("UK", "GB"),
        ("gb-sct", "GB-SCT"),
    ],
)
def test_countries_are_understood(text: str, code: str) -> None:
    assert parse_country(text) == code


def test_an_unknown_country_is_told_the_nearest() -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse_country("Germny")
    assert caught.value.key == "country.unknown"
    assert caught.value.values["value"] == "Germny"
    assert "DE" in str(caught.value.values["nearest"])


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("EUROPE/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("asia/calcutta", "Asia/Calcutta"),
        ("utc", "UTC"),
    ],
)
def test_zones_are_understood(text: str, zone: str) -> None:
    assert parse_zone(text) == zone
    assert ZoneInfo(zone)


@pytest.mark.parametrize("text", ["Berln", "gmt+2", "", "../etc/passwd", "Factory", "\ud800"])
def test_an_unknown_zone_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse_zone(text)
    assert caught.value.key == "zone.unknown"


def test_an_unknown_zone_is_told_the_nearest() -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse_zone("Europe/Berln")
    assert "Europe/Berlin" in str(caught.value.values["nearest"])


@given(st.text())
def test_no_text_breaks_zones_and_countries(text: str) -> None:
    for parse in (parse_zone, parse_country):
        with suppress(NotUnderstood):
            assert parse(text).isascii()


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("America/Toronto", "CA"),
        ("Asia/Calcutta", "IN"),
        ("UTC", None),
        ("Nowhere/Else", None),
        ("", None),
    ],
)
def test_the_country_is_guessed_from_the_zone(zone: str, country: str | None) -> None:
    assert country_of_zone(zone) == country
