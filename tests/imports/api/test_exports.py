"""/api/v1/exports/: from the start to the file."""

import csv
import io
from typing import Any, ClassVar

from imports.models import ExportJob
from organizations.models import Organization
from organizations.roles import Role
from tests.api_suite import (
    CreateSuite,
    DetailSuite,
    ListSuite,
    Program,
    assert_problem,
)
from tests.factories import (
    exported,
    make_contact,
    make_custom_field,
    make_export,
    make_user,
    make_view,
)


class TestExportList(ListSuite):
    covers = ("export-list",)
    path = "exports/"
    filters = {"status=completed": 2, "status=running": 0}
    bad_queries = ("status=nope",)

    def make(self, organization: Organization, number: int = 0) -> Any:
        return exported(make_export(organization))


class ExportDetailSuite(DetailSuite):
    def make(self, organization: Organization, number: int = 0) -> Any:
        make_contact(organization, email="ana@example.org", tags=["VIP"])
        return exported(make_export(organization, columns=["email", "tags"]))


class TestExportDetail(ExportDetailSuite):
    covers = ("export-detail",)
    detail = "exports/{}/"

    def test_tells_everything_about_an_export(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        document = program.get(f"exports/{job.pk}/").json()
        assert (document["status"], document["format"]) == ("completed", "csv")
        assert (document["filters"], document["columns"]) == ({}, ["email", "tags"])
        assert document["total_records"] == document["processed_records"] == 1
        assert (document["percent"], document["eta_seconds"], document["error"]) == (100, None, "")
        assert document["rows_per_second"] > 0
        assert document["file"].endswith(f"/api/v1/exports/{job.pk}/file/")
        assert document["file_size"] == job.file.size
        assert document["removed_at"] is None

    def test_a_removed_file_is_not_offered(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        ExportJob.unscoped.update(removed_at=job.finished_at)
        assert program.get(f"exports/{job.pk}/").json()["file"] is None
        assert_problem(program.get(f"exports/{job.pk}/file/"), 404)


class TestExportFile(ExportDetailSuite):
    covers = ("export-file",)
    detail = "exports/{}/file/"

    def test_is_the_file(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        response = program.get(f"exports/{job.pk}/file/")
        assert response["Content-Disposition"] == f'attachment; filename="{job.file_name}"'
        assert response["Content-Type"].startswith("text/csv")
        assert int(response["Content-Length"]) == job.file_size
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        header, row = csv.reader(io.StringIO(text))
        assert (header, row[1:]) == (["Kith ID", "E-mail", "Tags"], ["ana@example.org", "VIP"])

    def test_a_viewer_can_not_write(self, home: Organization, viewer: Program) -> None:
        """Nor take everybody's data away in a file."""
        path = self.detail_path(self.make(home))
        assert_problem(viewer.get(path), 403, code="permission_denied")
        assert Program(home, Role.MARKETER).get(path).status_code == 200

    def test_there_is_none_before_the_end(self, home: Organization, program: Program) -> None:
        job = make_export(home)
        assert_problem(program.get(f"exports/{job.pk}/file/"), 404)

    def test_a_lost_file_is_a_404(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        job.storage.delete(job.file.name)
        assert_problem(program.get(f"exports/{job.pk}/file/"), 404)


class TestExportCancel(DetailSuite):
    covers = ("export-cancel",)
    detail = "exports/{}/cancel/"
    methods: ClassVar = {"POST": {}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_export(organization)

    def test_is_over_then(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        assert program.post(path).json()["status"] == "cancelled"
        assert_problem(program.post(path), 409, "status", "wrong_status")


class TestExportCreate(CreateSuite):
    path = "exports/"
    body: ClassVar = {"format": "xlsx", "filters": {"tag": "VIP"}, "columns": ["email", "tags"]}
    status = 202
    bad_bodies = (
        ({"format": "pdf"}, "format"),
        ({"filters": {"nope": "x"}}, "filters.nope"),
        ({"filters": {"created_after": "soon"}}, "filters.created_after"),
        ({"filters": []}, "filters"),
        ({"columns": ["email", "nope"]}, "columns.1"),
        ({"columns": []}, "columns"),
        ({"columns": "email"}, "columns"),
        ({"nope": 1}, "nope"),
        ({"view": 0}, "view"),
    )

    def test_from_the_start_to_the_file(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        make_contact(home, email="ana@example.org", tags=["VIP"])
        make_contact(home, email="bo@example.org")
        document = program.post(
            "exports/", {"filters": {"tag": "vip"}, "columns": ["email"]}
        ).json()
        assert (document["status"], document["file"]) == ("running", None)
        run_jobs()
        document = program.get(f"exports/{document['id']}/").json()
        assert (document["status"], document["filters"]) == ("completed", {"tag": "vip"})
        response = program.get(document["file"])
        assert b"".join(response.streaming_content).count(b"example.org") == 1

    def test_everybody_and_everything_by_default(
        self, home: Organization, program: Program
    ) -> None:
        make_custom_field(home, "age", "number")
        document = program.post("exports/", {}).json()
        assert {"email", "tags", "custom:age", "created_at"} <= set(document["columns"])
        assert document["filters"] == {}

    def test_as_a_view_shows_it(self, home: Organization, program: Program) -> None:
        view = make_view(home, columns=["tags", "place"], filters={"city": "Oslo"})
        document = program.post("exports/", {"view": view.pk}).json()
        assert document["filters"] == {"city": "Oslo"}
        names = ["email", "first_name", "last_name", "tags", "company_name", "city", "country"]
        assert document["columns"] == names
        body = {"view": view.pk, "columns": ["email"], "filters": {}}
        document = program.post("exports/", body).json()
        assert (document["columns"], document["filters"]) == (["email"], {})

    def test_views_of_others_are_unknown(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        private = make_view(home, is_shared=False, user=make_user(home))
        for view in (private, make_view(other)):
            assert_problem(program.post("exports/", {"view": view.pk}), 400, "view", "unknown_id")
