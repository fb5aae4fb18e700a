"""Comparing days and moments, whose truth the passing of time may change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, TextField
from django.db.models.lookups import IsNull

from contacts.models import Contact
from contacts.rules.anniversaries import USUAL_YEARS, MonthDay, month_days, usual_days
from contacts.rules.comparisons import Comparison, operator_read
from contacts.rules.errors import RuleError
from contacts.rules.expressions import any_of
from contacts.rules.places import Place
from contacts.rules.source import Source
from contacts.rules.spans import (
    Duration,
    FromTo,
    Last,
    Next,
    Point,
    Span,
    Window,
    day_span,
    duration_read,
    passed_over,
    point_read,
)
from contacts.rules.world import World

# After so long a standstill everybody with a day is looked at.
MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class MomentComparison(Comparison):
    """Moments, and days where `is_date`; what is wanted is a window, or how soon a day returns."""

    is_date: bool = False

    operators = [
        "equals",
        "not_equals",
        "before",
        "after",
        "between",
        "in_last",
        "not_in_last",
        "in_next",
        "anniversary_in_next",
        "is_set",
        "is_not_set",
    ]

    @classmethod
    def read(cls, source: Source, *, is_date: bool = False) -> "MomentComparison":
        operator = operator_read(source, cls.operators, "a date")
        if operator in ("is_set", "is_not_set"):
            return cls(operator, None, is_date)
        if operator == "between":
            return cls(operator, _between(source), is_date)
        if operator in ("equals", "not_equals", "before", "after"):
            point = point_read(source.raw("value"), source.at("value"), source.world)
            return cls(operator, _WINDOWS[operator](point), is_date)
        duration = duration_read(source.raw("value"), source.at("value"))
        if duration.days is None and (is_date or operator == "anniversary_in_next"):
            raise RuleError(
                source.at("value"), "duration", "Days are compared with days: such as 30d or 2w."
            )
        window = {"anniversary_in_next": duration, "in_next": Next(duration)}
        return cls(operator, window.get(operator, Last(duration)), is_date)

    @property
    def returns(self) -> bool:
        """Whether what is wanted is how soon a day returns."""
        return isinstance(self.wanted, Duration)

    @property
    def moves(self) -> bool:
        """Whether the passing of time can flip it."""
        return self.returns or bool(self.wanted and self.wanted.moves)

    def span(self, world: World) -> Span:
        """The moments that are wanted now."""
        window: Window = self.wanted
        return day_span(window.days(world)) if self.is_date else window.span(world)

    def _test(self, place: Place, world: World) -> Any:
        if isinstance(self.wanted, Duration):
            return _returns(place, month_days(days=self.wanted.days or 0, world=world), world)
        return place.within(self.span(world))

    def passed(
        self,
        place: Place,
        since: datetime,
        world: World,
        *,
        rows: Any = Contact.objects,
        column: str = "pk",
    ) -> Iterator[Any]:
        """The ids of those whose moment the ends of the window have passed over since then; `rows` have the place, and
        the contact in `column`.
        """
        if isinstance(self.wanted, Duration):
            for test in self._returned(place, self.wanted.days or 0, since, world):
                yield rows.filter(test).values(column)
        elif self.moves:
            for span in passed_over(self.span(world.at(since)), self.span(world)):
                yield rows.filter(place.within(span)).values(column)

    def _returned(self, place: Place, days: int, since: datetime, world: World) -> Iterator[Q]:
        then = world.at(since)
        if (world.today - then.today).days > MOST_DAYS:
            yield Q(IsNull(place.value, False))
            return
        changed = month_days(days=days, world=world) ^ month_days(days=days, world=then)
        if changed and place.is_indexed:
            yield _indexed(place, changed, world)
        elif changed:
            yield Q(_returns(place, changed, world))

    def _sentence(self, name: str) -> str:
        if isinstance(self.wanted, Duration):
            return f"{name} returns in the next {self.wanted}"
        return f"{name} is {'not ' if self.is_complement else ''}{self.wanted}"


def _between(source: Source) -> FromTo:
    items = source.listed("value", most=2)
    if len(items) != 2:
        raise RuleError(source.at("value"), "wrong_type", "Give two dates: [first, last].")
    first, last = (point_read(*item, source.world) for item in items)
    window = FromTo(first, last, is_whole=True)
    if not window.has_room(source.world):
        raise RuleError(source.at("value"), "empty_range", "Give the earlier date first.")
    return window


def _on(point: Point) -> FromTo:
    return FromTo(point, point, is_whole=True)


_WINDOWS: dict[str, Any] = {
    "equals": _on,
    "not_equals": _on,
    "before": lambda point: FromTo(before=point),
    "after": lambda point: FromTo(after=point),
}


def _returns(place: Place, days: Iterable[MonthDay], world: World) -> Any:
    wanted = sorted(f"{month:02}-{day:02}" for month, day in days)
    return any_of(place.month_day(str(world.tz)), wanted, TextField())


def _indexed(place: Place, days: Iterable[MonthDay], world: World) -> Q:
    """The same for a place in whose order an index is: a range for each year."""
    is_date = bool(getattr(place, "is_date", False))
    spans = [_day(day, world, is_date) for each in days for day in usual_days(each)]
    usual = reduce(or_, (place.within(span) for span in spans))
    first, last = (datetime(y, 1, 1, tzinfo=UTC) for y in (USUAL_YEARS.start, USUAL_YEARS.stop))
    rare = place.within(Span(None, first)) | place.within(Span(last, None))
    return usual | (rare & Q(_returns(place, days, world)))


def _day(day: date, world: World, is_date: bool) -> Span:
    next_day = day + timedelta(days=1)
    if is_date:
        return day_span((day, next_day))
    return Span(world.midnight(day), world.midnight(next_day))
