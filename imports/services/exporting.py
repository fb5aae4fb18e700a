"""Exports: contacts of a selection into a file, stretch by stretch, each from where the last one ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.actors import Actor
from contacts.cleaning.errors import shown
from contacts.models import CustomFieldDefinition
from contacts.selectors.contact_list import contact_list, filter_names
from contacts.services.bulk import selected, selection_by_filters
from imports.models import ExportFormat, ExportJob, ExportStatus
from imports.selectors.export_columns import export_columns
from imports.services.copying import time_to_copy
from imports.services.export_files import export_files_delete, part_store, parts_join
from imports.services.telling import export_stopped
from imports.writing.workbook import MAX_ROWS
from organizations.models import Organization
from organizations.scope import current_organization_id
from organizations.services.leases import (
    Lease,
    LeaseLost,
    lease_extend,
    lease_renew,
    work_enqueue,
)
from organizations.services.slices import SLICE_SECONDS, slice_run

PART_ROWS = 10_000
SECONDS_BETWEEN_BEATS = 10
COUNT, WRITE, JOIN = "count", "write", "join"


@transaction.atomic
def export_start(
    *, filters: Mapping[str, str], columns: Sequence[str], format: str, actor: Actor
) -> ExportJob:
    """Queue an export of everybody whom filters of the list of contacts let through now.

    Raises ValidationError, by path, for filters that can't be read, unknown or no columns, or another format.
    """
    job = ExportJob(
        format=format,
        selection=selection_by_filters(_checked_filters(filters)),
        columns=_checked_columns(columns),
        phase=COUNT,
        file_name=f"contacts-{_today()}.{format}",
        expires_at=_expiry(),
        started_by=actor.user,
        api_key=actor.api_key,
    )
    job.clean_fields(exclude={field.name for field in job._meta.fields} - {"format"})
    job.save()
    work_enqueue(work=job)
    return job


def _checked_filters(filters: Mapping[str, str]) -> dict[str, str]:
    known = filter_names()
    for name in filters:
        if name not in known:
            raise _refusal(f"filters.{name[:80]}", f"There is no filter {name[:80]}.", "unknown")
    try:
        contact_list(filters=filters)
    except ValidationError as error:
        by_name = error.update_error_dict({}).items()
        raise ValidationError({f"filters.{name}": each for name, each in by_name}) from error
    return {name: value for name, value in filters.items() if value.strip()}


def _checked_columns(names: Sequence[str]) -> list[dict[str, str]]:
    known = export_columns(CustomFieldDefinition.objects.order_by("label", "key"))
    for position, name in enumerate(names):
        if name not in known:
            message = f"There is no column {shown(name)}."
            raise _refusal(f"columns.{position}", message, "unknown_column")
    if not names:
        raise _refusal("columns", "Choose at least one column.", "required")
    return [known[name].as_dict() for name in dict.fromkeys(names)]


def _refusal(path: str, message: str, code: str) -> ValidationError:
    return ValidationError({path: ValidationError(message, code=code)})


def _today() -> str:
    organization = Organization.objects.get(pk=current_organization_id())
    return timezone.localdate(timezone=ZoneInfo(organization.timezone)).isoformat()


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.EXPORT_KEPT_DAYS)


@transaction.atomic
def export_cancel(*, job: ExportJob) -> ExportJob:
    """End a running export; nothing of its file is kept. Raises ValidationError when it is over already."""
    locked = ExportJob.objects.select_for_update().get(pk=job.pk)
    if locked.status != ExportStatus.RUNNING:
        message = f"An export that is {locked.get_status_display().lower()} can't be cancelled."
        raise _refusal("status", message, "wrong_status")
    locked.status = ExportStatus.CANCELLED
    locked.finished_at = timezone.now()
    # Without its claim the worker commits nothing more; what it writes meanwhile goes when the export expires.
    locked.claim_token = locked.lease_expires_at = None
    locked.parts = []
    locked.save()
    transaction.on_commit(lambda: export_files_delete(job=locked), robust=True)
    return locked


def export_run(job: ExportJob, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Write stretch after stretch for one slice of time; True when the export ended. Raises LeaseLost."""
    try:
        return slice_run(lease=lease, step=lambda: _step(job, lease), seconds=seconds)
    except ValidationError as error:
        _fail(job, lease, " ".join(error.messages))
        return True


