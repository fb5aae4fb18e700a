"""How far an export is, how fast it goes, and when it will be through."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from imports.models import ExportJob, ExportStatus

FORECAST_FROM = 0.05


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """`percent` is None until it is known how many contacts there are; `eta_seconds` while a forecast is a guess."""

    percent: int | None
    rows_per_second: float | None
    eta_seconds: int | None


def export_progress(job: ExportJob, *, now: datetime | None = None) -> ExportProgress:
    """The progress of an export, from its row alone. No query."""
    rate = _rate(job, now or timezone.now())
    return ExportProgress(_percent(job), rate, _eta(job, rate))


def _percent(job: ExportJob) -> int | None:
    if job.status == ExportStatus.COMPLETED:
        return 100
    if job.started_at is None:
        return None
    return min(100 * job.progress_done // max(job.progress_total, 1), 100)


def _rate(job: ExportJob, now: datetime) -> float | None:
    if job.started_at is None or not job.progress_done:
        return None
    seconds = max(((job.finished_at or now) - job.started_at).total_seconds(), 0.001)
    return round(job.progress_done / seconds, 1)


def _eta(job: ExportJob, rate: float | None) -> int | None:
    is_early = job.progress_done < FORECAST_FROM * job.progress_total
    if job.status != ExportStatus.RUNNING or not rate or is_early:
        return None
    return round(max(job.progress_total - job.progress_done, 0) / rate)
