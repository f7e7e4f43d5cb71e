"""When the next step is due: pure rules.

A step comes at the earliest on its day (counted from the first one's), on a working day of the
person, off their partner's public holidays, within the alliance's hours in their own zone, and not
on a day on which they got one already. What was missed while nothing ran is not made up for: one a
day goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.schedules.calendar import WorkingHours
from bot.schedules.rhythm import to_utc, within_hours

SETTLING = timedelta(minutes=10)
"""Between joining and the first message, and after the hours begin: whoever joins five channels
is welcomed once, and nobody is greeted on the stroke of nine."""

STUCK_AFTER = 5
"""Working days without any reaction."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's working time: their zone, the alliance's hours, their partner's countries."""

    zone: str
    hours: WorkingHours
    countries: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def plan_step(
    hours: Hours,
    *,
    day: int,
    begun_at: datetime,
    last_at: datetime | None,
    not_before: datetime,
) -> datetime:
    """The moment for a step of the `day`-th day, in UTC, not before an aware moment."""
    here = ZoneInfo(hours.zone)
    earliest = max(begun_at + SETTLING, not_before)
    first = begun_at.astimezone(here).date()
    opening = _add(hours.hours.start, SETTLING)
    if day:
        wanted = to_utc(datetime.combine(first + timedelta(days=day), opening), hours.zone)
        earliest = max(earliest, wanted)
    if last_at is not None:
        tomorrow = last_at.astimezone(here).date() + timedelta(days=1)
        earliest = max(earliest, to_utc(datetime.combine(tomorrow, opening), hours.zone))
    moment = within_hours(earliest, hours.zone, hours.hours, hours.countries)
    if moment > earliest.astimezone(UTC):
        later = moment + SETTLING
        moment = later if is_working(later, hours) else moment
    return moment


def _add(clock: time, by: timedelta) -> time:
    moved = datetime(2000, 1, 1, clock.hour, clock.minute, tzinfo=UTC) + by  # a day of no zone
    return moved.time() if moved.day == 1 else clock


def is_working(moment: datetime, hours: Hours) -> bool:
    """Whether somebody may be written to at a moment."""
    found = within_hours(moment, hours.zone, hours.hours, hours.countries)
    return found == moment.astimezone(UTC)


def count_working_days(since: datetime, until: datetime, hours: Hours) -> int:
    """The working days that began after `since` and before `until`, at most 30."""
    count, moment = 0, since
    while count < 30:
        here = moment.astimezone(ZoneInfo(hours.zone)).date() + timedelta(days=1)
        opening = to_utc(datetime.combine(here, hours.hours.start), hours.zone)
        moment = within_hours(opening, hours.zone, hours.hours, hours.countries)
        if moment >= until:
            return count
        count += 1
    return count


def propose_times(
    one: Hours, other: Hours, *, after: datetime, length: timedelta, count: int = 3
) -> Sequence[datetime]:
    """Moments on different days at which both work, from the next day on: mid-morning and
    mid-afternoon of the first. Fewer, where within three weeks there are no more."""
    found: list[datetime] = []
    here = ZoneInfo(one.zone)
    day = after.astimezone(here).date()
    for ahead in range(1, 22):
        for clock in (time(10), time(14), time(11), time(15), time(9), time(16)):
            wall = datetime.combine(day + timedelta(days=ahead), clock)
            moment = to_utc(wall, one.zone)
            if all(is_working(at, who) for at in (moment, moment + length) for who in (one, other)):
                found.append(moment)
                break
        if len(found) == count:
            break
    return found
