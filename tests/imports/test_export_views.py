"""Exports on screens, as a browser without JavaScript asks for them."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.export_urls import urlpatterns
from imports.models import ExportJob, ExportStatus
from organizations.models import Organization
from organizations.roles import Role
from tests.factories import (
    exported,
    make_contact,
    make_custom_field,
    make_export,
    make_organization,
)
from tests.screens import Screens

pytestmark = pytest.mark.django_db

OF_ONE = [str(each.pattern) for each in urlpatterns if "<int:pk>" in str(each.pattern)]


@pytest.fixture
def screens(organization: Organization) -> Screens:
    return Screens(organization, role=Role.MARKETER)


@pytest.fixture
def viewer(organization: Organization) -> Screens:
    return Screens(organization, role=Role.VIEWER)


def texts(response: Any) -> str:
    """The page without markup, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def checked(response: Any) -> list[str]:
    boxes = re.findall(r'name="columns" value="([^"]+)"( checked)?', response.content.decode())
    return [name for name, is_checked in boxes if is_checked]


def test_from_the_list_to_the_file(organization: Organization, screens: Screens) -> None:
    make_contact(organization, first_name="Ana", city="Oslo", tags=["VIP"])
    make_contact(organization, first_name="Bo", city="Oslo")
    shown = screens.get("contacts/", {"tag": "VIP", "columns": "city,tags"})
    (address,) = set(re.findall(r'href="([^"]*exports/new/[^"]*)"', shown.content.decode()))
    page = screens.client.get(address.replace("&amp;", "&"))
    assert "1 contact now: Tag: VIP" in texts(page)
    assert checked(page) == ["email", "first_name", "last_name", "city", "tags"]
    values = {"format": "csv", "columns": ["first_name", "tags"]}
    started = screens.client.post(address.replace("&amp;", "&"), values)
    job = exported(ExportJob.objects.get())
    assert started.url.endswith(f"/exports/{job.pk}/")
    assert job.started_by == screens.user
    assert "1 contact exported" in texts(screens.get(f"exports/{job.pk}/"))
    response = screens.get(f"exports/{job.pk}/file/")
    assert response["Content-Disposition"] == f'attachment; filename="{job.file_name}"'
    assert response["Cache-Control"] == "private, no-store"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert [row[1:] for row in csv.reader(io.StringIO(text))] == [
        ["First name", "Tags"],
        ["Ana", "VIP"],
    ]


def test_all_columns_are_one_click_away(organization: Organization, screens: Screens) -> None:
    make_contact(organization)
    make_custom_field(organization, "age", "number", label="Age in years")
    page = screens.get("exports/new/", {"columns": "city", "all": "1"})
    assert {"custom:age", "created_at", "external_id"} <= set(checked(page))
    assert "Age in years (age)" in texts(page)


def test_columns_keep_their_order_through_an_error(
    organization: Organization, screens: Screens
) -> None:
    make_contact(organization)
    values = {"format": "pdf", "columns": ["city", "email"]}
    page = screens.post("exports/new/", values)
    assert page.status_code == 422
    assert checked(page) == ["city", "email"]
    assert b'role="alert"' in page.content
    assert "Choose at least one column" in texts(screens.post("exports/new/", {"format": "csv"}))
    assert not ExportJob.objects.exists()


def test_says_when_there_is_nobody_or_nonsense(screens: Screens) -> None:
    assert "Nobody to export" in texts(screens.get("exports/new/", {"tag": "nope"}))
    wrong = screens.get("exports/new/", {"created_after": "soon"})
    assert "is not a date" in texts(wrong)


def test_selected_contacts_are_said_as_a_number(
    organization: Organization, screens: Screens
) -> None:
    ids = [make_contact(organization).pk for _ in range(3)]
    page = screens.get("exports/new/", {"id": f"{ids[0]},{ids[1]}"})
    assert "2 contacts now: 2 selected contacts" in texts(page)


def test_the_list_says_what_to_do_when_empty(screens: Screens, viewer: Screens) -> None:
    assert "Nothing has been exported yet" in texts(screens.get("exports/"))
    assert "can’t start one" in texts(viewer.get("exports/"))


