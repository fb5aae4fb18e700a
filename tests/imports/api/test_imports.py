"""/api/v1/imports/: from the upload to the undo."""

import csv
import io
import json
from datetime import timedelta
from typing import Any, ClassVar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import ImportJob
from imports.services.retention import retention_run
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, IsolationSuite, ListSuite, Program, assert_problem
from tests.factories import cancelled_after, checked, imported, make_contact, make_import

FILE = """email,first name,age,tags
ana@example.org,Ana,31,"VIP, Friend"
bad,Bob,3,

ANA@example.org,Anna,1,
bob@example.org,Bob,x,
cy@example.org,Cy,12,vip
"""
COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "first_name"},
    {"index": 2, "target": "custom:age", "type": "number"},
    {"index": 3, "target": "tags", "separator": ","},
]


def in_archive(job: ImportJob) -> ImportJob:
    """The import, as if it had been over for longer than its organization's retention."""
    with organization_scope(job.organization_id):
        ended = timezone.now() - timedelta(days=91)
        ImportJob.objects.filter(pk=job.pk).update(finished_at=ended)
        assert retention_run()
        job.refresh_from_db()
        return job


def file(text: str = FILE, name: str = "people.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


class TestImportList(ListSuite):
    covers = ("import-list",)
    path = "imports/"
    filters = {"status=partially_completed": 2, "status=draft": 0}
    bad_queries = ("status=nope",)

    def make(self, organization: Organization, number: int = 0) -> Any:
        return imported(make_import(organization, FILE))


class ImportDetailSuite(DetailSuite):
    methods: ClassVar[dict[str, Any]] = {"POST": {}}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return imported(make_import(organization, FILE))


class TestImportDetail(ImportDetailSuite):
    covers = ("import-detail",)
    detail = "imports/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"delimiter": ";"}}

    def test_tells_everything_about_an_import(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        document = program.get(f"imports/{job.pk}/").json()
        assert document["status"] == "partially_completed"
        assert document["validation_status"] == "validated"
        assert document["total_records"] == document["processed_records"] == 6
        counts = {"created": 2, "updated": 0, "unchanged": 0, "duplicate": 1}
        counts |= {"protected": 0, "skipped": 1, "failed": 2}
        assert document["counts"] == document["predicted_counts"] == counts
        assert document["rows_per_second"] > 0
        assert (document["eta_seconds"], document["percent"]) == (None, 100)
        assert (document["operation"], document["batch_size"]) == (job.operation_id, 1000)
        assert document["current_batch"] == 1
        assert document["errors_csv"].endswith(f"/api/v1/imports/{job.pk}/errors.csv")
        assert (
            program.client.get(document["errors_csv"], headers=program.headers()).status_code == 200
        )

    def test_a_draft_can_be_read_anew(self, home: Organization, program: Program) -> None:
        job = make_import(home, "email;name\na@example.org;Ann\n")
        document = program.patch(f"imports/{job.pk}/", {"delimiter": ","}).json()
        assert (document["delimiter"], len(document["columns"])) == (",", 1)
        assert_problem(program.patch(f"imports/{job.pk}/", {"encoding": "klingon"}), 400)


class TestMapping(ImportDetailSuite):
    covers = ("import-mapping",)
    detail = "imports/{}/mapping/"
    methods: ClassVar = {"POST": {"columns": COLUMNS}}

    def test_refuses_what_does_not_fit(self, home: Organization, program: Program) -> None:
        job = make_import(home, FILE)
        path = f"imports/{job.pk}/mapping/"
        bad = (
            ({}, "columns"),
            ({"columns": []}, "columns"),
            ({"columns": [{"index": 0}]}, "columns.0.target"),
            ({"columns": [{"index": 9, "target": "email"}]}, "columns.0"),
            ({"columns": [*COLUMNS, {"index": 0, "target": "email"}]}, "columns.4"),
            ({"columns": [{"index": 0, "target": "nope"}]}, "columns.0"),
            ({"columns": [{"index": 0, "target": "custom:new"}]}, "columns.0"),
            ({"columns": [{"index": 0, "target": "custom:Not fit", "type": "text"}]}, "columns.0"),
            ({"columns": COLUMNS, "match": "phone"}, "match"),
            ({"columns": COLUMNS, "match": "external_id"}, "columns"),
        )
        for body, place in bad:
            assert_problem(program.post(path, body), 400, place)


class TestValidate(ImportDetailSuite):
    covers = ("import-validate",)
    detail = "imports/{}/validate/"


class TestStart(ImportDetailSuite):
    covers = ("import-start",)
    detail = "imports/{}/start/"

    def test_an_unchecked_import_is_not_started(self, home: Organization, program: Program) -> None:
        job = make_import(home, FILE)
        assert_problem(program.post(f"imports/{job.pk}/start/"), 409, "status", "wrong_status")


class TestPause(ImportDetailSuite):
    covers = ("import-pause",)
    detail = "imports/{}/pause/"


class TestResume(ImportDetailSuite):
    covers = ("import-resume",)
    detail = "imports/{}/resume/"


class TestCancel(ImportDetailSuite):
    covers = ("import-cancel",)
    detail = "imports/{}/cancel/"


class TestUndo(ImportDetailSuite):
    covers = ("import-undo",)
    detail = "imports/{}/undo/"


class TestPreview(ImportDetailSuite):
    covers = ("import-preview",)
    detail = "imports/{}/preview/"
    methods: ClassVar = {"GET": None}

    def test_shows_the_effect_on_each_kind_of_line(
        self, home: Organization, program: Program
    ) -> None:
        known = make_contact(home, email="ana@example.org", first_name="A.", tags=["Friend", "Old"])
        make_contact(home, email="cy@example.org", first_name="Cy", is_subscribed=False)
        text = FILE.replace(",31,", ",yes,").replace(",12,", ",yes,").replace(",3,", ",no,")
        columns = [*COLUMNS[:2], {"index": 2, "target": "is_subscribed"}, COLUMNS[3]]
        job = checked(make_import(home, text, columns=columns))
        document = program.get(f"imports/{job.pk}/preview/").json()
        assert document["counts"]["protected"] == 1
        assert set(document["samples"]) == {n for n, count in document["counts"].items() if count}
        (sample,) = document["samples"]["updated"]
        assert sample["contact_id"] == known.pk
        assert sample["changes"]["first_name"] == {"before": "A.", "after": "Ana"}
        tags = {"before": ["Friend", "Old"], "after": ["Friend", "Old", "VIP"]}
        assert sample["changes"]["tags"] == tags
        assert "email_key" not in sample["changes"]
        (failed, *_) = document["samples"]["failed"]
        assert failed["errors"][0]["column"] == "email"
        assert failed["raw"][0] == "bad"

    def test_needs_a_check(self, home: Organization, program: Program) -> None:
        job = make_import(home, FILE)
        assert_problem(program.get(f"imports/{job.pk}/preview/"), 409, "status")

    def test_queries_do_not_depend_on_the_number_of_lines(
        self, home: Organization, program: Program
    ) -> None:
        small, large = self._job(home, 1), self._job(home, 40)
        assert self._queries(program, small) == self._queries(program, large)

    def _job(self, home: Organization, count: int) -> ImportJob:
        lines = "".join(f"n{n}of{count}@example.org,VIP\n" for n in range(count))
        return checked(make_import(home, f"email,tags\n{lines}"))

    def _queries(self, program: Program, job: ImportJob) -> int:
        program.get(f"imports/{job.pk}/preview/")
        with CaptureQueriesContext(connection) as captured:
            assert program.get(f"imports/{job.pk}/preview/").status_code == 200
        return len(captured)


class TestRecords(ImportDetailSuite):
    covers = ("import-records",)
    detail = "imports/{}/records/"
    methods: ClassVar = {"GET": None}

    def test_lines_by_bucket_and_page(self, home: Organization, program: Program) -> None:
        path = f"imports/{self.make(home).pk}/records/"
        rows = program.get(path).json()["results"]
        assert [row["row_number"] for row in rows] == [1, 2, 3, 4, 5, 6]
        assert rows[1]["raw"] == ["bad", "Bob", "3", ""]
        assert rows[1]["errors"][0]["column"] == "email"
        assert rows[0]["contact_id"] is not None
        for query, count in (
            ("status=failed", 2),
            ("outcome=created", 2),
            ("predicted=skipped", 1),
        ):
            assert len(program.get(f"{path}?{query}").json()["results"]) == count
        assert_problem(program.get(f"{path}?status=nope"), 400, "status")
        first = program.get(f"{path}?page_size=4&count=true").json()
        assert first["count"] == 6
        second = program.get(first["next"]).json()
        assert [row["row_number"] for row in second["results"]] == [5, 6]
        assert program.get(second["previous"]).json()["results"] == first["results"]
        last = program.get(f"{path}?ordering=-row_number&page_size=1").json()
        assert last["results"][0]["row_number"] == 6

    def test_before_the_run_the_status_is_the_predicted_one(
        self, home: Organization, program: Program
    ) -> None:
        job = checked(make_import(home, FILE))
        rows = program.get(f"imports/{job.pk}/records/?status=created").json()["results"]
        assert [(row["status"], row["outcome"]) for row in rows] == [("created", None)] * 2

    def test_lines_behind_a_cancellation_are_counted_as_not_reached(
        self, home: Organization, program: Program
    ) -> None:
        job = cancelled_after(make_import(home, FILE, batch_size=2), batches=1)
        document = program.get(f"imports/{job.pk}/").json()
        assert document["counts"]["failed"] == 1
        assert document["not_reached"] == 4
        for query, count in (
            ("status=failed", 1),
            ("outcome=failed", 1),
            ("status=not_reached", 4),
        ):
            rows = program.get(f"imports/{job.pk}/records/?{query}").json()["results"]
            assert len(rows) == count, query
        assert {row["outcome"] for row in rows} == {None}


class TestArchivedRecords(TestRecords):
    """The same of an import that has been over for long."""

    def make(self, organization: Organization, number: int = 0) -> Any:
        return in_archive(super().make(organization, number))

    def test_the_import_says_what_is_left_of_it(self, home: Organization, program: Program) -> None:
        job = self.make(home)
        document = program.get(f"imports/{job.pk}/").json()
        assert document["records_archived_at"]
        assert document["file_deleted_at"]
        assert (document["records_deleted_at"], bool(document["errors_csv"])) == (None, True)
        preview = program.get(f"imports/{job.pk}/preview/").json()
        assert preview["samples"]["failed"][0]["raw"][0] == "bad"
        with organization_scope(home):
            ImportJob.objects.update(records_archived_at=job.finished_at - timedelta(days=366))
            assert retention_run()
        document = program.get(f"imports/{job.pk}/").json()
        assert document["records_deleted_at"]
        assert document["errors_csv"] is None
        assert document["counts"]["failed"] == 2
        assert program.get(f"imports/{job.pk}/records/").json()["results"] == []
        assert program.get(f"imports/{job.pk}/errors.csv").status_code == 200


class TestErrorsFile(ImportDetailSuite):
    covers = ("import-errors",)
    detail = "imports/{}/errors.csv"
    methods: ClassVar = {"GET": None}

    def _rows(self, program: Program, job: ImportJob) -> list[list[str]]:
        response = program.get(f"imports/{job.pk}/errors.csv")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline="")))

    def test_holds_the_lines_that_failed(self, home: Organization, program: Program) -> None:
        header, *rows = self._rows(program, self.make(home))
        assert header == ["email", "first name", "age", "tags", "_line", "_error"]
        assert [row[:5] for row in rows] == [
            ["bad", "Bob", "3", "", "3"],
            ["bob@example.org", "Bob", "x", "", "6"],
        ]
        assert rows[0][5].startswith("email: ")

    def test_runs_nothing_in_a_spreadsheet_and_loses_nothing(
        self, home: Organization, program: Program
    ) -> None:
        text = "email,note\nbad,=1+1\nbad,'+47\nbad,plain,more\n"
        header, *rows = self._rows(program, imported(make_import(home, text)))
        assert header == ["email", "note", "Column 3", "_line", "_error"]
        assert [row[1] for row in rows] == ["'=1+1", "''+47", "plain"]
        assert rows[2][2] == "more"

    def test_a_corrected_file_is_imported_as_it_was_meant(
        self, home: Organization, program: Program
    ) -> None:
        text = "email,first name,city\nbad,=Ann,'-1\nworse,'=Bo,plain\nok@example.org,Cy,-2\n"
        for _ in range(2):
            job = imported(make_import(home, text))
            response = program.get(f"imports/{job.pk}/errors.csv")
            text = b"".join(response.streaming_content).decode()
            assert text.splitlines()[0] == "\ufeffemail,first name,city,_line,_error"
        text = text.replace("bad", "a@example.org", 1).replace("worse", "b@example.org", 1)
        job = make_import(home, text)
        assert [column["target"] for column in job.mapping] == [
            "email",
            "first_name",
            "city",
            None,
            None,
        ]
        assert imported(job).counts == {"created": 2}
        rows = program.get("contacts/?ordering=email&fields=first_name,city").json()["results"]
        expected = [("=Ann", "'-1"), ("'=Bo", "plain"), ("Cy", "-2")]
        assert [(row["first_name"], row["city"]) for row in rows] == expected


