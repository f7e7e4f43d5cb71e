"""Rhythms: a cadence in a zone, kept within working hours and off public holidays.

From a rhythm follow the moments at which something is due. The rules are applied in this order:
1. A day off or a public holiday of any of the countries: the same time on the next working day, or
   the moment is skipped.
2. A time outside the hours: their start on the same day if that is ahead, else on the next working
   day.
3. A time that the clock jumps over is the first moment after it; one that comes twice is taken the
   first time. If that leads out of the hours, the rules are applied again.
Moments that these rules lay on one another are one moment.

Everything is pure: what is returned depends on the arguments and on the installed calendars alone,
and not on where one began to look.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from bot.schedules.cadence import Cadence, parse_cadence, planned
from bot.schedules.calendar import WorkingHours, holiday_name, is_working_day, next_working_day

# So many in a row without one that is sent, and a rhythm is taken to have ended.
_MOST_SKIPPED = 60
# So many of them stand in a plan.
_MOST_SKIPPED_SHOWN = 20
# How often rules 1 to 3 can each carry a moment over to another working day.
_HOPS = 3


class OnHoliday(StrEnum):
    """What happens to a moment on a day off or a public holiday."""

    SHIFT = "shift"
    SKIP = "skip"


class Moved(StrEnum):
    """Why a moment is not sent as planned."""

    HOLIDAY = "holiday"
    DAY_OFF = "day_off"
    QUIET_HOURS = "quiet_hours"
    CLOCK_CHANGE = "clock_change"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something is sent.

    `zone` is an IANA name, `anchor` the local date the rhythm begins on (see `planned`). Nothing is
    sent outside `hours`; None sends at any time. `countries` are codes as of `parse_country`.
    """

    cadence: Cadence
    _: KW_ONLY
    zone: str
    anchor: date
    hours: WorkingHours | None = None
    countries: tuple[str, ...] = ()
    on_holiday: OnHoliday = OnHoliday.SHIFT

    def to_text(self) -> str:
        """Return the rhythm as compact JSON; equal rhythms have equal texts."""
        fields = {
            "anchor": self.anchor.isoformat(),
            "cadence": self.cadence.words,
            "countries": self.countries,
            "hours": self.hours and _hours_to_json(self.hours),
            "on_holiday": self.on_holiday,
            "zone": self.zone,
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    @staticmethod
    @lru_cache(maxsize=4096)
    def from_text(text: str) -> "Rhythm":
        """Return the rhythm that `to_text` wrote; ValueError, KeyError or UserError otherwise."""
        fields = json.loads(text)
        return Rhythm(
            parse_cadence(fields["cadence"]),
            zone=fields["zone"],
            anchor=date.fromisoformat(fields["anchor"]),
            hours=fields["hours"] and _hours_from_json(fields["hours"]),
            countries=tuple(fields["countries"]),
            on_holiday=OnHoliday(fields["on_holiday"]),
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment at which something is sent.

    `due` is UTC, `local` the same in the rhythm's zone, `planned` the wall clock of the cadence.
    `moved` is the first rule that changed it, `because` the holiday's name where it was one.
    """

    due: datetime
    planned: datetime
    local: datetime
    moved: Moved | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """One moment left out: `planned` by the wall clock, `because` the holiday's name, if one."""

    planned: datetime
    moved: Moved
    because: str | None = None


def to_utc(wall: datetime, zone: str) -> datetime:
    """Return the UTC moment of a naive wall-clock time.

    A time that does not exist is the first moment that does; one that exists twice is taken the
    first time. Raises ZoneInfoNotFoundError for an unknown zone.
    """
    here = _zone(zone)
    due = wall.replace(tzinfo=here, fold=0).astimezone(UTC)
    if _wall(due, zone) == wall.replace(fold=0):
        return due
    # PEP 495: in a gap, fold=1 reads the clock as it is after the change, which lies before it.
    before = wall.replace(tzinfo=here, fold=1, microsecond=0).astimezone(UTC)
    seconds = range(int((due - before).total_seconds()) + 1)
    offset = due.astimezone(here).utcoffset()
    jump = bisect_left(
        seconds,
        True,
        key=lambda n: (before + timedelta(seconds=n)).astimezone(here).utcoffset() == offset,
    )
    return before + timedelta(seconds=jump)


def moments(rhythm: Rhythm, after: datetime) -> Iterator[Moment]:
    """Yield the moments due after an aware time, strictly increasing.

    Ends after a one-off, and when nothing but skipped moments follows. Where several planned
    moments fall on one, it is shown as the latest planned.
    """
    return (each for each in _outcomes(rhythm, after) if isinstance(each, Moment))


def plan(rhythm: Rhythm, after: datetime, count: int) -> list[Moment | Skipped]:
    """Return the next `count` moments, and what is skipped between them, in the order they were
    planned; fewer where too much is skipped."""
    found: list[Moment | Skipped] = []
    coming = 0
    for outcome in islice(_outcomes(rhythm, after), count + _MOST_SKIPPED_SHOWN):
        found.append(outcome)
        coming += isinstance(outcome, Moment)
        if coming == count:
            break
    return found


@lru_cache(maxsize=8192)
def next_due(rhythm: Rhythm, after: datetime) -> datetime | None:
    """Return when the rhythm is next due after an aware time, in UTC; None when never."""
    upcoming = (each.due for each in _uncollapsed(rhythm, after) if isinstance(each, Moment))
    return next(upcoming, None)


def within_hours(
    moment: datetime, zone: str, hours: WorkingHours | None, countries: tuple[str, ...]
) -> datetime:
    """Return the first moment from an aware one on within hours, on a working day, in UTC."""
    wall = _wall(moment, zone)
    if _settle(wall, hours, countries) == wall:
        return moment.astimezone(UTC)
    opening = hours.start if hours else time.min
    day = wall.date() if wall.time() < opening else wall.date() + timedelta(1)
    start = datetime.combine(next_working_day(day, hours, countries), opening)
    due = _land(start, zone, hours, countries)
    # Between the two times of an hour that comes twice, the opening still ahead is the second.
    return due if due >= moment else start.replace(tzinfo=_zone(zone), fold=1).astimezone(UTC)


def _outcomes(rhythm: Rhythm, after: datetime) -> Iterator[Moment | Skipped]:
    for _, same in groupby(_uncollapsed(rhythm, after), key=_identity):
        *_, latest = same
        yield latest


def _identity(outcome: Moment | Skipped) -> datetime:
    return outcome.due if isinstance(outcome, Moment) else outcome.planned


def _uncollapsed(rhythm: Rhythm, after: datetime) -> Iterator[Moment | Skipped]:
    skipped = 0
    for wall in planned(rhythm.cadence, _look_from(rhythm, after), rhythm.anchor):
        outcome = _outcome(rhythm, wall)
        if isinstance(outcome, Moment):
            if outcome.due > after:
                skipped = 0
                yield outcome
        elif to_utc(wall, rhythm.zone) > after:
            skipped += 1
            yield outcome
        if skipped == _MOST_SKIPPED:
            return


def _look_from(rhythm: Rhythm, after: datetime) -> date:
    """Return a date such that whatever was planned before it was due by `after`."""
    day = _wall(after, rhythm.zone).date()
    for _ in range(_HOPS):
        day = _previous_working_day(day, rhythm)
    return day


def _previous_working_day(day: date, rhythm: Rhythm) -> date:
    earlier = (day - timedelta(n) for n in range(1, 32))
    working = (each for each in earlier if is_working_day(each, rhythm.hours, rhythm.countries))
    return next(working, day - timedelta(38))


def _outcome(rhythm: Rhythm, wall: datetime) -> Moment | Skipped:
    moved, because = _obstacle(rhythm, wall.date())
    if moved and rhythm.on_holiday is OnHoliday.SKIP:
        return Skipped(wall, moved, because)
    due = _land(wall, rhythm.zone, rhythm.hours, rhythm.countries)
    local = due.astimezone(_zone(rhythm.zone))
    if moved is None and local.replace(tzinfo=None, fold=0) != wall:
        quiet = _settle(wall, rhythm.hours, rhythm.countries) != wall
        moved = Moved.QUIET_HOURS if quiet else Moved.CLOCK_CHANGE
    return Moment(due, wall, local, moved, because)


def _obstacle(rhythm: Rhythm, day: date) -> tuple[Moved | None, str | None]:
    if because := holiday_name(day, rhythm.countries):
        return Moved.HOLIDAY, because
    if is_working_day(day, rhythm.hours, ()):
        return None, None
    return Moved.DAY_OFF, None


def _land(
    wall: datetime, zone: str, hours: WorkingHours | None, countries: tuple[str, ...]
) -> datetime:
    """Return the UTC moment that rules 1 to 3 make of a wall-clock time."""
    for _ in range(_HOPS):
        wall = _settle(wall, hours, countries)
        due = to_utc(wall, zone)
        if (local := _wall(due, zone)) == wall:
            break
        wall = local
    return due


def _settle(wall: datetime, hours: WorkingHours | None, countries: tuple[str, ...]) -> datetime:
    """Return the wall-clock time that rules 1 and 2 make of one."""
    day, clock = next_working_day(wall.date(), hours, countries), wall.time()
    if hours is None or hours.include(clock):
        return datetime.combine(day, clock)
    if clock > hours.start:
        day = next_working_day(day + timedelta(1), hours, countries)
    return datetime.combine(day, hours.start)


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)


# ZoneInfo keeps only a handful of zones alive by itself.
_zone = lru_cache(maxsize=1024)(ZoneInfo)


def _hours_to_json(hours: WorkingHours) -> dict[str, Any]:
    start, end = hours.start.isoformat(), hours.end.isoformat()
    return {"days": sorted(hours.days), "end": end, "start": start}


def _hours_from_json(fields: dict[str, Any]) -> WorkingHours:
    start, end = time.fromisoformat(fields["start"]), time.fromisoformat(fields["end"])
    return WorkingHours(start, end, frozenset(fields["days"]))
