"""Spans of time: what `{"last": "30d"}`, `"today"` or `"2026-01-01"` mean at a moment.

Every question about time asks whether a moment lies in a span whose ends stand still or move with the clock. So whom
the clock concerns between two moments is known: those whose moment one of the ends has passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from contacts.rules.errors import RuleError
from contacts.rules.world import World

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=36_525)
CALENDAR_WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DURATION = re.compile(r"(\d{1,6})([mhdw])\Z", re.ASCII)
DURATION = "Give a duration such as 30d, 12h or 2w."
# What PostgreSQL tells apart. A span that ends at a moment, itself included, is open one tick later.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` on, before `end`; None where it is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as it is written: `30d`, `12h`, `2w`, `90m`."""

    count: int
    unit: str

    @property
    def length(self) -> timedelta:
        return timedelta(**{UNITS[self.unit]: self.count})

    @property
    def days(self) -> int | None:
        """Whole days, or None for what is written in hours or minutes."""
        return {"d": self.count, "w": 7 * self.count}.get(self.unit)

    def __str__(self) -> str:
        """As it is said behind “the last”: `30 days`, `day`."""
        name = UNITS[self.unit]
        return f"{self.count} {name}" if self.count != 1 else name[:-1]


def duration_read(text: object, path: str) -> Duration:
    """A duration. Raises RuleError."""
    found = _DURATION.match(text) if isinstance(text, str) else None
    if not found or not int(found[1]):
        raise RuleError(path, "duration", DURATION)
    duration = Duration(int(found[1]), found[2])
    if duration.length > LONGEST:
        raise RuleError(path, "duration", "A hundred years (36500d) is the longest duration.")
    return duration


@dataclass(frozen=True, slots=True)
class Point:
    """A day or a moment as it is written: a date, a date and time, or a calendar word."""

    value: date | datetime | str

    @property
    def moves(self) -> bool:
        return isinstance(self.value, str)

    def start(self, world: World) -> datetime:
        """When it begins."""
        return self._moment(world, 0)

    def end(self, world: World) -> datetime:
        """When it is over: a day at its end, a moment at once."""
        if isinstance(self.value, datetime):
            return self.value + TICK
        return self._moment(world, 1)

    def _moment(self, world: World, days: int) -> datetime:
        if isinstance(self.value, datetime):
            return self.value
        return world.midnight(self.day(world) + timedelta(days=days))

    def day(self, world: World) -> date:
        """The day, in the organization's timezone."""
        if isinstance(self.value, str):
            return world.day(CALENDAR_WORDS[self.value])
        if isinstance(self.value, datetime):
            return self.value.astimezone(world.tz).date()
        return self.value

    def __str__(self) -> str:
        if isinstance(self.value, datetime):
            return f"{self.value.astimezone(UTC):%-d %B %Y %H:%M} UTC"
        return self.value if isinstance(self.value, str) else f"{self.value:%-d %B %Y}"


DATE = "Give a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, today, yesterday or tomorrow."
# Room for a day more, and for every timezone.
FIRST_YEAR, LAST_YEAR = 2, 9998


def point_read(text: object, path: str, world: World) -> Point:
    """A day, a moment (in the organization's timezone where it names none) or a calendar word. Raises RuleError."""
    if isinstance(text, str):
        if text in CALENDAR_WORDS:
            return Point(text)
        try:
            if len(text) == 10:
                return _in_range(Point(date.fromisoformat(text)), path)
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            aware = moment if moment.tzinfo else moment.replace(tzinfo=world.tz)
            return _in_range(Point(aware), path)
    raise RuleError(path, "date", DATE)


def _in_range(point: Point, path: str) -> Point:
    if isinstance(point.value, date) and not FIRST_YEAR <= point.value.year <= LAST_YEAR:
        raise RuleError(
            path,
            "date",
            f"Give a year from {FIRST_YEAR:04} to {LAST_YEAR}, not {point.value.year}.",
        )
    return point


@dataclass(frozen=True, slots=True)
class Last:
    """Within the duration before now, now included."""

    duration: Duration
    moves = True

    def span(self, world: World) -> Span:
        return Span(world.now - self.duration.length + TICK, world.now + TICK)

    def days(self, world: World) -> tuple[date | None, date | None]:
        """The same of days: the last seven are today and six before."""
        return world.day(1 - _whole(self.duration)), world.day(1)

    def __str__(self) -> str:
        return f"in the last {self.duration}"


@dataclass(frozen=True, slots=True)
class Next:
    """Within the duration from now on."""

    duration: Duration
    moves = True

    def span(self, world: World) -> Span:
        return Span(world.now, world.now + self.duration.length)

    def days(self, world: World) -> tuple[date | None, date | None]:
        """The same of days: the next seven are today and six more."""
        return world.day(0), world.day(_whole(self.duration))

    def __str__(self) -> str:
        return f"in the next {self.duration}"


@dataclass(frozen=True, slots=True)
class FromTo:
    """From the beginning of one point, to the beginning of another or, where `is_whole`, to its end."""

    after: Point | None = None
    before: Point | None = None
    is_whole: bool = False

    @property
    def moves(self) -> bool:
        return any(point.moves for point in (self.after, self.before) if point)

    def has_room(self, world: World) -> bool:
        """Whether there is time between the ends; where but one of them moves with the clock, that can come and go."""
        if self.after is None or self.before is None or self.after.moves != self.before.moves:
            return True
        span = self.span(world)
        return bool(span.start and span.end and span.start < span.end)

    def span(self, world: World) -> Span:
        start = self.after.start(world) if self.after else None
        if self.before is None:
            return Span(start)
        return Span(start, self.before.end(world) if self.is_whole else self.before.start(world))

    def days(self, world: World) -> tuple[date | None, date | None]:
        start = self.after.day(world) if self.after else None
        if self.before is None:
            return start, None
        return start, self.before.day(world) + timedelta(days=int(self.is_whole))

    def __str__(self) -> str:
        if self.is_whole and self.after == self.before:
            return f"on {self.after}" if self.after and not self.after.moves else str(self.after)
        if self.is_whole:
            return f"between {self.after} and {self.before}"
        parts = [f"on or after {self.after}"] if self.after else []
        return " and ".join([*parts, *([f"before {self.before}"] if self.before else [])])


type Window = Last | Next | FromTo


def _whole(duration: Duration) -> int:
    if duration.days is None:
        raise ValueError(f"{duration} is no number of days.")
    return duration.days


def passed_over(before: Span, after: Span) -> Iterator[Span]:
    """The moments that the ends of a span have passed over while it moved."""
    for old, new in ((before.start, after.start), (before.end, after.end)):
        if old and new and old < new:
            yield Span(old, new)


def day_span(days: tuple[date | None, date | None]) -> Span:
    """Days as the midnights in UTC by which they are stored."""
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None for day in days
    )
    return Span(start, end)
