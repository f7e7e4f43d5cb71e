"""Working days: hours, public holidays, countries and zones.

Public holidays come from the `holidays` package, zones and their countries from the IANA database
in the `tzdata` package, so that no answer depends on the machine.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import holidays

from bot.core.errors import NotUnderstood

MONDAY_TO_FRIDAY = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days of the week in words, Monday first."""

# No country has a longer run of days off; beyond it, holidays stop counting, so no search is
# endless even where every working day is somebody's holiday.
_LONGEST_BREAK = 31


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From `start` to `end` local time, both included, on `days` (Monday is 0).

    An `end` of 00:00 is the end of the day; no days at all means every day. Raises NotUnderstood
    ("hours.not_understood") when the hours end before they start, or a day is no weekday.
    """

    start: time
    end: time
    days: frozenset[int] = MONDAY_TO_FRIDAY

    def __post_init__(self) -> None:
        if time.min < self.end < self.start or not self.days <= EVERY_DAY:
            raise NotUnderstood("hours.not_understood", start=self.start, end=self.end)

    def include(self, moment: time) -> bool:
        """Tell whether the time of day lies within the hours."""
        return self.start <= moment and (moment <= self.end or self.end == time.min)

    def include_day(self, day: date) -> bool:
        """Tell whether the weekday is one of the days."""
        return not self.days or day.weekday() in self.days


def is_working_day(day: date, hours: WorkingHours | None, countries: tuple[str, ...]) -> bool:
    """Tell whether the day is one of the hours' days and a holiday in none of the countries."""
    return (hours is None or hours.include_day(day)) and holiday_name(day, countries) is None


def next_working_day(day: date, hours: WorkingHours | None, countries: tuple[str, ...]) -> date:
    """Return the first working day on or after `day`.

    After a month without any, holidays are disregarded.
    """
    ahead = (day + timedelta(n) for n in range(_LONGEST_BREAK))
    working = (each for each in ahead if is_working_day(each, hours, countries))
    return next(working, None) or next_working_day(day, hours, ())


def holiday_name(day: date, countries: tuple[str, ...]) -> str | None:
    """Return what the day is and for whom, as "Labor Day (DE, FR)"; None for no holiday."""
    return holiday_calendar(countries, day.year).get(day) if countries else None


@lru_cache(maxsize=4096)
def holiday_calendar(countries: tuple[str, ...], year: int) -> Mapping[date, str]:
    """Return the public holidays of any of the countries, with their names and countries.

    Names are in English where the `holidays` package has them so, else in the country's language.
    Countries are codes as `parse_country` returns them; one the package has since dropped has no
    holidays.
    """
    found: dict[date, dict[str, list[str]]] = {}
    for country in sorted(set(countries)):
        for day, name in _holidays_of(country, year).items():
            found.setdefault(day, {}).setdefault(name, []).append(country)
    return MappingProxyType({day: _named(names) for day, names in found.items()})


def _named(names: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{name} ({', '.join(countries)})" for name, countries in names.items())


@lru_cache(maxsize=4096)
def _holidays_of(country: str, year: int) -> Mapping[date, str]:
    # A fresh object per year, since the package fills a shared one lazily and without a lock.
    code, _, part = country.partition("-")
    language = "en_US" if "en_US" in _languages().get(code, ()) else None
    try:
        days = holidays.country_holidays(code, subdiv=part or None, years=year, language=language)
    except NotImplementedError:
        return {}
    return {day: name for day, name in days.items() if day.year == year}


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, list[str]]:
    return holidays.list_localized_countries(include_aliases=False)


@lru_cache(maxsize=1)
def countries_known() -> Mapping[str, tuple[str, ...]]:
    """Return the country codes (ISO 3166-1), each with the codes of its parts, sorted."""
    known = holidays.list_supported_countries(include_aliases=False)
    return MappingProxyType({code: tuple(sorted(known[code])) for code in sorted(known)})


def parse_country(text: str) -> str:
    """Return the code for "de", "DE-BY" or an English country name such as "Germany".

    Raises NotUnderstood ("country.unknown", with `value` and the `nearest` codes and names).
    """
    value = " ".join(text[:100].split())
    if code := _country_codes().get(value.lower()):
        return code
    nearest = get_close_matches(value.lower(), _country_codes(), n=3)
    suggestions = list(dict.fromkeys(_country_codes()[each] for each in nearest))
    raise NotUnderstood("country.unknown", field=None, value=_shown(value), nearest=suggestions)


@lru_cache(maxsize=1)
def _country_codes() -> Mapping[str, str]:
    """Return the code for everything that `parse_country` takes, in lower case."""
    names = (line.split("\t") for line in _tzdata_lines("iso3166.tab"))
    codes = {name.lower(): code for code, name in names if code in countries_known()}
    for code, parts in countries_known().items():
        codes[code.lower()] = code
        codes |= {f"{code}-{part}".lower(): f"{code}-{part}" for part in parts}
    return codes | {"uk": "GB", "united kingdom": "GB"}


def country_of_zone(zone: str) -> str | None:
    """Return the code of the country that the IANA zone lies in; None where it tells none."""
    countries = _countries_of_zones()
    return countries.get(zone) or countries.get(_zone_links().get(zone, ""))


@lru_cache(maxsize=1)
def _countries_of_zones() -> Mapping[str, str]:
    rows = (line.split("\t") for line in _tzdata_lines("zone.tab"))
    return {row[2]: row[0] for row in rows if len(row) > 2}


@lru_cache(maxsize=1)
def _zone_links() -> Mapping[str, str]:
    """Return the older names of zones, each with today's: Asia/Calcutta is Asia/Kolkata."""
    rows = (line.split(" ") for line in _tzdata_lines("tzdata.zi"))
    return {row[2]: row[1] for row in rows if row[0] == "L" and len(row) == 3}


def parse_zone(text: str) -> str:
    """Return the IANA zone for its name in any case, or for a city's name ("berlin").

    Raises NotUnderstood ("zone.unknown", with `value` and the `nearest` zones).
    """
    value = "_".join(text[:100].split())
    if zone := _zone_names().get(value.lower()):
        return zone
    # Nobody who means two hours ahead is helped by Etc/GMT+2, which is two hours behind.
    offered = [name for name in _zone_names() if "gmt" not in name]
    nearest = get_close_matches(value.lower(), offered, n=3)
    suggestions = list(dict.fromkeys(_zone_names()[each] for each in nearest))
    raise NotUnderstood("zone.unknown", value=_shown(value), nearest=suggestions)


@lru_cache(maxsize=1)
def _zone_names() -> Mapping[str, str]:
    """Return the zone for everything that `parse_zone` takes, in lower case.

    Cities are those of zone.tab only: older names repeat them, and "GMT+2" of Etc/GMT+2 means the
    opposite of what it says.
    """
    zones = [
        line for line in files("tzdata").joinpath("zones").read_text().split() if line != "Factory"
    ]
    cities = Counter(zone.rpartition("/")[2].lower() for zone in _countries_of_zones())
    unique = {
        city: zone
        for zone in _countries_of_zones()
        if cities[city := zone.rpartition("/")[2].lower()] == 1
    }
    return unique | {zone.lower(): zone for zone in zones}


def _tzdata_lines(name: str) -> list[str]:
    """Return the lines of one of the IANA database's tables, comments left out; [] if not there."""
    try:
        text = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return []
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _shown(value: str) -> str:
    # Lone surrogates would break whoever encodes the message later.
    return value.encode("utf-8", "replace").decode()
