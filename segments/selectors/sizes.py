"""How a segment grew and shrank, day by day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from contacts.rules.world import World
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class DaySize:
    """A day in the organization's timezone: who joined and left, and how many were in at its end."""

    date: date
    size: int
    joined: int
    left: int


def sizes_by_day(*, segment: Segment, days: int = 30) -> list[DaySize]:
    """The last `days` days of a segment, today last. Two queries."""
    return sizes_of([segment], days=days)[segment.pk]


def sizes_of(segments: Sequence[Segment], *, days: int = 30) -> dict[int, list[DaySize]]:
    """The same of some segments, by id. Two queries: days that are over are in the view `contact_segment_sizes`."""
    world = World(timezone.now())
    back = [world.day(-number) for number in range(days)]
    params = {
        "organization_id": current_organization_id(),
        "segments": [segment.pk for segment in segments],
        "first": back[-1],
        "midnight": world.midnight(back[-1]),
        "timezone": str(world.tz),
    }
    moved: dict[int, dict[date, tuple[int, int]]] = defaultdict(dict)
    for pk, day, joined, left in fetch_all(statement("segments", "moved_by_day"), params):
        moved[pk][day] = (joined, left)
    return {each.pk: _backward(each.member_count, back, moved[each.pk]) for each in segments}


def _backward(size: int, days: list[date], moved: dict[date, tuple[int, int]]) -> list[DaySize]:
    """From today's size back to the sizes before, the earliest first."""
    found = []
    for day in days:
        joined, left = moved.get(day, (0, 0))
        found.append(DaySize(day, size, joined, left))
        size -= joined - left
    return found[::-1]
