"""Large workbooks, archives and address books are read by a worker: what people and programs see of it."""

from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.jobs import run_import
from imports.models import ImportJob
from imports.reading import conversion
from imports.reading.conversion import convert
from imports.services import describing, reading
from imports.services.control import import_cancel
from imports.services.reading import reading_run
from imports.services.uploads import import_create, import_map, import_reread
from organizations.models import Notice, Organization
from organizations.services.leases import LeaseLost, lease_extend, lease_take
from tests.api_suite import Program, assert_problem
from tests.factories import SCREEN, imported, make_organization
from tests.imports.reading.workbook_files import table_xml, write_xlsx
from tests.screens import Screens

PEOPLE = [["email", "first name"], ["ana@example.org", "Ana"], ["bo@example.org", "Bo"]]
SUPPLIERS = [["email", "company", "since"], ["s@example.org", "Fjord AS", "03/12/2024"]]
EMAIL = [{"index": 0, "target": "email"}]


@pytest.fixture(autouse=True)
def nothing_at_once(settings: Any, tmp_path: Path) -> None:
    """Every workbook is a large one; files are kept in a folder that no other test writes to."""
    settings.IMPORT_CONVERT_AT_ONCE_BYTES = 0
    options = settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path / "kept")}}
    settings.STORAGES = settings.STORAGES | {"default": options}


@pytest.fixture
def workbook(tmp_path: Path) -> bytes:
    sheets = {"People": table_xml(PEOPLE), "Suppliers": table_xml(SUPPLIERS)}
    return write_xlsx(tmp_path / "a.xlsx", sheets).read_bytes()


def upload(content: bytes, **options: Any) -> ImportJob:
    return import_create(file=ContentFile(content, name="a.xlsx"), actor=SCREEN, **options)


def work(job: ImportJob) -> ImportJob:
    run_import(organization_id=job.organization_id, import_id=job.pk)
    job.refresh_from_db()
    return job


def stored(job: ImportJob) -> set[str]:
    folder = f"imports/{job.organization_id}"
    return {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}


def named(job: ImportJob) -> set[str]:
    return {str(file.name) for file in (job.file, job.converted) if file}


def names(job: ImportJob) -> list[str]:
    return [column["name"] for column in job.columns]


def test_a_worker_reads_a_large_workbook(organization: Organization, workbook: bytes) -> None:
    job = upload(workbook)
    assert (job.status, job.columns, job.format) == ("reading", [], {})
    job = work(job)
    assert (job.status, job.phase, names(job)) == ("draft", "", PEOPLE[0])
    assert (job.claim_token, job.lease_expires_at) == (None, None)
    assert job.mapping[0]["target"] == "email"
    assert "reading" not in job.options
    assert stored(job) == named(job)
    assert imported(import_map(job=job, columns=EMAIL)).counts == {"created": 2}


def test_text_is_read_at_once(organization: Organization) -> None:
    assert upload(b"email\nana@example.org\n").status == "draft"


