"""/api/v1/contacts/{id}/timeline/."""

from typing import Any

import pytest

from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, Program, assert_problem
from tests.contacts.events import ago, event, make_activity, record
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


class TestTimeline(DetailSuite):
    covers = ("contact-timeline",)
    detail = "contacts/{}/timeline/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        contact = make_contact(organization)
        with organization_scope(organization):
            record(
                event(contact, "email_opened", occurred_at=ago(days=3)),
                event(contact, "webinar_attended", occurred_at=ago(days=1)),
            )
        make_activity(contact, "call")
        return contact

    def test_is_read_page_by_page(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        rows = program.get(path).json()["results"]
        assert [each["kind"] for each in rows] == ["history", "activities", "events", "emails"]
        change, call, webinar, opened = rows
        assert change["item"]["change_type"] == "created"
        assert call["item"]["activity_type"] == "call"
        assert webinar["item"]["event_type"] == "webinar_attended"
        assert opened["at"] == opened["item"]["occurred_at"]
        first = program.get(f"{path}?page_size=3").json()
        second = program.get(first["next"]).json()
        assert first["results"] + second["results"] == rows
        assert second["next"] is None
        some = program.get(f"{path}?kind=emails,events").json()["results"]
        assert some == [webinar, opened]

    def test_what_is_wrong_is_told(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        for name, value in (("kind", "x"), ("cursor", "x"), ("page_size", "501"), ("at", "1")):
            assert_problem(program.get(f"{path}?{name}={value}"), 400, name)
