"""What a contact's timeline is made of. Upper floors add their own from `AppConfig.ready()`."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

BIGGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Bound:
    """Rows behind a place of the timeline: earlier than `until`, or then, and with a number smaller than `below`."""

    until: datetime
    below: int = BIGGEST


@dataclass(frozen=True, slots=True)
class Moment:
    """A row of a source, and when it was."""

    at: datetime
    pk: int
    row: Any


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of what is on timelines.

    `take` reads the latest moments of a contact behind a bound (None: of all), as many as asked for; `read` makes of rows
    what `template` shows as `item`, by a constant number of queries. Rows of one day with the same `key` are shown as one.
    """

    name: str
    label: str
    template: str
    take: Callable[[int, Bound | None, int], Sequence[Moment]]
    read: Callable[[int, Sequence[Any]], Sequence[Any]]
    key: Callable[[Any], Hashable] = id


_sources: dict[str, Source] = {}


def timeline_register(source: Source) -> None:
    """Put a source on the timelines of contacts, behind those that are there; called from AppConfig.ready()."""
    _sources[source.name] = source


def timeline_sources() -> list[Source]:
    """All sources, in the order in which what happened at once is shown."""
    return list(_sources.values())


def latest_moments(
    rows: QuerySet[Any], column: str, bound: Bound | None, amount: int
) -> list[Moment]:
    """The latest of some rows by a column of times, behind a bound. One query."""
    if bound is not None:
        earlier = Q(**{f"{column}__lt": bound.until})
        rows = rows.filter(earlier | Q(**{column: bound.until, "pk__lt": bound.below}))
    found = rows.order_by(f"-{column}", "-pk")[:amount]
    return [Moment(getattr(row, column), row.pk, row) for row in found]
