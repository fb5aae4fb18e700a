"""Saved views of the list: what they keep, who sees and changes them, and what the list shows through them."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactOperation, SavedView
from contacts.selectors.contact_columns import BUILT_IN, DEFAULT_COLUMNS
from contacts.selectors.saved_views import saved_views_seen
from contacts.services.custom_fields import custom_field_delete
from contacts.services.saved_views import (
    MAX_VIEWS,
    saved_view_create,
    saved_view_delete,
    saved_view_update,
)
from organizations.models import Organization, User
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.factories import (
    make_contact,
    make_custom_field,
    make_organization,
    make_user,
    make_view,
)
from tests.screens import Screens

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def save(user: User | None, name: str = "Oslo", role: str = Role.OWNER, **values: Any) -> SavedView:
    usual = {"columns": ["city"], "sort": "name", "filters": {"city": "Oslo"}, "is_shared": False}
    return saved_view_create(name=name, user=user, role=Role(role), **usual | values)


@pytest.fixture
def ana(organization: Organization) -> User:
    return make_user(organization)


@pytest.fixture
def bob(organization: Organization) -> User:
    return make_user(organization)


# What a view keeps


def test_a_view_keeps_what_it_is_given(ana: User) -> None:
    view = save(ana, "  My   Oslo ", filters={"city": "Oslo", "q": " ", "kind": ""})
    view.refresh_from_db()
    assert (view.name, view.name_key) == ("My Oslo", "my oslo")
    assert (view.columns, view.sort, view.filters) == (["city"], "name", {"city": "Oslo"})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"columns": ["nonsense"]}, "columns.0"),
        ({"columns": ["city", "custom:gone"]}, "columns.1"),
        ({"columns": ["email"]}, "columns.0"),
        ({"sort": "city"}, "sort"),
        ({"sort": "--name"}, "sort"),
        ({"filters": {"nonsense": "1"}}, "filters.nonsense"),
        ({"filters": {"created_after": "soon"}}, "filters.created_after"),
        ({"filters": {"tag": "\0"}}, "filters.tag"),
    ],
)
def test_what_the_list_does_not_know_is_refused(
    ana: User, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save(ana, **values)
    assert list(refused.value.error_dict) == [field]
    assert not SavedView.objects.exists()


def test_a_name_is_there_once_for_its_owner(ana: User, bob: User) -> None:
    save(ana, "Straße")
    save(bob, "Straße")
    other = save(ana, "Another")
    with pytest.raises(ValidationError, match="already"):
        save(ana, "STRASSE")
    with pytest.raises(ValidationError, match="already"):
        saved_view_update(view=other, user=ana, role=Role.OWNER, name=" strasse ")
    saved_view_update(view=other, user=ana, role=Role.OWNER, name="ANOTHER")


def test_the_database_holds_the_rules_too(organization: Organization, ana: User) -> None:
    view = save(ana)
    usual = {"owner": ana, "name": "x", "name_key": "x", "sort": "name"}
    for wrong in (
        {"name_key": view.name_key},
        {"name_key": ""},
        {"sort": ""},
        {"columns": {}},
        {"filters": []},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(**usual | wrong)


def test_there_is_an_end_to_views(ana: User) -> None:
    for number in range(MAX_VIEWS):
        save(ana, f"View {number}")
    with pytest.raises(ValidationError, match="enough"):
        save(ana, "One more")


def test_views_survive_a_field_that_is_gone(organization: Organization, ana: User) -> None:
    field = make_custom_field(organization, "age", "number")
    view = save(ana, columns=["custom:age", "city"])
    custom_field_delete(definition=field)
    again = {"name": "Renamed", "columns": view.columns}
    changed = saved_view_update(view=view, user=ana, role=Role.OWNER, **again)
    assert changed.columns == ["custom:age", "city"]
    make_contact(organization, city="Oslo", first_name="Ada")
    page = Screens(organization, ana).get("contacts/", {"view": view.pk})
    assert [column.name for column, _ in page.context["columns"]] == ["city"]
    assert not page.context["asked"].is_changed


# Who may


def test_private_views_are_their_owners_alone(ana: User, bob: User) -> None:
    private, shared = save(ana), save(ana, "All", is_shared=True)
    assert list(saved_views_seen(user=ana)) == [shared, private]
    assert list(saved_views_seen(user=bob)) == list(saved_views_seen(user=None)) == [shared]
    for user in (bob, None):
        with pytest.raises(PermissionDenied):
            saved_view_update(view=private, user=user, role=Role.OWNER, name="Mine")
        with pytest.raises(PermissionDenied):
            saved_view_delete(view=private, user=user, role=Role.OWNER)


def test_shared_views_are_changed_by_whoever_may_edit(ana: User, bob: User) -> None:
    shared = save(ana, is_shared=True)
    with pytest.raises(PermissionDenied):
        saved_view_update(view=shared, user=ana, role=Role.VIEWER, name="Mine")
    with pytest.raises(PermissionDenied):
        saved_view_delete(view=shared, user=ana, role=Role.VIEWER)
    saved_view_update(view=shared, user=bob, role=Role.MARKETER, name="Everybody’s")
    saved_view_update(view=shared, user=None, role=Role.MARKETER, sort="email")
    saved_view_delete(view=shared, user=bob, role=Role.MARKETER)


def test_a_viewer_shares_nothing(ana: User) -> None:
    private = save(ana, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        save(ana, "Shared", role=Role.VIEWER, is_shared=True)
    with pytest.raises(PermissionDenied):
        saved_view_update(view=private, user=ana, role=Role.VIEWER, is_shared=True)


def test_only_its_owner_makes_a_view_private(ana: User, bob: User) -> None:
    shared = save(ana, is_shared=True)
    for user in (bob, None):
        with pytest.raises(ValidationError, match="owner"):
            saved_view_update(view=shared, user=user, role=Role.OWNER, is_shared=False)
    with pytest.raises(ValidationError, match="owner"):
        save(None)
    assert not saved_view_update(view=shared, user=ana, role=Role.OWNER, is_shared=False).is_shared


def test_shared_views_outlive_their_owners_account(organization: Organization, ana: User) -> None:
    shared, private = save(ana, is_shared=True), save(ana, "Private")
    other = make_user(organization)
    save(other, is_shared=True)
    User.objects.filter(pk__in=[ana.pk, other.pk]).delete()
    seen = list(saved_views_seen(user=make_user(organization)))
    assert shared in seen
    assert private not in seen
    assert len(seen) == 2


def test_another_organizations_views_are_not_there(organization: Organization, ana: User) -> None:
    theirs = make_view(make_organization(), "Theirs")
    assert list(saved_views_seen(user=ana)) == []
    screens = Screens(organization, ana)
    page = screens.get("contacts/", {"view": theirs.pk}).content.decode()
    assert "There is no such view" in page
    assert "Theirs" not in page
    for path in _paths(theirs):
        assert screens.get(path).status_code in (404, 405)
        assert screens.post(path, {"name": "Ours"}).status_code == 404
    assert SavedView.unscoped.get(pk=theirs.pk).name == "Theirs"


def _paths(view: SavedView) -> list[str]:
    return [f"contacts/views/{view.pk}/{action}" for action in ("", "update/", "delete/")]


# The screen


@pytest.fixture
def screens(organization: Organization) -> Screens:
    return Screens(organization)


def names(page: Any) -> list[str]:
    people = Contact.unscoped.in_bulk([pk for pk, _ in page.context["rows"]])
    return [people[pk].first_name for pk, _ in page.context["rows"]]


def columns(page: Any) -> list[str]:
    return [column.name for column, _ in page.context["columns"]]


@pytest.fixture
def view(organization: Organization, screens: Screens) -> SavedView:
    """Two of three people, in order of name."""
    make_contact(organization, first_name="Ada", city="Oslo")
    make_contact(organization, first_name="Bob", city="Oslo")
    make_contact(organization, first_name="Cy", city="Bergen")
    return save(screens.user, columns=["city", "tags"], sort="-name")


def test_the_list_is_as_ever_without_a_view(screens: Screens, view: SavedView) -> None:
    page = screens.get("contacts/")
    assert columns(page) == list(DEFAULT_COLUMNS)
    assert names(page) == ["Cy", "Bob", "Ada"]


def test_a_view_shows_what_it_keeps(screens: Screens, view: SavedView) -> None:
    page = screens.get("contacts/", {"view": view.pk})
    assert names(page) == ["Bob", "Ada"]
    assert columns(page) == ["city", "tags"]
    assert not page.context["asked"].is_changed
    marked = re.findall(r'id="view-(\d+)"[^>]*aria-current="page"', page.content.decode())
    assert marked == [str(view.pk)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"city": ""}, ["Cy", "Bob", "Ada"]),
        ({"city": "Bergen"}, ["Cy"]),
        ({"q": "ad"}, ["Ada"]),
        ({"sort": "name"}, ["Ada", "Bob"]),
        ({"city": "", "q": "b"}, ["Bob"]),
    ],
)
def test_the_address_says_what_differs_from_the_view(
    screens: Screens, view: SavedView, changes: dict[str, str], expected: list[str]
) -> None:
    page = screens.get("contacts/", {"view": view.pk} | changes)
    assert names(page) == expected
    asked = page.context["asked"]
    assert asked.is_changed
    assert asked.parameters() == {"view": str(view.pk)} | changes


def test_links_of_the_list_keep_the_view(screens: Screens, view: SavedView) -> None:
    page = screens.get("contacts/", {"view": view.pk, "q": "a"}).content.decode()
    for address in re.findall(r'id="head-\w+"|href="([^"]*[?&;]sort=[^"]*)"', page):
        assert not address or f"view={view.pk}" in address
    (chip,) = re.findall(r'href="([^"]*)"><span[^>]*>close', page)
    assert unescape(chip).endswith(f"?view={view.pk}&q=a&city=")


def test_columns_are_chosen_and_moved_in_the_address(
    screens: Screens, organization: Organization
) -> None:
    make_custom_field(organization, "age", "number")
    make_contact(organization, custom_fields={"age": "31"}, phone="+4722222222")
    page = screens.get("contacts/", {"columns": ["", "custom:age", "phone", "nonsense"]})
    assert columns(page) == ["custom:age", "phone"]
    assert '<td data-label="Age" class="k-nowrap">31</td>' in page.content.decode()
    (_, _, later), *_ = page.context["shown_columns"]
    assert columns(screens.client.get(later)) == ["phone", "custom:age"]
    assert columns(screens.get("contacts/", {"columns": ""})) == []


def test_every_column_shows(screens: Screens, organization: Organization) -> None:
    values = {
        "text": "Some", "number": "5", "date": "2026-01-02", "datetime": "2026-01-02T03:04:05Z", "boolean": "yes",
        "choice": "a", "multi_choice": "a; b", "url": "https://example.com/",
    }  # fmt: skip
    for kind in values:
        choices = ["a", "b"] if "choice" in kind else []
        make_custom_field(organization, f"f_{kind}", kind, choices=choices)
    make_contact(
        organization,
        custom_fields={f"f_{kind}": value for kind, value in values.items()},
        tags=["VIP"],
    )
    make_contact(organization)
    wanted = [*BUILT_IN, *(f"custom:f_{kind}" for kind in values)]
    page = screens.get("contacts/", {"columns": ",".join(wanted)})
    assert columns(page) == wanted
    shown = page.content.decode()
    for text in (
        ">Some<",
        ">5<",
        ">2026-01-02<",
        'datetime="2026-01-02T03:04:05+00:00"',
        ">Yes<",
        ">a, b<",
        'href="https://example.com/"',
        "VIP",
    ):
        assert text in shown, text


def test_what_is_shown_is_saved(screens: Screens, view: SavedView) -> None:
    address = f"contacts/views/new/?view={view.pk}&city=&q=ad&columns=tags"
    assert screens.get(address).status_code == 200
    response = screens.post(address, {"name": "Search", "is_shared": "on"})
    saved = SavedView.objects.get(name="Search")
    assert response.url == f"/o/{screens.organization.slug}/contacts/?view={saved.pk}"
    assert (saved.filters, saved.sort, saved.columns) == ({"q": "ad"}, "-name", ["tags"])
    assert (saved.owner, saved.is_shared) == (screens.user, True)
    assert names(screens.client.get(response.url)) == ["Ada"]


@pytest.mark.parametrize("name", ["", " ", "OSLO"])
def test_a_name_that_will_not_do_is_asked_for_again(
    screens: Screens, view: SavedView, name: str
) -> None:
    response = screens.post("contacts/views/new/?q=ad", {"name": name})
    assert response.status_code == 422
    assert b"k-error" in response.content
    assert SavedView.objects.count() == 1


def test_a_view_is_updated_renamed_and_deleted(screens: Screens, view: SavedView) -> None:
    screens.post(f"contacts/views/{view.pk}/update/?view={view.pk}&city=&columns=")
    view.refresh_from_db()
    assert (view.filters, view.columns, view.sort) == ({}, [], "-name")
    assert screens.get(f"contacts/views/{view.pk}/").status_code == 200
    screens.post(f"contacts/views/{view.pk}/", {"name": "Everybody", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Everybody", True)
    response = screens.post(f"contacts/views/{view.pk}/delete/")
    page = screens.client.get(response.url).content.decode()
    assert "no contact was touched" in page
    assert not SavedView.objects.exists()
    (again,) = re.findall(r'<a href="([^"]*)">Show what it showed', page)
    shown = screens.client.get(unescape(again))
    assert (columns(shown), names(shown)) == ([], ["Cy", "Bob", "Ada"])


def test_a_viewer_saves_for_themselves_alone(organization: Organization, view: SavedView) -> None:
    viewer = Screens(organization, role=Role.VIEWER)
    viewer.post("contacts/views/new/?q=ad", {"name": "Mine", "is_shared": "on"})
    mine = SavedView.objects.get(name="Mine")
    assert (mine.owner, mine.is_shared) == (viewer.user, False)
    shared = make_view(organization, "Shared")
    assert (
        "Update view" not in viewer.get("contacts/", {"view": shared.pk, "q": "a"}).content.decode()
    )
    for path in _paths(shared):
        assert viewer.post(path, {"name": "Mine too"}).status_code == 403
    for path in _paths(view):
        assert viewer.post(path, {"name": "Mine too"}).status_code == 404
    assert set(SavedView.objects.values_list("name", flat=True)) == {"Mine", "Shared", "Oslo"}


def test_who_may_edit_keeps_a_view_of_others_shared(
    screens: Screens, organization: Organization
) -> None:
    theirs = save(make_user(organization), is_shared=True)
    screens.post(f"contacts/views/{theirs.pk}/", {"name": "Renamed"})
    theirs.refresh_from_db()
    assert (theirs.name, theirs.is_shared) == ("Renamed", True)


def test_bulk_actions_mean_who_is_shown_and_come_back_to_the_view(
    screens: Screens, view: SavedView, organization: Organization
) -> None:
    page = screens.get("contacts/", {"view": view.pk}).content.decode()
    (action,) = re.findall(r'action="([^"]*)" id="bulk"', page)
    (back,) = re.findall(r'name="back" value="([^"]*)"', page)
    saved_view_update(view=view, user=screens.user, role=Role.OWNER, filters={})
    ada = Contact.objects.get(first_name="Ada")
    values = {"action": "field", "field": "country", "value": "Norway", "ids": str(ada.pk)}
    response = screens.client.post(unescape(action), values | {"back": unescape(back)})
    assert response.url.endswith(f"/contacts/?view={view.pk}")
    everybody = {"action": "tag", "tags": "VIP", "everybody": "1", "back": back}
    screens.client.post(unescape(action), everybody)
    assert ContactOperation.objects.latest("pk").progress_total == 2


def test_the_way_back_leads_nowhere_else(screens: Screens) -> None:
    contact = make_contact(screens.organization)
    values = {
        "action": "tag",
        "tags": "VIP",
        "ids": str(contact.pk),
        "back": "//evil.example/\r\nX: 1",
    }
    response = screens.post("contacts/bulk/", values)
    assert response.url.startswith(f"/o/{screens.organization.slug}/contacts/?")


def test_htmx_gets_what_saves_the_changed_list_too(screens: Screens, view: SavedView) -> None:
    part = screens.get("contacts/", {"view": view.pk, "q": "ad"}, **HTMX).content.decode()
    assert "<html" not in part
    assert 'id="view-tools" class="k-actions" hx-swap-oob="true"' in part
    assert f"contacts/views/{view.pk}/update/?view={view.pk}&amp;q=ad" in part


@pytest.mark.parametrize("asked", ["x", "0", "-1", "99999999999999999999999", "١", "\0"])
def test_a_view_that_is_not_there_is_explained(screens: Screens, asked: str) -> None:
    page = screens.get("contacts/", {"view": asked})
    assert page.status_code == 200
    assert b"There is no such view" in page.content
    assert screens.get("contacts/views/new/", {"view": asked}).status_code == 404


def test_the_list_asks_as_often_for_20_views_as_for_1(
    screens: Screens, organization: Organization
) -> None:
    for number in range(3):
        make_custom_field(organization, f"field_{number}")
    wanted = ["tags", "custom:field_0", "custom:field_1", "custom:field_2"]
    view = save(screens.user, "First", columns=wanted, filters={})
    make_contact(organization, tags=["VIP"], custom_fields={"field_0": "a"})
    path = f"contacts/?view={view.pk}"
    one = _queries(screens, path)
    for number in range(19):
        save(screens.user, f"View {number}", is_shared=number % 2 == 0)
        make_contact(organization, tags=[f"Tag {number}"], custom_fields={"field_1": "b"})
    assert _queries(screens, path) == one


def _queries(screens: Screens, path: str) -> int:
    screens.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert screens.get(path).status_code == 200
    return len(captured)


def test_names_of_views_are_text(screens: Screens, organization: Organization) -> None:
    make_view(organization, "<script>alert(1)</script>")
    with organization_scope(organization):
        page = screens.get("contacts/").content.decode()
    assert "<script>alert(1)" not in page
