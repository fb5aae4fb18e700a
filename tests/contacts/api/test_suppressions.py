"""/api/v1/suppressions/."""

from typing import Any, ClassVar

import pytest

from contacts.models import ContactHistory, Suppression
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_contact, make_suppression

pytestmark = pytest.mark.django_db
WHY = {"notes": "New provider"}


class TestSuppressionList(ListSuite):
    covers = ("suppression-list",)
    path = "suppressions/"
    filters = {"email=GONE1@example.org": 1, "email=here@example.org": 0, "email=": 2}
    bad_queries = ("email=nobody",)

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_suppression(organization, f"gone{number}@example.org")


class TestSuppressionDetail(DetailSuite):
    covers = ("suppression-detail",)
    detail = "suppressions/{}/"
    methods: ClassVar = {"GET": None, "DELETE": WHY}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_suppression(organization)

    def test_lifting_takes_a_note_that_its_contact_keeps(
        self, home: Organization, program: Program
    ) -> None:
        ana = make_contact(home, email="ana@example.org")
        path = self.detail_path(make_suppression(home, "ana@example.org"))
        assert_problem(program.delete(path), 400)
        assert_problem(program.delete(path, {}), 400, "notes")
        assert_problem(program.delete(f"{path}?notes=%20"), 400, "notes", "required")
        assert program.delete(f"{path}?notes=New+provider").status_code == 204
        with organization_scope(home):
            row = ContactHistory.objects.filter(contact_id=ana.pk).latest("pk")
            assert (row.notes, row.operation.source) == ("New provider", "api")
        kinds = program.get(f"contacts/{ana.pk}/preferences/").json()
        assert all(kind["may_receive"] for kind in kinds)

    def test_who_was_erased_stays(self, home: Organization, program: Program) -> None:
        path = self.detail_path(make_suppression(home, reason="erased"))
        assert_problem(program.delete(path, WHY), 400, code="erased")
        with organization_scope(home):
            assert Suppression.objects.exists()


class TestSuppressionCreate(CreateSuite):
    path = "suppressions/"
    body: ClassVar = {"email": "Ana@example.org", "reason": "complained", "source": "Provider"}
    bad_bodies = (
        ({}, "email"),
        ({"email": "nobody", "reason": "bounced"}, "email"),
        ({"email": "a@example.org", "reason": "bored"}, "reason"),
        ({"email": "a@example.org", "reason": "erased"}, "reason"),
        ({"email": "a@example.org", "reason": "bounced", "since": "2026-01-01"}, "since"),
    )

    def test_one_that_is_there_keeps_its_reason(self, program: Program) -> None:
        first = program.post(self.path, self.body).json()
        again = program.post(self.path, {"email": "ana@EXAMPLE.org", "reason": "bounced"})
        assert (again.status_code, again.json()) == (200, first)
        assert "ana" not in str(first)
