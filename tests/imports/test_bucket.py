"""Files in a bucket: the whole way of an import and of an export, on a server that speaks S3."""

import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from environ import Env

from config.storage import of_files
from contacts.models import Contact
from imports.models import ExportJob, ImportJob
from imports.selectors.first_rows import first_rows
from imports.services import exporting, validation
from imports.services.control import import_validate
from imports.services.exporting import export_cancel, export_expire
from imports.services.retention import retention_run
from imports.services.validation import validation_run
from organizations.models import Organization
from organizations.services.leases import lease_take
from tests.bucket import Bucket, running_server
from tests.factories import exported, imported, make_contact, make_export, make_import
from tests.imports.exported_files import content, imported_again
from tests.imports.reading.workbook_files import table_xml, write_xlsx
from tests.screens import Screens
from tests.work import run_queued_jobs

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = [["email", "first name"], ["ana@example.org", "Ana"], ["bo@example.org", "Bo"]]
TEXT = "email,first name\nana@example.org,Ana\nbad,Bob\n"
# What is sent in several pieces, and not kept in memory.
LARGE = 9 * 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as address:
        yield address


@pytest.fixture(autouse=True)
def bucket(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bucket:
    """Kith, set up by its environment to keep files in a bucket that nobody else uses."""
    bucket = Bucket.made(server)
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    settings.STORAGES = settings.STORAGES | {"default": of_files(Env(), tmp_path)}
    return bucket


@pytest.fixture(autouse=True)
def _nothing_stays_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What is copied from or to the bucket is gone afterwards."""
    folder = tmp_path / "passing"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def workbook(tmp_path: Path) -> bytes:
    return write_xlsx(tmp_path / "a.xlsx", {"People": table_xml(PEOPLE)}).read_bytes()


def sent(organization: Organization, name: str, data: bytes) -> Any:
    """What answers a file that is sent as a browser sends it."""
    values = {"match": "email", "mode": "upsert", "source": "Fair"}
    file = SimpleUploadedFile(name, data)
    return Screens(organization).post("imports/new/", values | {"file": file})


def uploaded(organization: Organization, name: str, data: bytes) -> ImportJob:
    assert sent(organization, name, data).status_code == 302
    return ImportJob.objects.get()


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_from_the_upload_to_the_undo(organization: Organization, bucket: Bucket) -> None:
    screens = Screens(organization)
    job = uploaded(organization, "people.csv", TEXT.encode())
    assert bucket.names() == [job.file.name]
    assert bucket.content(str(job.file.name)) == TEXT.encode()
    assert screens.get(f"imports/{job.pk}/map/").status_code == 200
    for step in ("validate", "start"):
        screens.post(f"imports/{job.pk}/{step}/")
        run_queued_jobs()
    job.refresh_from_db()
    assert (job.status, job.counts) == ("partially_completed", {"created": 1, "failed": 1})
    errors = text_of(screens.get(f"imports/{job.pk}/errors.csv")).splitlines()
    assert errors[1].startswith("bad,Bob,3,")
    screens.post(f"imports/{job.pk}/undo/")
    run_queued_jobs()
    job.refresh_from_db()
    assert (job.status, Contact.objects.count()) == ("undone", 0)


def test_a_workbook_and_its_table_are_kept(
    organization: Organization, bucket: Bucket, workbook: bytes, settings: Any
) -> None:
    """Whether the table is made while somebody waits, or by a worker."""
    for at_once in (1_000_000, 0):
        settings.IMPORT_CONVERT_AT_ONCE_BYTES = at_once
        job = uploaded(organization, "people.xlsx", workbook)
        run_queued_jobs()
        job.refresh_from_db()
        assert set(bucket.names()) == {job.file.name, job.converted.name}
        assert bucket.content(str(job.file.name)) == workbook
        assert first_rows(job=job)[0] == (2, PEOPLE[1])
        assert imported(job).status == "completed"
        aged(job)
        assert retention_run()
        assert bucket.names() == []
        job.delete()


def aged(job: ImportJob) -> None:
    ended = timezone.now() - timedelta(days=91)
    ImportJob.objects.filter(pk=job.pk).update(finished_at=ended, created_at=ended)


def test_a_large_file_passes_in_pieces_and_over_the_disk(
    organization: Organization, bucket: Bucket
) -> None:
    cell = "x" * 100_000
    lines = [f"p{number}@example.org,{cell}" for number in range(LARGE // len(cell))]
    data = "\n".join(["email,note", *lines, ""]).encode()
    job = uploaded(organization, "large.csv", data)
    head = bucket.client.head_object(Bucket=bucket.name, Key=str(job.file.name))
    assert head["ContentLength"] == len(data) == job.file_size
    assert head["ETag"].endswith('-2"')
    with default_storage.open(str(job.file.name)) as stored:
        assert stored.read(5) == b"email"
        # (The name of what is in memory is none.)
        assert stored.file.name is not None


def test_each_slice_of_a_check_reads_on(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though getting the file alone takes longer than the slice."""
    monkeypatch.setattr(validation, "READ_ROWS", 1)
    job = import_validate(job=make_import(organization, TEXT))
    reached = []
    while job.phase in ("clear", "read"):
        lease = lease_take(work=job)
        assert lease is not None
        validation_run(job, lease=lease, seconds=0.0005)
        job.refresh_from_db()
        reached.append(job.cursor)
        assert len(reached) < 10
    assert {1, 2} <= set(reached)


def test_the_name_of_a_file_that_is_there_is_nobody_elses(bucket: Bucket) -> None:
    first, second = (
        default_storage.save("imports/1/a.csv", SimpleUploadedFile("a.csv", text))
        for text in (b"one", b"two")
    )
    assert first != second
    assert bucket.content(first) == b"one"


def test_a_refused_file_is_not_kept(organization: Organization, bucket: Bucket) -> None:
    answer = sent(organization, "a.xlsx", b"PK\x03\x04 and no more")
    assert b'id="file-error"' in answer.content
    assert bucket.names() == []


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_is_downloaded_imported_again_and_expires(
    organization: Organization, bucket: Bucket, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 2)
    for number in range(5):
        make_contact(organization, first_name=f"P{number}")
    job = exported(make_export(organization, format=format))
    assert bucket.names() == [job.file.name]
    response = Screens(organization).get(f"exports/{job.pk}/file/")
    data = b"".join(response.streaming_content)
    assert int(response["Content-Length"]) == job.file_size == len(data)
    assert data == content(job) == bucket.content(str(job.file.name))
    assert imported_again(job).predicted_counts == {"unchanged": 5}
    export_expire(job=job)
    assert not [name for name in bucket.names() if name.startswith("exports/")]
    assert Screens(organization).get(f"exports/{job.pk}/file/").status_code == 404


def test_a_file_that_is_gone_is_a_page_that_says_so(
    organization: Organization, bucket: Bucket
) -> None:
    make_contact(organization)
    job = exported(make_export(organization))
    bucket.client.delete_object(Bucket=bucket.name, Key=str(job.file.name))
    assert Screens(organization).get(f"exports/{job.pk}/file/").status_code == 404
    import_job = make_import(organization, TEXT)
    bucket.client.delete_object(Bucket=bucket.name, Key=str(import_job.file.name))
    assert first_rows(job=import_job) == []


def test_cancelling_and_a_lost_part_leave_nothing_wrong(
    organization: Organization, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    for _ in range(3):
        make_contact(organization)
    cancelled, broken = stopped(organization), stopped(organization)
    assert len(bucket.names()) == 4
    export_cancel(job=cancelled)
    assert len(bucket.names()) == 2
    default_storage.delete(broken.parts[0][0])
    assert exported(broken).error.startswith("A part of the file is gone")


def stopped(organization: Organization) -> ExportJob:
    """An export with two of its parts stored, and its worker gone."""
    job = make_export(organization)
    lease = lease_take(work=job)
    assert lease is not None
    for _ in range(3):
        exporting._step(job, lease)
    ExportJob.objects.update(claim_token=None)
    job.refresh_from_db()
    return job


def test_files_are_private(organization: Organization, bucket: Bucket) -> None:
    """Nobody without a key reads them, whatever address they have heard of."""
    job = make_import(organization, TEXT)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{bucket.endpoint}/{bucket.name}/{job.file.name}")
    assert refused.value.code == 403


def test_the_prefix_is_kept_out_of_names(
    organization: Organization,
    bucket: Bucket,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("KITH_S3_PREFIX", "kith/files")
    settings.STORAGES = settings.STORAGES | {"default": of_files(Env(), tmp_path)}
    make_contact(organization)
    job = imported(make_import(organization, TEXT))
    export = exported(make_export(organization))
    names = {str(job.file.name), str(export.file.name)}
    assert set(bucket.names()) == {f"kith/files/{name}" for name in names}
    export_expire(job=export)
    assert bucket.names() == [f"kith/files/{job.file.name}"]
