"""/api/v1/tags/."""

from typing import Any, ClassVar

from contacts.services.feed import changes_process
from organizations.models import Organization
from organizations.scope import organization_scope
from tags.models import Tag
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_contact, make_tag


def make_used_tag(organization: Organization, number: int = 0) -> Tag:
    name = f"Tag {number}"
    make_contact(organization, tags=[name])
    with organization_scope(organization):
        changes_process(organization_id=organization.pk)
        return Tag.objects.get(name=name)


class TestTagList(ListSuite):
    covers = ("tag-list",)
    path = "tags/"
    filters = {"q=TAG": 2, "q=0": 1, "name=tag 1": 1, "name=tag": 0, "ordering=-contact_count": 2}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_used_tag(organization, number)


class TestTagDetail(DetailSuite):
    covers = ("tag-detail",)
    detail = "tags/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"description": "Regulars"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_used_tag(organization, number)

    def test_patch_keeps_what_it_does_not_name(self, home: Organization, program: Program) -> None:
        tag = make_used_tag(home)
        document = program.patch(f"tags/{tag.pk}/", {"name": "tag  ZERO"}).json()
        assert (document["name"], document["color"]) == ("tag ZERO", tag.color)
        assert document["contact_count"] == 1
        assert_problem(program.patch(f"tags/{tag.pk}/", {"color": "red"}), 400, "color")

    def test_delete_takes_it_off_everybody(self, home: Organization, program: Program) -> None:
        tag = make_used_tag(home)
        assert program.delete(f"tags/{tag.pk}/").status_code == 204
        (contact,) = program.get("contacts/").json()["results"]
        assert contact["tags"] == []


class TestTagCreate(CreateSuite):
    path = "tags/"
    body: ClassVar = {"name": "VIP", "color": "#2563eb", "description": "Important"}
    bad_bodies = (
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a,b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "color": "red"}, "color"),
        ({"name": "x", "contact_count": 5}, "contact_count"),
    )

    def test_a_name_is_there_once_whatever_its_case(
        self, home: Organization, program: Program
    ) -> None:
        make_tag(home, "VIP")
        assert_problem(program.post("tags/", {"name": "vip"}), 400, "name", "unique")


class TestTagGrowth(DetailSuite):
    covers = ("tag-growth",)
    detail = "tags/{}/growth/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_used_tag(organization, number)

    def test_counts_up_to_today(self, home: Organization, program: Program) -> None:
        tag = make_used_tag(home)
        days = program.get(f"tags/{tag.pk}/growth/?days=3").json()["days"]
        assert [day["count"] for day in days] == [0, 0, 1]
        for days in ("0", "x", "367", "-1"):
            assert_problem(program.get(f"tags/{tag.pk}/growth/?days={days}"), 400, "days")
