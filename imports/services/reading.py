"""Reading a file that a request would have to wait for: a table is made of it, and described, by a worker.

Phases, each resumable: convert (the table is made and stored), describe (what is in it becomes what the import says).
What was said of the file, and how far its table is, is in the options until then.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from imports.models import ImportJob, ImportStatus, ValidationStatus
from imports.reading.conversion import convert
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.sources import local_copy, made_format
from imports.services.copying import time_to_copy
from imports.services.describing import (
    new_table_name,
    table_describe,
    table_forget,
    table_store,
)
from imports.services.telling import import_told
from imports.services.uploads import READING, mapping_take
from organizations.services.leases import Lease, LeaseLost, lease_extend, lease_renew
from organizations.services.slices import SLICE_SECONDS, slice_run

SECONDS_BETWEEN_BEATS = 2
SAID = ("encoding", "delimiter", "has_header")


def reading_run(job: ImportJob, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Read for one slice of time; True when the import is a draft, or its file is refused. Raises LeaseLost."""
    try:
        return slice_run(lease=lease, step=lambda: _step(job, lease), seconds=seconds)
    except FileError as error:
        _refuse(job, lease, error.message)
        return True


def _step(job: ImportJob, lease: Lease) -> bool:
    job.refresh_from_db()
    if job.status != ImportStatus.READING:
        return True
    PHASES[job.phase](job, lease)
    return False


def _convert(job: ImportJob, lease: Lease) -> None:
    """Make the table and store it. Its name is written down before, so that what a crash leaves is found and goes."""
    order = job.options[READING]
    if abandoned := order.get("table"):
        job.converted.storage.delete(abandoned)
    lease_extend(lease=lease, longer=time_to_copy(job.file_size))
    with local_copy(job.file) as path, TemporaryDirectory(prefix="kith-") as folder:
        made = convert(path, Path(folder), sheet=order.get("sheet"), watch=_beat(lease))
        job.converted = new_table_name(job)
        size = made.path.stat().st_size
        order = order | {"table": job.converted.name, "bytes": size}
        options = job.options | {READING: order}
        lease_extend(lease=lease, longer=time_to_copy(size), options=options)
        with _deleted_if_lost(job):
            table_store(job, made.path)
            found = {"made": made_format(made).as_dict(), "rows": made.rows}
            lease_renew(
                lease=lease,
                phase="describe",
                progress_done=0,
                progress_total=made.rows,
                options=job.options | {READING: order | found},
            )


def _describe(job: ImportJob, lease: Lease) -> None:
    """Look at the table; the import becomes a draft that can be mapped."""
    order, former = job.options[READING], job.converted.name
    job.converted = order["table"]
    beat, rows = _beat(lease), order["rows"]
    lease_extend(lease=lease, longer=time_to_copy(order["bytes"]))
    said = {name: order.get(name) for name in SAID}
    known = FileFormat.from_dict(order["made"])
    table_describe(job, known, beat=lambda row: beat(row, rows), **said)
    _finish(job, lease, former, _mapped(job, order.get("mapping")))


def _mapped(job: ImportJob, columns: list[dict[str, Any]] | None) -> str:
    """Map the columns where that was said with the upload; returns why they can't be mapped so."""
    try:
        if columns is not None:
            mapping_take(job, columns)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@transaction.atomic
def _finish(job: ImportJob, lease: Lease, former: str | None, problem: str) -> None:
    options = {name: value for name, value in job.options.items() if name != READING}
    ends = _unmappable(problem) if problem else {"status": ImportStatus.DRAFT}
    names = ("format", "columns", "mapping", "converted", "processing_mode")
    lease_renew(
        lease=lease,
        **{name: getattr(job, name) for name in names},
        options=options,
        **_idle(),
        **ends,
    )
    table_forget(job, former)
    if problem:
        _tell(job)


def _unmappable(problem: str) -> dict[str, Any]:
    return {
        "status": ImportStatus.FAILED,
        "validation_status": ValidationStatus.FAILED,
        "finished_at": timezone.now(),
        "error": problem[:2000],
    }


def _idle() -> dict[str, Any]:
    return {
        "phase": "",
        "progress_done": 0,
        "progress_total": 0,
        "claim_token": None,
        "lease_expires_at": None,
    }


@transaction.atomic
def _refuse(job: ImportJob, lease: Lease, message: str) -> None:
    """The file can't be read so. Where it could be read otherwise before, it still can, and the reason is told."""
    job.refresh_from_db()
    options = {name: value for name, value in job.options.items() if name != READING}
    is_known = bool(job.format)
    ends = {"status": ImportStatus.DRAFT} if is_known else _unmappable(message)
    lease_renew(lease=lease, options=options, **_idle(), **ends | {"error": message[:2000]})
    table_forget(job, job.options.get(READING, {}).get("table"))
    if not is_known:
        _tell(job)


def _tell(job: ImportJob) -> None:
    job.refresh_from_db()
    import_told(job=job)


@contextmanager
def _deleted_if_lost(job: ImportJob) -> Iterator[None]:
    """Delete a table that was stored in vain: somebody else has taken over, or the import is cancelled."""
    storage, name = job.converted.storage, str(job.converted.name)
    try:
        yield
    except LeaseLost:
        storage.delete(name)
        raise


def _beat(lease: Lease) -> Callable[[int, int], None]:
    """What keeps the lease during a long step, and says how far it is, every few seconds. Raises LeaseLost."""
    last = time.monotonic()

    def beat(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS_BETWEEN_BEATS:
            lease_extend(lease=lease, progress_done=done, progress_total=total)
            last = time.monotonic()

    return beat


PHASES: dict[str, Callable[[ImportJob, Lease], None]] = {
    "convert": _convert,
    "describe": _describe,
}
