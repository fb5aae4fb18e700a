"""Files that nobody here wrote, each through upload, mapping and check: refused with a reason or read, and cheap."""

import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from imports.models import ImportJob, ImportRecord
from imports.services.uploads import import_map
from organizations.models import Organization
from tests.api_suite import Program, assert_problem
from tests.factories import checked
from tests.shared_data import shared_file, shared_names

FOLDERS = ("xlsx", "hostile", "csv-torture", "csv-encoding", "vcard")
NAMES = [
    name
    for name in shared_names(*(f"{folder}/**/*" for folder in FOLDERS))
    if "/expected/" not in name
]
SECONDS, MEGABYTES = 10, 300
# Its authors changed the phone number in one of the two files only.
CORRECTED = {"location_coordinates": {"Contact Phone Number": "2095257564"}}


@pytest.fixture
def is_cheap() -> Iterator[None]:
    """What a test does takes no more than 10 s, and no process of it 300 MB more than this one has before."""
    before = _memory("VmRSS")
    _forget_peak()
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS
    # A child's peak begins with the memory of its parent: this is more than it really took.
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    assert max(_memory("VmHWM"), of_children) - before < MEGABYTES


def _memory(name: str) -> int:
    """Megabytes of this process, where the system tells."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(status.split(f"{name}:")[1].split()[0]) // 1024


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pytest.skip("this system does not measure a process anew")


def test_every_folder_is_here() -> None:
    shared_file("xlsx")
    assert {name.split("/")[0] for name in NAMES} == set(FOLDERS)
    assert len(NAMES) > 200


@pytest.mark.usefixtures("is_cheap")
@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_checked_or_refused(organization: Organization, name: str) -> None:
    path = shared_file(name)
    file = SimpleUploadedFile(path.name, path.read_bytes())
    response = Program(organization).upload("imports/", file=file)
    if response.status_code != 201:
        document = assert_problem(response, 400, "file")
        assert len(document["errors"][0]["message"]) > 20
        return
    job = checked(_mapped(ImportJob.objects.get(pk=response.json()["id"])))
    assert job.status == "validated" or (job.status == "failed" and job.error)
    if job.status == "validated":
        assert sum(job.predicted_counts.values()) == job.total_records == job.records.count()
    _assert_expected(path, job)


def _mapped(job: ImportJob) -> ImportJob:
    """As proposed; where nothing tells people apart, by the first column."""
    try:
        return import_map(job=job, columns=job.mapping)
    except ValidationError:
        columns = [{"index": 0, "target": "external_id"}]
        return import_map(job=job, columns=columns, match="external_id")


def _assert_expected(path: Path, job: ImportJob) -> None:
    """The result that lies beside a file is what its records hold."""
    expected = path.parent / "expected" / f"{path.stem}.json"
    if not expected.exists():
        return
    names = [column["name"] for column in job.columns]
    records = ImportRecord.objects.filter(import_job=job).order_by("row_number")
    found = [dict(zip(names, record.raw, strict=True)) for record in records]
    document = json.loads(expected.read_text())
    rows = document if isinstance(document, list) else [document]
    assert found == [_as_stored(path, row) for row in rows]


def _as_stored(path: Path, row: dict[str, Any]) -> dict[str, Any]:
    """The stored copy of newlines_crlf.csv has line feeds only, what is expected of it has both."""
    row |= CORRECTED.get(path.stem, {})
    if b"\r\n" in path.read_bytes():
        return row
    return {name: value.replace("\r\n", "\n") for name, value in row.items()}