class TestArchivedErrorsFile(TestErrorsFile):
    def make(self, organization: Organization, number: int = 0) -> Any:
        return in_archive(super().make(organization, number))


class TestUpload(IsolationSuite):
    def test_from_the_upload_to_the_undo(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        response = program.upload(
            "imports/", file=file(), match="email", mode="upsert", tags="New, VIP"
        )
        document = response.json()
        assert (response.status_code, document["status"]) == (201, "draft")
        assert (document["encoding"], document["delimiter"]) == ("utf-8", ",")
        assert document["tags"] == ["New", "VIP"]
        column = document["columns"][0]
        assert (column["index"], column["name"]) == (0, "email")
        assert column["samples"][0] == "ana@example.org"
        assert column["suggestion"]["target"] == "email"
        assert column["suggestion"]["confidence"] > 0.9
        path = f"imports/{document['id']}/"
        assert program.post(f"{path}mapping/", {"columns": COLUMNS}).status_code == 200
        response = program.post(f"{path}validate/")
        assert (response.status_code, response.json()["status"]) == (202, "validating")
        run_jobs()
        assert program.get(path).json()["status"] == "validated"
        assert program.get(f"{path}preview/").json()["counts"]["created"] == 2
        assert program.post(f"{path}start/").status_code == 202
        run_jobs()
        document = program.get(path).json()
        assert document["status"] == "partially_completed"
        rows = program.get("contacts/?tag=new&ordering=email").json()["results"]
        assert [row["custom_fields"] for row in rows] == [{"age": 31}, {"age": 12}]
        assert program.get(f"contacts/?import={document['id']}:created").json()["results"]
        response = program.post(f"{path}undo/")
        assert (response.status_code, response.json()["status"]) == (202, "undoing")
        run_jobs()
        assert program.get(path).json()["status"] == "undone"
        assert program.get("contacts/").json()["results"] == []

    def test_mapping_at_once(self, home: Organization, program: Program) -> None:
        for mapping in (COLUMNS, {"columns": COLUMNS}):
            response = program.upload("imports/", file=file(), mapping=json.dumps(mapping))
            assert response.json()["mapping"][2]["target"] == "custom:age"

    def test_a_bad_mapping_leaves_nothing(self, home: Organization, program: Program) -> None:
        bad = (
            ("nonsense", "mapping"),
            ('{"columns": [{"index": 0}]}', "mapping.columns.0.target"),
            ('[{"index": 0, "target": "nope"}]', "mapping.columns.0"),
            ("[]", "mapping.columns"),
        )
        for mapping, path in bad:
            assert_problem(program.upload("imports/", file=file(), mapping=mapping), 400, path)
        with organization_scope(home):
            assert not ImportJob.objects.exists()

    def test_refuses_what_is_wrong(self, program: Program) -> None:
        assert_problem(program.upload("imports/"), 400, "file")
        assert_problem(program.upload("imports/", file="text"), 400, "file")
        assert_problem(program.upload("imports/", file=file("")), 400, "file", "empty")
        for name, value in (
            ("match", "phone"),
            ("mode", "x"),
            ("batch_size", "0"),
            ("nope", "1"),
            ("tags", '["a,b"]'),
        ):
            problem = assert_problem(program.upload("imports/", file=file(), **{name: value}), 400)
            assert problem["errors"][0]["path"].startswith(name if name != "tags" else ""), name

    def test_tags_as_list_or_repeated(self, program: Program) -> None:
        for tags in ('["A", "B"]', ["A", "B"], "A,B"):
            assert program.upload("imports/", file=file(), tags=tags).json()["tags"] == ["A", "B"]

    def test_an_upload_happens_once_for_an_idempotency_key(
        self, home: Organization, program: Program
    ) -> None:
        headers = {"Idempotency_Key": "one"}
        first = program.upload("imports/", file=file(), headers=headers)
        again = program.upload("imports/", file=file(), headers=headers)
        assert again.json() == first.json()
        other = program.upload("imports/", file=file(FILE + "\n"), headers=headers)
        assert_problem(other, 422)

    def test_a_viewer_can_not_upload(self, viewer: Program) -> None:
        assert_problem(viewer.upload("imports/", file=file()), 403)

    def test_a_marketer_can(self, home: Organization) -> None:
        assert Program(home, Role.MARKETER).upload("imports/", file=file()).status_code == 201
