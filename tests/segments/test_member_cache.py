"""The cache of members: what it spares, and that it never tells what is no longer so."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis import Redis

from contacts.models import Contact, ContactOperation
from contacts.services.contacts import contact_update, contacts_delete
from organizations import cache
from organizations.models import Organization
from segments.models import Segment
from segments.services.pins import contacts_pin
from segments.services.segments import segment_update
from tests.api_suite import Program
from tests.factories import SCREEN, make_contact, undone
from tests.segments.making import IN_OSLO, computed, follow, make_segment, pass_time

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
TABLES = ("contact_segment_memberships", "contact_segment_membership_log")


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def shown(segment: Segment, query: str = "?count=true") -> tuple[list[int], int]:
    """Who is on the first page of members, and how many are said to be in."""
    answer = Program(segment.organization).get(f"segments/{segment.pk}/members/{query}").json()
    return [row["id"] for row in answer["results"]], answer["count"]


def told(ask: Callable[[], Any]) -> tuple[Any, bool]:
    """What is answered, and whether a table of members was looked at for it."""
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    return answer, any(table in query["sql"] for query in queries for table in TABLES)


@pytest.mark.parametrize("query", ["?count=true", "?count=true&at=2026-03-01&ordering=-added_at"])
def test_what_was_asked_before_is_not_looked_up_again(
    organization: Organization, clock: Any, query: str
) -> None:
    people = [make_contact(organization, city="Oslo").pk for _ in range(3)]
    segment = make_segment(organization)
    first, was_looked_up = told(lambda: shown(segment, query))
    assert was_looked_up
    assert (sorted(first[0]), first[1]) == (people, 3)
    assert told(lambda: shown(segment, query)) == (first, False)
    # Another question is another page.
    _, was_looked_up = told(lambda: shown(segment, f"{query}&page_size=2"))
    assert was_looked_up


def test_what_is_known_of_members_is_never_kept(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo", email="old@a.example")
    segment = make_segment(organization)
    shown(segment)
    contact_update(contact=ana, patch={"email": "new@a.example"}, actor=SCREEN)
    (row,) = Program(organization).get(f"segments/{segment.pk}/members/").json()["results"]
    assert row["email"] == "new@a.example"


def _edits(segment: Segment, ana: Contact, bo: Contact) -> None:
    """One comes and one goes, so that the count stays."""
    contact_update(contact=ana, patch={"city": "Bergen"}, actor=SCREEN)
    contact_update(contact=bo, patch={"city": "Oslo"}, actor=SCREEN)
    follow(segment.organization)


def _other_rules(segment: Segment, ana: Contact, bo: Contact) -> None:
    segment_update(segment=segment, rules=IN_OSLO | {"value": "Bergen"})
    computed(segment)


def _pinned(segment: Segment, ana: Contact, bo: Contact) -> None:
    contacts_pin(segment=segment, selection={"ids": [ana.pk]}, is_in=False, actor=SCREEN)
    contacts_pin(segment=segment, selection={"ids": [bo.pk]}, is_in=True, actor=SCREEN)
    follow(segment.organization)


def _deletion(segment: Segment, ana: Contact, bo: Contact) -> None:
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    contact_update(contact=bo, patch={"city": "Oslo"}, actor=SCREEN)
    follow(segment.organization)


@pytest.mark.parametrize("change", [_edits, _other_rules, _pinned, _deletion])
def test_whoever_comes_and_goes_is_told(
    organization: Organization, change: Callable[[Segment, Contact, Contact], None]
) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization, city="Bergen")
    segment = make_segment(organization)
    assert shown(segment) == ([ana.pk], 1)
    change(segment, ana, bo)
    assert shown(segment) == ([bo.pk], 1)


def test_the_passing_of_time_is_told(organization: Organization, clock: Any) -> None:
    rule = {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "1d"}
    ana = make_contact(organization)
    segment = make_segment(organization, rule)
    assert shown(segment) == ([ana.pk], 1)
    clock.shift(timedelta(days=2))
    pass_time(organization)
    assert shown(segment) == ([], 0)
    assert shown(segment, "?count=true&at=2026-03-01") == ([ana.pk], 1)


def test_a_day_that_is_not_over_is_told_as_it_goes_on(
    organization: Organization, clock: Any
) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    segment = make_segment(organization)
    today = "?count=true&at=2026-03-01"
    assert shown(segment, today) == ([ana.pk], 1)
    clock.shift(timedelta(minutes=1))
    contact_update(contact=bo, patch={"city": "Oslo"}, actor=SCREEN)
    follow(organization)
    assert shown(segment, today) == ([ana.pk, bo.pk], 2)


def test_deleted_and_back_before_that_was_followed(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    shown(segment)
    undone(ContactOperation.objects.latest("pk"))
    follow(organization)
    assert shown(segment) == ([ana.pk], 1)


def test_nothing_new_keeps_the_cache(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    version = Segment.objects.get(pk=segment.pk).members_version
    contact_update(contact=ana, patch={"city": "Oslo", "job_title": "x"}, actor=SCREEN)
    follow(organization)
    assert Segment.objects.get(pk=segment.pk).members_version == version


def test_without_redis_the_tables_are_read(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    gone = Redis.from_url("redis://127.0.0.1:9/0")
    monkeypatch.setattr(cache, "redis_connection", lambda: gone)
    assert shown(segment) == ([ana.pk], 1)
