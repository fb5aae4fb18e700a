"""Workbooks, archives and address books on the doors: uploaded, read anew, imported, kept and deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from environ import Env

from config import storage
from contacts.models import Contact
from imports.models import ImportJob
from imports.selectors.first_rows import first_rows
from imports.services.uploads import import_create, import_reread
from imports.upload_handler import BoundedUploadHandler
from organizations.models import Organization
from tests.api_suite import Program, assert_problem
from tests.factories import SCREEN, checked, imported, make_import, make_user
from tests.imports.reading.workbook_files import table_xml, write_xlsx, write_zip

PEOPLE = [["email", "first name"], ["ana@example.org", "Ana"], ["bo@example.org", "Bo"]]
SUPPLIERS = [["email", "company", "phone"], ["s@example.org", "Fjord AS", ""]]
CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Ana Silva
EMAIL:ana@example.org
END:VCARD
BEGIN:VCARD
FN:Broken
EMAIL;CHARSET=klingon:x@example.org
END:VCARD
BEGIN:VCARD
VERSION:4.0
N:Hansen;Bo;;;
EMAIL:bo@example.org
CATEGORIES:VIP,Friend
END:VCARD
"""


@pytest.fixture
def workbook(tmp_path: Path) -> bytes:
    sheets = {"People": table_xml(PEOPLE), "Suppliers": table_xml(SUPPLIERS)}
    return write_xlsx(tmp_path / "a.xlsx", sheets).read_bytes()


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Callable[[], set[Path]]:
    """What is stored, in a folder that no other test writes to."""
    files = tmp_path / "kept"
    options = settings.STORAGES["default"] | {"OPTIONS": {"location": str(files)}}
    settings.STORAGES = settings.STORAGES | {"default": options}
    return lambda: {path for path in files.rglob("*") if path.is_file()}


def test_a_workbook_is_imported(organization: Organization, workbook: bytes) -> None:
    job = imported(make_import(organization, workbook, name="people.xlsx"))
    assert (job.status, job.counts) == ("completed", {"created": 2})
    rows = job.records.order_by("row_number").values_list("line_number", "raw")
    assert list(rows) == [(2, PEOPLE[1]), (3, PEOPLE[2])]
    assert set(Contact.objects.values_list("first_name", flat=True)) == {"Ana", "Bo"}


def test_bad_cards_are_failed_rows(organization: Organization) -> None:
    job = imported(make_import(organization, CARDS, name="people.vcf"))
    assert (job.status, job.counts) == ("partially_completed", {"created": 2, "failed": 1})
    bad = job.records.get(outcome="failed")
    assert (bad.line_number, bad.raw[0], bad.errors[0]["code"]) == (6, "Broken", "unreadable")
    assert "klingon" in bad.errors[0]["message"]
    bo = Contact.objects.get(email="bo@example.org")
    assert (bo.first_name, bo.last_name) == ("Bo", "Hansen")
    assert set(bo.tag_assignments.values_list("tag__name", flat=True)) == {"VIP", "Friend"}


