"""Dates and times as people read them: unambiguous in every country ("3 March 2027, 09:00 CET")."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def say_day(day: date) -> str:
    """`3 March 2027`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_weekdays(days: Collection[int]) -> str:
    """`Monday to Friday`, `Monday, Thursday`; 0 is Monday, and none stands for all."""
    chosen = set(days) or set(range(7))
    for first in range(7):
        row = [(first + n) % 7 for n in range(len(chosen))]
        if len(row) > 2 and set(row) == chosen:
            return f"{WEEKDAYS[row[0]]} to {WEEKDAYS[row[-1]]}"
    return ", ".join(WEEKDAYS[day] for day in sorted(chosen))


def say_date(moment: datetime, zone: str) -> str:
    """The day of a moment in a zone: `3 March 2027`."""
    return say_day(moment.astimezone(ZoneInfo(zone)).date())


def say_moment(moment: datetime, zone: str) -> str:
    """A moment in a zone: `Wednesday, 3 March 2027, 09:00 CET`."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]}, {say_day(local.date())}, {local:%H:%M} {say_zone(local)}"


def say_zone(local: datetime) -> str:
    """The zone's letters where it has some (`CET`), else its distance (`UTC+03`)."""
    name = local.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{name}"
