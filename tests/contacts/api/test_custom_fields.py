"""/api/v1/custom-fields/."""

from typing import Any, ClassVar

from organizations.models import Organization
from organizations.roles import Role
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_custom_field


class TestCustomFieldList(ListSuite):
    covers = ("custom-field-list",)
    path = "custom-fields/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_custom_field(organization, f"field_{number}", "choice", choices=["a", "b"])


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
        ({"key": "x", "type": "choice", "choices": ["y" * 300]}, "choices"),
    )

    def test_a_key_is_there_once(self, program: Program) -> None:
        assert program.post(self.path, self.body).json()["type"] == "choice"
        assert_problem(program.post(self.path, self.body), 400, "key", "unique")