def test_another_sheet_replaces_the_table(
    organization: Organization,
    workbook: bytes,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    job = make_import(organization, workbook, name="people.xlsx")
    former = job.converted.name
    with django_capture_on_commit_callbacks(execute=True):
        job = import_reread(job=job, sheet="Suppliers")
    assert [column["name"] for column in job.columns] == SUPPLIERS[0]
    assert job.converted.name != former
    assert not default_storage.exists(former)
    again = import_reread(job=job, has_header=False)
    assert (again.converted.name, len(again.columns[0]["samples"])) == (job.converted.name, 2)


def test_a_refused_sheet_leaves_the_table(
    organization: Organization, workbook: bytes, kept: Callable[[], set[Path]]
) -> None:
    job = make_import(organization, workbook, name="people.xlsx")
    before = kept()
    with pytest.raises(Exception, match="has no sheet"):
        import_reread(job=job, sheet="Nobody")
    assert len(before) == 2
    assert kept() == before
    assert checked(job).predicted_counts == {"created": 2}


@pytest.mark.parametrize(
    "settings_", [{"IMPORT_MAX_COLUMNS": 1}, {"IMPORT_MAX_ROWS": 1}, {"IMPORT_MAX_BYTES": 10}]
)
def test_nothing_is_kept_of_what_is_refused(
    organization: Organization,
    workbook: bytes,
    settings: Any,
    settings_: dict[str, int],
    kept: Callable[[], set[Path]],
) -> None:
    for name, value in settings_.items():
        setattr(settings, name, value)
    with pytest.raises(Exception, match=r"more than 1|larger than"):
        import_create(file=ContentFile(workbook, name="a.xlsx"), actor=SCREEN)
    assert kept() == set()


class TestApi:
    def test_the_sheet_is_chosen_with_the_upload(
        self, organization: Organization, workbook: bytes
    ) -> None:
        program = Program(organization)
        file = SimpleUploadedFile("people.xlsx", workbook)
        document = program.upload("imports/", file=file, sheet="Suppliers").json()
        assert [column["name"] for column in document["columns"]] == SUPPLIERS[0]
        assert document["format"] == {
            "kind": "xlsx",
            "member": "",
            "sheet": "Suppliers",
            "sheets": ["People", "Suppliers"],
            "encoding": "utf-8",
            "delimiter": ",",
            "has_header": True,
        }
        document = program.patch(f"imports/{document['id']}/", {"sheet": "People"}).json()
        assert document["format"]["sheet"] == "People"
        wrong = program.patch(f"imports/{document['id']}/", {"sheet": "Nobody"})
        assert_problem(wrong, 400, "file", "unknown_sheet")

    def test_what_is_said_with_the_upload_is_taken_as_given(
        self, organization: Organization
    ) -> None:
        file = SimpleUploadedFile("a.txt", "ana@example.org||Ren\u00e9\n".encode("cp850"))
        chosen = {"encoding": "cp850", "delimiter": "||", "has_header": "false"}
        document = Program(organization).upload("imports/", file=file, **chosen).json()
        assert [column["samples"] for column in document["columns"]] == [
            ["ana@example.org"],
            ["Ren\u00e9"],
        ]
        assert (document["delimiter"], document["has_header"]) == ("||", False)

    def test_a_header_is_found_when_nothing_is_said(self, organization: Organization) -> None:
        file = SimpleUploadedFile("a.csv", b"a,b\n1,2\n")
        assert Program(organization).upload("imports/", file=file).json()["has_header"] is True

    def test_an_archive_names_its_file(self, organization: Organization, tmp_path: Path) -> None:
        content = write_zip(tmp_path / "a.zip", {"x/people.vcf": CARDS}).read_bytes()
        file = SimpleUploadedFile("a.zip", content)
        found = Program(organization).upload("imports/", file=file).json()["format"]
        assert (found["kind"], found["member"]) == ("vcard", "x/people.vcf")


class TestWizard:
    @pytest.fixture
    def client(self, organization: Organization) -> Client:
        client = Client()
        client.force_login(make_user(organization))
        return client

    def fields(self, client: Client, organization: Organization, job: ImportJob) -> set[str]:
        page = client.get(f"/o/{organization.slug}/imports/{job.pk}/map/").content.decode()
        form = page.split('id="format-form"')
        shown = form[1].split("</form>")[0] if len(form) > 1 else ""
        return {part.split('"')[0] for part in shown.split(' name="')[1:]} - {"csrfmiddlewaretoken"}

    def test_controls_are_those_that_mean_something(
        self, client: Client, organization: Organization, workbook: bytes
    ) -> None:
        for content, name, expected in (
            (b"email\na@example.org\n", "a.csv", {"encoding", "delimiter", "other_delimiter", "has_header"}),
            (workbook, "a.xlsx", {"sheet", "has_header"}),
            (CARDS.encode(), "a.vcf", set()),
        ):  # fmt: skip
            job = make_import(organization, content, name=name)
            assert self.fields(client, organization, job) == expected

    def test_a_sheet_is_chosen(
        self, client: Client, organization: Organization, workbook: bytes
    ) -> None:
        job = make_import(organization, workbook, name="a.xlsx")
        address = f"/o/{organization.slug}/imports/{job.pk}/map/format/"
        wanted = {"sheet": "Suppliers", "has_header": "true"}
        part = client.post(address, wanted, headers={"HX-Request": "true"}).content.decode()
        assert "Fjord AS" in part
        assert '<option value="Suppliers" selected>' in part

    def test_a_long_delimiter_is_typed(self, client: Client, organization: Organization) -> None:
        content = ContentFile(b"email||name\na@example.org||Ana\n", name="a.csv")
        job = import_create(file=content, actor=SCREEN)
        address = f"/o/{organization.slug}/imports/{job.pk}/map/format/"
        wanted = {"encoding": "utf-8", "delimiter": ",", "other_delimiter": "||", "has_header": "true"}  # fmt: skip
        part = client.post(address, wanted, headers={"HX-Request": "true"}).content.decode()
        assert '<option value="||" selected>' in part
        job.refresh_from_db()
        assert [column["name"] for column in job.columns] == ["email", "name"]


class PathlessStorage(Storage):
    """Files that can be opened and have no path."""

    files = InMemoryStorage()

    def _open(self, name: str, mode: str = "rb") -> Any:
        return self.files.open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        return self.files.save(name, content)

    def exists(self, name: str) -> bool:
        return self.files.exists(name)

    def delete(self, name: str) -> None:
        self.files.delete(name)

    def size(self, name: str) -> int:
        return self.files.size(name)


class TestStorage:
    @pytest.fixture(autouse=True)
    def remote(self, settings: Any) -> None:
        """A storage that has no paths, as S3 has none."""
        settings.STORAGES = settings.STORAGES | {
            "default": {"BACKEND": "tests.imports.test_formats.PathlessStorage"}
        }

    def test_files_without_a_path_are_imported(
        self, organization: Organization, workbook: bytes
    ) -> None:
        for content, name in ((workbook, "a.xlsx"), (b"email,n\nx@example.org,1\n", "a.csv")):
            job = make_import(organization, content, name=name)
            assert first_rows(job=job)
            assert checked(job).status == "validated"


def test_a_bucket_needs_its_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KITH_S3_BUCKET", raising=False)
    folder = storage.of_files(Env(), tmp_path)
    assert folder["OPTIONS"] == {
        "location": str(tmp_path / "files"),
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    monkeypatch.setenv("KITH_S3_BUCKET", "people")
    monkeypatch.setattr(storage, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="django-storages"):
        storage.of_files(Env(), tmp_path)
    monkeypatch.setattr(storage, "find_spec", lambda name: object())
    assert storage.of_files(Env(), tmp_path)["OPTIONS"]["bucket_name"] == "people"


def test_an_upload_beyond_the_limit_is_counted_and_not_kept(settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100
    handler = BoundedUploadHandler()
    handler.new_file("file", "a.csv", "text/csv", 0)
    for start in range(0, 1_000, 50):
        handler.receive_data_chunk(b"x" * 50, start)
    file = handler.file_complete(1_000)
    assert file is not None
    with file:
        assert (file.size, Path(file.temporary_file_path()).stat().st_size) == (1_000, 100)
