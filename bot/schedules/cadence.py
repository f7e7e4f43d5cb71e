"""Cadences: how often something happens, said in words, in local wall-clock time.

A cadence knows nothing of zones, holidays or quiet hours; `bot.schedules.rhythm` adds these.
The occurrences are those of RFC 5545 (through `dateutil.rrule`) with one deviation: where the RFC
skips a date that does not exist (31 April, 29 February), ours falls on the month's last day, since
a reminder that silently stays away is worse than one that comes a day early.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import dropwhile

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

from bot.core.errors import NotUnderstood

EXAMPLES: tuple[str, ...] = (
    "every day 09:00",
    "every weekday 09:00",
    "every monday 09:00",
    "every monday and thursday 09:00",
    "every 2 weeks on tuesday 10:00",
    "first monday of the month 09:00",
    "every 2 months on the last friday 15:00",
    "every month on day 15 09:00",
    "every 3 months on day 1 09:00",
    "last day of the month 16:00",
    "every year on 3 march 09:00",
    "on 2027-01-15 09:00",
)
DEFAULT_TIME = time(9)

_LONGEST = 200
_YEARS = range(2000, 2200)
_DAYS_A_MONTH = 30.436875
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# fmt: off
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")
# fmt: on
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


class Kind(StrEnum):
    """The forms a cadence can take."""

    DAYS = "days"
    WEEKS = "weeks"
    WEEKDAY_OF_MONTH = "weekday_of_month"
    DAY_OF_MONTH = "day_of_month"
    YEAR = "year"
    ONCE = "once"


_LARGEST = {Kind.DAYS: 365, Kind.WEEKS: 52, Kind.WEEKDAY_OF_MONTH: 24, Kind.DAY_OF_MONTH: 24}


class CadenceNotUnderstood(NotUnderstood):
    """The words name no cadence, or one with a value that does not exist.

    Keys: `cadence.not_understood`, and where the form is right but a value is not,
    `cadence.no_such_time`, `…_date`, `…_day` and `…_interval`. Values: `words` (at most 100
    characters) and `examples`.
    """

    def __init__(self, words: str, key: str = "cadence.not_understood") -> None:
        # Lone surrogates would break whoever encodes the message later.
        shown = words[:100].encode("utf-8", "replace").decode()
        super().__init__(key, words=shown, examples=EXAMPLES)


@dataclass(frozen=True, slots=True)
class Cadence:
    """What `parse_cadence` understood. Build it there: it is checked nowhere else.

    `every` counts days, weeks or months by kind; `weekdays` are sorted, Monday is 0; `nth` is 1 to
    4, or -1 for the last; `day` 31 of DAY_OF_MONTH is the last day of any month.
    """

    kind: Kind
    at: time
    every: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    day: int = 0
    month: int = 0
    on: date | None = None

    @property
    def words(self) -> str:
        """Return the canonical words: `parse_cadence(cadence.words) == cadence`."""
        return f"{_phrase(self)} {self.at:%H:%M}"

    @property
    def once(self) -> bool:
        """Tell whether it happens a single time."""
        return self.kind is Kind.ONCE

    @property
    def often(self) -> float:
        """Return the average days between two occurrences; infinite for one-offs."""
        match self.kind:
            case Kind.DAYS:
                return float(self.every)
            case Kind.WEEKS:
                return 7 * self.every / len(self.weekdays)
            case Kind.WEEKDAY_OF_MONTH | Kind.DAY_OF_MONTH:
                return self.every * _DAYS_A_MONTH
            case Kind.YEAR:
                return 12 * _DAYS_A_MONTH
            case Kind.ONCE:
                return math.inf


def parse_cadence(words: str) -> Cadence:
    """Return the cadence that the words name; without a time, at 09:00.

    Case, order of date and time, abbreviations and filler words are free. Raises
    CadenceNotUnderstood for everything else, whatever the text holds. Only ASCII letters and
    digits are read, so look-alike characters are refused and not guessed at.
    """
    text = " ".join(words.replace(",", " ").split()) if len(words) <= _LONGEST else ""
    if not text.isascii():
        raise CadenceNotUnderstood(words)
    try:
        phrase, at = _split_time(text.lower().strip(".;'\"` "))
        return _read(_simplify(phrase), at)
    except _Refused as refused:
        raise CadenceNotUnderstood(words, f"cadence.{refused}") from None


def slower(cadence: Cadence) -> Cadence | None:
    """Return a cadence about half as often; None for one-offs and where there is none slower."""
    doubled = replace(cadence, every=2 * cadence.every)
    if len(cadence.weekdays) > 1:
        return replace(cadence, weekdays=cadence.weekdays[::2])
    if cadence.kind is Kind.DAYS and cadence.every == 1:
        return Cadence(Kind.WEEKS, cadence.at, weekdays=(0, 2, 4))
    if cadence.kind is Kind.WEEKS and cadence.every == 2:
        return Cadence(Kind.WEEKDAY_OF_MONTH, cadence.at, weekdays=cadence.weekdays, nth=1)
    return doubled if doubled.every <= _LARGEST.get(cadence.kind, 0) else None


def planned(cadence: Cadence, start: date, anchor: date) -> Iterator[datetime]:
    """Yield the wall-clock moments from `start` on, increasing, never before `anchor`.

    `anchor` is the local date the cadence begins on: the first date on or after it that fits is the
    first occurrence, and "every 2 weeks" counts from there. One-offs have no phase and ignore it.
    A day the month does not have is the month's last; 29 February is 28 February in other years.
    """
    if cadence.on is not None:
        return iter([datetime.combine(cadence.on, cadence.at)] if cadence.on >= start else [])
    first = max(start, anchor)
    rule = _rule(cadence, _period_start(cadence, first, anchor))
    floor = datetime.combine(first, time.min)
    return dropwhile(lambda moment: moment < floor, rule)


def _rule(cadence: Cadence, begin: date) -> rrule:
    start, every = datetime.combine(begin, cadence.at), cadence.every
    match cadence.kind:
        case Kind.DAYS:
            return rrule(DAILY, start, interval=every)
        case Kind.WEEKS:
            return rrule(WEEKLY, start, interval=every, byweekday=cadence.weekdays)
        case Kind.WEEKDAY_OF_MONTH:
            day = weekday(cadence.weekdays[0], cadence.nth)
            return rrule(MONTHLY, start, interval=every, byweekday=day)
        case _:
            # Of the 28th to the day wanted, the last one that this month has.
            days = tuple(range(min(28, cadence.day), cadence.day + 1))
            months = 12 if cadence.kind is Kind.YEAR else every
            return rrule(MONTHLY, start, interval=months, bymonthday=days, bysetpos=-1)


def _period_start(cadence: Cadence, first: date, anchor: date) -> date:
    """Return where the rule may begin so that it is in phase and misses nothing from `first`.

    Beginning at the anchor would walk through every period since then.
    """
    match cadence.kind:
        case Kind.DAYS:
            return first + timedelta((anchor - first).days % cadence.every)
        case Kind.WEEKS:
            begin = _phase(cadence, anchor)
            days = (first - begin).days + begin.weekday()
            return first - timedelta(first.weekday(), weeks=days // 7 % cadence.every)
        case Kind.YEAR:
            return date(first.year, cadence.month, 1)
        case _:
            begin = _phase(cadence, anchor)
            behind = (first.year - begin.year) * 12 + first.month - begin.month
            year, month = divmod(first.year * 12 + first.month - 1 - behind % cadence.every, 12)
            return date(year, month + 1, 1)


@lru_cache(maxsize=4096)
def _phase(cadence: Cadence, anchor: date) -> date:
    """Return a date in the week or month that counts as number 0."""
    if cadence.every == 1:
        return anchor
    return next(planned(replace(cadence, every=1), anchor, anchor)).date()


def _phrase(cadence: Cadence) -> str:
    every = cadence.every
    days = [_WEEKDAYS[day] for day in cadence.weekdays]
    match cadence.kind:
        case Kind.DAYS:
            return "every day" if every == 1 else f"every {every} days"
        case Kind.WEEKS:
            several = ", ".join(days[:-1]) + " and " if len(days) > 1 else ""
            named = several + days[-1]
            if every > 1:
                return f"every {every} weeks on {named}"
            return "every weekday" if cadence.weekdays == (0, 1, 2, 3, 4) else f"every {named}"
        case Kind.WEEKDAY_OF_MONTH:
            return _monthly(f"{_NTH[cadence.nth]} {days[0]}", every)
        case Kind.DAY_OF_MONTH if cadence.day == 31:
            return _monthly("last day", every)
        case Kind.DAY_OF_MONTH:
            months = "month" if every == 1 else f"{every} months"
            return f"every {months} on day {cadence.day}"
        case Kind.YEAR:
            return f"every year on {cadence.day} {_MONTHS[cadence.month - 1]}"
        case Kind.ONCE:
            return f"on {cadence.on}"


def _monthly(which: str, every: int) -> str:
    return f"{which} of the month" if every == 1 else f"every {every} months on the {which}"


class _Refused(Exception):
    """The rest of the catalogue key that says why."""


# A bare number is a time only after "at": in "every month on day 15" it is none.
_CLOCK = (
    r"(?=at |\d+[:.h]|\d+ ?[ap]m\b)(?:at )?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})|h)?(?: ?(?P<half>[ap]m))?"
)
_TIMED = (re.compile(rf"(?P<rest>.+) {_CLOCK}"), re.compile(rf"{_CLOCK} (?P<rest>.+)"))

# Words that say the same, and words that add nothing.
_SAME = (
    {name[:length]: name for name in _WEEKDAYS for length in (3, 4, 5)}
    | {name[:3]: name for name in _MONTHS}
    | {"sept": "september", "each": "every", "weekday": " ".join(_WEEKDAYS[:5])}
    | {"weekend": "saturday sunday", "other": "2", "quarter": "3 month", "daily": "every day"}
    | {"weekly": "every week", "fortnightly": "every 2 week", "monthly": "every month"}
    | {"quarterly": "every 3 month", "yearly": "every year", "annually": "every year"}
    | {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th"}
    | {word: str(n) for n, word in enumerate(("one", "two", "three", "four", "five", "six"), 1)}
)
_FILLERS = frozenset(("on", "the", "in", "and", "&", "at", "once"))
_WEEKDAY, _MONTH = "|".join(_WEEKDAYS), "|".join(_MONTHS)
_N = r"(?:(?P<n>\d+)(?:st|nd|rd|th)? )?"
_DAY = r"(?P<day>\d+)(?:st|nd|rd|th)?"
_SEVERAL = rf"(?P<weekdays>(?:{_WEEKDAY})(?: (?:{_WEEKDAY}))*)"
_NTH_WEEKDAY = rf"(?P<nth>[1-5](?:st|nd|rd|th)|last) (?P<weekdays>{_WEEKDAY})"
_PERIOD_LAST = re.compile(
    r"(?:every )?(?P<when>.+?) (?:of every|of|every) (?P<period>(?:\d+\w* )?(?:week|month|year))"
)
_FORMS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.DAYS, rf"every {_N}day"),
        (Kind.WEEKS, rf"every (?:{_N}week )?{_SEVERAL}"),
        (Kind.WEEKS, rf"every (?P<n>\d+) {_SEVERAL}"),
        (Kind.WEEKDAY_OF_MONTH, rf"every {_N}month {_NTH_WEEKDAY}"),
        (Kind.DAY_OF_MONTH, rf"every {_N}month (?:(?:day )?{_DAY}|(?P<last>last) day)"),
        (Kind.YEAR, rf"every (?:year )?{_DAY} (?:of )?(?P<month>{_MONTH})"),
        (Kind.YEAR, rf"every (?:year )?(?P<month>{_MONTH}) {_DAY}"),
        (Kind.ONCE, r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
        (Kind.ONCE, rf"{_DAY} (?:of )?(?P<month>{_MONTH}) (?P<year>\d{{4}})"),
        (Kind.ONCE, rf"(?P<month>{_MONTH}) {_DAY} (?P<year>\d{{4}})"),
    )
)


def _split_time(text: str) -> tuple[str, time]:
    for pattern in _TIMED:
        if found := pattern.fullmatch(text):
            return found["rest"], _time(found["hour"], found["minute"], found["half"])
    return text, DEFAULT_TIME


def _time(hour: str, minute: str | None, half: str | None) -> time:
    if half and not 1 <= int(hour) <= 12:
        raise _Refused("no_such_time")
    try:
        return time(int(hour) % 12 + 12 * (half == "pm") if half else int(hour), int(minute or 0))
    except ValueError:
        raise _Refused("no_such_time") from None


def _simplify(phrase: str) -> str:
    """Return the phrase in the words of `_FORMS`, the period first: "every month 1st monday"."""
    words = re.sub(r"\b(working|business) day", "weekday", phrase).split()
    tokens = [word for word in words if word not in _FILLERS]
    # "mondays" alone says "every monday"; "monday" alone may mean the next one only.
    if tokens and tokens[0].endswith("days"):
        tokens.insert(0, "every")
    singular = (token[:-1] if token.endswith("s") and len(token) > 3 else token for token in tokens)
    simple = " ".join(_SAME.get(token, token) for token in singular)
    found = _PERIOD_LAST.fullmatch(simple)
    return f"every {found['period']} {found['when']}" if found else simple


def _read(phrase: str, at: time) -> Cadence:
    for kind, pattern in _FORMS:
        if found := pattern.fullmatch(phrase):
            return _cadence(kind, found.groupdict(), at)
    raise _Refused("not_understood")


def _cadence(kind: Kind, found: dict[str, str | None], at: time) -> Cadence:
    every = int(found.get("n") or 1)
    if not 1 <= every <= _LARGEST.get(kind, 1):
        raise _Refused("no_such_interval")
    weekdays = {_WEEKDAYS.index(name) for name in (found.get("weekdays") or "").split()}
    if every == 1 and len(weekdays) == 7:
        return Cadence(Kind.DAYS, at)
    day = 31 if found.get("last") else int(found.get("day") or 0)
    if kind is Kind.DAY_OF_MONTH and not 1 <= day <= 31:
        raise _Refused("no_such_day")
    plain = Cadence(kind, at, every, tuple(sorted(weekdays)), _nth(found.get("nth")), day)
    if kind not in (Kind.YEAR, Kind.ONCE):
        return plain
    on = _date(found.get("year") or "2024", found["month"] or "", day)
    return replace(plain, month=on.month) if kind is Kind.YEAR else replace(plain, day=0, on=on)


def _nth(ordinal: str | None) -> int:
    if ordinal is None or ordinal == "last":
        return -1 if ordinal else 0
    if ordinal.startswith("5"):
        raise _Refused("no_such_day")
    return int(ordinal[0])


def _date(year: str, month: str, day: int) -> date:
    try:
        found = date(int(year), int(month) if month.isdigit() else _MONTHS.index(month) + 1, day)
    except (ValueError, OverflowError):
        raise _Refused("no_such_date") from None
    if found.year not in _YEARS:
        raise _Refused("no_such_date")
    return found
