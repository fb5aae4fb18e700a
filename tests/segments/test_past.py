"""Who was in a segment on a date, and who came and went between two, and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from contacts.models import Contact
from contacts.services.contacts import contact_update, contacts_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembershipLog
from segments.selectors.members import members, members_at
from segments.services.pins import contacts_pin
from segments.services.segments import segment_update
from tests.api_suite import Program
from tests.factories import SCREEN, make_contact, make_organization, undone
from tests.screens import Screens
from tests.segments.making import IN_OSLO, computed, follow, make_segment, pass_time

DAY = timedelta(days=1)
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(FIRST, tick=False) as clock:
        yield clock


def was_in(segment: Segment, day: int) -> dict[int, datetime]:
    """Those who were in it at noon of a day, and since when."""
    at = FIRST + (day - 1) * DAY
    return dict(members_at(segment=segment, at=at).values_list("pk", "added_at"))


def moved(segment: Segment, first: int, last: int) -> list[tuple[int, str, str]]:
    """Who joined and left from one day's noon on, before another's, and why."""
    between = (FIRST + (first - 1) * DAY, FIRST + (last - 1) * DAY)
    rows = SegmentMembershipLog.objects.filter(segment=segment, at__gte=between[0])
    rows = rows.filter(at__lt=between[1]).order_by("pk")
    return list(rows.values_list("contact_id", "action", "reason"))


def move(contact: Contact, city: str | None) -> None:
    contact_update(contact=contact, patch={"city": city}, actor=SCREEN)


def test_each_day_has_its_members(organization: Organization, clock: Any) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization, city="Bergen")
    segment = make_segment(organization)
    for ana_city, bo_city in (("Oslo", "Oslo"), ("Bergen", "Oslo"), ("Oslo", None)):
        clock.shift(DAY)
        move(ana, ana_city)
        move(bo, bo_city)
        follow(organization)
    first, second, third, fourth = (FIRST + number * DAY for number in range(4))
    assert was_in(segment, 0) == {}
    assert was_in(segment, 1) == {ana.pk: first}
    assert was_in(segment, 2) == {ana.pk: first, bo.pk: second}
    assert was_in(segment, 3) == {bo.pk: second}
    # Ana came back: she is in since then.
    assert was_in(segment, 4) == was_in(segment, 99) == {ana.pk: fourth}
    assert dict(members(segment=segment).values_list("pk", "added_at")) == {ana.pk: fourth}
    a_tick = timedelta(microseconds=1)
    before = members_at(segment=segment, at=third - a_tick)
    assert set(before.values_list("pk", flat=True)) == {ana.pk, bo.pk}


def test_who_came_and_went_and_why(organization: Organization, clock: Any) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    rule = {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "2d"}
    segment = make_segment(organization, {"all": [IN_OSLO, rule]})
    clock.shift(DAY)
    move(bo, "Oslo")
    follow(organization)
    clock.shift(DAY)
    pass_time(organization)
    clock.shift(DAY)
    contacts_pin(segment=segment, selection={"ids": [ana.pk]}, is_in=True, actor=SCREEN)
    follow(organization)
    clock.shift(DAY)
    computed(segment_update(segment=segment, rules=IN_OSLO))
    clock.shift(DAY)
    contacts_delete(ids=[bo.pk], actor=SCREEN)
    follow(organization)
    assert moved(segment, 1, 2) == [(ana.pk, "joined", "rules")]
    assert moved(segment, 2, 3) == [(bo.pk, "joined", "data")]
    assert sorted(moved(segment, 3, 4)) == [(pk, "left", "time") for pk in (ana.pk, bo.pk)]
    assert moved(segment, 4, 5) == [(ana.pk, "joined", "manual")]
    assert moved(segment, 5, 6) == [(bo.pk, "joined", "rules")]
    assert moved(segment, 6, 7) == [(bo.pk, "left", "deleted")]
    assert len(moved(segment, 1, 99)) == 7
    assert moved(segment, 7, 99) == []


def test_the_deleted_had_a_part_in_it(organization: Organization, clock: Any) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    clock.shift(DAY)
    operation = contacts_delete(ids=[ana.pk], actor=SCREEN)
    # Still in, and said to be deleted, until that is followed.
    assert [each.deleted_at for each in members(segment=segment)] == [FIRST + DAY]
    follow(organization)
    assert list(members(segment=segment)) == []
    clock.shift(DAY)
    undone(operation)
    follow(organization)
    assert [day for day in range(5) if ana.pk in was_in(segment, day)] == [1, 3, 4]
    assert moved(segment, 2, 4) == [(ana.pk, "left", "deleted"), (ana.pk, "joined", "data")]
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    assert list(was_in(segment, 1)) == [ana.pk]


def test_nobody_else_was_in_it(organization: Organization, clock: Any) -> None:
    make_contact(organization, city="Oslo")
    segment, other = make_segment(organization), make_organization()
    theirs = make_contact(other, city="Oslo")
    elsewhere = make_segment(other)
    assert theirs.pk not in was_in(segment, 1)
    assert was_in(elsewhere, 1) == {}
    with organization_scope(other):
        assert list(was_in(elsewhere, 1)) == [theirs.pk]
        assert was_in(segment, 1) == {}


def test_a_day_ends_with_the_clocks_of_the_organization(
    organization: Organization, clock: Any
) -> None:
    """At noon in UTC it is 1 o'clock of the next day there: whoever joined then was not in on the 1st."""
    organization.timezone = "Pacific/Tongatapu"
    organization.save()
    ana, segment = make_contact(organization, city="Oslo"), make_segment(organization)
    for day, ids in (("2026-03-01", []), ("2026-03-02", [ana.pk])):
        answer = Program(organization).get(f"segments/{segment.pk}/members/?at={day}").json()
        assert [row["id"] for row in answer["results"]] == ids
        page = Screens(organization).get(f"segments/{segment.pk}/", {"at": day})
        assert [contact.pk for contact in page.context["members"]] == ids
