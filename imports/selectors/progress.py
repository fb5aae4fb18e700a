"""How far an import is, how fast it goes, and when it will be through."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contacts.models import ContactOperation
from imports.models import ImportJob, ImportStatus
from organizations.selectors.waiting import work_waiting

BATCHES_BEFORE_FORECAST = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent` of the reading, the check, the run or the undo that is under way; None while it is unknown.

    No `rows_per_second` while nobody is at work. `eta_seconds` only while it runs and after three batches: before
    that a forecast is a guess.
    """

    percent: int | None
    rows_per_second: float | None
    eta_seconds: int | None


def import_progress(
    job: ImportJob, *, undo: ContactOperation | None = None, now: datetime | None = None
) -> Progress:
    """The progress of an import from its row, and while it is being undone from that of its undo. No query."""
    rate = _rate(job, now or timezone.now())
    return Progress(_percent(job, undo), rate, _eta(job, rate))


def _percent(job: ImportJob, undo: ContactOperation | None) -> int | None:
    if job.status == ImportStatus.UNDOING:
        return _share(undo.progress_done, undo.progress_total) if undo else None
    if job.status in (ImportStatus.READING, ImportStatus.VALIDATING):
        return _share(job.progress_done, job.progress_total)
    if job.operation_id is None:
        return None
    return 100 if job.total_records == 0 else _share(job.processed_records, job.total_records)


def _share(done: int, total: int) -> int | None:
    return min(100 * done // total, 100) if total else None


def _rate(job: ImportJob, now: datetime) -> float | None:
    """Rows a second since the first batch began; a pause counts, as it does for who waits."""
    if job.run_started_at is None or not job.processed_records or work_waiting(job, now=now):
        return None
    until = job.finished_at if job.finished_at and job.status != ImportStatus.RUNNING else now
    seconds = max((until - job.run_started_at).total_seconds(), 0.001)
    return round(job.processed_records / seconds, 1)


def _eta(job: ImportJob, rate: float | None) -> int | None:
    is_steady = job.current_batch >= BATCHES_BEFORE_FORECAST
    if job.status != ImportStatus.RUNNING or not rate or not is_steady:
        return None
    return round((job.total_records - job.processed_records) / rate)