def test_the_list_takes_the_same_number_of_queries(
    organization: Organization, screens: Screens
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert screens.get("exports/").status_code == 200
        return len(captured)

    make_export(organization, filters={"tag": "VIP"})
    screens.get("exports/")
    one = queries()
    for _ in range(19):
        make_export(organization, filters={"tag": "VIP"})
    assert queries() == one


@pytest.mark.parametrize("path", ["contacts/", "exports/new/"])
def test_pages_take_the_same_number_of_queries(
    organization: Organization, screens: Screens, path: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert screens.get(path).status_code == 200
        return len(captured)

    make_contact(organization, tags=["VIP"])
    make_custom_field(organization, "age", "number")
    screens.get(path)
    one = queries()
    for number in range(19):
        make_contact(organization, tags=["VIP"])
        make_custom_field(organization, f"field_{number}")
    assert queries() == one


def test_progress_is_polled_until_the_end(organization: Organization, screens: Screens) -> None:
    make_contact(organization)
    job = make_export(organization)
    path = f"exports/{job.pk}/"
    part = screens.get(path, HX_Request="true")
    assert "Counting the contacts" in texts(part)
    assert "Waiting for a worker" in texts(part)
    assert b"hx-trigger" in part.content
    assert b"<h1" not in part.content
    ExportJob.objects.update(
        progress_done=50, progress_total=200, started_at="2026-01-01T00:00:00Z", phase="write"
    )
    part = screens.get(path, HX_Request="true")
    assert "25 % 50 of 200 contacts" in texts(part)
    assert b'data-milestone="20 % exported"' in part.content
    ExportJob.objects.update(progress_done=0, phase="count")
    exported(ExportJob.objects.get())
    part = screens.get(path, HX_Request="true")
    assert b"hx-trigger" not in part.content
    assert b'data-milestone="The export is done"' in part.content
    assert b"exports-table" in screens.get("exports/", HX_Request="true").content


def test_a_running_export_is_cancelled(organization: Organization, screens: Screens) -> None:
    job = make_export(organization)
    assert "Running" in texts(screens.get(""))
    response = screens.client.post(screens.address(f"exports/{job.pk}/cancel/"), follow=True)
    assert "Nothing of the file is kept" in texts(response)
    assert screens.get(f"exports/{job.pk}/file/").status_code == 404
    again = screens.client.post(screens.address(f"exports/{job.pk}/cancel/"), follow=True)
    assert "can&#x27;t be cancelled" in again.content.decode()


def test_says_when_the_file_was_removed_and_why_it_failed(
    organization: Organization, screens: Screens
) -> None:
    job = exported(make_export(organization))
    ExportJob.objects.update(removed_at=job.finished_at)
    assert "The file was removed" in texts(screens.get(f"exports/{job.pk}/"))
    assert "File removed" in texts(screens.get("exports/"))
    assert screens.get(f"exports/{job.pk}/file/").status_code == 404
    ExportJob.objects.update(status=ExportStatus.FAILED, error="No space left.")
    assert "No space left." in texts(screens.get(f"exports/{job.pk}/"))
    assert "File removed" not in texts(screens.get("exports/"))


def test_a_viewer_sees_but_takes_nothing_away(organization: Organization, viewer: Screens) -> None:
    make_contact(organization)
    job = exported(make_export(organization))
    page = viewer.get(f"exports/{job.pk}/")
    assert page.status_code == 200
    content = page.content.decode().partition("<main")[2]
    assert "/file/" not in content
    assert "exports/new" not in content
    assert "exports/new" not in viewer.get("contacts/").content.decode()
    assert viewer.get(f"exports/{job.pk}/file/").status_code == 403
    assert viewer.get("exports/new/").status_code == 403
    assert viewer.post("exports/new/").status_code == 403
    assert viewer.post(f"exports/{job.pk}/cancel/").status_code == 403


@pytest.mark.parametrize("path", OF_ONE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_organizations_exports_are_not_there(
    screens: Screens, path: str, method: str
) -> None:
    theirs = exported(make_export(make_organization()))
    address = "exports/" + path.replace("<int:pk>", str(theirs.pk))
    assert getattr(screens, method)(address).status_code in (404, 405)
    assert screens.get(address).status_code in (404, 405)


def test_the_list_shows_own_exports_alone(screens: Screens) -> None:
    make_export(make_organization())
    assert "Nothing has been exported yet" in texts(screens.get("exports/"))
