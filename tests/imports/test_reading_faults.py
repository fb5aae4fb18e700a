"""Whatever dies while a workbook is read, and whenever: the import in the end is one that nobody disturbed."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from imports.models import ImportJob
from imports.services.uploads import import_create, import_reread
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import SCREEN, make_organization
from tests.imports.reading.workbook_files import table_xml, write_xlsx
from tests.imports.test_faults import is_live, let_leases_run_out, reread
from tests.nursery import Nursery, Worker, running_nursery
from tests.waiting import await_
from tests.work import run_queued_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS, KILLS, MOST_FILES = 20_000, 20, 60
PHASES = ("convert", "describe")


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    with running_nursery("imports") as nursery:
        yield nursery


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two sheets, of which each takes a second or two."""
    header = ["email", "first name", "city", "since"]
    sheets = {
        name: table_xml(
            [header]
            + [
                [f"{name}{number}@example.org", f"Name {number}", "Oslo", f"{number % 28 + 1}/3/2024"]
                for number in range(ROWS)
            ]
        )
        for name in ("A", "B")
    }  # fmt: skip
    return write_xlsx(tmp_path_factory.mktemp("faults") / "a.xlsx", sheets).read_bytes()


def upload(organization: Organization, workbook: bytes, **said: Any) -> ImportJob:
    with organization_scope(organization):
        return import_create(file=ContentFile(workbook, name="a.xlsx"), actor=SCREEN, **said)


def stored(job: ImportJob) -> set[str]:
    folder = f"imports/{job.organization_id}"
    return {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}


def left_behind(job: ImportJob) -> dict[str, Any]:
    """What an import says of its file, and its table."""
    job = reread(job)
    with job.converted.open("rb") as table:
        content = bytes(table.read())
    names = (
        "status", "phase", "error", "format", "columns", "mapping", "options", "processing_mode",
        "progress_done", "progress_total", "claim_token",
    )  # fmt: skip
    return {name: getattr(job, name) for name in names} | {"table": content}


def converters(worker: Worker) -> list[psutil.Process]:
    return [each for each in worker.horses() if "imports.reading.converter" in each.cmdline()]


class Crashes:
    """Kills whoever reads, at random moments of each phase, and counts how often it was at work in which."""

    def __init__(self, nursery: Nursery) -> None:
        self.nursery = nursery
        self.pick = random.Random(20261124)
        self.worker = nursery.start_worker()
        self.moments: Counter[str] = Counter()

    def to_the_end(self, job: ImportJob, seconds: dict[str, float]) -> None:
        """Through three crashes in each phase; a phase that was over sooner is no crash of it."""
        for phase in [each for each in PHASES for _ in range(3)]:
            await_(
                lambda phase=phase: (
                    (self.worker.horses() and reread(job).phase == phase) or not is_live(job)
                ),
                f"somebody at work to {phase}",
                self.nursery.output,
            )
            moment = time.monotonic() + self.pick.uniform(0.0, seconds[phase])
            await_(lambda moment=moment: time.monotonic() >= moment, "the moment")
            self._crash(job)
        await_(lambda: not is_live(job), f"the end of {reread(job)}", self.nursery.output)

    def _crash(self, job: ImportJob) -> None:
        is_at_work = bool(self.worker.horses())
        self.worker.kill()
        row = reread(job)
        if is_at_work and row.status == "reading":
            self.moments[row.phase] += 1
        self.worker = self.nursery.start_worker()
        let_leases_run_out()


def test_kill_9_at_random_moments(nursery: Nursery, workbook: bytes, settings: Any) -> None:
    settings.IMPORT_CONVERT_AT_ONCE_BYTES = 1000
    organization, crashes = make_organization(), Crashes(nursery)
    before = stored_before(organization)
    calm = upload(organization, workbook)
    await_(lambda: crashes.worker.horses(), "somebody at work")
    seconds = {phase: time_in(calm, phase) for phase in PHASES}
    jobs = [calm]
    while crashes.moments.total() < KILLS and len(jobs) <= MOST_FILES:
        job = upload(organization, workbook)
        crashes.to_the_end(job, seconds)
        assert left_behind(job) == left_behind(calm)
        jobs.append(job)
    crashes.worker.kill()
    assert crashes.moments.total() >= KILLS, crashes.moments
    assert set(crashes.moments) == set(PHASES), crashes.moments
    named = {str(file.name) for job in jobs for file in files(job)}
    assert stored(calm) - before == named, "and nothing else is stored"


def time_in(job: ImportJob, phase: str) -> float:
    """How long an import that is read is in a phase, in seconds."""
    start = time.monotonic()
    await_(lambda: reread(job).phase != phase, f"the end of {phase}")
    return time.monotonic() - start


def stored_before(organization: Organization) -> set[str]:
    """(An organization of another test had the same number, and left its files.)"""
    folder = f"imports/{organization.pk}"
    try:
        return {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
    except FileNotFoundError:
        return set()


def files(job: ImportJob) -> list[Any]:
    row = reread(job)
    return [row.file, row.converted]


def test_the_converter_dies_with_its_worker(
    nursery: Nursery, workbook: bytes, settings: Any
) -> None:
    settings.IMPORT_CONVERT_AT_ONCE_BYTES = 1000
    worker = nursery.start_worker()
    job = upload(make_organization(), workbook)
    (converter,) = await_(lambda: converters(worker), "a converter", nursery.output)
    (horse,) = [each for each in worker.horses() if each.pid != converter.pid]
    horse.kill()
    await_(lambda: not converter.is_running() or converter.status() == "zombie", "its end")
    worker.kill()
    assert is_live(job)


def test_crash_between_commit_and_queue(workbook: bytes, settings: Any) -> None:
    settings.IMPORT_CONVERT_AT_ONCE_BYTES = 1000
    organization = make_organization()
    with organization_scope(organization):
        with transaction.atomic():
            job = upload(organization, workbook)
            # As if the process had died right after the commit.
            connection.run_on_commit.clear()
        assert run_queued_jobs() == 0
        let_leases_run_out()
        run_queued_jobs()
        assert reread(job).status == "draft"
        with transaction.atomic():
            import_reread(job=job, sheet="B")
            connection.run_on_commit.clear()
        let_leases_run_out()
        run_queued_jobs()
        assert reread(job).format["sheet"] == "B"
