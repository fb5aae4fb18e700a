"""Whom work on many contacts is about: fixed when they are selected, however long the work takes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import Contact, ContactHistory, ContactOperation, OperationBatch, OperationKind
from contacts.selectors.contact_list import contact_list, filters_fixed
from contacts.selectors.operations import outcome_counts
from contacts.services import bulk
from contacts.services.bulk import bulk_edit_start, selected, selection_by_filters
from contacts.services.contacts import contacts_delete
from contacts.services.operations import operation_pause, operation_resume, operation_start
from imports.models import ExportJob
from imports.selectors.export_list import export_filters
from imports.services import exporting
from organizations.models import Organization
from organizations.services.leases import Lease, LeaseLost, lease_take
from tags.services.tags import tag_delete, tags_assign, tags_remove
from tests.factories import SCREEN, make_contact, make_export, make_tag
from tests.imports.exported_files import cells

pytestmark = pytest.mark.django_db

LAST_WEEK = {"created_in_last": "7d"}
HALF = timedelta(minutes=30)


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let it be earlier or later than it is."""
    real = timezone.now

    def move(by: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + by)

    return move


@pytest.fixture
def week_old(organization: Organization) -> list[Contact]:
    """Contacts in the order of their ids: of today, then just younger than a week, and just older."""
    ages = (timedelta(), timedelta(days=7) - HALF, timedelta(days=7) + HALF)
    contacts = [make_contact(organization, city="Rome") for _ in ages]
    for contact, age in zip(contacts, ages, strict=True):
        Contact.objects.filter(pk=contact.pk).update(created_at=timezone.now() - age)
    return contacts


def lease_of(work: Any) -> Lease:
    lease = lease_take(work=work)
    assert lease is not None
    return lease


@pytest.mark.parametrize("later", [2 * HALF, -2 * HALF])
def test_who_is_edited_is_not_a_matter_of_time(
    organization: Organization,
    week_old: list[Contact],
    move_clock: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
    later: timedelta,
) -> None:
    """Nobody is lost, or comes to it, between two batches."""
    monkeypatch.setattr(bulk, "BATCH", 1)
    selection = selection_by_filters(LAST_WEEK)
    operation = bulk_edit_start(
        selection=selection, patch={"city": "Oslo"}, actor=SCREEN, label="Moved"
    )
    lease = lease_of(operation)
    assert not bulk._step(operation, lease)
    move_clock(later)
    while not bulk._step(operation, lease):
        pass
    moved = Contact.objects.filter(city="Oslo").order_by("pk")
    assert list(moved) == week_old[:2]
    assert ContactOperation.objects.get(pk=operation.pk).progress_done == 2


