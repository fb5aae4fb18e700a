"""Exports: what goes out comes back unchanged, whatever is in it."""

import csv
import datetime as dt
import io
from datetime import timedelta
from itertools import product
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from contacts.models import Contact
from contacts.selectors.contact_list import contact_list
from contacts.services.contacts import contacts_delete
from imports.jobs import enqueue_expired
from imports.models import ExportJob, ExportStatus, ImportJob, ImportRecord
from imports.services import exporting
from imports.services.error_file import error_file_lines
from imports.services.export_rows import ESCAPED
from imports.services.exporting import export_cancel
from imports.services.uploads import import_create
from organizations.formulas import FORMULA_STARTS, escape_formula
from organizations.models import Organization
from organizations.services.leases import LeaseLost, lease_take
from organizations.statements import fetch_all
from tests.factories import (
    SCREEN,
    checked,
    exported,
    make_contact,
    make_custom_field,
    make_export,
    make_import,
    make_organization,
)

pytestmark = pytest.mark.django_db(transaction=True)

CHOICES = ["Red", "Blue; or so", 'The "big" one', "=1+1", "[x]", "A, B", "A", "B"]
PLAIN_CHOICES = ["Mail", "Phone", "Post"]
# Values that spreadsheets, CSV and careless code damage.
NASTY: list[dict[str, Any]] = [
    {"first_name": "=1+1", "last_name": "+Plus", "city": "-Minus", "company_name": "@home"},
    {"first_name": "'=quoted", "last_name": "''+twice", "city": "'s-Hertogenbosch"},
    {"first_name": 'Ann "Nan"', "last_name": "O'Brien", "company_name": 'Berg, Dahl; "& Sons" | Co'},
    {"first_name": "Two\nlines", "last_name": "a\r\nb", "city": "tab\tinside", "job_title": "<b>&amp;"},
    {"external_id": "00123", "source": "007", "job_title": "1e5", "company_name": "2026-03-01"},
    {"external_id": "12345678901234567890", "city": "0.10", "first_name": "TRUE", "last_name": "null"},
    {"first_name": "Zoë 🎉", "last_name": "李", "city": "القاهرة", "country": "नेपाल"},
    {"email": "=formula@example.com", "phone": "+4791774319"},
    {"email": "-dash@example.com", "is_subscribed": False, "is_active": False, "kind": "company"},
    {"email": "Ünï.Cøde@exämple.com", "timezone": "Europe/Oslo", "language": "nb-NO"},
    {"first_name": "_x0041_", "last_name": "_X005F_x", "city": "\\N", "country": "\\."},
    {"first_name": "#N/A", "last_name": "#REF!", "job_title": "x" * 300, "city": "NULL"},
]  # fmt: skip
CUSTOM: list[dict[str, Any]] = [
    {"note": "=HYPERLINK(\"http://evil.example\",\"click\")", "count": -5, "since": "1899-12-31"},
    {"note": "long " * 1999, "count": 0.1, "since": "2026-02-28", "at": "2026-03-01T12:30:15.123456Z"},
    {"note": "000", "count": 999999999999999, "is_member": False, "color": "=1+1"},
    {"count": 1e-07, "is_member": True, "colors": ["Red", "A, B"], "color": "A, B"},
    {"colors": ["A", "B"], "ways": ["Mail", "Post"], "site": "https://example.com/?a=1,2;3"},
    {"colors": ["=1+1", "[x]"], "since": "0001-01-01", "at": "2026-03-01T00:00:00Z"},
]  # fmt: skip
TAGS = [["VIP", "Friend of the house"], ['"quoted"', "5\" disk"], ["=1+1"], ["[1]"], ["['x']", "- dash"]]  # fmt: skip


@pytest.fixture
def people(organization: Organization) -> list[Contact]:
    """Contacts with everything that can go wrong."""
    for key, kind in (
        *(("note", "text"), ("count", "number"), ("since", "date"), ("at", "datetime")),
        *(("is_member", "boolean"), ("site", "url"), ("city", "text")),
    ):
        make_custom_field(organization, key, kind)
    make_custom_field(organization, "color", "choice", choices=CHOICES)
    make_custom_field(organization, "colors", "multi_choice", choices=CHOICES)
    make_custom_field(organization, "ways", "multi_choice", choices=PLAIN_CHOICES, label="E-mail")
    return [
        make_contact(
            organization,
            tags=TAGS[number % len(TAGS)],
            custom_fields=CUSTOM[number % len(CUSTOM)],
            **values,
        )
        for number, values in enumerate(NASTY)
    ]


def content(job: ExportJob) -> bytes:
    with job.file.open("rb") as file:
        return bytes(file.read())


def cells(job: ExportJob) -> list[list[str]]:
    text = content(job).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def sheet(job: ExportJob) -> list[list[Any]]:
    return (
        CalamineWorkbook.from_filelike(io.BytesIO(content(job))).get_sheet_by_index(0).to_python()
    )


def imported_again(job: ExportJob, **options: Any) -> ImportJob:
    """The exported file, uploaded, mapped exactly as proposed, and checked."""

    file = ContentFile(content(job), name=job.file_name)
    return checked(import_create(file=file, actor=SCREEN, **options))


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_goes_out_comes_back_unchanged(
    organization: Organization, people: list[Contact], format: str
) -> None:
    job = exported(make_export(organization, format=format))
    assert (job.status, job.progress_done, job.error) == (ExportStatus.COMPLETED, len(people), "")
    again = imported_again(job)
    mapped = [entry["target"] for entry in again.mapping]
    assert mapped == [None, *(each["name"] for each in job.columns[:-2]), None, None]
    found = ImportRecord.objects.filter(errors__isnull=False).values_list("errors", flat=True)
    assert (list(found), again.predicted_counts) == ([], {"unchanged": len(people)})


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_it_comes_back_by_external_id_too(organization: Organization, format: str) -> None:
    for number in range(3):
        make_contact(organization, email=None, external_id=f"00{number}", tags=["VIP"])
    job = exported(make_export(organization, format=format))
    assert imported_again(job, match="external_id").predicted_counts == {"unchanged": 3}


