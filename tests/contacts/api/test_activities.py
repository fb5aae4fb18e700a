"""/api/v1/activities/ and /api/v1/contacts/{id}/activities/."""

from typing import Any, ClassVar

import pytest

from contacts.models import ContactActivity
from contacts.services.contacts import contacts_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.contacts.api.test_relations import OfAContact
from tests.contacts.events import make_activity
from tests.factories import SCREEN, make_contact

pytestmark = pytest.mark.django_db
CALL = {"activity_type": "call", "data": {"text": "Reached"}, "occurred_at": "2026-03-01T12:00:00Z"}


class TestActivityList(ListSuite):
    covers = ("activity-list",)
    path = "activities/"
    filters = {
        "activity_type=call": 1,
        "is_pinned=true": 1,
        "contact=1": 0,
        "occurred_before=2026-01-01T00:00:00Z": 0,
        "occurred_after=2026-01-01T00:00:00Z": 2,
    }
    bad_queries = ("activity_type=dance", "occurred_after=x")

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_activity(
            make_contact(organization), "note" if number else "call", is_pinned=bool(number)
        )

    def test_those_of_deleted_people_are_not_there(
        self, home: Organization, program: Program
    ) -> None:
        made = self.make(home)
        with organization_scope(home):
            contacts_delete(ids=[made.contact_id], actor=SCREEN)
        assert program.get(self.path).json()["results"] == []


class TestActivityDetail(DetailSuite):
    covers = ("activity-detail",)
    detail = "activities/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"is_pinned": True}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_activity(make_contact(organization), "note")

    def test_what_is_left_out_stays(self, home: Organization, program: Program) -> None:
        made = self.make(home)
        path = self.detail_path(made)
        before = program.get(path).json()
        assert program.patch(path, {"data": {"text": "Other"}}).json() == before | {
            "data": {"text": "Other"}
        }
        assert_problem(program.patch(path, {"data": {"text": " "}}), 400, "data.text", "required")
        assert_problem(program.patch(path, {"activity_type": "call"}), 400, "activity_type")
        assert program.delete(path).status_code == 204
        assert_problem(program.get(path), 404)


class TestActivityCreate(CreateSuite):
    path = "activities/"

    @pytest.fixture(autouse=True)
    def body_of_home(self, home: Organization) -> None:
        type(self).body = CALL | {"contact": make_contact(home).pk}

    def test_creates(self, program: Program) -> None:
        document = program.post(self.path, self.body).json()
        assert {name: document[name] for name in self.body} == self.body
        assert document["created_by"] is None

    def test_whom_nobody_knows_is_refused(self, other: Organization, program: Program) -> None:
        for pk in (make_contact(other).pk, 10**12):
            body = self.body | {"contact": pk}
            assert_problem(program.post(self.path, body), 400, "contact", "unknown_id")
        assert_problem(program.post(self.path, self.body | {"activity_type": "x"}), 400)


class TestContactActivityList(OfAContact):
    path = "contacts/{}/activities/"
    filters = {"activity_type=call": 2, "activity_type=note": 0, "activity_type=": 2}
    bad_queries = ("activity_type=dance",)

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_activity(self.owner(organization), "call")


class TestContactActivities(DetailSuite):
    covers = ("contact-activities",)
    detail = "contacts/{}/activities/"
    methods: ClassVar = {"GET": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization)

    def test_are_added(self, home: Organization, program: Program, viewer: Program) -> None:
        ana = self.make(home)
        path = self.detail_path(ana)
        made = program.post(path, CALL)
        assert (made.status_code, made.json()["contact"]) == (201, ana.pk)
        assert program.get(path).json()["results"] == [made.json()]
        assert_problem(viewer.post(path, CALL), 403)
        with organization_scope(home):
            assert ContactActivity.objects.count() == 1
