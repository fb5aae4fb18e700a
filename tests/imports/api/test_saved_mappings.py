"""/api/v1/import-mappings/."""

from typing import Any, ClassVar

from imports.services.saved_mappings import mapping_save
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, ListSuite, Program, assert_problem
from tests.factories import SCREEN, make_import


def make_mapping(organization: Organization, number: int = 0) -> Any:
    job = make_import(organization, "email,city\na@x.org,Oslo\n")
    with organization_scope(organization):
        return mapping_save(job=job, name=f"Monthly list {number}", actor=SCREEN)


class TestSavedMappingList(ListSuite):
    covers = ("import-mapping-list",)
    path = "import-mappings/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_mapping(organization, number)

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
    methods: ClassVar = {"GET": None, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_mapping(organization, number)
