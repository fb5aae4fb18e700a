"""/api/v1/contacts/{id}/relationships/ and …/identifiers/."""

from typing import Any, ClassVar

import pytest

from contacts.models import Contact, ContactHistory, Identifier, Relationship
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_contact, make_identifier, make_relationship

pytestmark = pytest.mark.django_db
BIG = 10**30


class OfAContact(ListSuite):
    """A list of what one contact has."""

    def list_path(self, organization: Organization) -> str:
        self.contact = make_contact(organization)
        return self.path.format(self.contact.pk)

    def owner(self, organization: Organization) -> Contact:
        is_home = organization.pk == self.contact.organization_id
        return self.contact if is_home else make_contact(organization)


class TestRelationshipList(OfAContact):
    path = "contacts/{}/relationships/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        """Every other one leads from the other contact to this one."""
        ends = [self.owner(organization), make_contact(organization)]
        return make_relationship(*(ends if number % 2 else reversed(ends)))


class TestRelationships(DetailSuite):
    covers = ("contact-relationships",)
    detail = "contacts/{}/relationships/"
    methods: ClassVar = {"GET": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization)

    def test_each_end_calls_it_by_its_own_name(self, home: Organization, program: Program) -> None:
        ana, firm = make_contact(home), make_contact(home, kind="company", company_name="Acme")
        body = {"related_contact": firm.pk, "relationship_type": "company"}
        path = f"contacts/{ana.pk}/relationships/"
        made = program.post(path, body)
        assert made.status_code == 201
        assert program.post(path, body).status_code == 200
        document = made.json()
        assert (document["label"], document["is_inverse"]) == ("Works at", False)
        assert (document["related_name"], document["source"]) == ("Acme", "api")
        assert program.get(path).json()["results"] == [document]
        (other,) = program.get(f"contacts/{firm.pk}/relationships/").json()["results"]
        assert (other["label"], other["is_inverse"]) == ("Has the employee", True)
        assert other["related_contact"] == ana.pk
        address = f"contacts/{firm.pk}/relationships/{other['id']}/"
        assert program.delete(address).status_code == 204
        assert program.get(path).json()["results"] == []

    def test_what_makes_no_sense_is_refused(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        ana, ben, theirs = make_contact(home), make_contact(home), make_contact(other)
        path = f"contacts/{ana.pk}/relationships/"
        for related, kind, place, code in (
            (theirs.pk, "company", "related_contact", "unknown_id"),
            (10**12, "company", "related_contact", "unknown_id"),
            (BIG, "company", "related_contact", None),
            (ana.pk, "company", "related_contact", "itself"),
            (ben.pk, "friend", "relationship_type", "unknown_type"),
        ):
            body = {"related_contact": related, "relationship_type": kind}
            assert_problem(program.post(path, body), 400, place, code)
        with organization_scope(home):
            assert not Relationship.objects.exists()

    def test_a_viewer_relates_nobody(self, home: Organization, viewer: Program) -> None:
        ana, ben = make_contact(home), make_contact(home)
        body = {"related_contact": ben.pk, "relationship_type": "company"}
        assert_problem(viewer.post(f"contacts/{ana.pk}/relationships/", body), 403)


class TestRelationship(DetailSuite):
    covers = ("contact-relationship",)
    detail = "contacts/1/relationships/{}/"
    methods: ClassVar = {"DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_relationship(make_contact(organization), make_contact(organization))

    def detail_path(self, made: Any) -> str:
        return f"contacts/{made.contact_id}/relationships/{made.pk}/"

    def test_it_is_one_of_this_contact(self, home: Organization, program: Program) -> None:
        made, stranger = self.make(home), make_contact(home)
        assert_problem(program.delete(f"contacts/{stranger.pk}/relationships/{made.pk}/"), 404)
        assert_problem(program.delete(f"contacts/{made.contact_id}/relationships/{BIG}/"), 404)


class TestIdentifierList(OfAContact):
    path = "contacts/{}/identifiers/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_identifier(self.owner(organization))


class TestIdentifiers(DetailSuite):
    covers = ("contact-identifiers",)
    detail = "contacts/{}/identifiers/"
    methods: ClassVar = {"GET": None, "POST": {"kind": "anonymous_id", "value": "a1"}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization)

    def test_answers_or_says_why_not(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        made = program.post(path, {"kind": "email", "value": "Ana@Home.example"})
        assert (made.status_code, made.json()["value"]) == (201, "Ana@Home.example")
        again = program.post(path, {"kind": "email", "value": "ANA@home.example"})
        assert again.status_code == 201
        same = program.post(path, {"kind": "email", "value": "ANA@home.example"})
        assert (same.status_code, same.json()["id"]) == (200, made.json()["id"])
        (row,) = program.get(path).json()["results"]
        assert row["value"] == "ANA@home.example"
        with organization_scope(home):
            assert ContactHistory.objects.latest("pk").operation.source == "api"

    def test_what_is_wrong_is_told_by_path(self, home: Organization, program: Program) -> None:
        ana, ben = make_contact(home, email="ana@example.org"), make_contact(home)
        path = f"contacts/{ben.pk}/identifiers/"
        for kind, value, place, code in (
            ("email", "ana@example.org", "value", "identifier_taken"),
            ("email", ben.email, "value", "own"),
            ("email", "nobody", "value", None),
            ("phone", "x", "value", None),
            ("external_id", "\u200b", "value", None),
            ("fax", "1", "kind", None),
        ):
            response = program.post(path, {"kind": kind, "value": value})
            assert_problem(response, 400, place, code)
        with organization_scope(home):
            assert not Identifier.objects.exists()
        assert ana.pk != ben.pk


class TestIdentifier(DetailSuite):
    covers = ("contact-identifier",)
    detail = "contacts/1/identifiers/{}/"
    methods: ClassVar = {"DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_identifier(make_contact(organization))

    def detail_path(self, made: Any) -> str:
        return f"contacts/{made.contact_id}/identifiers/{made.pk}/"

    def test_it_is_one_of_this_contact(self, home: Organization, program: Program) -> None:
        made, stranger = self.make(home), make_contact(home)
        assert_problem(program.delete(f"contacts/{stranger.pk}/identifiers/{made.pk}/"), 404)
        assert program.delete(self.detail_path(made)).status_code == 204
        with organization_scope(home):
            assert not Identifier.objects.exists()
