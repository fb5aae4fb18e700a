"""What goes out comes back unchanged, whatever is in it; and no spreadsheet runs it."""

import datetime as dt
import io
from itertools import product

import openpyxl
import pytest
from django.core.files.base import ContentFile

from contacts.models import Contact
from contacts.services.contacts import contacts_delete
from imports.models import ExportStatus, ImportRecord
from imports.services.error_file import error_file_lines
from imports.services.export_rows import ESCAPED
from imports.services.uploads import import_create
from organizations.formulas import FORMULA_STARTS, escape_formula
from organizations.models import Organization
from organizations.statements import fetch_all
from tests.factories import (
    SCREEN,
    checked,
    exported,
    make_contact,
    make_custom_field,
    make_export,
    make_import,
)
from tests.imports.exported_files import (
    cells,
    content,
    imported_again,
    make_nasty_people,
    sheet,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(organization: Organization) -> list[Contact]:
    return make_nasty_people(organization)


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
