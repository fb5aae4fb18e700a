"""/api/v1/segments/{id}/members/, …/pins/ and …/history/, and contacts/{id}/segments/."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import time_machine

from contacts.models import Contact, ContactOperation
from contacts.services.contacts import contacts_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembership, SegmentMembershipLog
from segments.services.pins import contacts_pin
from tests.api_suite import DetailSuite, ListSuite, Program, assert_problem
from tests.factories import SCREEN, make_contact
from tests.segments.making import follow, make_segment

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def put_in(segment: Segment) -> Contact:
    """A contact that is in a segment by hand."""
    contact = make_contact(segment.organization)
    with organization_scope(segment.organization):
        contacts_pin(segment=segment, selection={"ids": [contact.pk]}, is_in=True, actor=SCREEN)
    follow(segment.organization)
    return contact


def latest(organization: Organization) -> int:
    """The id of what was done last."""
    with organization_scope(organization):
        return ContactOperation.objects.latest("pk").pk


class OfASegment(ListSuite):
    """A list of what one segment has."""

    def list_path(self, organization: Organization) -> str:
        self.segment = make_segment(organization, kind="static")
        return self.path.format(self.segment.pk)

    def owner(self, organization: Organization) -> Segment:
        is_home = organization.pk == self.segment.organization_id
        return self.segment if is_home else make_segment(organization, kind="static")


class TestMemberList(OfASegment):
    path = "segments/{}/members/"
    filters: ClassVar = {
        "ordering=added_at": 2,
        "ordering=-added_at": 2,
        "at=2099-01-01": 2,
        "at=2020-01-01": 0,
        "at=2099-01-01T00:00:00Z&ordering=-added_at": 2,
    }
    bad_queries = ("at=x", "at=2026-02-30", "at=2026-13-01T00:00:00Z", "q=x")

    def make(self, organization: Organization, number: int = 0) -> Any:
        return put_in(self.owner(organization))

    def test_pages_in_the_order_of_joining(self, home: Organization, program: Program) -> None:
        path = self.list_path(home)
        with time_machine.travel(DAY, tick=False) as clock:
            people = [self.make(home).pk for _ in range(2)]
            clock.shift(timedelta(days=1))
            people += [self.make(home).pk for _ in range(3)]
        for query in ("", f"&at={DAY:%Y}-03-02"):
            found, page = [], f"{path}?ordering=-added_at&page_size=2{query}"
            while page:
                document = program.get(page).json()
                found += [row["id"] for row in document["results"]]
                page = document["next"]
            assert found == people[::-1]

    def test_who_was_in_on_a_day(self, home: Organization, program: Program) -> None:
        path = self.list_path(home)
        with time_machine.travel(DAY, tick=False) as clock:
            ana = self.make(home)
            clock.shift(timedelta(days=1))
            bo = self.make(home)
            with organization_scope(home):
                contacts_delete(ids=[ana.pk], actor=SCREEN)
            follow(home)
        (row,) = program.get(path).json()["results"]
        assert row == {
            "id": bo.pk,
            "email": bo.email,
            "name": bo.display_name,
            "added_at": "2026-03-02T12:00:00Z",
            "is_deleted": False,
        }
        # The whole of the first day; who is deleted since had a part in it.
        (row,) = program.get(f"{path}?at=2026-03-01").json()["results"]
        assert (row["id"], row["is_deleted"]) == (ana.pk, True)
        assert program.get(f"{path}?at=2026-03-01T11:59:59Z").json()["results"] == []
        assert len(program.get(f"{path}?at=2026-03-01T12:00:00Z").json()["results"]) == 1


class TestMembers(DetailSuite):
    covers = ("segment-members",)
    detail = "segments/{}/members/"
    methods: ClassVar = {"GET": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_segment(organization, kind="static")

    def test_others_add_and_remove_nobody(
        self, home: Organization, other: Organization, program: Program, viewer: Program
    ) -> None:
        ana, mine, theirs = make_contact(home), self.make(home), self.make(other)
        for method in ("POST", "DELETE"):
            body = {"contacts": [ana.pk]}
            assert_problem(program.send(method, f"segments/{theirs.pk}/members/", body), 404)
            assert_problem(viewer.send(method, f"segments/{mine.pk}/members/", body), 403)

    def test_in_and_out_by_hand(self, home: Organization, program: Program) -> None:
        people, segment = [make_contact(home).pk for _ in range(3)], self.make(home)
        path = f"segments/{segment.pk}/members/"
        added = program.post(path, {"contacts": [*people, people[0]]})
        assert (added.status_code, added.json()) == (202, {"changed": 3, "operation": latest(home)})
        assert program.post(path, {"contacts": people[:1]}).json() == {
            "changed": 0,
            "operation": None,
        }
        follow(home)
        assert {row["id"] for row in program.get(path).json()["results"]} == set(people)
        removed = program.delete(path, {"contacts": people[:2]})
        assert (removed.status_code, removed.json()) == (
            202,
            {"changed": 2, "operation": latest(home)},
        )
        follow(home)
        assert [row["id"] for row in program.get(path).json()["results"]] == people[2:]

    def test_what_is_wrong_is_told_by_path(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        ana, theirs, segment = make_contact(home), make_contact(other), self.make(home)
        path = f"segments/{segment.pk}/members/"
        for method in ("POST", "DELETE"):
            for contacts, place, code in (
                ([theirs.pk, ana.pk], "contacts", "unknown_id"),
                ([10**15], "contacts", "unknown_id"),
                ([10**30], "contacts.0", None),
                ([0], "contacts.0", None),
                (["x"], "contacts.0", None),
                ([], "contacts", None),
                (list(range(1, 10_002)), "contacts", None),
                (5, "contacts", None),
            ):
                response = program.send(method, path, {"contacts": contacts})
                assert_problem(response, 400, place, code)
            assert_problem(program.send(method, path, {}), 400, "contacts")
        with organization_scope(home):
            assert not SegmentMembership.objects.exists()


class TestPins(DetailSuite):
    covers = ("segment-pins",)
    detail = "segments/{}/pins/"
    methods: ClassVar = {"POST": {"contacts": [1], "is_in": True}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        segment = make_segment(organization)
        self.contact = make_contact(organization, city="Oslo")
        return segment

    def test_answers_or_says_why_not(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        ids = [self.contact.pk]
        for is_in, members in ((False, []), (True, ids), (False, []), (None, ids)):
            response = program.post(path, {"contacts": ids, "is_in": is_in})
            done = {"changed": 1, "operation": latest(home)}
            with organization_scope(home):
                operation = ContactOperation.objects.latest("pk")
                assert (operation.source, operation.api_key) == ("api", program.key)
            assert (response.status_code, response.json()) == (202, done)
            follow(home)
            found = program.get(path.replace("pins", "members")).json()["results"]
            assert [row["id"] for row in found] == members
        nothing = program.post(path, {"contacts": ids, "is_in": None}).json()
        assert nothing == {"changed": 0, "operation": None}

    def test_what_is_wrong_is_told_by_path(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        ids = [self.contact.pk]
        assert_problem(program.post(path, {"contacts": ids}), 400, "is_in")
        assert_problem(program.post(path, {"contacts": ids, "is_in": "perhaps"}), 400, "is_in")
        assert_problem(program.post(path, {"contacts": [10**12], "is_in": None}), 400, "contacts")


class TestHistoryList(OfASegment):
    path = "segments/{}/history/"
    filters: ClassVar = {
        "action=joined": 2,
        "action=left": 0,
        "reason=manual": 2,
        "reason=time": 0,
        "from=2020-01-01": 2,
        "from=2099-01-01": 0,
        "to=2020-01-01": 0,
        "to=2099-01-01T00:00:00Z": 2,
    }
    bad_queries = ("from=x", "to=x", "action=x", "reason=x")

    def make(self, organization: Organization, number: int = 0) -> Any:
        contact = put_in(self.owner(organization))
        with organization_scope(organization):
            return SegmentMembershipLog.objects.get(contact_id=contact.pk)


class TestHistory(DetailSuite):
    covers = ("segment-history",)
    detail = "segments/{}/history/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_segment(organization)

    def test_who_joined_and_left_when_and_why(self, home: Organization, program: Program) -> None:
        with time_machine.travel(DAY, tick=False) as clock:
            ana = make_contact(home, city="Oslo")
            segment = self.make(home)
            clock.shift(timedelta(days=1))
            with organization_scope(home):
                contacts_delete(ids=[ana.pk], actor=SCREEN)
            follow(home)
        path = f"segments/{segment.pk}/history/"
        left, joined = program.get(path).json()["results"]
        assert {**left, "id": 0} == {
            "id": 0,
            "contact": ana.pk,
            "action": "left",
            "reason": "deleted",
            "at": "2026-03-02T12:00:00Z",
        }
        assert (joined["action"], joined["reason"]) == ("joined", "rules")
        found = program.get(f"{path}?from=2026-03-01&to=2026-03-02").json()["results"]
        assert found == [joined]


class TestContactSegmentList(ListSuite):
    path = "contacts/{}/segments/"

    def list_path(self, organization: Organization) -> str:
        self.contact = make_contact(organization, city="Oslo")
        return self.path.format(self.contact.pk)

    def make(self, organization: Organization, number: int = 0) -> Any:
        if organization.pk != self.contact.organization_id:
            make_contact(organization, city="Oslo")
        return make_segment(organization)


class TestContactSegments(DetailSuite):
    covers = ("contact-segments",)
    detail = "contacts/{}/segments/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization, city="Oslo")

    def test_shape(self, home: Organization, program: Program) -> None:
        contact = self.make(home)
        segment = make_segment(home)
        make_segment(home, {"not": segment.rules})
        (row,) = program.get(f"contacts/{contact.pk}/segments/").json()["results"]
        assert set(row) == {"id", "name", "added_at"}
        assert (row["id"], row["name"]) == (segment.pk, segment.name)
