"""Sizes by day: the view knows the days that are over, the log what came since; together they are the whole."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.services.contacts import contact_update
from organizations.models import MaterializedViewRefresh, Organization
from organizations.scope import organization_scope
from segments.jobs import SIZES, refresh_sizes
from segments.models import Segment
from segments.selectors.sizes import sizes_by_day, sizes_of
from tests.factories import SCREEN, make_contact, make_organization
from tests.segments.making import follow, make_segment

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(FIRST, tick=False) as clock:
        yield clock


def figures(segment: Segment, days: int) -> list[tuple[int, int, int, int]]:
    """(day of March, size, joined, left) of the last days."""
    segment.refresh_from_db()
    found = sizes_by_day(segment=segment, days=days)
    return [(each.date.day, each.size, each.joined, each.left) for each in found]


def history(organization: Organization, clock: Any) -> Segment:
    """On the 1st two join, on the 3rd one leaves, on the 4th one joins and leaves again; today is the 5th."""
    people = [make_contact(organization, city="Oslo") for _ in range(2)]
    segment = make_segment(organization)
    moves = {3: [(0, None)], 4: [(0, "Oslo"), (0, None)]}
    for day in range(2, 6):
        clock.shift(DAY)
        for number, city in moves.get(day, []):
            contact_update(contact=people[number], patch={"city": city}, actor=SCREEN)
            follow(organization)
    return segment


HISTORY = [(1, 2, 2, 0), (2, 2, 0, 0), (3, 1, 0, 1), (4, 1, 1, 1), (5, 1, 0, 0)]


def test_each_day_has_its_size_before_the_view_is_refreshed_and_after(
    organization: Organization, clock: Any
) -> None:
    segment = history(organization, clock)
    assert figures(segment, 5) == HISTORY
    refresh_sizes()
    assert figures(segment, 5) == HISTORY
    assert figures(segment, 2) == HISTORY[-2:]
    assert figures(segment, 1) == HISTORY[-1:]
    assert [size for _, size, *_ in figures(segment, 7)] == [0, 0, 2, 2, 1, 1, 1]


def test_what_comes_behind_the_refresh_is_told_from_the_log(
    organization: Organization, clock: Any
) -> None:
    segment = history(organization, clock)
    refresh_sizes()
    make_contact(organization, city="Oslo")
    follow(organization)
    # The day of the refresh was not over then.
    assert figures(segment, 5)[-1] == (5, 2, 1, 0)
    clock.shift(2 * DAY)
    make_contact(organization, city="Oslo")
    follow(organization)
    assert figures(segment, 7) == [*HISTORY[:4], (5, 2, 1, 0), (6, 2, 0, 0), (7, 3, 1, 0)]
    before = figures(segment, 7)
    refresh_sizes()
    assert figures(segment, 7) == before


def test_the_view_is_what_people_read_elsewhere(organization: Organization, clock: Any) -> None:
    segment = history(organization, clock)
    refresh_sizes()
    with connection.cursor() as cursor:
        cursor.execute(
            "select day, size, joined_count, left_count from contact_segment_sizes "
            "where organization_id = %s and segment_id = %s order by day",
            [organization.pk, segment.pk],
        )
        rows = cursor.fetchall()
    # Days on which nothing changed are left out.
    assert rows == [
        (date(2026, 3, day), size, joined, left)
        for day, size, joined, left in HISTORY
        if joined or left
    ]
    noted = MaterializedViewRefresh.objects.get(name=SIZES)  # type: ignore[misc]
    assert noted.refreshed_at <= FIRST + 4 * DAY


def test_a_day_begins_with_the_clocks_of_the_organization(
    organization: Organization, clock: Any
) -> None:
    """At noon in UTC it is 1 o'clock of the next day there."""
    organization.timezone = "Pacific/Tongatapu"
    organization.save()
    segment = history(organization, clock)
    there = [(day + 1, *figures) for day, *figures in HISTORY]
    assert figures(segment, 5) == there
    refresh_sizes()
    assert figures(segment, 5) == there


def test_several_take_two_queries_and_are_apart(organization: Organization, clock: Any) -> None:
    segment, other = history(organization, clock), make_organization()
    make_contact(other, city="Oslo")
    elsewhere, empty = make_segment(other), make_segment(organization, kind="static")
    with CaptureQueriesContext(connection) as captured:
        found = sizes_of([segment, empty], days=5)
    assert len(captured) == 2
    assert [day.joined for day in found[segment.pk]] == [2, 0, 0, 1, 0]
    assert {day.size for day in found[empty.pk]} == {0}
    refresh_sizes()
    with organization_scope(other):
        assert [each[1:] for each in figures(elsewhere, 2)] == [(0, 0, 0), (1, 1, 0)]
        assert {day.joined for day in sizes_by_day(segment=segment, days=5)} == {0}
