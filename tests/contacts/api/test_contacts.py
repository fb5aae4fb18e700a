"""/api/v1/contacts/."""

from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, ContactHistory, ContactOperation
from organizations.models import Organization
from organizations.scope import organization_scope
from tags.models import Tag, TagAssignment
from tests.api_suite import (
    CreateSuite,
    DetailSuite,
    ListSuite,
    Program,
    assert_problem,
)
from tests.factories import make_contact, make_custom_field, make_organization, make_tag


def make_full(organization: Organization, number: int = 0) -> Contact:
    return make_contact(
        organization,
        email=f"person{number}@example.org",
        first_name=f"Person {number}",
        city="Oslo" if number else "Bergen",
        tags=["VIP", f"Number {number}"],
    )


class TestContactList(ListSuite):
    covers = ("contact-list",)
    path = "contacts/"
    filters = {
        "email=PERSON0@example.org": 1,
        "q=person": 2,
        "q=nobody": 0,
        "id={0}": 1,
        "tag=vip": 2,
        "tag=Number 1": 1,
        "city=oslo": 1,
        "kind=company": 0,
        "is_subscribed=true": 2,
        "created_after=2020-01-01": 2,
        "created_before=2020-01-01T00:00:00Z": 0,
        "ordering=-name": 2,
        "import=1": 0,
    }
    bad_queries = (
        "email=nobody",
        "kind=robot",
        "is_active=perhaps",
        "created_after=2026-13-45",
        "created_before=tomorrow",
        "id=x",
        "import=x",
        "created_in_last=5y",
        "city=a%00b",
    )

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_full(organization, number)

    def test_every_order_pages_through_ties_and_unknown_values(
        self, home: Organization, program: Program
    ) -> None:
        for number in range(7):
            make_contact(home, first_name="Same" if number % 2 else None, phone="+4721000000")
        for ordering in ("name", "-name", "email", "-created_at", "engagement_score", "id"):
            seen, link = [], f"contacts/?ordering={ordering}&page_size=2"
            while link:
                page = program.get(link).json()
                seen += [row["id"] for row in page["results"]]
                link = page["next"]
            assert len(seen) == len(set(seen)) == 7, ordering

    def test_custom_fields_that_are_not_defined_any_more_are_not_shown(
        self, home: Organization, program: Program
    ) -> None:
        field = make_custom_field(home, "age", "number")
        make_contact(home, custom_fields={"age": 31})
        (row,) = program.get("contacts/").json()["results"]
        assert row["custom_fields"] == {"age": 31}
        program.delete(f"custom-fields/{field.pk}/")
        (row,) = program.get("contacts/").json()["results"]
        assert row["custom_fields"] == {}


