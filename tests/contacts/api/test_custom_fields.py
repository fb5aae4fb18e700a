"""/api/v1/custom-fields/."""

from typing import Any, ClassVar

from django.test import Client

from contacts.flat_view import view_name
from contacts.jobs import run_flat_view, run_slot_job
from contacts.models import FlatView, SlotJob
from contacts.services.flat_views import flat_views_sweep
from organizations.models import Organization
from organizations.roles import Role
from tests.api_suite import (
    CreateSuite,
    DetailSuite,
    IsolationSuite,
    ListSuite,
    Program,
    assert_problem,
)
from tests.factories import make_contact, make_custom_field


class TestCustomFieldList(ListSuite):
    covers = ("custom-field-list",)
    path = "custom-fields/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        """Those that there is room for have an index that is being filled."""
        values: Any = {"choices": ["a", "b"], "is_indexed": number < 4}
        return make_custom_field(organization, f"field_{number}", "choice", **values)


class TestCustomFieldDetail(DetailSuite):
    covers = ("custom-field-detail",)
    detail = "custom-fields/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"label": "Size"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_custom_field(organization, f"field_{number}")

    def test_patch_keeps_what_it_does_not_name(self, home: Organization, program: Program) -> None:
        field = make_custom_field(home, "size", "choice", choices=["S", "M"], label="Size")
        path = f"custom-fields/{field.pk}/"
        assert program.patch(path, {"label": "Sizes"}).json()["choices"] == ["S", "M"]
        document = program.patch(path, {"choices": ["S", "M", "L"]}).json()
        assert (document["label"], document["choices"]) == ("Sizes", ["S", "M", "L"])

    def test_key_and_type_stay(self, home: Organization, program: Program) -> None:
        field = make_custom_field(home, "size")
        assert_problem(program.patch(f"custom-fields/{field.pk}/", {"type": "number"}), 400, "type")
        assert_problem(program.patch(f"custom-fields/{field.pk}/", {"key": "other"}), 400, "key")

    def test_an_index_is_asked_for_told_and_given_up(
        self, home: Organization, program: Program
    ) -> None:
        field = make_custom_field(home, "age", "number")
        path = f"custom-fields/{field.pk}/"
        make_contact(home, custom_fields={"age": 31})
        assert program.get(path).json()["index"]["status"] == "none"
        document = program.patch(path, {"is_indexed": True}).json()
        assert (document["is_indexed"], document["index"]["status"]) == (True, "filling")
        assert program.patch(path, {"label": "Years"}).json()["is_indexed"]
        job = SlotJob.unscoped.get()
        run_slot_job(organization_id=home.pk, slot_job_id=job.pk)
        index = {"status": "ready", "done": 0, "total": 0, "note": ""}
        assert program.get(path).json()["index"] == index
        document = program.patch(path, {"is_indexed": False}).json()
        assert (document["is_indexed"], document["index"]["status"]) == (False, "none")

    def test_a_fifth_is_refused_with_the_reason(self, home: Organization, program: Program) -> None:
        for number in range(4):
            make_custom_field(home, f"f{number}", "number", is_indexed=True)
        field = make_custom_field(home, "fifth", "number")
        response = program.patch(f"custom-fields/{field.pk}/", {"is_indexed": True})
        problem = assert_problem(response, 400, "is_indexed", "not_indexable")
        assert "F0, F1, F2, F3" in problem["errors"][0]["message"]

    def test_a_marketer_can_only_look(self, home: Organization) -> None:
        field = make_custom_field(home, "size")
        marketer = Program(home, Role.MARKETER)
        assert marketer.get(f"custom-fields/{field.pk}/").status_code == 200
        assert_problem(marketer.patch(f"custom-fields/{field.pk}/", {"label": "x"}), 403)


class TestCustomFieldCreate(CreateSuite):
    path = "custom-fields/"
    body: ClassVar = {"key": "size", "label": "Size", "type": "choice", "choices": ["S", "M"]}
    needed_role = Role.ADMIN
    bad_bodies = (
        ({"key": "x"}, "type"),
        ({"key": "Not fit", "type": "text"}, "key"),
        ({"key": "x", "type": "nope"}, "type"),
        ({"key": "x", "type": "choice"}, "choices"),
        ({"key": "x", "type": "text", "slot": "text_1"}, "slot"),
        ({"key": "x", "type": "boolean", "is_indexed": True}, "is_indexed"),
        ({"key": "x", "type": "choice", "choices": ["y" * 300]}, "choices"),
    )

    def test_a_key_is_there_once(self, program: Program) -> None:
        assert program.post(self.path, self.body).json()["type"] == "choice"
        assert_problem(program.post(self.path, self.body), 400, "key", "unique")


class TestFlatView(IsolationSuite):
    covers = ("custom-field-flat-view",)
    path = "custom-fields/flat-view/"

    def test_it_is_told_of_the_own_organization(
        self, home: Organization, other: Organization, viewer: Program
    ) -> None:
        make_custom_field(home, "email", "text")
        make_custom_field(other, "theirs", "text")
        document = viewer.get(self.path).json()
        assert document == {
            "name": view_name(home.pk),
            "columns": {"email": "custom_email"},
            "refreshed_at": None,
            "took": None,
            "is_outdated": True,
            "error": "",
        }
        flat_views_sweep()
        run_flat_view(organization_id=home.pk, view_id=FlatView.unscoped.get(organization=home).pk)
        document = viewer.get(self.path).json()
        assert document["refreshed_at"]
        assert not document["is_outdated"]

    def test_it_needs_a_key(self, home: Organization, client: Client) -> None:
        assert_problem(client.get(f"/api/v1/{self.path}"), 401)
