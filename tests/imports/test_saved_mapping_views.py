"""Saved mappings on screens, as a browser without JavaScript asks for them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import ImportJob, ImportMapping
from imports.services.saved_mappings import mapping_save
from organizations.models import Organization
from organizations.roles import Role
from tests.factories import (
    SCREEN,
    imported,
    make_custom_field,
    make_import,
    make_mapping,
    make_organization,
)
from tests.screens import Screens

pytestmark = pytest.mark.django_db

PATH = "imports/mappings/"


@pytest.fixture
def screens(organization: Organization) -> Screens:
    return Screens(organization, role=Role.MARKETER)


def texts(response: Any) -> str:
    """The page without markup, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def queries(screens: Screens, path: str) -> int:
    screens.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert screens.get(path).status_code == 200
    return len(captured)


def test_imports_lead_to_them(screens: Screens) -> None:
    assert f"/o/{screens.organization.slug}/{PATH}" in screens.get("imports/").content.decode()


def test_an_empty_list_says_how_one_is_saved(screens: Screens) -> None:
    page = texts(screens.get(PATH))
    assert "No mapping is saved yet" in page
    assert "Import a file" in page
    viewer = Screens(screens.organization, role=Role.VIEWER)
    assert "Import a file" not in texts(viewer.get(PATH))


def test_the_list_says_what_each_is_for(screens: Screens) -> None:
    make_mapping(screens.organization, "Monthly list")
    page = texts(screens.get(PATH))
    assert "Monthly list email, city 2 columns found by e-mail address create and update" in page


def test_the_list_pages_by_name(screens: Screens) -> None:
    job = make_import(screens.organization, "email\na@x.org\n")
    for number in range(51):
        mapping_save(job=job, name=f"Mapping {number:02}", actor=SCREEN)
    first = screens.get(PATH)
    assert "Mapping 49" in texts(first)
    assert "Mapping 50" not in texts(first)
    cursor = re.search(r'href="\?cursor=([^"]+)" rel="next"', first.content.decode())
    assert cursor is not None
    assert "Mapping 50" in texts(screens.get(PATH, {"cursor": cursor[1]}))
    assert screens.get(PATH, {"cursor": "nonsense"}).status_code == 200


def test_asks_as_often_for_20_as_for_1(screens: Screens) -> None:
    text = "email,city,age,tags\na@x.org,Oslo,3,VIP\n"
    one = make_mapping(screens.organization)
    counts = [queries(screens, PATH), queries(screens, f"{PATH}{one.pk}/")]
    for _ in range(19):
        wide = make_mapping(screens.organization, text=text)
    assert [queries(screens, PATH), queries(screens, f"{PATH}{wide.pk}/")] == counts


def test_a_mapping_says_what_each_column_holds(screens: Screens) -> None:
    make_custom_field(screens.organization, "plan", label="Their plan")
    columns = [
        {"index": 0, "target": "email"},
        {"index": 1, "target": "custom:plan"},
        {"index": 2, "target": "custom:age", "type": "number"},
        {"index": 3, "target": None},
    ]
    text = "Mail,Plan,Years,Nothing\na@x.org,Gold,3,x\n"
    job = make_import(screens.organization, text, columns=columns)
    mapping = mapping_save(job=job, name="Plans", actor=SCREEN)
    page = texts(screens.get(f"{PATH}{mapping.pk}/"))
    assert "Mail E-mail Plan Their plan (text) Years age Nothing Not imported" in page


def test_renaming_and_its_refusals(screens: Screens) -> None:
    make_mapping(screens.organization, "Fairs")
    mapping = make_mapping(screens.organization, "Monthly")
    path = f"{PATH}{mapping.pk}/"
    taken = screens.post(path, {"name": "fairs"})
    assert taken.status_code == 422
    assert "There is a mapping “Fairs” already." in texts(taken)
    assert screens.post(path, {"name": ""}).status_code == 422
    assert screens.post(path, {"name": "Weekly"}).url.endswith(path)
    mapping.refresh_from_db()
    assert mapping.name == "Weekly"
    assert "The mapping is called “Weekly” now." in texts(screens.get(path))


def test_deleting_says_what_it_means_first(screens: Screens) -> None:
    job = imported(make_import(screens.organization, "email,city\na@x.org,Oslo\n"))
    mapping = make_mapping(screens.organization, "Monthly")
    path = f"{PATH}{mapping.pk}/delete/"
    asked = texts(screens.get(path))
    assert "Files with these 2 columns are not offered it any more." in asked
    assert "no contact is touched" in asked
    assert ImportMapping.objects.exists()
    assert screens.post(path).url.endswith(PATH)
    assert not ImportMapping.objects.exists()
    assert screens.get(path).status_code == 404
    assert ImportJob.objects.get(pk=job.pk).status == "completed"
    following = make_import(screens.organization, "email,city\nb@x.org,Rome\n")
    assert "Use its mapping" in texts(screens.get(f"imports/{following.pk}/map/"))


@pytest.mark.parametrize("path", ["{}/", "{}/delete/"])
def test_a_viewer_looks_and_changes_nothing(organization: Organization, path: str) -> None:
    viewer = Screens(organization, role=Role.VIEWER)
    mapping = make_mapping(organization, "Monthly")
    assert viewer.post(PATH + path.format(mapping.pk), {"name": "Mine"}).status_code == 403
    assert ImportMapping.objects.get().name == "Monthly"
    page = viewer.get(f"{PATH}{mapping.pk}/").content.decode().partition("<main")[2]
    assert "<td>City</td>" in page
    assert 'method="post"' not in page
    assert "/delete/" not in page


@pytest.mark.parametrize("path", ["{}/", "{}/delete/"])
@pytest.mark.parametrize("role", [Role.MARKETER, Role.ADMIN])
def test_other_organizations_mappings_are_not_there(
    organization: Organization, path: str, role: str
) -> None:
    theirs = make_mapping(make_organization(), "Theirs")
    screens = Screens(organization, role=role)
    assert screens.get(PATH + path.format(theirs.pk)).status_code == 404
    assert screens.post(PATH + path.format(theirs.pk), {"name": "Mine"}).status_code == 404
    assert "Theirs" not in texts(screens.get(PATH))
    assert ImportMapping.unscoped.get(pk=theirs.pk).name == "Theirs"