class TestContactDetail(DetailSuite):
    covers = ("contact-detail",)
    detail = "contacts/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"city": "Rome"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_full(organization, number)

    def test_patch_changes_what_is_named_and_keeps_history(
        self, home: Organization, program: Program
    ) -> None:
        make_custom_field(home, "age", "number")
        contact = make_contact(home, city="Oslo", first_name="Ann", tags=["VIP", "Old"])
        body = {
            "city": "Rome",
            "first_name": None,
            "custom_fields": {"age": 31},
            "tags": ["vip", "New"],
            "notes": "Moved",
        }
        document = program.patch(f"contacts/{contact.pk}/", body).json()
        assert (document["city"], document["first_name"]) == ("Rome", None)
        assert (document["custom_fields"], document["tags"]) == ({"age": 31}, ["New", "VIP"])
        (newest, _) = program.get(f"contacts/{contact.pk}/history/").json()["results"]
        assert newest["old_value"]["city"] == "Oslo"
        assert newest["notes"] == "Moved"
        assert newest["operation"]["source"] == newest["operation"]["kind"] == "api"
        with organization_scope(home):
            assert ContactOperation.objects.latest("pk").api_key_id == program.key.pk

    def test_delete_is_soft_and_undone_by_its_operation(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        contact = make_contact(home)
        assert program.delete(f"contacts/{contact.pk}/").status_code == 204
        assert_problem(program.get(f"contacts/{contact.pk}/"), 404)
        assert program.get("contacts/").json()["results"] == []
        operation = program.get("operations/?kind=delete").json()["results"][0]
        assert program.post(f"operations/{operation['id']}/undo/").status_code == 202
        run_jobs()
        assert program.get(f"contacts/{contact.pk}/").status_code == 200

    def test_a_merged_contact_answers_with_the_survivor(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        loser, survivor = make_contact(home), make_contact(home)
        merged = {"deleted_at": timezone.now(), "merged_into": survivor}
        Contact.unscoped.filter(pk=loser.pk).update(**merged)
        assert program.get(f"contacts/{loser.pk}/").json()["id"] == survivor.pk
        assert_problem(program.delete(f"contacts/{loser.pk}/"), 404)
        assert_problem(Program(other).get(f"contacts/{loser.pk}/"), 404)

    def test_somebody_elses_address_is_refused(self, home: Organization, program: Program) -> None:
        owner = make_contact(home, email="taken@example.org")
        contact = make_contact(home)
        response = program.patch(f"contacts/{contact.pk}/", {"email": "Taken@Example.org"})
        document = assert_problem(response, 400, "email", "email_taken")
        assert str(owner.pk) in document["detail"]

    def test_every_bad_value_is_told_by_path(self, home: Organization, program: Program) -> None:
        contact = make_contact(home)
        body = {"email": "x", "custom_fields": {"nope": 1}, "tags": ["a,b"]}
        document = assert_problem(program.patch(f"contacts/{contact.pk}/", body), 400)
        paths = {error["path"] for error in document["errors"]}
        assert paths == {"email", "custom_fields.nope", "tags.0"}

    def test_queries_do_not_depend_on_the_number_of_tags(
        self, home: Organization, program: Program
    ) -> None:
        few = make_contact(home, tags=["VIP"])
        many = make_contact(home, tags=[f"Tag {number}" for number in range(20)])
        program.get(f"contacts/{few.pk}/")
        counts = []
        for contact in (few, many):
            with CaptureQueriesContext(connection) as captured:
                assert program.get(f"contacts/{contact.pk}/").status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 7

    def test_sparse_fields(self, home: Organization, program: Program) -> None:
        contact = make_contact(home, tags=["VIP"])
        document = program.get(f"contacts/{contact.pk}/?fields=id,tags").json()
        assert document == {"id": contact.pk, "tags": ["VIP"]}
        assert_problem(program.get(f"contacts/{contact.pk}/?fields=nope"), 400, "fields")


class TestContactCreate(CreateSuite):
    path = "contacts/"
    body: ClassVar = {"email": "new@example.org", "tags": ["VIP"]}
    bad_bodies = (
        ({}, ""),
        ({"email": "x"}, "email"),
        ({"emial": "x@example.org"}, "emial"),
        ({"email": ["x@example.org"]}, "email"),
        ({"email": "a\x00b@example.org"}, "email"),
        ({"email": "a\ud800b@example.org"}, "email"),
        ({"first_name": "\ud800"}, "first_name"),
        ({"first_name": "x" * 201}, "first_name"),
        ({"email": "a@example.org", "custom_fields": {"nope": 1}}, "custom_fields.nope"),
        ({"email": "a@example.org", "custom_fields": [1]}, "custom_fields"),
        ({"email": "a@example.org", "tags": "VIP"}, "tags"),
        ({"email": "a@example.org", "tags": ["ok", ""]}, "tags.1"),
        ({"email": "a@example.org", "is_active": "perhaps"}, "is_active"),
        ({"email": "a@example.org", "kind": "robot"}, "kind"),
    )

    def test_answers_with_the_contact(self, home: Organization, program: Program) -> None:
        make_custom_field(home, "age", "number")
        body = {
            "email": "Ana@Example.org",
            "external_id": 17,
            "first_name": " Ana ",
            "custom_fields": {"age": 31},
            "tags": ["VIP", "vip", "New"],
        }
        response = program.post("contacts/", body)
        document = response.json()
        assert (document["email"], document["external_id"]) == ("Ana@Example.org", "17")
        assert (document["first_name"], document["tags"]) == ("Ana", ["New", "VIP"])
        assert program.get(response["Location"]).json() == document

    def test_a_refused_contact_leaves_nothing(self, home: Organization, program: Program) -> None:
        make_contact(home, email="taken@example.org")
        body = {"email": "taken@example.org", "tags": ["Never seen"]}
        assert_problem(program.post("contacts/", body), 400, "email", "email_taken")
        with organization_scope(home):
            assert not Tag.objects.filter(name="Never seen").exists()
            assert ContactOperation.objects.count() == 1


class TestBulkUpsert(CreateSuite):
    covers = ("contact-bulk-upsert",)
    path = "contacts/bulk-upsert/"
    status = 200
    body: ClassVar = {"contacts": [{"email": "new@example.org"}]}
    bad_bodies = (
        ({}, "contacts"),
        ({"contacts": []}, "contacts"),
        ({"contacts": {}}, "contacts"),
        ({"contacts": [{}], "match": "phone"}, "match"),
        ({"contacts": [{}], "mode": "x"}, "mode"),
        ({"contacts": [{}] * 10_001}, "contacts"),
    )

    def test_every_row_has_its_outcome(self, home: Organization, program: Program) -> None:
        known = make_contact(home, email="known@example.org", city="Oslo")
        same = make_contact(home, email="same@example.org", city="Oslo")
        owner = make_contact(home, external_id="17")
        rows = [
            {"email": "new@example.org", "tags": ["VIP"], "phone": 4721000000},
            {"email": "KNOWN@example.org", "city": "Rome", "tags": ["VIP"]},
            {"email": "same@example.org", "city": "Oslo"},
            {"email": "new@example.org", "city": "Paris"},
            {"email": "bad"},
            {"city": "Nowhere"},
            "no object",
            {"email": "a@example.org", "tags": "VIP"},
            {"email": "b@example.org", "nope": 1},
            {"email": "c@example.org", "external_id": "17"},
            {"email": "d@example.org", "tags": ["a;b"]},
            None,
        ]
        document = program.post("contacts/bulk-upsert/", {"contacts": rows}).json()
        outcomes = [row["outcome"] for row in document["results"]]
        assert outcomes[:4] == ["failed", "updated", "unchanged", "created"]
        assert set(outcomes[4:]) == {"failed"}
        assert [row["index"] for row in document["results"]] == list(range(len(rows)))
        assert [row["id"] for row in document["results"][1:3]] == [known.pk, same.pk]
        errors = [
            row["errors"][0]["path"] if row["errors"] else None for row in document["results"]
        ]
        assert errors[4:] == ["email", "email", "", "tags", "nope", "external_id", "tags.0", ""]
        assert str(owner.pk) in document["results"][9]["errors"][0]["message"]
        assert document["counts"] == {"failed": 9, "updated": 1, "unchanged": 1, "created": 1}
        with organization_scope(home):
            assert TagAssignment.objects.filter(contact_id=known.pk).count() == 1

    def test_repeated_keys_count_once(self, program: Program) -> None:
        rows = [{"email": "a@example.org"}, {"email": "A@example.org"}]
        document = program.post("contacts/bulk-upsert/", {"contacts": rows}).json()
        assert [row["outcome"] for row in document["results"]] == ["created", "duplicate"]
        assert document["results"][1]["errors"][0]["code"] == "duplicate"

    def test_match_by_external_id_and_mode(self, home: Organization, program: Program) -> None:
        contact = make_contact(home, external_id="17")
        rows = [{"external_id": 17, "city": "Rome"}, {"external_id": "18"}]
        body = {"match": "external_id", "mode": "update", "contacts": rows}
        document = program.post("contacts/bulk-upsert/", body).json()
        assert [row["outcome"] for row in document["results"]] == ["updated", "skipped"]
        assert document["results"][0]["id"] == contact.pk

    def test_nothing_but_bad_rows_makes_no_operation(
        self, home: Organization, program: Program
    ) -> None:
        document = program.post("contacts/bulk-upsert/", {"contacts": [{"email": "x"}]}).json()
        assert document["operation"] is None
        with organization_scope(home):
            assert not ContactOperation.objects.exists()

    def test_queries_do_not_depend_on_the_number_of_rows(self, program: Program) -> None:
        assert self._queries(program, 1) == self._queries(program, 300)

    def _queries(self, program: Program, count: int) -> int:
        rows = [{"email": f"n{n}of{count}@example.org", "tags": ["VIP"]} for n in range(count)]
        program.post("contacts/bulk-upsert/", {"contacts": [{"email": "w@e.org", "tags": ["VIP"]}]})
        with CaptureQueriesContext(connection) as captured:
            program.post("contacts/bulk-upsert/", {"contacts": rows})
        return len(captured)

    def test_others_contacts_are_not_found(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        make_contact(other, email="known@example.org", city="Oslo")
        rows = [{"email": "known@example.org", "city": "Rome"}]
        body = {"mode": "update", "contacts": rows}
        document = program.post("contacts/bulk-upsert/", body).json()
        assert document["counts"] == {"skipped": 1}


class TestBulkEdit(CreateSuite):
    covers = ("contact-bulk-edit",)
    path = "contacts/bulk-edit/"
    status = 202
    body: ClassVar = {"filters": {}, "fields": {"city": "Rome"}}
    bad_bodies = (
        ({"fields": {"city": "Rome"}}, "ids"),
        ({"filters": {}}, ""),
        ({"filters": {"nope": "x"}, "delete": True}, "filters.nope"),
        ({"filters": {"kind": "robot"}, "delete": True}, "filters.kind"),
        ({"filters": {}, "ids": [1], "delete": True}, "ids"),
        ({"ids": [], "delete": True}, "ids"),
        ({"ids": [1, "x"], "delete": True}, "ids.1"),
        ({"ids": [10**30], "delete": True}, "ids.0"),
        ({"ids": [999_999_999], "delete": True}, "ids.0"),
        ({"filters": {}, "fields": {"nope": 1}}, "nope"),
        ({"filters": {}, "fields": {"email": "x@example.org"}}, "fields.email"),
        ({"filters": {}, "remove_tags": ["Unknown"]}, "tags.0"),
        ({"filters": {}, "add_tags": ["a,b"]}, "add_tags.0"),
        ({"filters": {}, "add_tags": ["a"], "delete": True}, "add_tags"),
    )

    def test_changes_who_matches_and_is_undone(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        make_tag(home, "Old")
        meant = make_contact(home, city="Oslo", tags=["Old"])
        spared = make_contact(home, city="Bergen", tags=["Old"])
        body = {
            "filters": {"city": "Oslo"},
            "fields": {"city": "Rome"},
            "add_tags": ["New"],
            "remove_tags": ["old"],
        }
        response = program.post("contacts/bulk-edit/", body)
        assert response.json()["kind"] == "bulk_edit"
        run_jobs()
        document = program.get(f"contacts/{meant.pk}/").json()
        assert (document["city"], document["tags"]) == ("Rome", ["New"])
        assert program.get(f"contacts/{spared.pk}/").json()["city"] == "Bergen"
        operation = program.get(response["Location"]).json()
        assert (operation["status"], operation["summary"]) == ("done", {"updated": 1})
        preview = program.get(f"operations/{operation['id']}/undo-preview/").json()
        assert (preview["reverted"], preview["is_possible"]) == (1, True)
        undo = program.post(f"operations/{operation['id']}/undo/")
        assert (undo.status_code, undo.json()["undoes"]) == (202, operation["id"])
        run_jobs()
        document = program.get(f"contacts/{meant.pk}/").json()
        assert (document["city"], document["tags"]) == ("Oslo", ["Old"])

    def test_others_ids_are_unknown(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        ids = [make_contact(home).pk, make_contact(other).pk]
        response = program.post("contacts/bulk-edit/", {"ids": ids, "delete": True})
        assert_problem(response, 400, "ids.1", "unknown_id")


class TestContactHistory(DetailSuite):
    covers = ("contact-history",)
    detail = "contacts/{}/history/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_full(organization, number)


class TestContactHistoryList(ListSuite):
    path = "contacts/{}/history/"

    def list_path(self, organization: Organization) -> str:
        self.contact = make_contact(organization)
        with organization_scope(organization):
            ContactHistory.objects.all().delete()
        return self.path.format(self.contact.pk)

    def make(self, organization: Organization, number: int = 0) -> Any:
        if organization.pk != self.contact.organization_id:
            make_contact(organization)
            return None
        program = Program(organization)
        program.patch(f"contacts/{self.contact.pk}/", {"city": f"City {number}"})
        with organization_scope(organization):
            return ContactHistory.objects.latest("pk")


class TestContactTags(DetailSuite):
    covers = ("contact-tags",)
    detail = "contacts/{}/tags/"
    methods: ClassVar = {"GET": None, "POST": {"tags": ["VIP"]}, "DELETE": {"tags": ["VIP"]}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        make_tag(organization, "VIP")
        return make_full(organization, number)

    def test_tags_come_and_go(self, home: Organization, program: Program) -> None:
        contact = make_contact(home)
        path = f"contacts/{contact.pk}/tags/"
        assert program.post(path, {"tags": ["VIP", "New"]}).json()["tags"] == ["New", "VIP"]
        rows = program.get(path).json()["results"]
        assert [(row["name"], row["assigned_through"]) for row in rows] == [
            ("New", "api"),
            ("VIP", "api"),
        ]
        assert program.delete(f"{path}?tag=new").json()["tags"] == ["VIP"]
        assert program.delete(path, {"tags": ["VIP"]}).json()["tags"] == []
        assert_problem(program.delete(f"{path}?tag=unknown"), 400, "tags.0", "unknown_tag")
        assert_problem(program.post(path, {"tags": ["a,b"]}), 400, "tags.0")
        assert_problem(program.post(path, {"tags": []}), 400, "tags")


class TestContactTagList(ListSuite):
    path = "contacts/{}/tags/"

    def list_path(self, organization: Organization) -> str:
        self.contact = make_contact(organization)
        return self.path.format(self.contact.pk)

    def make(self, organization: Organization, number: int = 0) -> Any:
        if organization.pk != self.contact.organization_id:
            return make_contact(organization, tags=["VIP"])
        Program(organization).post(f"contacts/{self.contact.pk}/tags/", {"tags": [f"Tag {number}"]})
        with organization_scope(organization):
            return Tag.objects.get(name=f"Tag {number}")


@pytest.mark.django_db
def test_a_bulk_upsert_does_not_see_the_other_organizations_keys() -> None:
    """The same address may live in two organizations."""
    first, second = make_organization(), make_organization()
    for organization in (first, second):
        response = Program(organization).post("contacts/", {"email": "both@example.org"})
        assert response.status_code == 201
