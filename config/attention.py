"""What an organization's home page tells: work that runs, and what needs somebody."""

from dataclasses import dataclass

from django.urls import reverse

from contacts.models import ContactChange, ContactOperation, OperationKind, OperationStatus
from imports.models import ExportJob, ImportJob, ImportStatus
from imports.selectors.import_list import undos_of
from organizations.models import LeasedWork
from organizations.selectors.waiting import work_waiting
from segments.models import Segment, SegmentRefresh, SegmentStatus

RUNNING = (*ImportJob.LIVE_STATUSES, ImportStatus.PAUSED, ImportStatus.UNDOING)
WAITING = (ImportStatus.DRAFT, ImportStatus.VALIDATED)
MANY = 100


@dataclass(frozen=True, slots=True)
class Work:
    """Something that runs, how far it is, and why it does not move where it doesn't."""

    label: str
    status: str
    done: int
    total: int
    link: str
    waiting: str


@dataclass(frozen=True, slots=True)
class Point:
    """Something that somebody should look at."""

    text: str
    verb: str
    link: str
    tone: str = "warn"


def running_work() -> list[Work]:
    """Imports, operations, exports and segments that run now, newest first. Five queries at most."""
    jobs = list(ImportJob.objects.filter(status__in=RUNNING).order_by("-pk")[:10])
    undos = undos_of(jobs=jobs)
    rows = ContactOperation.objects.filter(status__in=ContactOperation.LIVE_STATUSES)
    # An import's own operation, its undo and the undo of that are shown as the import.
    own = {"imports": None, "undoes__imports": None, "undoes__undoes__imports": None}
    operations = rows.filter(**own).order_by("-pk")[:10]
    exports = ExportJob.objects.filter(status__in=ExportJob.LIVE_STATUSES).order_by("-pk")[:10]
    rows = SegmentRefresh.objects.filter(status__in=SegmentRefresh.LIVE_STATUSES)
    refreshes = rows.select_related("segment").order_by("-pk")[:10]
    return [
        *(_of_import(job, undos.get(job.pk)) for job in jobs),
        *map(_of_operation, operations),
        *map(_of_export, exports),
        *map(_of_refresh, refreshes),
    ]


def _of_import(job: ImportJob, undo: ContactOperation | None) -> Work:
    work: LeasedWork = job
    done, total = job.processed_records, job.total_records
    if undo or job.status in (ImportStatus.READING, ImportStatus.VALIDATING):
        work = undo or job
        done, total = work.progress_done, work.progress_total
    link = reverse("imports:detail", args=[job.pk])
    return Work(job.file_name, _state(job, undo), done, total, link, work_waiting(work))


def _state(job: ImportJob, undo: ContactOperation | None) -> str:
    if undo is None:
        return job.get_status_display()
    is_redo = undo.undoes is not None and undo.undoes.kind == OperationKind.UNDO
    state = "Being put back" if is_redo else job.get_status_display()
    is_stuck = undo.status in (OperationStatus.PAUSED, OperationStatus.FAILED)
    return f"{state}: {undo.get_status_display().lower()}" if is_stuck else state


def _of_operation(operation: ContactOperation) -> Work:
    link = reverse("contacts:operation", args=[operation.pk])
    return _of(operation, str(operation), operation.get_status_display(), link)


def _of_export(job: ExportJob) -> Work:
    link = reverse("exports:detail", args=[job.pk])
    return _of(job, f"Export {job.file_name}", job.get_status_display(), link)


def _of_refresh(refresh: SegmentRefresh) -> Work:
    link = reverse("segments:detail", args=[refresh.segment_id])
    return _of(refresh, f"Segment {refresh.segment}", refresh.get_status_display(), link)


def _of(work: LeasedWork, label: str, state: str, link: str) -> Work:
    return Work(label, state, work.progress_done, work.progress_total, link, work_waiting(work))


def attention_points(*, may_edit: bool) -> list[Point]:
    """What failed, then what failed in part, then, for who may go on with it, what was begun. Six queries."""
    failures = [*_imports(ImportStatus.FAILED), *_operations(), *_segments(), *_set_aside()]
    partly = _imports(ImportStatus.PARTIALLY_COMPLETED)
    return [*failures, *partly, *(_begun() if may_edit else [])]


def _imports(status: ImportStatus) -> list[Point]:
    jobs = ImportJob.objects.filter(status=status).order_by("-pk")[:5]
    return [_import_point(job) for job in jobs]


def _import_point(job: ImportJob) -> Point:
    link = reverse("imports:detail", args=[job.pk])
    if job.status == ImportStatus.FAILED:
        return Point(f"{job.file_name} could not be imported.", "See why", link, "bad")
    count = job.counts.get("failed", 0)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return Point(f"{rows} of {job.file_name} failed.", "See and repair them", link)


def _begun() -> list[Point]:
    """One point for all files that were uploaded and not imported yet."""
    waiting = ImportJob.objects.filter(status__in=WAITING).order_by("-pk")
    jobs = list(waiting[:MANY])
    if len(jobs) == 1:
        text = f"{jobs[0].file_name} was uploaded and not imported yet."
        return [Point(text, "Go on", reverse("imports:detail", args=[jobs[0].pk]), "")]
    count = f"{MANY - 1}+" if len(jobs) == MANY else str(len(jobs))
    text = f"{count} files were uploaded and not imported yet."
    return [Point(text, "Go on, or discard them", reverse("imports:list"), "")] if jobs else []


def _operations() -> list[Point]:
    rows = ContactOperation.objects.filter(status=OperationStatus.FAILED, imports=None)
    return [
        Point(f"“{each}” failed.", "Look", reverse("contacts:operation", args=[each.pk]), "bad")
        for each in rows.order_by("-pk")[:3]
    ]


def _segments() -> list[Point]:
    failed = Segment.objects.filter(status=SegmentStatus.FAILED).order_by("-pk")[:3]
    return [
        Point(
            f"The segment {each} is not up to date: {each.error[:200]}",
            "Look",
            reverse("segments:detail", args=[each.pk]),
            "bad",
        )
        for each in failed
    ]


def _set_aside() -> list[Point]:
    if not ContactChange.objects.filter(set_aside_at__isnull=False).exists():
        return []
    link = reverse("admin:contacts_contactchange_changelist")
    return [Point("Some changes could not be processed and were set aside.", "Look", link, "bad")]
