"""What a segment tells: …/explain/, …/impact/, …/sizes/ and contacts/{id}/explain/; …/refresh/ and calling it off."""

from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_start
from tests.api_suite import DetailSuite, Program, assert_problem
from tests.factories import SCREEN, make_contact
from tests.segments.making import IN_OSLO, computed, follow, make_segment

pytestmark = pytest.mark.django_db


class OfOneSegment(DetailSuite):
    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_segment(organization)


class TestExplain(OfOneSegment):
    covers = ("segment-explain",)
    detail = "segments/{}/explain/"

    def detail_path(self, made: Any) -> str:
        self.contact = make_contact(made.organization, city="Oslo")
        return f"{self.detail.format(made.pk)}?contact={self.contact.pk}"

    def test_shape(self, home: Organization, program: Program) -> None:
        segment = make_segment(home, {"all": [IN_OSLO, {"not": IN_OSLO | {"value": "Bergen"}}]})
        path = self.detail_path(segment)
        follow(home)
        document = program.get(path).json()
        assert document.pop("member_since")
        assert document == {
            "contact": self.contact.pk,
            "segment": segment.pk,
            "is_member": True,
            "holds": True,
            "pin": None,
            "rules": {
                "all": [
                    IN_OSLO | {"result": True, "actual": "Oslo", "sentence": "city is Oslo"},
                    {
                        "not": IN_OSLO
                        | {
                            "value": "Bergen",
                            "result": False,
                            "actual": "Oslo",
                            "sentence": "city is Bergen",
                        },
                        "result": True,
                    },
                ],
                "result": True,
            },
        }

    def test_of_a_list_kept_by_hand(self, home: Organization, program: Program) -> None:
        segment = make_segment(home, kind="static")
        path = self.detail_path(segment)
        with organization_scope(home):
            contacts_pin(
                segment=segment, selection={"ids": [self.contact.pk]}, is_in=True, actor=SCREEN
            )
        follow(home)
        document = program.get(path).json()
        assert (document["is_member"], document["holds"]) == (True, False)
        assert (document["pin"], document["rules"]) == (True, None)

    def test_what_is_wrong_is_told_by_path(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        segment, theirs = self.make(home), make_contact(other)
        for query in (
            f"?contact={theirs.pk}",
            "",
            "?contact=x",
            "?contact=-1",
            f"?contact={10**30}",
        ):
            assert_problem(program.get(f"segments/{segment.pk}/explain/{query}"), 400, "contact")


class TestContactExplain(DetailSuite):
    covers = ("contact-explain",)
    detail = "contacts/{}/explain/?segment=1"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_contact(organization, city="Oslo")

    def detail_path(self, made: Any) -> str:
        self.segment = make_segment(made.organization)
        return f"contacts/{made.pk}/explain/?segment={self.segment.pk}"

    def test_says_what_the_segment_says(self, home: Organization, program: Program) -> None:
        contact = self.make(home)
        found = program.get(self.detail_path(contact)).json()
        path = f"segments/{self.segment.pk}/explain/?contact={contact.pk}"
        assert found == program.get(path).json()

    def test_what_is_wrong_is_told_by_path(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        contact, theirs = self.make(home), make_segment(other)
        for query in (f"?segment={theirs.pk}", "", "?segment=x", "?segment=-1"):
            assert_problem(program.get(f"contacts/{contact.pk}/explain/{query}"), 400, "segment")


class TestImpact(OfOneSegment):
    covers = ("segment-impact",)
    detail = "segments/{}/impact/"
    methods: ClassVar = {"POST": {"rules": {"not": IN_OSLO}}}

    def test_shape(self, home: Organization, program: Program) -> None:
        ana, bo = make_contact(home, city="Oslo"), make_contact(home, city="Bergen")
        segment = self.make(home)
        looking = make_segment(
            home, {"type": "segment", "operator": "member_of", "segment": segment.pk}
        )
        response = program.post(f"segments/{segment.pk}/impact/", self.methods["POST"])
        size = {"count": 1, "is_exact": True}
        assert response.json() == {
            "joining": {
                "size": size,
                "samples": [{"id": bo.pk, "email": bo.email, "name": bo.display_name}],
            },
            "leaving": {
                "size": size,
                "samples": [{"id": ana.pk, "email": ana.email, "name": ana.display_name}],
            },
            "used_by": [{"what": "segment", "id": looking.pk, "name": looking.name}],
        }

    def test_what_is_wrong_is_told_by_path(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        assert_problem(program.post(path, {}), 400, "rules")
        assert_problem(program.post(path, {"rules": {"any": [5]}}), 400, "rules.any.0")


class TestSizes(OfOneSegment):
    covers = ("segment-sizes",)
    detail = "segments/{}/sizes/"

    def test_today_last(self, home: Organization, program: Program) -> None:
        make_contact(home, city="Oslo")
        path = self.detail_path(self.make(home))
        before, today = program.get(f"{path}?days=2").json()
        assert set(today) == {"date", "size", "joined", "left"}
        assert (before["size"], today["size"], today["joined"], today["left"]) == (0, 1, 1, 0)
        assert len(program.get(path).json()) == 30
        for days in ("0", "x", "367", "-1", "1.5", "9" * 30):
            assert_problem(program.get(f"{path}?days={days}"), 400, "days")

    def test_one_query_however_many_days(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        counts = []
        for days in (1, 1, 366):
            with CaptureQueriesContext(connection) as captured:
                program.get(f"{path}?days={days}")
            counts.append(len(captured))
        assert counts[1] == counts[2]


class TestRefresh(OfOneSegment):
    covers = ("segment-refresh",)
    detail = "segments/{}/refresh/"
    methods: ClassVar = {"POST": None}

    def test_shape(self, home: Organization, program: Program) -> None:
        segment = self.make(home)
        path = self.detail_path(segment)
        document = program.post(path).json()
        assert set(document) == {
            "id",
            "status",
            "phase",
            "reason",
            "joined",
            "left",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        }
        assert (document["status"], document["joined"]) == ("pending", None)
        # Who asks again while one waits gets that one.
        assert program.post(path).json()["id"] == document["id"]
        assert program.get(f"segments/{segment.pk}/").json()["status"] == "stale"
        with organization_scope(home):
            computed(Segment.objects.get(pk=segment.pk))
        assert program.get(f"segments/{segment.pk}/").json()["status"] == "ready"
        assert program.post(path).json()["id"] != document["id"]

    def test_what_is_kept_by_hand_needs_none(self, home: Organization, program: Program) -> None:
        segment = make_segment(home, kind="static")
        assert_problem(program.post(self.detail_path(segment)), 409, "segment", "wrong_status")


class TestCancel(OfOneSegment):
    covers = ("segment-refresh-cancel",)
    detail = "segments/{}/refresh/cancel/"
    methods: ClassVar = {"POST": None}

    def test_what_waits_is_called_off_once(self, home: Organization, program: Program) -> None:
        segment = self.make(home)
        with organization_scope(home):
            segment_refresh_start(segment=segment, reason="data")
        path = self.detail_path(segment)
        response = program.post(path)
        assert (response.status_code, response.json()["status"]) == (202, "cancelled")
        document = program.get(f"segments/{segment.pk}/").json()
        assert (document["status"], "called off" in document["error"]) == ("failed", True)
        assert_problem(program.post(path), 409, "status", "wrong_status")
