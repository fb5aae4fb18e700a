"""/api/v1/preference-types/ and relationship-types/."""

from typing import Any, ClassVar

import pytest

from contacts.models import PreferenceType, RelationshipType
from contacts.services.kinds import preference_type_create, relationship_type_create
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem

pytestmark = pytest.mark.django_db


class PreferenceTypes:
    def make(self, organization: Organization, number: int = 0) -> Any:
        with organization_scope(organization):
            return preference_type_create(key=f"topic_{number}", label=f"Topic {number}")


class RelationshipTypes:
    def make(self, organization: Organization, number: int = 0) -> Any:
        with organization_scope(organization):
            return relationship_type_create(
                key=f"friend_{number}", label="Friend of", inverse_label="Friend of"
            )


class KindList(ListSuite):
    """A list without the kinds that every organization begins with."""

    model: ClassVar[Any]

    def list_path(self, organization: Organization) -> str:
        with organization_scope(organization):
            self.model.objects.all().delete()
        return self.path


class TestPreferenceTypeList(PreferenceTypes, KindList):
    covers = ("preference-type-list",)
    path = "preference-types/"
    model = PreferenceType
    filters = {"ordering=-key": 2}


class TestRelationshipTypeList(RelationshipTypes, KindList):
    covers = ("relationship-type-list",)
    path = "relationship-types/"
    model = RelationshipType


class TestPreferenceTypeDetail(PreferenceTypes, DetailSuite):
    covers = ("preference-type-detail",)
    detail = "preference-types/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"label": "News"}}

    def test_patch_keeps_what_it_does_not_name(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        program.patch(path, {"is_enabled_by_default": False})
        document = program.patch(path, {"label": "News"}).json()
        assert (document["label"], document["is_enabled_by_default"]) == ("News", False)
        assert_problem(program.patch(path, {"key": "other"}), 400, "key", "unknown_field")
        assert_problem(program.patch(path, {"label": ""}), 400, "label")
        assert_problem(program.delete(path), 405)

    def test_transactional_mail_stays_on(self, home: Organization, program: Program) -> None:
        with organization_scope(home):
            kind = PreferenceType.objects.get(is_transactional=True)
        path = self.detail_path(kind)
        refused = program.patch(path, {"is_enabled_by_default": False})
        assert_problem(refused, 400, "is_enabled_by_default", "transactional")
        assert program.patch(path, {"label": "Receipts"}).status_code == 200


class TestRelationshipTypeDetail(RelationshipTypes, DetailSuite):
    covers = ("relationship-type-detail",)
    detail = "relationship-types/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"inverse_label": "Befriended by"}}

    def test_patch_keeps_what_it_does_not_name(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        document = program.patch(path, {"inverse_label": "Befriended by"}).json()
        assert (document["label"], document["inverse_label"]) == ("Friend of", "Befriended by")
        assert_problem(program.patch(path, {"key": "other"}), 400, "key", "unknown_field")


class TestPreferenceTypeCreate(CreateSuite):
    path = "preference-types/"
    body: ClassVar = {"key": "events", "label": "Events", "is_enabled_by_default": False}
    needed_role = Role.ADMIN
    bad_bodies = (
        ({}, "key"),
        ({"key": "events"}, "label"),
        ({"key": "Bad key", "label": "x"}, "key"),
        ({"key": "newsletter", "label": "x"}, "key"),
        ({"key": "x", "label": "x" * 201}, "label"),
        ({"key": "x", "label": "x", "is_transactional": True}, "is_transactional"),
    )


class TestRelationshipTypeCreate(CreateSuite):
    path = "relationship-types/"
    body: ClassVar = {"key": "friend", "label": "Friend of", "inverse_label": "Friend of"}
    needed_role = Role.ADMIN
    bad_bodies = (
        ({"key": "friend", "label": "Friend of"}, "inverse_label"),
        ({"key": "1", "label": "x", "inverse_label": "x"}, "key"),
        ({"key": "company", "label": "x", "inverse_label": "x"}, "key"),
    )
