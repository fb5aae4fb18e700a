"""/api/v1/saved-views/."""

from typing import Any, ClassVar

from organizations.models import Organization
from organizations.roles import Role
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_custom_field, make_user, make_view


def make_full_view(organization: Organization, number: int = 0) -> Any:
    make_custom_field(organization, f"age_{number}", "number")
    return make_view(
        organization,
        columns=["city", f"custom:age_{number}"],
        sort="name",
        filters={"city": "Oslo", "created_in_last": "30d"},
        user=make_user(organization),
    )


class TestSavedViewList(ListSuite):
    covers = ("saved-view-list",)
    path = "saved-views/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_full_view(organization, number)

    def test_private_views_are_not_there(self, home: Organization, program: Program) -> None:
        make_view(home, user=make_user(home), is_shared=False)
        assert program.get(self.path).json()["results"] == []


class TestSavedViewDetail(DetailSuite):
    covers = ("saved-view-detail",)
    detail = "saved-views/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"name": "Regulars"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_full_view(organization, number)

    def test_private_views_are_not_there(self, home: Organization, program: Program) -> None:
        private = make_view(home, user=make_user(home), is_shared=False)
        for method, body in self.methods.items():
            assert_problem(program.send(method, f"saved-views/{private.pk}/", body), 404)

    def test_patch_keeps_what_it_does_not_name(self, home: Organization, program: Program) -> None:
        view = make_full_view(home)
        document = program.patch(f"saved-views/{view.pk}/", {"name": "Regulars", "sort": "email"})
        shown = document.json()
        assert (shown["name"], shown["sort"]) == ("Regulars", "email")
        assert shown["columns"] == ["city", "custom:age_0"]
        assert shown["filters"] == {"city": "Oslo", "created_in_last": "30d"}


class TestSavedViewCreate(CreateSuite):
    path = "saved-views/"
    body: ClassVar = {
        "name": "Oslo",
        "columns": ["tags"],
        "sort": "name",
        "filters": {"city": "Oslo"},
    }
    needed_role = Role.MARKETER
    bad_bodies = (
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "columns": ["city", "nonsense"]}, "columns.1"),
        ({"name": "x", "columns": ["custom:gone"]}, "columns.0"),
        ({"name": "x", "columns": [{}]}, "columns.0"),
        ({"name": "x", "sort": "city"}, "sort"),
        ({"name": "x", "sort": ""}, "sort"),
        ({"name": "x", "filters": {"nonsense": "1"}}, "filters.nonsense"),
        ({"name": "x", "filters": {"\ud800": "1"}}, "filters.\ufffd"),
        ({"name": "x", "columns": ["\ud800"]}, "columns.0"),
        ({"name": "x", "filters": {"is_active": "maybe"}}, "filters.is_active"),
        ({"name": "x", "filters": {"city": "x" * 501}}, "filters.city"),
        ({"name": "x", "filters": {"city": []}}, "filters.city"),
        ({"name": "x", "filters": ["city"]}, "filters"),
        ({"name": "x", "is_shared": False}, "is_shared"),
    )

    def test_a_name_is_there_once_whatever_its_case(
        self, home: Organization, program: Program
    ) -> None:
        make_view(home, "Oslo")
        assert_problem(program.post(self.path, {"name": "  OSLO "}), 400, "name", "unique")

    def test_a_name_is_enough(self, program: Program) -> None:
        made = program.post(self.path, {"name": "Everybody"}).json()
        assert made["filters"] == {}
        assert made["columns"] == ["status", "tags", "place", "created_at"]