def test_who_is_edited_is_who_matched_when_it_began(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever becomes of what they were found by; who is gone by then is skipped."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    tag = make_tag(organization, "Guest")
    people = [make_contact(organization, tags=["Guest"]) for _ in range(5)]
    late = make_contact(organization)
    operation = bulk_edit_start(
        selection=selection_by_filters({"tag": "Guest"}),
        patch={"city": "Oslo"},
        actor=SCREEN,
        label="Moved",
    )
    assert operation.progress_total == 5
    tags_remove(ids=[people[3].pk], tags=[tag], actor=SCREEN)
    tags_assign(ids=[late.pk], tags=[tag], actor=SCREEN)
    contacts_delete(ids=[people[0].pk], actor=SCREEN)
    tag_delete(tag=tag, actor=SCREEN)
    assert bulk.bulk_edit_run(operation, lease=lease_of(operation))
    assert set(Contact.objects.filter(city="Oslo")) == set(people[1:])
    done = ContactOperation.objects.get(pk=operation.pk)
    assert (done.progress_done, done.summary) == (5, {"updated": 4, "skipped": 1})
    assert outcome_counts(operation=done) == [("Changed", 4), ("Deleted before their turn", 1)]
    assert not OperationBatch.objects.exists()


def test_each_batch_is_edited_once_whatever_comes_between(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another operation, a worker that loses its lease in mid-batch, and a pause."""
    monkeypatch.setattr(bulk, "BATCH", 2)
    people = sorted(make_contact(organization).pk for _ in range(5))

    def moved(ids: list[int], city: str) -> ContactOperation:
        selection = {"ids": ids}
        return bulk_edit_start(
            selection=selection, patch={"city": city}, actor=SCREEN, label="Moved"
        )

    first, second = moved(people, "Oslo"), moved(people[:3], "Rome")
    assert batches(first) == [people[:2], people[2:4], people[4:]]
    lease = lease_of(first)
    assert not bulk._step(first, lease)
    assert bulk.bulk_edit_run(second, lease=lease_of(second))
    assert (batches(first), batches(second)) == ([people[2:4], people[4:]], [])
    taken = ContactOperation.objects.filter(pk=first.pk)
    taken.update(claim_token=None)
    with pytest.raises(LeaseLost):
        bulk._step(first, lease)
    assert batches(first) == [people[2:4], people[4:]]
    operation_resume(operation=operation_pause(operation=first))
    assert bulk.bulk_edit_run(first, lease=lease_of(first))
    assert ContactHistory.objects.filter(operation=second).count() == 3
    rows = ContactHistory.objects.filter(operation=first).order_by("contact_id")
    assert list(rows.values_list("contact_id", flat=True)) == people
    assert taken.get().summary == {"updated": 5}
    cities = Contact.objects.order_by("pk").values_list("city", flat=True)
    assert list(cities) == ["Rome", "Rome", "Oslo", "Oslo", "Oslo"]


def batches(operation: ContactOperation) -> list[list[int]]:
    """Whom an operation is still about."""
    return list(operation.batches.order_by("number").values_list("contact_ids", flat=True))


def test_nobody_is_a_selection_too(organization: Organization) -> None:
    operation = bulk_edit_start(
        selection={"ids": []}, patch={"city": "Oslo"}, actor=SCREEN, label="Moved"
    )
    assert operation.progress_total == 0
    assert bulk.bulk_edit_run(operation, lease=lease_of(operation))
    assert ContactOperation.objects.get(pk=operation.pk).status == "done"


def test_what_an_earlier_version_began_goes_on_where_it_was(organization: Organization) -> None:
    people = [make_contact(organization) for _ in range(3)]
    selection = {"filters": {}, "max_id": people[2].pk}
    operation = operation_start(
        kind=OperationKind.BULK_EDIT,
        actor=SCREEN,
        params={"selection": selection, "patch": {"city": "Oslo"}, "notes": ""},
    )
    operation.cursor, operation.progress_done = people[0].pk, 1
    operation.save()
    assert bulk.bulk_edit_run(operation, lease=lease_of(operation))
    assert list(Contact.objects.filter(city="Oslo").order_by("pk")) == people[1:]
    done = ContactOperation.objects.get(pk=operation.pk)
    assert (done.progress_done, done.progress_total) == (3, 3)


@pytest.mark.parametrize("later", [2 * HALF, -2 * HALF])
def test_who_is_exported_is_not_a_matter_of_time(
    organization: Organization,
    week_old: list[Contact],
    move_clock: Callable[[timedelta], None],
    monkeypatch: pytest.MonkeyPatch,
    later: timedelta,
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    job = make_export(organization, filters=LAST_WEEK, columns=["city"])
    lease = lease_of(job)
    # Counted, and the first one written.
    for _ in range(2):
        assert not exporting._step(job, lease)
    move_clock(later)
    while not exporting._step(job, lease):
        pass
    done = ExportJob.objects.get(pk=job.pk)
    assert [int(row[0]) for row in cells(done)[1:]] == [each.pk for each in week_old[:2]]
    assert (done.progress_total, export_filters(done)) == (2, LAST_WEEK)


def test_the_later_of_two_beginnings_counts(organization: Organization) -> None:
    now = timezone.now()
    young, old = ((now - timedelta(days=days)).isoformat() for days in (2, 20))
    assert filters_fixed(LAST_WEEK | {"created_after": young})["created_after"] == young
    assert filters_fixed(LAST_WEEK | {"created_after": old})["created_after"] > old
    assert filters_fixed({"created_after": old, "city": "Oslo"}) == {
        "created_after": old,
        "city": "Oslo",
    }
    with pytest.raises(ValidationError):
        filters_fixed(LAST_WEEK | {"created_after": "soon"})


def test_what_is_fixed_means_what_was_said(
    organization: Organization, week_old: list[Contact]
) -> None:
    for said in (LAST_WEEK, LAST_WEEK | {"created_after": "2000-01-01"}, {"created_in_last": ""}):
        shown = list(contact_list(filters=said).order_by("pk"))
        assert list(selected(selection_by_filters(said)).order_by("pk")) == shown


def test_what_was_selected_by_an_earlier_version_still_is(
    organization: Organization, week_old: list[Contact]
) -> None:
    assert selected({"filters": LAST_WEEK, "max_id": week_old[0].pk}).get() == week_old[0]
