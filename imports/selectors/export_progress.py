"""How far an export is, how fast it goes, and when it will be through."""

from datetime import datetime

from django.utils import timezone

from imports.models import ExportJob, ExportStatus
from imports.selectors.progress import Progress
from organizations.selectors.waiting import work_waiting

FORECAST_FROM = 0.05


def export_progress(job: ExportJob, *, now: datetime | None = None) -> Progress:
    """The progress of an export, from its row alone: no percentage until it is known how many there are. No query."""
    rate = _rate(job, now or timezone.now())
    return Progress(_percent(job), rate, _eta(job, rate))


def _percent(job: ExportJob) -> int | None:
    if job.status == ExportStatus.COMPLETED:
        return 100
    if job.started_at is None:
        return None
    return min(100 * job.progress_done // max(job.progress_total, 1), 100)


def _rate(job: ExportJob, now: datetime) -> float | None:
    if job.started_at is None or not job.progress_done or work_waiting(job, now=now):
        return None
    seconds = max(((job.finished_at or now) - job.started_at).total_seconds(), 0.001)
    return round(job.progress_done / seconds, 1)


def _eta(job: ExportJob, rate: float | None) -> int | None:
    is_early = job.progress_done < FORECAST_FROM * job.progress_total
    if job.status != ExportStatus.RUNNING or not rate or is_early:
        return None
    return round(max(job.progress_total - job.progress_done, 0) / rate)