def test_an_export_makes_the_same_contacts_elsewhere(
    organization: Organization, people: list[Contact]
) -> None:
    """What Kith knows again by its headers, and not by ids."""
    job = exported(make_export(organization))
    contacts_delete(ids=[contact.pk for contact in people], actor=SCREEN)
    again = imported_again(job)
    # Who opted out and was deleted stays opted out.
    assert again.predicted_counts == {"created": len(people)}


def test_an_edited_export_changes_what_was_edited_and_nothing_else(
    organization: Organization,
) -> None:
    make_contact(organization, email="ana@example.org", city="=Oslo", phone="+4791774319")
    make_contact(organization, email="bo@example.org", city="Bergen")
    text = content(exported(make_export(organization))).decode()
    job = make_import(organization, text.replace("Bergen", "'=Bergen"))
    assert checked(job).predicted_counts == {"unchanged": 1, "updated": 1}


def test_a_column_that_somebody_added_is_asked_about(organization: Organization) -> None:
    make_contact(organization, email="ana@example.org")
    job = exported(make_export(organization, columns=["email"]))
    head, row = content(job).decode().splitlines()

    text = f"{head},Work email,Town\n{row},ana@work.example,Oslo\n"
    again = import_create(file=ContentFile(text.encode(), name="x.csv"), actor=SCREEN)
    assert [entry["target"] for entry in again.mapping] == [None, "email", None, "city"]


def test_the_error_file_of_an_export_comes_back_as_it_was_meant(
    organization: Organization,
) -> None:

    make_contact(organization, email="ana@example.org", city="'=Oslo")
    text = content(exported(make_export(organization))).decode()
    job = checked(make_import(organization, text.replace("ana@example.org", "bad")))
    assert job.predicted_counts == {"failed": 1}
    corrected = "".join(error_file_lines(job=job)).replace(",bad,", ",ana@example.org,")
    again = make_import(organization, corrected)
    assert checked(again).predicted_counts == {"unchanged": 1}


def test_headers_and_cells_of_csv(organization: Organization) -> None:
    make_custom_field(organization, "age", "number", label="E-mail")
    contact = make_contact(
        organization,
        email="ana@example.org",
        external_id="00123",
        phone="+4791774319",
        custom_fields={"age": -5},
        tags=["b", "A"],
    )
    names = ["external_id", "email", "phone", "custom:age", "tags", "is_subscribed"]
    job = exported(make_export(organization, columns=names))
    assert content(job).startswith(b"\xef\xbb\xbfKith ID,")
    assert cells(job) == [
        ["Kith ID", "External ID", "E-mail", "Phone", "age", "Tags", "Subscribed"],
        [str(contact.pk), "00123", "ana@example.org", "'+4791774319", "-5", "A; b", "true"],
    ]
    assert job.file_size == len(content(job))


def test_no_cell_of_text_begins_as_a_formula(
    organization: Organization, people: list[Contact]
) -> None:
    job = exported(make_export(organization))
    numbers = [index for index, each in enumerate(cells(job)[0]) if each == "count"]
    for row in cells(job):
        for index, cell in enumerate(row):
            assert index in numbers or not cell.startswith(FORMULA_STARTS), cell


def test_the_database_escapes_as_the_importer_takes_back(organization: Organization) -> None:
    texts = ["".join(each) for each in product(["", "'", "''", "a"], [*FORMULA_STARTS, "", "x"])]
    escaped = "select {} from unnest(%(texts)s::text[]) with ordinality as t (c, n) order by n"
    rows = fetch_all(escaped.format(ESCAPED.format(cell="c")), {"texts": texts})
    assert [row[0] for row in rows] == [escape_formula(text) for text in texts]


def test_cells_of_a_workbook_are_what_they_are(organization: Organization) -> None:

    make_custom_field(organization, "age", "number")
    make_custom_field(organization, "since", "date")
    values = {"age": -5, "since": "2026-03-01"}
    make_contact(
        organization,
        email="=a@example.org",
        external_id="00123",
        phone="+4791774319",
        custom_fields=values,
    )
    make_contact(organization, custom_fields={"since": "1850-01-01"}, email="b@example.org")
    names = ["email", "external_id", "phone", "custom:age", "custom:since", "is_active"]
    header, *rows = sheet(exported(make_export(organization, columns=names, format="xlsx")))
    assert header[1:] == ["E-mail", "External ID", "Phone", "age", "since", "Active"]
    first = ["=a@example.org", "00123", "+4791774319", -5, dt.date(2026, 3, 1), True]
    assert rows[0][1:] == first
    assert rows[1][1:] == ["b@example.org", "", "", "", "1850-01-01", True]


def test_a_workbook_is_one_for_other_programs_too(
    organization: Organization, people: list[Contact]
) -> None:

    job = exported(make_export(organization, format="xlsx"))
    workbook = openpyxl.load_workbook(io.BytesIO(content(job)))
    rows = list(workbook.active.iter_rows(values_only=True))
    assert len(rows) == len(people) + 1
    assert all(cell.data_type != "f" for row in workbook.active.iter_rows() for cell in row)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_of_nobody_has_its_header(organization: Organization, format: str) -> None:
    job = exported(make_export(organization, columns=["email"], format=format))
    assert (job.status, job.progress_done) == (ExportStatus.COMPLETED, 0)
    read = cells if format == "csv" else sheet
    assert read(job) == [["Kith ID", "E-mail"]]


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
