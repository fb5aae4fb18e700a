"""Pins are a part of contacts' patches: told in their history, undone as whatever else is."""

from collections.abc import Callable
from typing import Any

import pytest

from contacts.models import Contact, ContactHistory, ContactOperation
from contacts.selectors.key_labels import key_label, key_labels, key_value
from contacts.services.bulk import selection_by_filters
from contacts.services.contacts import contacts_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembershipLog, SegmentPin
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_start
from segments.services.segments import segment_delete
from tests.factories import SCREEN, make_contact, make_organization, undone
from tests.segments.making import computed, follow, make_segment, members_of


def pin(segment: Segment, *people: Contact, is_in: bool | None = True) -> ContactOperation:
    selection = {"ids": [each.pk for each in people]}
    return contacts_pin(segment=segment, selection=selection, is_in=is_in, actor=SCREEN)


def pins_of(segment: Segment) -> dict[int, bool]:
    return dict(SegmentPin.objects.filter(segment=segment).values_list("contact_id", "is_in"))


def test_what_is_done_by_hand_is_in_the_history(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization, name="Fair")
    assert pin(segment, ana, bo).summary == {"updated": 2}
    # Who is so already is not touched.
    operation = pin(segment, ana, is_in=False)
    assert pin(segment, ana, is_in=False).pk is None
    assert pins_of(segment) == {ana.pk: False, bo.pk: True}
    row = ContactHistory.objects.get(operation=operation)
    key = f"segment:{segment.pk}"
    assert (row.contact_id, row.old_value, row.new_value) == (ana.pk, {key: True}, {key: False})
    assert operation.label == "Always out of Fair"
    labels = key_labels([key])
    assert (key_label(key, labels), key_value(key, True, labels)) == ("By hand in Fair", "yes")


def test_pins_are_undone_one_by_one(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization)
    operations = [pin(segment, ana, is_in=is_in) for is_in in (True, False, None, True)]
    for operation, left in zip(reversed(operations), (None, False, True, None), strict=True):
        undone(operation)
        follow(organization)
        assert pins_of(segment).get(ana.pk) is left
        assert members_of(segment) == ({ana.pk} if left else set())


def test_what_was_pinned_anew_since_is_kept_by_an_undo(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization)
    first = pin(segment, ana, bo)
    pin(segment, bo, is_in=False)
    undone(first)
    assert pins_of(segment) == {bo.pk: False}


def test_an_undo_does_without_a_segment_that_was_deleted(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization)
    key = f"segment:{segment.pk}"
    pin(segment, ana)
    operation = pin(segment, ana, is_in=None)
    segment_delete(segment=segment)
    assert undone(operation).status == "done"
    assert not SegmentPin.objects.exists()
    assert key_label(key, key_labels([key])) == f"By hand in segment {segment.pk} (deleted)"


def test_a_list_knows_no_out(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization, kind="static")
    assert pin(segment, ana, is_in=False).pk is None
    pin(segment, ana)
    operation = pin(segment, ana, is_in=False)
    assert (operation.label, pins_of(segment)) == (f"Took out of {segment}", {})


def test_who_is_deleted_keeps_the_pin_for_when_they_come_back(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization, kind="static")
    pin(segment, ana, bo)
    deletion = contacts_delete(ids=[ana.pk], actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {bo.pk}
    assert pin(segment, ana, is_in=None).pk is None
    undone(deletion)
    follow(organization)
    assert members_of(segment) == {ana.pk, bo.pk}


def test_others_are_never_pinned(organization: Organization) -> None:
    other = make_organization()
    mine, theirs = make_contact(organization), make_contact(other)
    with organization_scope(other):
        foreign = make_segment(other)
    assert pin(make_segment(organization), theirs).pk is None
    # A segment of others is as one that does not exist.
    assert pin(foreign, mine).pk is None
    assert not SegmentPin.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_many_are_pinned_in_the_background(
    monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    organization = make_organization()
    with organization_scope(organization):
        for module in ("segments.services.pins", "contacts.services.bulk"):
            monkeypatch.setattr(f"{module}.BATCH", 2)
        people = {make_contact(organization, city="Oslo").pk for _ in range(5)}
        make_contact(organization)
        segment = make_segment(organization, kind="static")
        run_jobs()
        chosen: dict[str, Any] = {"selection": selection_by_filters({"city": "Oslo"})}
        operation = contacts_pin(segment=segment, is_in=True, actor=SCREEN, **chosen)
        assert (operation.status, operation.progress_total) == ("pending", 5)
        run_jobs()
        operation.refresh_from_db()
        assert (operation.status, operation.summary) == ("done", {"updated": 5})
        assert members_of(segment) == people
        undone(operation)
        run_jobs()
        assert members_of(segment) == set()


def test_a_full_computation_tells_who_was_put_in_by_hand(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    kit = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    pin(segment, bo)
    pin(segment, kit, is_in=False)
    segment_refresh_start(segment=segment, reason="data")
    computed(segment)
    assert members_of(segment) == {ana.pk, bo.pk}
    log = SegmentMembershipLog.objects.filter(segment=segment).exclude(contact_id=ana.pk)
    found = [(row.contact_id, row.action, row.reason) for row in log.order_by("contact_id", "pk")]
    assert found == [
        (bo.pk, "joined", "manual"),
        (kit.pk, "joined", "rules"),
        (kit.pk, "left", "manual"),
    ]
