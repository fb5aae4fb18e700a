"""What an organization's home page tells: work that runs, and what needs somebody."""

from dataclasses import dataclass

from django.urls import reverse

from contacts.models import ContactChange, ContactOperation, OperationStatus
from imports.models import ExportJob, ImportJob, ImportStatus

RUNNING = (*ImportJob.LIVE_STATUSES, ImportStatus.PAUSED, ImportStatus.UNDOING)
WAITING = (ImportStatus.DRAFT, ImportStatus.VALIDATED)


@dataclass(frozen=True, slots=True)
class Work:
    """Something that runs, and how far it is."""

    label: str
    status: str
    done: int
    total: int
    link: str


@dataclass(frozen=True, slots=True)
class Point:
    """Something that somebody should look at."""

    text: str
    verb: str
    link: str
    tone: str = "warn"


def running_work() -> list[Work]:
    """Imports, operations and exports that run now, newest first. Three queries."""
    jobs = ImportJob.objects.filter(status__in=RUNNING).order_by("-pk")[:10]
    rows = ContactOperation.objects.filter(status__in=ContactOperation.LIVE_STATUSES)
    # An import's own operation, and its undo, are shown as the import.
    operations = rows.filter(imports=None, undoes__imports=None).order_by("-pk")[:10]
    exports = ExportJob.objects.filter(status__in=ExportJob.LIVE_STATUSES).order_by("-pk")[:10]
    return [
        *map(_of_import, jobs),
        *map(_of_operation, operations),
        *map(_of_export, exports),
    ]


def _of_import(job: ImportJob) -> Work:
    link = reverse("imports:detail", args=[job.pk])
    done, total = job.processed_records, job.total_records
    if job.status in (ImportStatus.READING, ImportStatus.VALIDATING):
        done, total = job.progress_done, job.progress_total
    return Work(job.file_name, job.get_status_display(), done, total, link)


def _of_operation(operation: ContactOperation) -> Work:
    link = reverse("contacts:operation", args=[operation.pk])
    state = operation.get_status_display()
    return Work(str(operation), state, operation.progress_done, operation.progress_total, link)


def _of_export(job: ExportJob) -> Work:
    link, state = reverse("exports:detail", args=[job.pk]), job.get_status_display()
    return Work(f"Export {job.file_name}", state, job.progress_done, job.progress_total, link)


def attention_points() -> list[Point]:
    """Failed and unfinished imports, failed operations, changes set aside. Three queries."""
    return [*_imports(), *_operations(), *_set_aside()]


def _imports() -> list[Point]:
    wanted = [ImportStatus.FAILED, ImportStatus.PARTIALLY_COMPLETED, *WAITING]
    jobs = ImportJob.objects.filter(status__in=wanted).order_by("-pk")[:5]
    return [_import_point(job) for job in jobs]


def _import_point(job: ImportJob) -> Point:
    link = reverse("imports:detail", args=[job.pk])
    if job.status == ImportStatus.FAILED:
        return Point(f"{job.file_name} could not be imported.", "See why", link, "bad")
    if job.status == ImportStatus.PARTIALLY_COMPLETED:
        count = job.counts.get("failed", 0)
        return Point(f"{count:,} rows of {job.file_name} failed.", "See and repair them", link)
    return Point(f"{job.file_name} was uploaded and not imported yet.", "Go on", link, "")


def _operations() -> list[Point]:
    rows = ContactOperation.objects.filter(status=OperationStatus.FAILED, imports=None)
    return [
        Point(f"“{each}” failed.", "Look", reverse("contacts:operation", args=[each.pk]), "bad")
        for each in rows.order_by("-pk")[:3]
    ]


def _set_aside() -> list[Point]:
    if not ContactChange.objects.filter(set_aside_at__isnull=False).exists():
        return []
    link = reverse("admin:contacts_contactchange_changelist")
    return [Point("Some changes could not be processed and were set aside.", "Look", link, "bad")]
