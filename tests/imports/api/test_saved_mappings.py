"""/api/v1/import-mappings/."""

from typing import Any, ClassVar

from organizations.models import Organization
from tests.api_suite import DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_import, make_mapping


class TestSavedMappingList(ListSuite):
    covers = ("import-mapping-list",)
    path = "import-mappings/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_mapping(organization, f"Monthly list {number}")

    def test_an_imports_mapping_is_kept(self, home: Organization, program: Program) -> None:
        job = make_import(home, "email,city\na@x.org,Oslo\n")
        kept = program.post(self.path, {"import_job": job.pk, "name": "Cities"})
        assert kept.status_code == 201
        assert kept.json()["columns"] == ["email", "city"]
        assert kept.json()["mapping"][1] == {"index": 1, "target": "city"}
        again = program.post(self.path, {"import_job": job.pk, "name": "cities"})
        assert again.json()["id"] == kept.json()["id"]

    def test_others_imports_are_unknown(self, other: Organization, program: Program) -> None:
        job = make_import(other, "email\na@x.org\n")
        response = program.post(self.path, {"import_job": job.pk, "name": "Cities"})
        assert_problem(response, 400, "import_job", "unknown_id")


class TestSavedMappingDetail(DetailSuite):
    covers = ("import-mapping-detail",)
    detail = "import-mappings/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"name": "Fairs"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_mapping(organization)

    def test_it_is_renamed(self, home: Organization, program: Program) -> None:
        mapping, other = (make_mapping(home, name) for name in ("Monthly", "Fairs"))
        path = f"import-mappings/{mapping.pk}/"
        renamed = program.patch(path, {"name": " Weekly "}).json()
        assert (renamed["name"], renamed["columns"]) == ("Weekly", ["email", "city"])
        assert_problem(program.patch(path, {"name": "FAIRS"}), 400, "name", "unique")
        assert_problem(program.patch(path, {"name": "\u0301"}), 400, "name")
        assert_problem(program.patch(path, {"mapping": []}), 400, "mapping", "unknown_field")
        assert program.get(f"import-mappings/{other.pk}/").json()["name"] == "Fairs"
