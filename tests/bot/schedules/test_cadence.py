from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedules.cadence import (
    EXAMPLES,
    Cadence,
    CadenceNotUnderstood,
    parse_cadence,
    planned,
    slower,
)

START = date(2027, 1, 1)  # a Friday

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = {"february": 29, "march": 31, "april": 30, "june": 30, "december": 31}


def _timed(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[Cadence]:
    clock = st.times().map("{:%H:%M}".format)
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies, clock).map(" ".join).map(parse_cadence)


def _number(largest: int) -> st.SearchStrategy[str]:
    return st.integers(1, largest).map(str)


_weekday = st.sampled_from(WEEKDAYS)
_weekdays = st.lists(_weekday, min_size=1, max_size=7).map(" and ".join)
_nth = st.sampled_from(("first", "second", "third", "fourth", "last"))
_day_of_year = st.sampled_from(sorted(MONTHS)).flatmap(
    lambda month: _number(MONTHS[month]).map(lambda day: f"{day} {month}")
)
_repeating = st.one_of(
    _timed("every", _number(365), "days"),
    _timed("every", _number(52), "weeks on", _weekdays),
    _timed("every", _number(24), "months on the", _nth, _weekday),
    _timed("every", _number(24), "months on day", _number(31)),
    _timed("every year on", _day_of_year),
)
_once = _timed("on", st.dates(date(2024, 1, 1), date(2032, 12, 31)).map(str))
_cadences = st.one_of(_repeating, _once)
_dates = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def _first(words: str, start: date = START, *, count: int = 3, anchor: date = START) -> list[str]:
    moments = islice(planned(parse_cadence(words), start, anchor), count)
    return [f"{moment:%Y-%m-%d}" for moment in moments]


def _refused(words: str) -> str:
    with pytest.raises(CadenceNotUnderstood) as caught:
        parse_cadence(words)
    return caught.value.key.removeprefix("cadence.")


@pytest.mark.parametrize("words", EXAMPLES)
def test_the_examples_are_canonical(words: str) -> None:
    assert parse_cadence(words).words == words


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("  Every   MONDAY, at 9:00 ", "every monday 09:00"),
        ("`every monday 09:00`", "every monday 09:00"),
        ("every\u00a0monday\n09:00", "every monday 09:00"),
        ("mondays", "every monday 09:00"),
        ("on Mondays and Thursdays at 9:30am", "every monday and thursday 09:30"),
        ("every thu & mon 9.30", "every monday and thursday 09:30"),
        ("every mon, tue, wed at 12pm", "every monday, tuesday and wednesday 12:00"),
        ("every mon tue wed thu fri sat sun", "every day 09:00"),
        ("every day at 12 am", "every day 00:00"),
        ("daily at 9", "every day 09:00"),
        ("9am every business day", "every weekday 09:00"),
        ("weekdays at 17h30", "every weekday 17:30"),
        ("every other tuesday", "every 2 weeks on tuesday 09:00"),
        ("fortnightly on tuesday", "every 2 weeks on tuesday 09:00"),
        ("every second week on Tuesday", "every 2 weeks on tuesday 09:00"),
        ("tuesdays every two weeks", "every 2 weeks on tuesday 09:00"),
        ("every 1 week on friday", "every friday 09:00"),
        ("weekly on monday", "every monday 09:00"),
        ("the first Monday of every month", "first monday of the month 09:00"),
        ("every 1st monday of the month at 8", "first monday of the month 08:00"),
        ("first monday of every 3 months", "every 3 months on the first monday 09:00"),
        ("monthly on the 15th", "every month on day 15 09:00"),
        ("15th of each month", "every month on day 15 09:00"),
        ("every month on day 15 at 9", "every month on day 15 09:00"),
        ("every month on day 31", "last day of the month 09:00"),
        ("quarterly on the 1st", "every 3 months on day 1 09:00"),
        ("every 3 months on the last day", "every 3 months on the last day 09:00"),
        ("yearly on 3 march", "every year on 3 march 09:00"),
        ("3rd of March every year", "every year on 3 march 09:00"),
        ("every March 3rd", "every year on 3 march 09:00"),
        ("January 15, 2027 at 5 pm", "on 2027-01-15 17:00"),
        ("once on 2027-1-15", "on 2027-01-15 09:00"),
    ],
)
def test_people_may_say_it_their_way(said: str, canonical: str) -> None:
    assert parse_cadence(said).words == canonical


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("every monday 25:00", "no_such_time"),
        ("every monday 9:75", "no_such_time"),
        ("every monday 13pm", "no_such_time"),
        ("31 february 2027", "no_such_date"),
        ("on 2027-02-29 09:00", "no_such_date"),
        ("on 9999-12-31 09:00", "no_such_date"),
        ("every year on 30 february", "no_such_date"),
        ("every month on day 32", "no_such_day"),
        ("every month on day 0", "no_such_day"),
        ("fifth monday of the month", "no_such_day"),
        ("every 53 weeks on monday", "no_such_interval"),
        ("every 0 days", "no_such_interval"),
        ("every 25 months on day 1", "no_such_interval"),
    ],
)
def test_a_value_that_does_not_exist_is_named(words: str, why: str) -> None:
    assert _refused(words) == why


