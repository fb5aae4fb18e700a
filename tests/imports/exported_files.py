"""What is in an exported file, and contacts whose values such files damage if anything does."""

import csv
import io
from typing import Any

from django.core.files.base import ContentFile
from python_calamine import CalamineWorkbook

from contacts.models import Contact
from imports.models import ExportJob, ImportJob
from imports.services.uploads import import_create
from organizations.models import Organization
from tests.factories import (
    SCREEN,
    checked,
    make_contact,
    make_custom_field,
)

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


def make_nasty_people(organization: Organization) -> list[Contact]:
    """Contacts with everything that can go wrong in a file."""
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