@transaction.atomic
def _fail(job: ExportJob, lease: Lease, reason: str) -> None:
    lease_renew(lease=lease, error=reason[:2000], **_end(ExportStatus.FAILED))
    job.refresh_from_db()
    export_stopped(job=job)


def _step(job: ExportJob, lease: Lease) -> bool:
    job.refresh_from_db()
    if job.status != ExportStatus.RUNNING:
        return True
    PHASES[job.phase](job, lease)
    return False


def _end(status: ExportStatus) -> dict[str, Any]:
    now = timezone.now()
    return {"status": status, "finished_at": now, "claim_token": None, "lease_expires_at": None}


def _count(job: ExportJob, lease: Lease) -> None:
    """Find out how many there are, before their first row."""
    total = selected(job.selection).count()
    _require_fits(job, total)
    lease_renew(lease=lease, phase=WRITE, progress_total=total, started_at=timezone.now())


def _require_fits(job: ExportJob, count: int) -> None:
    if job.format == ExportFormat.XLSX and count >= MAX_ROWS:
        raise ValidationError(
            f"A spreadsheet holds {MAX_ROWS - 1:,} contacts at most, and these are more. Export them as CSV, "
            "or fewer of them."
        )


def _write(job: ExportJob, lease: Lease) -> None:
    """Store the next stretch, and then say so: a crash between the two leaves a file that nobody knows of."""
    behind = selected(job.selection).filter(pk__gt=job.cursor).order_by("pk")
    ids = list(behind.values_list("pk", flat=True)[:PART_ROWS])
    if not ids:
        lease_renew(lease=lease, phase=JOIN)
        return
    name, size, count = part_store(job=job, ids=ids)
    done = job.progress_done + count
    _require_fits(job, done)
    parts = [*job.parts, [name, size]]
    with _deleted_if_lost(job, name):
        lease_renew(lease=lease, cursor=ids[-1], progress_done=done, parts=parts)


def _join(job: ExportJob, lease: Lease) -> None:
    """Make the file of its parts, which then go."""
    name, size = parts_join(job=job, beat=_beat(lease))
    result = {"file": name, "file_size": size, "parts": [], "progress_total": job.progress_done}
    with _deleted_if_lost(job, name):
        done = _end(ExportStatus.COMPLETED)
        lease_renew(lease=lease, phase="", expires_at=_expiry(), **result, **done)
    export_files_delete(job=job, keep=name)


def _beat(lease: Lease) -> Callable[[int], None]:
    """What keeps the lease during a long step, asking the database every few seconds.

    It is told how many bytes are stored until it is called again, and leaves time for them.
    """
    last = monotonic()

    def beat(size: int) -> None:
        nonlocal last
        if time_to_copy(size) or monotonic() - last > SECONDS_BETWEEN_BEATS:
            lease_extend(lease=lease, longer=time_to_copy(size))
            last = monotonic()

    return beat


@contextmanager
def _deleted_if_lost(job: ExportJob, name: str) -> Iterator[None]:
    """Delete a file that was stored in vain: somebody else has taken over."""
    try:
        yield
    except LeaseLost:
        job.storage.delete(name)
        raise


PHASES: dict[str, Callable[[ExportJob, Lease], None]] = {
    COUNT: _count,
    WRITE: _write,
    JOIN: _join,
}


def export_expire(*, job: ExportJob) -> None:
    """Remove what is stored of an export whose time is up, and then say so. The row stays."""
    export_files_delete(job=job)
    ExportJob.objects.filter(pk=job.pk).update(removed_at=timezone.now(), parts=[])


def exports_expired() -> list[ExportJob]:
    """Exports of every organization that are over, and whose files are still there after their time."""
    expired = ExportJob.unscoped.filter(expires_at__lte=timezone.now(), removed_at=None)
    over = expired.filter(~Q(status__in=ExportJob.LIVE_STATUSES))
    return list(over.order_by("expires_at")[:1000])