@pytest.mark.parametrize(
    "words",
    [
        "",
        "  ",
        "every",
        "monday 09:00",
        "every week",
        "every 2 months",
        "every second tuesday",
        "every day 9am and 3pm",
        "every m\u043enday 09:00",
        "every mon\u200bday 09:00",
        "every monday \uff10\uff19:00",
        "every monday \u0660\u0669:\u0660\u0660",
        "\ud800",
        "every monday " * 1_000,
        "9" * 100_000,
        " " * 1_000_000,
    ],
)
def test_what_is_ambiguous_or_odd_is_not_guessed_at(words: str) -> None:
    assert _refused(words) == "not_understood"


def test_a_refusal_carries_short_words_and_examples() -> None:
    with pytest.raises(CadenceNotUnderstood) as caught:
        parse_cadence("x" * 99 + "\ud800" + "y" * 500)
    assert caught.value.values == {"words": "x" * 99 + "?", "examples": EXAMPLES}


@given(st.text() | st.text("0123456789:.-, adehnmorstvwy", max_size=40))
def test_no_text_breaks_the_reader(words: str) -> None:
    try:
        cadence = parse_cadence(words)
    except CadenceNotUnderstood:
        return
    assert parse_cadence(cadence.words) == cadence


@given(_cadences)
def test_canonical_words_say_the_same(cadence: Cadence) -> None:
    assert parse_cadence(cadence.words) == cadence
    assert hash(parse_cadence(cadence.words)) == hash(cadence)
    assert parse_cadence(cadence.words.upper().replace(" ", "  ")) == cadence


@given(_repeating, _dates, _dates)
def test_planned_moments_increase_from_start_and_anchor(
    cadence: Cadence, start: date, anchor: date
) -> None:
    moments = list(islice(planned(cadence, start, anchor), 5))
    assert moments == sorted(set(moments))
    assert moments[0].date() >= max(start, anchor)
    assert {moment.time() for moment in moments} == {cadence.at}


@given(_repeating, _dates, st.integers(0, 1500))
def test_where_one_begins_to_look_changes_nothing(
    cadence: Cadence, anchor: date, later: int
) -> None:
    start = anchor + timedelta(later)
    horizon = datetime.combine(start + timedelta(800), time.max)
    whole = (each for each in planned(cadence, anchor, anchor) if each.date() >= start)
    expected = list(islice(whole, 3))
    assert list(islice(planned(cadence, start, anchor), 3)) == expected
    assert expected[0] < horizon


@given(_cadences)
def test_slower_is_slower(cadence: Cadence) -> None:
    calmer = slower(cadence)
    if calmer is None:
        assert cadence.once or cadence.often > 180 or cadence.every > 12
    else:
        assert 1.4 * cadence.often < calmer.often < 3.1 * cadence.often
        assert parse_cadence(calmer.words) == calmer


def test_slower_goes_from_weeks_to_months_to_quarters() -> None:
    said, cadence = [], parse_cadence("every monday 09:00")
    for _ in range(3):
        calmer = slower(cadence)
        assert calmer is not None
        said.append(calmer.words)
        cadence = calmer
    assert said == [
        "every 2 weeks on monday 09:00",
        "first monday of the month 09:00",
        "every 2 months on the first monday 09:00",
    ]


def test_how_often_tells_what_is_more_often_than_monthly() -> None:
    assert parse_cadence("every weekday").often == 1.4
    assert parse_cadence("every 2 weeks on monday").often == 14
    assert parse_cadence("first monday of the month").often > 30
    assert parse_cadence("on 2027-01-15").often == float("inf")


def test_the_first_fitting_date_begins_the_count_of_weeks() -> None:
    assert _first("every 2 weeks on tuesday") == ["2027-01-05", "2027-01-19", "2027-02-02"]
    assert _first("every 2 weeks on tuesday", date(2027, 1, 6), count=1) == ["2027-01-19"]
    assert _first("every 2 weeks on friday", count=2) == ["2027-01-01", "2027-01-15"]
    assert _first("every 2 weeks on monday and friday") == [
        "2027-01-01",
        "2027-01-11",
        "2027-01-15",
    ]


def test_the_first_fitting_date_begins_the_count_of_months_and_days() -> None:
    middle = date(2027, 1, 15)
    assert _first("every 3 months on day 1", anchor=middle, count=2) == ["2027-02-01", "2027-05-01"]
    assert _first("every 10 days", date(2027, 1, 2), count=2) == ["2027-01-11", "2027-01-21"]


def test_a_month_without_the_day_takes_its_last() -> None:
    assert _first("every month on day 31", count=4) == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
    ]
    assert _first("every month on day 30", date(2028, 2, 1), count=2) == [
        "2028-02-29",
        "2028-03-30",
    ]


def test_29_february_is_the_28th_in_other_years() -> None:
    assert _first("every year on 29 february") == ["2027-02-28", "2028-02-29", "2029-02-28"]


def test_a_one_off_happens_once_and_knows_no_anchor() -> None:
    assert _first("on 2026-05-04 09:00", date(2026, 5, 4)) == ["2026-05-04"]
    assert _first("on 2026-05-04 09:00", date(2026, 5, 5)) == []
