"""How often something happened to a contact in a window of time: what events and activities share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from contacts.rules.errors import RuleError
from contacts.rules.expressions import EVERYBODY, IsAmong
from contacts.rules.source import Source
from contacts.rules.spans import (
    FromTo,
    Last,
    Span,
    Window,
    duration_read,
    passed_over,
    point_read,
)
from contacts.rules.world import World

MOST = 1_000_000
COUNTS = {
    "gte": lambda n: (n, None),
    "gt": lambda n: (n + 1, None),
    "lte": lambda n: (0, n),
    "lt": lambda n: (0, n - 1),
    "equals": lambda n: (n, n),
}


@dataclass(frozen=True, slots=True)
class Times:
    """At least so often, and at most (None: no limit)."""

    least: int = 1
    most: int | None = None

    def __str__(self) -> str:
        if self.most is None:
            return "" if self.least == 1 else f"at least {_times(self.least)}"
        if self.least == self.most:
            return f"exactly {_times(self.least)}"
        return f"at most {_times(self.most)}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def times_read(source: Source) -> Times:
    """From `count`; at least once where it is left out. Raises RuleError."""
    if not source.has("count"):
        return Times()
    count = source.inner("count")
    count.only("operator", "value")
    operator = count.choice("operator", COUNTS)
    value = count.integer("value", least=int(operator == "lt"), most=MOST)
    return Times(*COUNTS[operator](value))


def window_read(source: Source) -> Window:
    """From `within`; any time where it is left out. Raises RuleError."""
    if not source.has("within"):
        return FromTo()
    within = source.inner("within")
    if within.has("last"):
        within.only("last")
        return Last(duration_read(within.raw("last"), within.at("last")))
    within.only("last", "after", "before")
    points: dict[str, Any] = {
        name: point_read(within.raw(name), within.at(name), source.world)
        for name in ("after", "before")
        if within.has(name)
    }
    if not points:
        raise RuleError(within.path, "required", "Give “last”, “after” or “before” here.")
    window = FromTo(**points)
    if not window.has_room(source.world):
        raise RuleError(within.path, "empty_range", "Give an earlier date “after” than “before”.")
    return window


@dataclass(frozen=True, slots=True)
class Happening:
    """Rows of a table, each of which happened to a contact at `occurred_at`; `rows` makes their queryset.

    `are_planned`: whether there are some that lie in the future.
    """

    rows: Any
    times: Times
    window: Window
    are_planned: bool = False

    def span(self, world: World) -> Span:
        """The time in question. Where nothing lies in the future, what ends now has no end."""
        span = self.window.span(world)
        is_open = isinstance(self.window, Last) and not self.are_planned
        return Span(span.start) if is_open else span

    def holds(self, world: World) -> Any:
        parts: list[Any] = [self._at_least(self.times.least, world)] if self.times.least else []
        if self.times.most is not None:
            parts.append(~Q(self._at_least(self.times.most + 1, world)))
        return Q(*parts) if parts else EVERYBODY

    def _at_least(self, count: int, world: World) -> Any:
        within = self.rows(world).filter(_within(self.span(world)))
        if count == 1:
            return Exists(within.filter(world.about("contact_id"), contact=OuterRef("pk")))
        # Counted once for everybody in question, and then joined: not contact by contact.
        rows = within.filter(world.about("contact_id"), contact__isnull=False).order_by()
        often = rows.values("contact_id").annotate(times=Count("pk")).filter(times__gte=count)
        return IsAmong(often.values("contact_id"))

    def fails(self, world: World) -> Any:
        return ~Q(self.holds(world))

    def passed(self, since: datetime, world: World) -> Iterator[Any]:
        """The ids of those to whom it happened in the time that the ends of the window have passed over."""
        for span in passed_over(self.span(world.at(since)), self.span(world)):
            rows = self.rows(world).filter(_within(span), contact__isnull=False)
            yield rows.values("contact_id")

    def count(self, world: World) -> Any:
        """How often it happened to each contact."""
        rows = self.rows(world).filter(_within(self.span(world)), contact=OuterRef("pk"))
        counted = rows.order_by().values("contact_id").annotate(times=Count("pk"))
        return Coalesce(Subquery(counted.values("times")), 0)

    def clause(self, what: str) -> str:
        is_never = self.times.most == 0
        parts = [f"never {what}" if is_never else what, "" if is_never else str(self.times)]
        parts.append(str(self.window))
        return " ".join(part for part in parts if part)


def _within(span: Span) -> Q:
    start: Mapping[str, Any] = {"occurred_at__gte": span.start} if span.start else {}
    end: Mapping[str, Any] = {"occurred_at__lt": span.end} if span.end else {}
    return Q(**start, **end)
