"""Where a contact's values come from: the selector, its page, and the API's history."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.actors import Actor
from contacts.models import Contact, ContactHistory, Door
from contacts.patches import patch_maker
from contacts.selectors.sources import Source, contact_sources
from contacts.services.contacts import contact_update, contacts_delete
from organizations.models import Organization
from organizations.roles import Role
from tests.api_suite import Program
from tests.factories import (
    SCREEN,
    imported,
    make_api_key,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
    make_user,
    undone,
)
from tests.screens import Screens

pytestmark = pytest.mark.django_db

FILE = "email,first name,city\na@x.org,Ana,Oslo\nb@x.org,Bo,Rome\n"
HTMX = {"HX-Request": "true"}


def edited(contact: Contact, actor: Actor = SCREEN, notes: str = "", **values: Any) -> Any:
    """The operation of an edit."""
    patch = patch_maker().make(values)
    contact_update(contact=contact, patch=patch, actor=actor, notes=notes)
    return ContactHistory.objects.latest("pk").operation


def source(contact: Contact, key: str = "city") -> Source:
    return contact_sources(contact_id=contact.pk, keys=[key])[key]


def known(email: str) -> Contact:
    return Contact.with_deleted.get(email_key=email)


class TestOwners:
    def test_a_value_comes_from_who_wrote_it_last(self, organization: Organization) -> None:
        ana = make_contact(organization, city="Rome", first_name="Ana")
        edit = edited(ana, city="Oslo")
        edited(ana, last_name="Silva")
        assert source(ana).change.operation == edit
        assert source(ana, "first_name").change.change_type == "created"

    def test_what_was_taken_back_is_no_source(self, organization: Organization) -> None:
        ana = make_contact(organization, city="Rome")
        first, second = edited(ana, city="Oslo"), edited(ana, city="Bergen")
        undone(second)
        assert source(ana).change.operation == first
        undone(undone(first))
        assert source(ana).change.operation == first
        undone(first)
        assert source(ana).change.change_type == "created"

    def test_blank_values_come_from_who_emptied_them(self, organization: Organization) -> None:
        ana = make_contact(organization, city="Rome")
        edit = edited(ana, city="")
        assert source(ana).change.operation == edit
        assert contact_sources(contact_id=ana.pk, keys=["phone"]) == {}

    def test_values_that_nobody_said_come_with_the_contact(
        self, organization: Organization
    ) -> None:
        ana = make_contact(organization)
        assert source(ana, "is_subscribed").is_default
        edited(ana, is_subscribed=False)
        assert not source(ana, "is_subscribed").is_default
        assert source(ana, "is_active").is_default

    def test_a_deleted_contact_keeps_its_sources(self, organization: Organization) -> None:
        job = imported(make_import(organization, FILE))
        contacts_delete(ids=[known("b@x.org").pk], actor=SCREEN)
        undone(job.operation)
        for email in ("a@x.org", "b@x.org"):
            assert source(known(email)).change.operation == job.operation

    def test_another_organization_is_not_asked(self, organization: Organization) -> None:
        theirs = make_contact(make_organization(), city="Rome")
        assert contact_sources(contact_id=theirs.pk, keys=["city", "kind"]) == {}

    def test_two_queries_for_all_keys(
        self, organization: Organization, django_assert_num_queries: Any
    ) -> None:
        imported(make_import(organization, FILE))
        ana = known("a@x.org")
        keys = ["email", "first_name", "city", "kind", "phone"]
        with django_assert_num_queries(2):
            sources = contact_sources(contact_id=ana.pk, keys=keys)
            assert {str(each.place) for each in sources.values()} == {"people.csv, row 2"}
        bo = make_contact(organization)
        with django_assert_num_queries(1):
            contact_sources(contact_id=bo.pk, keys=keys)


def panels(page: Any) -> dict[str, str]:
    """What each field of a contact's page says of its source, without markup."""
    found = re.findall(
        r"Where “([^”]+)” comes from</span></summary><div class=\"k-panel\">(.*?)</div></details>",
        page.content.decode(),
        re.DOTALL,
    )
    return {label: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for label, text in found}


class TestPage:
    def test_each_field_says_where_it_came_from(self, organization: Organization) -> None:
        make_custom_field(organization, "plan")
        person = make_user(organization, name="Grace Hopper")
        job = imported(make_import(organization, FILE), actor=Actor(door=Door.SCREEN, user=person))
        bo = known("b@x.org")
        key, _ = make_api_key(organization)
        edited(bo, actor=Actor(door=Door.API, api_key=key), job_title="CTO")
        screens = Screens(organization, role=Role.VIEWER)
        member = Actor(door=Door.SCREEN, user=screens.user)
        edited(bo, actor=member, notes="Moved", city="Bergen")
        page = screens.get(f"contacts/{bo.pk}/")
        said = panels(page)
        assert said["First name"].startswith("Import people.csv, row 3 by Grace Hopper ·")
        assert said["Job title"].startswith(f"API key {key.name} API ·")
        assert said["City"].startswith(f"{screens.user} Screen ·")
        assert "“Moved”" in said["City"]
        assert said["Kind"].endswith("Nothing was said of it: new contacts have it so.")
        assert said["Subscribed"].endswith("new contacts have it so.")
        assert "plan" not in said
        link = f'/o/{organization.slug}/imports/{job.pk}/?row=2#row-2">'
        assert f"{link}people.csv, row 3</a>" in page.content.decode()
        assert f"{link}Row 3</a>" in page.content.decode()

    def test_a_card_that_was_switched_says_it_anew(self, organization: Organization) -> None:
        screens = Screens(organization)
        ana = make_contact(organization)
        values = {"pause": "on", "reason": "On holiday"}
        card = screens.post(f"contacts/{ana.pk}/consent/", values, **HTMX)
        said = panels(card)
        assert set(said) == {"Subscribed", "Active", "Paused"}
        assert said["Paused"].startswith(f"{screens.user} Screen · now “On holiday”")

    def test_asks_as_often_for_20_imports_as_for_1(self, organization: Organization) -> None:
        screens = Screens(organization)
        imported(make_import(organization, FILE))
        path = f"contacts/{known('a@x.org').pk}/"
        one = queries(screens, path)
        for number in range(19):
            text = FILE.replace("Oslo", f"City {number}")
            imported(make_import(organization, text, name=f"people-{number}.csv"))
        assert queries(screens, path) == one
        assert "people-18.csv, row 2" in panels(screens.get(path))["City"]

    def test_others_contacts_are_not_there(self, organization: Organization) -> None:
        ana = make_contact(organization)
        assert Screens(make_organization()).get(f"contacts/{ana.pk}/").status_code == 404


def queries(screens: Screens, path: str) -> int:
    screens.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert screens.get(path).status_code == 200
    return len(captured)


class TestApi:
    def test_history_names_the_line_of_the_file(self, organization: Organization) -> None:
        job = imported(make_import(organization, FILE))
        bo = known("b@x.org")
        program = Program(organization)
        program.patch(f"contacts/{bo.pk}/", {"city": "Bergen"})
        edit, creation = program.get(f"contacts/{bo.pk}/history/").json()["results"]
        assert edit["origin"] is None
        assert creation["origin"] == {
            "kind": "import",
            "id": job.pk,
            "name": "people.csv",
            "line_number": 3,
        }
        rows = program.get(f"contacts/{bo.pk}/history/?fields=id").json()["results"]
        assert [set(row) for row in rows] == [{"id"}] * 2
