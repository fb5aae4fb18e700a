"""Exporting in a real browser: from the list to a file that opens."""

import csv
from typing import Any

from playwright.sync_api import expect

from imports.models import ExportJob
from organizations.scope import organization_scope
from tests.e2e.conftest import Visitor
from tests.factories import exported, make_contact


def _finish(visitor: Visitor) -> ExportJob:
    """Do what a worker would, while the page waits for it."""
    with organization_scope(visitor.organization):
        return exported(ExportJob.objects.latest("pk"))


def _downloaded(visitor: Visitor) -> list[list[str]]:
    page = visitor.page
    with page.expect_download() as download:
        page.locator("#export-download").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_what_the_list_shows_is_exported_and_downloaded(visitor: Visitor) -> None:
    make_contact(visitor.organization, first_name="Ada", city="Oslo", tags=["VIP"])
    make_contact(visitor.organization, first_name="Bob", city="Bergen")
    page = visitor.visit("contacts/")
    page.locator("#q").fill("ada")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("#export-list").click()
    expect(page.get_by_text("1 contact now: Search: ada")).to_be_visible()
    page.get_by_label("Company", exact=True).uncheck()
    page.get_by_role("button", name="Start the export").click()
    expect(page.get_by_text("Counting the contacts…")).to_be_visible()
    _finish(visitor)
    expect(page.get_by_role("heading", name="1 contact exported")).to_be_visible()
    expect(page.locator("#k-live")).to_have_text("The export is done")
    header, row = _downloaded(visitor)
    assert {"Kith ID", "E-mail", "First name", "Tags", "City"} <= set(header)
    assert "Company" not in header
    assert row[header.index("First name")] == "Ada"


def test_selected_rows_are_exported(visitor: Visitor) -> None:
    for name in ("Ada", "Bob", "Cy"):
        make_contact(visitor.organization, first_name=name)
    page = visitor.visit("contacts/")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("2 contacts selected")).to_be_visible()
    page.locator("[data-export]").click()
    expect(page.get_by_text("2 contacts now: 2 selected contacts")).to_be_visible()
    page.get_by_role("button", name="Start the export").click()
    expect(page.locator("#export-cancel")).to_be_visible()
    _finish(visitor)
    header, *rows = _downloaded(visitor)
    names: Any = {row[header.index("First name")] for row in rows}
    assert names == {"Cy", "Bob"}


def test_a_running_export_is_cancelled(visitor: Visitor) -> None:
    make_contact(visitor.organization)
    page = visitor.visit("exports/new/")
    page.get_by_label("Excel (XLSX)").check()
    page.get_by_role("button", name="Start the export").click()
    page.locator("#export-cancel").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
