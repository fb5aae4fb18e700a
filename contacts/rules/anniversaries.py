"""The yearly return of a day: birthdays, the beginnings of contracts."""

from collections.abc import Iterator
from datetime import date

from contacts.rules.world import World

YEAR = 366
type MonthDay = tuple[int, int]
LEAP_DAY = (2, 29)


def month_days(*, days: int, world: World) -> frozenset[MonthDay]:
    """The months and days that return from today on within so many days.

    What began on a 29 February returns on the 28th in other years.
    """
    found: set[MonthDay] = set()
    for offset in range(min(days, YEAR)):
        day = world.day(offset)
        found.add((day.month, day.day))
        if (day.month, day.day) == (2, 28) and not _is_leap(day.year):
            found.add(LEAP_DAY)
    return frozenset(found)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# People, contracts and companies of today began in these years; the few others are looked at one by one.
USUAL_YEARS = range(1900, 2101)


def usual_days(month_day: MonthDay) -> Iterator[date]:
    """The days of the usual years that have a month and day."""
    month, day = month_day
    for year in USUAL_YEARS:
        if month_day != LEAP_DAY or _is_leap(year):
            yield date(year, month, day)
