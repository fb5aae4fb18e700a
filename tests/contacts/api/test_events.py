"""/api/v1/events/ and /api/v1/contacts/{id}/events/."""

from typing import Any, ClassVar

import pytest

from contacts.models import Contact, ContactEvent, Website
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.contacts.api.test_relations import OfAContact
from tests.contacts.events import NOW, ago, event, make_event
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


class TestEventList(ListSuite):
    covers = ("event-list",)
    path = "events/"
    filters = {
        "event_type=event_0": 1,
        "source=crm": 2,
        "source_id=s1": 1,
        "is_machine=false": 2,
        "campaign=7": 2,
        "automation=8": 0,
        "website=1": 0,
        "contact=1": 0,
        "message_id=m": 0,
        "occurred_after=2026-03-01T10:30:00Z": 1,
        "occurred_before=2026-03-01T10:30:00%2B00:00": 1,
    }
    bad_queries = ("occurred_after=nonsense", "contact=x")

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_event(
            make_contact(organization),
            f"event_{number}",
            source="crm",
            source_id=f"s{number}",
            campaign=7,
            occurred_at=ago(hours=1 + number),
        )

    def test_is_filtered_by_contact_and_website(self, home: Organization, program: Program) -> None:
        with organization_scope(home):
            site = Website.objects.create(name="Shop", domain="shop.example.org")
        made = make_event(make_contact(home), website=site.pk)
        self.make(home)
        for query in (f"contact={made.contact_id}", f"website={site.pk}"):
            (row,) = program.get(f"events/?{query}").json()["results"]
            assert row["id"] == made.pk


class TestEventDetail(DetailSuite):
    covers = ("event-detail",)
    detail = "events/{}/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_event(make_contact(organization), "email_opened", data={"url": "/"})

    def test_says_what_was_sent(self, home: Organization, program: Program) -> None:
        made = self.make(home)
        assert program.get(self.detail_path(made)).json() == {
            "id": made.pk,
            "message_id": made.message_id,
            "event_type": "email_opened",
            "contact": made.contact_id,
            "occurred_at": "2026-03-01T11:00:00Z",
            "received_at": NOW.isoformat().replace("+00:00", "Z"),
            "data": {"url": "/"},
            "source": "",
            "source_id": "",
            "campaign": None,
            "automation": None,
            "website": None,
            "is_machine": False,
        }


class TestEventCreate(CreateSuite):
    path = "events/"
    status = 200
    body: ClassVar = {"message_id": "m1", "event_type": "webinar_attended"}

    def test_refuses_what_is_no_object(self, program: Program) -> None:
        for body in ([], "text", 5):
            assert_problem(program.post(self.path, body), 400)
        assert program.post(self.path, [[]]).json()["rejected"][0]["index"] == 0

    def test_a_list_has_an_answer_for_each(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        ana, theirs = make_contact(home, email="ana@example.org"), make_contact(other)
        good = event() | {"contact": {"email": "ANA@example.org"}}
        answer = program.post(
            self.path,
            [good, event(theirs), event(ana) | {"occurred_at": "x"}, good, event(ana)],
        ).json()
        assert (answer["accepted"], answer["duplicates"]) == (2, 1)
        unknown, wrong = answer["rejected"]
        assert unknown["index"] == 1
        assert unknown["errors"][0].keys() == {"path", "code", "message"}
        assert unknown["errors"][0]["code"] == "unknown_contact"
        assert (wrong["index"], wrong["errors"][0]["path"]) == (2, "occurred_at")
        again = program.post(self.path, good).json()
        assert again == {"accepted": 0, "duplicates": 1, "rejected": []}
        with organization_scope(home):
            kept = ContactEvent.objects.values_list("contact_id", flat=True)
            assert list(kept) == [ana.pk, ana.pk]
        with organization_scope(other):
            assert not ContactEvent.objects.exists()

    def test_unknown_people_are_made_when_asked_to(
        self, home: Organization, program: Program
    ) -> None:
        body = event() | {"contact": {"email": "new@example.org"}}
        assert program.post(self.path, body).json()["rejected"]
        assert program.post(f"{self.path}?create_unknown=true", body).json()["accepted"] == 1
        with organization_scope(home):
            made = Contact.objects.get()
            assert (made.email, ContactEvent.objects.get().contact_id) == (
                "new@example.org",
                made.pk,
            )
        assert_problem(program.post(f"{self.path}?create_unknown=x", body), 400, "create_unknown")

    def test_a_list_has_a_limit(self, program: Program) -> None:
        assert_problem(program.post(self.path, [{}] * 1_001), 400)

    def test_a_viewer_sends_none(self, home: Organization) -> None:
        assert_problem(Program(home, Role.VIEWER).post(self.path, self.body), 403)


class TestContactEventList(OfAContact):
    path = "contacts/{}/events/"
    filters = {"event_type=event_0": 1, "event_type=": 2}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_event(self.owner(organization), f"event_{number}")


class TestContactEvents(DetailSuite):
    covers = ("contact-events",)
    detail = "contacts/{}/events/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization)

    def test_the_latest_come_first(self, home: Organization, program: Program) -> None:
        ana = self.make(home)
        hours = [5, 1, 9, 3]
        made = {each: make_event(ana, occurred_at=ago(hours=each)).pk for each in hours}
        make_event(make_contact(home))
        rows = program.get(self.detail_path(ana)).json()["results"]
        assert [row["id"] for row in rows] == [made[each] for each in sorted(hours)]
