"""/api/v1/contacts/{id}/preferences/."""

from typing import Any, ClassVar

import pytest

from contacts.models import ContactHistory, EmailPreference
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, Program, assert_problem
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


class TestPreferences(DetailSuite):
    covers = ("contact-preferences",)
    detail = "contacts/{}/preferences/"
    methods: ClassVar = {"GET": None, "PATCH": {"preferences": {"newsletter": False}}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization)

    def test_what_is_said_is_kept_with_its_proof(
        self, home: Organization, program: Program
    ) -> None:
        contact = make_contact(home)
        path = f"contacts/{contact.pk}/preferences/"
        proof = {"source": "Form", "text": "Yes", "given_at": "2026-03-01T12:00:00Z"}
        body = {"preferences": {"newsletter": False}, "reason": "Too many", "proof": proof}
        kinds = {each["type"]: each for each in program.patch(path, body).json()}
        said = kinds["newsletter"]
        assert (said["is_enabled"], said["reason"], said["proof"]) == (False, "Too many", proof)
        assert (kinds["marketing"]["is_enabled"], kinds["marketing"]["updated_at"]) == (True, None)
        assert program.get(path).json() == list(kinds.values())
        with organization_scope(home):
            assert ContactHistory.objects.latest("pk").proof == proof

    def test_a_pause_goes_with_what_is_said_as_one_change(
        self, home: Organization, program: Program
    ) -> None:
        contact = make_contact(home)
        path = f"contacts/{contact.pk}/preferences/"
        body = {"preferences": {"newsletter": False}, "paused_until": "2099-01-01T00:00:00Z"}
        kinds = {each["type"]: each for each in program.patch(path, body).json()}
        received = {key for key, each in kinds.items() if each["may_receive"]}
        assert received == {"transactional"}
        assert kinds["newsletter"]["updated_through"] == "api"
        shown = program.get(f"contacts/{contact.pk}/?fields=paused_until").json()
        assert shown == {"paused_until": "2099-01-01T00:00:00Z"}
        with organization_scope(home):
            row = ContactHistory.objects.latest("pk")
            assert set(row.new_value) == {"preference:newsletter", "paused_until"}
        program.patch(path, {"paused_until": None, "preferences": {"newsletter": None}})
        assert all(each["may_receive"] for each in program.get(path).json())

    def test_what_is_wrong_is_told_by_path(self, home: Organization, program: Program) -> None:
        path = f"contacts/{make_contact(home).pk}/preferences/"
        wrong = {"preferences": {"gossip": True}}
        assert_problem(program.patch(path, wrong), 400, "gossip", "unknown_type")
        wrong = {"preferences": {"transactional": False}}
        assert_problem(program.patch(path, wrong), 400, "transactional", "transactional")
        assert_problem(program.patch(path, {"preferences": {}}), 400)
        assert_problem(program.patch(path, {}), 400)
        past = {"paused_until": "2020-01-01T00:00:00Z"}
        assert_problem(program.patch(path, past), 400, "paused_until", "past")
        assert_problem(program.patch(path, {"preferences": {"newsletter": "maybe"}}), 400)
        with organization_scope(home):
            assert not EmailPreference.objects.exists()
