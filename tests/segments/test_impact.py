"""What other rules would do to a segment, told before they are saved; nothing is changed by asking."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.services.contacts import contacts_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembership
from segments.selectors.impact import SAMPLES, Impact, Side, impact
from segments.services.pins import contacts_pin
from segments.services.segments import segment_update
from tests.factories import SCREEN, make_contact, make_organization
from tests.segments.making import IN_OSLO, computed, follow, make_segment, members_of

IN_BERGEN = IN_OSLO | {"value": "Bergen"}


def figures(side: Side) -> tuple[int | None, set[int]]:
    assert side.size.is_exact
    return side.size.count, {contact.pk for contact in side.samples}


def test_who_would_join_and_leave(organization: Organization) -> None:
    ana, bo, cy = (make_contact(organization, city=city) for city in ("Oslo", "Bergen", None))
    theirs = make_contact(make_organization(), city="Bergen")
    segment = make_segment(organization)
    found = impact(segment=segment, rules=IN_BERGEN)
    assert figures(found.joining) == (1, {bo.pk})
    assert figures(found.leaving) == (1, {ana.pk})
    assert found.used_by == []
    both = impact(segment=segment, rules={"not": IN_OSLO | {"value": "Rome"}})
    assert figures(both.joining) == (2, {bo.pk, cy.pk})
    assert figures(both.leaving) == (0, set())
    assert theirs.pk not in figures(both.joining)[1]
    same = impact(segment=segment, rules=IN_OSLO)
    assert (figures(same.joining), figures(same.leaving)) == ((0, set()), (0, set()))


def test_what_it_says_is_what_happens(organization: Organization) -> None:
    people = [make_contact(organization, city=city) for city in ("Oslo", "Bergen", None, "Rome")]
    ids = [each.pk for each in people]
    segment = make_segment(organization)
    contacts_pin(segment=segment, selection={"ids": [ids[0]]}, is_in=True, actor=SCREEN)
    contacts_pin(segment=segment, selection={"ids": [ids[1]]}, is_in=False, actor=SCREEN)
    follow(organization)
    contacts_delete(ids=[ids[3]], actor=SCREEN)
    follow(organization)
    for rules in ({"not": IN_OSLO}, IN_BERGEN, {"any": [IN_OSLO, IN_BERGEN]}, {"not": IN_BERGEN}):
        before, said = members_of(segment), impact(segment=segment, rules=rules)
        after = members_of(computed(segment_update(segment=segment, rules=rules)))
        assert figures(said.joining) == (len(after - before), after - before)
        assert figures(said.leaving) == (len(before - after), before - after)


def test_asking_changes_nothing(organization: Organization) -> None:
    make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    before = list(SegmentMembership.objects.values())
    impact(segment=segment, rules={"not": IN_OSLO})
    segment.refresh_from_db()
    assert (segment.rules, segment.status) == (IN_OSLO, "ready")
    assert list(SegmentMembership.objects.values()) == before


def test_what_uses_it_is_named(organization: Organization) -> None:
    segment = make_segment(organization)
    looking = {"type": "segment", "operator": "member_of", "segment": segment.pk}
    first = make_segment(organization, looking, name="B")
    second = make_segment(organization, {"not": looking}, name="a")
    make_segment(organization, name="Another")
    found = impact(segment=segment, rules=IN_OSLO).used_by
    assert [(each.what, each.name, each.pk) for each in found] == [
        ("segment", "a", second.pk),
        ("segment", "B", first.pk),
    ]


def test_some_are_shown_however_many_there_are(organization: Organization) -> None:
    segment = make_segment(organization)
    counts = []
    for many in (1, 9):
        for _ in range(many):
            make_contact(organization, city="Bergen")
        with CaptureQueriesContext(connection) as captured:
            found: Impact = impact(segment=segment, rules=IN_BERGEN)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert (found.joining.size.count, len(found.joining.samples)) == (10, SAMPLES)


def test_rules_that_can_not_be_read_are_told_by_path(organization: Organization) -> None:
    segment = make_segment(organization)
    bad: Any
    for bad, place in (
        (None, "rules"),
        ({"any": [{}]}, "rules.any.0"),
        ({"type": 5}, "rules.type"),
    ):
        with pytest.raises(ValidationError) as caught:
            impact(segment=segment, rules=bad)
        assert list(caught.value.message_dict) == [place]
    other = make_organization()
    with organization_scope(other):
        assert not Segment.objects.exists()
