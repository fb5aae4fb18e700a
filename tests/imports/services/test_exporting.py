"""Exports: whom they hold, part by part; their end, and the end of their files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from contacts.selectors.contact_list import contact_list
from contacts.services.contacts import contacts_delete
from imports.jobs import enqueue_expired
from imports.models import ExportJob, ExportStatus
from imports.services import exporting
from imports.services.exporting import export_cancel
from organizations.models import Organization
from organizations.services.leases import LeaseLost, lease_take
from tests.factories import (
    SCREEN,
    exported,
    make_contact,
    make_custom_field,
    make_export,
    make_organization,
)
from tests.imports.exported_files import (
    cells,
    content,
    make_nasty_people,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(organization: Organization) -> list[Contact]:
    return make_nasty_people(organization)


def ids_in(job: ExportJob) -> list[int]:
    return [int(row[0]) for row in cells(job)[1:]]


FILTERS = (
    {"q": "ann"}, {"tag": "vip"}, {"is_subscribed": "false"}, {"city": "Oslo", "tag": "VIP"}, {"id": "0"}, {"kind": ""},
)  # fmt: skip


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_holds_those_whom_the_list_shows(
    organization: Organization, filters: dict[str, str]
) -> None:
    make_contact(organization, first_name="Ann", city="Oslo", tags=["VIP"])
    make_contact(organization, first_name="Ann", city="Bergen", is_subscribed=False)
    make_contact(organization, first_name="Bo", city="Oslo", tags=["VIP", "Friend"])
    deleted = make_contact(organization, first_name="Ann", city="Oslo", tags=["VIP"])
    contacts_delete(ids=[deleted.pk], actor=SCREEN)
    make_contact(make_organization(), first_name="Ann", city="Oslo", tags=["VIP"])
    expected = contact_list(filters=filters).order_by("pk").values_list("pk", flat=True)
    assert ids_in(exported(make_export(organization, filters=filters))) == list(expected)


def test_nobody_twice_and_nobody_lost_over_many_parts(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 3)
    made = [make_contact(organization).pk for _ in range(10)]
    job = make_export(organization)
    make_contact(organization)
    done = exported(job)
    assert ids_in(done) == made
    assert (done.progress_done, done.progress_total, done.parts) == (10, 10, [])
    assert done.storage.listdir(done.folder)[1] == [done.file.name.rpartition("/")[2]]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_size_of_parts_makes_no_difference(
    organization: Organization,
    people: list[Contact],
    format: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = content(exported(make_export(organization, format=format)))
    monkeypatch.setattr(exporting, "PART_ROWS", 2)
    assert content(exported(make_export(organization, format=format))) == whole


def test_a_part_takes_the_same_number_of_queries(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries(size: int) -> int:
        monkeypatch.setattr(exporting, "PART_ROWS", size)
        job = make_export(organization)
        with CaptureQueriesContext(connection) as captured:
            exported(job)
        return len(captured)

    for number in range(20):
        make_contact(organization, tags=["VIP", f"Tag {number}"])
    in_two, in_three = queries(10), queries(8)
    assert queries(20) == in_two - (in_three - in_two)
    assert queries(5) == in_two + 2 * (in_three - in_two)


def test_a_field_that_goes_meanwhile_stays_in_the_file(organization: Organization) -> None:
    field = make_custom_field(organization, "age", "number")
    make_contact(organization, custom_fields={"age": 31})
    job = make_export(organization, columns=["custom:age"])
    field.delete()
    assert [row[1] for row in cells(exported(job))] == ["age", "31"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"filters": {"nope": "1"}}, "filters.nope"),
        ({"filters": {"is_active": "maybe"}}, "filters.is_active"),
        ({"columns": ["email", "nope"]}, "columns.1"),
        ({"columns": ["custom:nope"]}, "columns.0"),
        ({"format": "pdf"}, "format"),
    ],
)
def test_refuses_what_is_wrong(
    organization: Organization, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        make_export(organization, **changes)
    assert path in caught.value.error_dict
    assert not ExportJob.objects.exists()


def test_too_many_for_a_spreadsheet_says_so(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_ROWS", 3)
    for _ in range(3):
        make_contact(organization)
    job = exported(make_export(organization, format="xlsx"))
    assert job.status == ExportStatus.FAILED
    assert "Export them as CSV" in job.error
    assert exported(make_export(organization)).status == ExportStatus.COMPLETED


def test_cancelling_leaves_no_file(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    for _ in range(3):
        make_contact(organization)
    job = make_export(organization)
    lease = lease_take(work=job)
    assert lease is not None
    for _ in range(3):
        exporting._step(job, lease)
    job.refresh_from_db()
    assert (job.progress_done, len(job.parts)) == (2, 2)
    export_cancel(job=job)
    with pytest.raises(LeaseLost):
        exporting._write(job, lease)
    job.refresh_from_db()
    assert (job.status, job.parts) == (ExportStatus.CANCELLED, [])
    assert not job.storage.exists(job.folder) or job.storage.listdir(job.folder)[1] == []
    with pytest.raises(ValidationError, match="can't be cancelled"):
        export_cancel(job=job)


def test_a_lost_part_is_noticed(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:

    make_contact(organization)
    job = make_export(organization)
    lease = lease_take(work=job)
    assert lease is not None
    for _ in range(3):
        exporting._step(job, lease)
    job.refresh_from_db()
    job.storage.delete(job.parts[0][0])
    assert exporting.export_run(job, lease=lease) is True
    job.refresh_from_db()
    assert (job.status, job.error) == (
        ExportStatus.FAILED,
        "A part of the file is gone from the storage. Start the export again.",
    )


def test_files_go_when_their_time_is_up(organization: Organization, run_jobs: Any) -> None:

    make_contact(organization)
    kept, old = exported(make_export(organization)), exported(make_export(organization))
    running = make_export(organization)
    run_jobs()
    past = timezone.now() - timedelta(seconds=1)
    ExportJob.objects.filter(pk__in=[old.pk, running.pk]).update(expires_at=past)
    ExportJob.objects.filter(pk=running.pk).update(status=ExportStatus.RUNNING)
    enqueue_expired()
    assert run_jobs() == 1
    for job in (kept, old, running):
        job.refresh_from_db()
    assert (kept.has_file, old.has_file, running.removed_at) == (True, False, None)
    assert not old.storage.exists(old.file.name)
    assert kept.storage.exists(kept.file.name)
    assert old.progress_done == 1
    enqueue_expired()
    assert run_jobs() == 0