def test_what_takes_too_long_is_left_to_a_worker(
    organization: Organization, workbook: bytes, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORT_CONVERT_AT_ONCE_BYTES = 1024 * 1024
    assert upload(workbook).status == "draft"
    monkeypatch.setattr(describing, "SECONDS_AT_ONCE", 0.0)
    job = upload(workbook)
    assert job.status == "reading"
    assert work(job).status == "draft"


def test_what_was_said_with_the_upload_holds(organization: Organization, workbook: bytes) -> None:
    said = {"sheet": "Suppliers", "has_header": False, "mapping": EMAIL}
    job = work(upload(workbook, **said))
    assert names(job) == ["Column 1", "Column 2", "Column 3"]
    assert [entry["target"] for entry in job.mapping] == ["email", None, None]
    assert job.format["sheet"] == "Suppliers"


def test_a_mapping_that_does_not_fit_fails_the_import(
    organization: Organization, workbook: bytes
) -> None:
    job = work(upload(workbook, mapping=[{"index": 9, "target": "email"}]))
    assert (job.status, job.validation_status) == ("failed", "failed")
    assert "no column 9" in job.error
    assert imported(import_map(job=job, columns=EMAIL)).counts == {"created": 2}


def test_a_file_that_cannot_be_read_fails(organization: Organization, workbook: bytes) -> None:
    screens = Screens(organization)
    job = upload(workbook[: len(workbook) // 2])
    job.created_by = screens.user
    job.save()
    job = work(job)
    assert (job.status, job.columns) == ("failed", [])
    assert "damaged" in job.error
    assert stored(job) == named(job)
    assert Notice.objects.get(user=screens.user).text == job.error
    page = screens.get(f"imports/{job.pk}/").content.decode()
    assert "The file could not be read" in page
    assert job.error in page.replace("&#x27;", "'")
    assert "Change mapping" not in page
    screens.post(f"imports/{job.pk}/reread/")
    job.refresh_from_db()
    assert job.status == "reading"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7"])
def test_what_is_no_table_is_refused_at_once(organization: Organization, content: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        upload(content)
    assert "file" in refused.value.error_dict
    assert not ImportJob.objects.exists()


def test_a_small_workbook_with_a_large_table_is_no_small_import(
    organization: Organization, tmp_path: Path, settings: Any
) -> None:
    """Repetitive sheets pack to almost nothing: what counts is what is read."""
    settings.IMPORT_SYNC_BYTES = 10_000
    rows = [[f"p{number}@example.org", "x" * 20] for number in range(1_000)]
    content = write_xlsx(
        tmp_path / "b.xlsx", {"A": table_xml([["email", "n"], *rows])}
    ).read_bytes()
    settings.IMPORT_SYNC_BYTES = len(content)
    assert upload(content).processing_mode == "sync"
    assert work(upload(content)).processing_mode == "async"


class TestAnotherSheet:
    @pytest.fixture
    def job(self, organization: Organization, workbook: bytes) -> ImportJob:
        return work(upload(workbook))

    @pytest.mark.django_db(transaction=True)
    def test_it_becomes_the_table(self, job: ImportJob) -> None:
        former = job.converted.name
        job = import_reread(job=job, sheet="Suppliers")
        assert (job.status, job.converted.name) == ("reading", former)
        job = work(job)
        assert (job.status, names(job)) == ("draft", SUPPLIERS[0])
        assert job.columns[2]["convention"]["open_cells"] == ["03/12/2024"]
        assert former not in stored(job)
        assert stored(job) == named(job)

    @pytest.mark.django_db(transaction=True)
    def test_one_that_is_not_there_leaves_the_table(self, job: ImportJob) -> None:
        before = named(job)
        job = work(import_reread(job=job, sheet="Nobody"))
        assert (job.status, names(job)) == ("draft", PEOPLE[0])
        assert "has no sheet “Nobody”" in job.error
        assert stored(job) == named(job) == before
        screens, program = Screens(job.organization), Program(job.organization)
        assert "has no sheet “Nobody”" in screens.get(f"imports/{job.pk}/map/").content.decode()
        assert "has no sheet" in program.get(f"imports/{job.pk}/").json()["error"]
        assert import_map(job=job, columns=EMAIL).error == ""

    def test_the_same_sheet_needs_no_worker(self, job: ImportJob) -> None:
        job = import_reread(job=job, sheet="People", has_header=False)
        assert (job.status, names(job)) == ("draft", ["Column 1", "Column 2"])

    def test_somebody_else_chose_one_meanwhile(
        self, job: ImportJob, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was read of a table that is gone is not written down."""
        settings.IMPORT_CONVERT_AT_ONCE_BYTES = 1024 * 1024
        from imports.services import uploads

        described = uploads.table_describe

        def slowly(read: ImportJob, *args: Any, **said: Any) -> None:
            described(read, *args, **said)
            monkeypatch.undo()
            import_reread(job=job, sheet="Suppliers")

        monkeypatch.setattr(uploads, "table_describe", slowly)
        with pytest.raises(ValidationError, match="another sheet just now"):
            import_reread(job=job, has_header=False)
        job.refresh_from_db()
        assert (job.format["sheet"], names(job)) == ("Suppliers", SUPPLIERS[0])

    def test_the_screen_waits_for_it(self, job: ImportJob) -> None:
        screens = Screens(job.organization)
        wanted = {"sheet": "Suppliers", "has_header": "true"}
        path = f"imports/{job.pk}/map/format/"
        answer = screens.post(path, wanted, **{"HX-Request": "true"})
        assert answer["HX-Redirect"] == screens.address(f"imports/{job.pk}/")
        assert screens.post(path, wanted).url == screens.address(f"imports/{job.pk}/")
        assert work(job).format["sheet"] == "Suppliers"


class TestScreens:
    def test_from_the_upload_over_the_progress_to_the_columns(
        self, organization: Organization, workbook: bytes
    ) -> None:
        screens = Screens(organization)
        file = SimpleUploadedFile("a.xlsx", workbook)
        values = {"file": file, "source": "Fair", "match": "email", "mode": "upsert"}
        answer = screens.post("imports/new/", values)
        job = ImportJob.objects.get()
        assert answer.url == screens.address(f"imports/{job.pk}/")
        page = screens.get(f"imports/{job.pk}/").content.decode()
        assert "Reading the file" in page
        assert "Waiting for a worker." in page
        assert screens.get(f"imports/{job.pk}/map/").url == answer.url
        assert screens.post(f"imports/{job.pk}/map/").url == answer.url
        ImportJob.objects.update(progress_done=10_000, progress_total=40_000)
        live = f"imports/{job.pk}/live/?seen=reading"
        part = screens.get(live).content.decode()
        assert "<strong>10,000</strong> of 40,000 rows read" in part
        assert 'value="25"' in part
        assert 'aria-label="Progress of a.xlsx"' in screens.get("imports/").content.decode()
        assert "Being read" in screens.get("").content.decode()
        work(job)
        columns = screens.address(f"imports/{job.pk}/map/")
        assert screens.get(live)["HX-Redirect"] == columns
        assert screens.get(f"imports/{job.pk}/").url == columns


class TestApi:
    def test_columns_come_once_it_is_a_draft(
        self, organization: Organization, workbook: bytes
    ) -> None:
        program = Program(organization)
        file = SimpleUploadedFile("a.xlsx", workbook)
        answer = program.upload("imports/", file=file)
        document = answer.json()
        assert (answer.status_code, document["status"]) == (201, "reading")
        assert (document["columns"], document["format"], document["percent"]) == ([], None, None)
        path = f"imports/{document['id']}/"
        for refused in (
            program.post(f"{path}mapping/", {"columns": EMAIL}),
            program.post(f"{path}validate/"),
            program.patch(path, {"sheet": "Suppliers"}),
        ):
            assert_problem(refused, 409, "status", "wrong_status")
        assert len(program.get("imports/?status=reading").json()["results"]) == 1
        work(ImportJob.objects.get())
        document = program.get(path).json()
        assert document["status"] == "draft"
        assert [column["name"] for column in document["columns"]] == PEOPLE[0]
        assert document["format"]["sheets"] == ["People", "Suppliers"]


class TestLease:
    def test_a_long_conversion_keeps_its_lease_and_says_how_far_it_is(
        self, organization: Organization, workbook: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "SECONDS_BETWEEN_BEATS", -1)
        job = upload(workbook)
        lease = lease_take(work=job)
        assert lease is not None
        reading._beat(lease)(5_000, 20_000)
        job.refresh_from_db()
        assert (job.progress_done, job.progress_total) == (5_000, 20_000)
        assert job.attempts == 1, "that is no step forward"

    def test_a_cancelled_reading_ends_the_conversion_and_keeps_nothing(
        self, organization: Organization, workbook: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = upload(workbook)
        lease = lease_take(work=job)
        assert lease is not None

        def slowly(*args: Any, watch: Any, **options: Any) -> Any:
            made = convert(*args, watch=watch, **options)
            import_cancel(job=job)
            return made

        monkeypatch.setattr(reading, "convert", slowly)
        with pytest.raises(LeaseLost):
            reading_run(job, lease=lease)
        job.refresh_from_db()
        assert (job.status, stored(job)) == ("cancelled", named(job))

    def test_a_table_that_was_stored_in_vain_goes(
        self, organization: Organization, workbook: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = upload(workbook)
        lease = lease_take(work=job)
        assert lease is not None

        def stored_late(read: ImportJob, path: Path) -> None:
            describing.table_store(read, path)
            import_cancel(job=job)

        monkeypatch.setattr(reading, "table_store", stored_late)
        with pytest.raises(LeaseLost):
            reading_run(job, lease=lease)
        assert stored(job) == {str(job.file.name)}

    def test_a_table_that_a_crash_left_goes(
        self, organization: Organization, workbook: bytes
    ) -> None:
        job = upload(workbook)
        name = default_storage.save(f"imports/{organization.pk}/left.csv", ContentFile(b"x"))
        job.options["reading"]["table"] = name
        job.save()
        assert stored(work(job)) == named(job)
        assert job.status == "draft"

    def test_what_never_gets_anywhere_is_given_up(
        self, organization: Organization, workbook: bytes
    ) -> None:
        job = upload(workbook)
        for _ in range(5):
            lease = lease_take(work=job)
            assert lease is not None
            lease_extend(lease=lease, progress_done=1)
            ImportJob.objects.update(claim_token=None)
        assert work(job).status == "failed"
        page = Screens(organization).get(f"imports/{job.pk}/").content.decode()
        assert "tried several times" in page
        assert work(import_reread(job=job)).status == "draft"


@pytest.mark.django_db(transaction=True)
def test_it_is_queued_when_it_is_there(workbook: bytes) -> None:
    from organizations.scope import organization_scope

    with organization_scope(make_organization()):
        upload(workbook)
    assert len(django_rq.get_queue("imports")) == 1


def test_the_progress_of_a_conversion_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "_SECONDS_BETWEEN_LOOKS", 0.02)
    rows = [[str(number)] for number in range(60_000)]
    path, told = write_xlsx(tmp_path / "a.xlsx", {"A": table_xml(rows)}), []
    made = convert(path, tmp_path, watch=lambda done, total: told.append((done, total)))
    assert made.rows == 60_000
    assert sorted(told) == told
    assert {total for _, total in told} == {0, 60_000}
