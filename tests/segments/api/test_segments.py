"""/api/v1/segments/: the list, one segment, and rules that are tried out."""

from typing import Any, ClassVar

import pytest

from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentRefresh
from tests.api_suite import CreateSuite, DetailSuite, IsolationSuite, ListSuite, Program
from tests.api_suite import assert_problem as problem
from tests.factories import make_contact, make_organization
from tests.segments.making import IN_OSLO, computed, make_segment

pytestmark = pytest.mark.django_db
SHAPE = {
    "id",
    "name",
    "description",
    "kind",
    "rules",
    "sentence",
    "status",
    "error",
    "member_count",
    "computed_at",
    "depends_on",
    "created_at",
    "updated_at",
}


class TestSegmentList(ListSuite):
    covers = ("segment-list",)
    path = "segments/"
    filters: ClassVar = {
        "q=SEGMENT": 2,
        "q=ment 1": 1,
        "kind=dynamic": 1,
        "kind=static": 1,
        "status=ready": 2,
        "status=failed": 0,
        "ordering=-member_count": 2,
        "ordering=created_at": 2,
    }
    bad_queries = ("kind=x", "status=x")

    def make(self, organization: Organization, number: int = 0) -> Any:
        kind = "static" if number % 2 else "dynamic"
        return make_segment(organization, name=f"Segment {number}", kind=kind)


class TestSegmentDetail(DetailSuite):
    covers = ("segment-detail",)
    detail = "segments/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"name": "Others"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_segment(organization)

    def test_shape(self, home: Organization, program: Program) -> None:
        make_contact(home, city="Oslo")
        segment = self.make(home)
        document = program.get(f"segments/{segment.pk}/").json()
        assert set(document) == SHAPE
        assert document["sentence"] == "City is Oslo"
        assert (document["status"], document["member_count"]) == ("ready", 1)
        assert document["rules"] == IN_OSLO
        assert document["computed_at"].endswith("Z")
        assert program.get(f"segments/{segment.pk}/?fields=id,sentence").json() == {
            "id": segment.pk,
            "sentence": "City is Oslo",
        }

    def test_other_rules_are_computed_and_other_names_are_not(
        self, home: Organization, program: Program
    ) -> None:
        segment = self.make(home)
        path = f"segments/{segment.pk}/"
        assert program.patch(path, {"name": "Northerners"}).json()["status"] == "ready"
        assert program.patch(path, {"rules": IN_OSLO}).json()["status"] == "ready"
        changed = program.patch(path, {"rules": {"not": IN_OSLO}}).json()
        assert (changed["status"], changed["name"]) == ("stale", "Northerners")
        assert changed["sentence"] == "Not (city is Oslo)"

    def test_what_is_wrong_is_told_by_path(self, home: Organization, program: Program) -> None:
        segment, static = self.make(home), make_segment(home, kind="static", name="By hand")
        path = f"segments/{segment.pk}/"
        for body, place in (
            ({"name": ""}, "name"),
            ({"name": "BY HAND"}, "name"),
            ({"kind": "static"}, "kind"),
            ({"rules": {"all": [IN_OSLO, {"type": "tag"}]}}, "rules.all.1.operator"),
            ({"rules": None}, "rules"),
        ):
            problem(program.patch(path, body), 400, place)
        problem(program.patch(f"segments/{static.pk}/", {"rules": IN_OSLO}), 400, "rules", "static")

    def test_a_cycle_is_refused(self, home: Organization, program: Program) -> None:
        first = self.make(home)
        rule = {"type": "segment", "operator": "member_of", "segment": first.pk}
        second = make_segment(home, rule)
        body = {"rules": rule | {"segment": second.pk}}
        problem(program.patch(f"segments/{first.pk}/", body), 400, "rules", "cycle")

    def test_what_is_in_use_stays(self, home: Organization, program: Program) -> None:
        first = self.make(home)
        make_segment(
            home,
            {"type": "segment", "operator": "member_of", "segment": first.pk},
            name="Looks at it",
        )
        document = problem(program.delete(f"segments/{first.pk}/"), 409, "segment", "in_use")
        assert "Looks at it" in document["errors"][0]["message"]

    def test_rules_of_another_organization_are_unknown(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        theirs = make_segment(other)
        rule = {"type": "segment", "operator": "member_of", "segment": theirs.pk}
        for path in ("segments/", "segments/preview/"):
            body = {"rules": rule} | ({"name": "X"} if path == "segments/" else {})
            problem(program.post(path, body), 400, "rules.segment", "unknown_segment")


class TestSegmentCreate(CreateSuite):
    path = "segments/"
    body: ClassVar = {"name": "In Oslo", "kind": "dynamic", "rules": IN_OSLO}
    bad_bodies = (
        ({}, "name"),
        ({"name": " ", "rules": IN_OSLO}, "name"),
        ({"name": "x" * 201, "rules": IN_OSLO}, "name"),
        ({"name": "x"}, "rules"),
        ({"name": "x", "kind": "magic", "rules": IN_OSLO}, "kind"),
        ({"name": "x", "kind": "static", "rules": IN_OSLO}, "rules"),
        ({"name": "x", "rules": IN_OSLO, "member_count": 5}, "member_count"),
        ({"name": "x", "rules": {"type": "nonsense"}}, "rules.type"),
        ({"name": "x", "rules": {"all": []}}, "rules.all"),
    )

    def test_it_is_built_in_the_background(self, home: Organization, program: Program) -> None:
        make_contact(home, city="Oslo")
        response = program.post(self.path, self.body)
        document = response.json()
        assert set(document) == SHAPE
        assert (document["status"], document["member_count"]) == ("building", 0)
        assert document["computed_at"] is None
        assert response["Location"].endswith(f"/segments/{document['id']}/")
        with organization_scope(home):
            computed(Segment.objects.get())
        assert program.get(response["Location"]).json()["member_count"] == 1

    def test_one_that_is_kept_by_hand_is_ready(self, program: Program) -> None:
        document = program.post(self.path, {"name": "Jury", "kind": "static"}).json()
        assert (document["status"], document["rules"]) == ("ready", None)
        assert document["sentence"] == "Kept by hand"

    def test_a_name_is_there_once_whatever_its_case(self, program: Program) -> None:
        assert program.post(self.path, self.body).status_code == 201
        again = self.body | {"name": "IN oslo"}
        problem(program.post(self.path, again), 400, "name", "unique")


class TestPreview(IsolationSuite):
    covers = ("segment-preview",)
    path = "segments/preview/"

    def test_counts_says_and_shows(self, home: Organization, program: Program) -> None:
        ana = make_contact(home, city="Oslo", first_name="Ana")
        make_contact(home, city="Bergen")
        make_contact(make_organization(), city="Oslo")
        assert program.post(self.path, {"rules": IN_OSLO}).json() == {
            "size": {"count": 1, "is_exact": True},
            "sentence": "City is Oslo",
            "samples": [{"id": ana.pk, "email": ana.email, "name": "Ana"}],
        }
        with organization_scope(home):
            assert not SegmentRefresh.objects.exists()

    def test_every_fault_of_the_rules_has_its_path(self, program: Program) -> None:
        rules = {"any": [{"type": "attribute", "field": "x"}, {"not": 5}]}
        response = program.post(self.path, {"rules": rules})
        problem(response, 400, "rules.any.0.field")
        problem(response, 400, "rules.any.1.not")

    def test_who_may_not_make_segments_tries_no_rules(
        self, program: Program, viewer: Program
    ) -> None:
        problem(viewer.post(self.path, {"rules": IN_OSLO}), 403)
        problem(program.post(self.path, {}), 400, "rules")
