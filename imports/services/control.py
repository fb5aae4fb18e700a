"""Starting and stopping an import: each a step between two statuses, under the lock of its row."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import ContactOperation, Door, OperationKind, OperationStatus
from contacts.services.undo import operation_undo
from imports.models import ImportJob, ImportStatus, ValidationStatus
from imports.services.mapping_rules import mapping_validate
from imports.services.running import operation_close
from imports.services.working import import_hand_over


def _locked(job: ImportJob, allowed: Sequence[ImportStatus], verb: str) -> ImportJob:
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    if locked.status not in allowed:
        names = " or ".join(ImportStatus(status).label.lower() for status in allowed)
        raise _wrong_status(
            f"An import that is {locked.get_status_display().lower()} can't be {verb}; "
            f"it has to be {names}."
        )
    return locked


def _wrong_status(message: str) -> ValidationError:
    return ValidationError({"status": ValidationError(message, code="wrong_status")})


@transaction.atomic
def import_validate(*, job: ImportJob) -> ImportJob:
    """Queue the check of every line. Raises ValidationError when the mapping is not complete."""
    allowed = [ImportStatus.DRAFT, ImportStatus.VALIDATED, ImportStatus.FAILED]
    locked = _locked(job, allowed, "checked")
    if locked.operation_id is not None:
        raise _wrong_status("The import has run already.")
    mapping_validate(mapping=locked.mapping, columns=locked.columns, match=locked.match)
    _reset(locked, status=ImportStatus.VALIDATING, phase="clear")
    locked.validation_status = ValidationStatus.PENDING
    locked.predicted_counts = {}
    locked.save()
    import_hand_over(job=locked)
    return locked


def _reset(job: ImportJob, *, status: ImportStatus, phase: str) -> None:
    job.status, job.phase = status, phase
    job.cursor = job.progress_done = job.attempts = 0
    job.error = ""
    job.claim_token = job.finished_at = None


@transaction.atomic
def import_start(*, job: ImportJob, actor: Actor) -> ImportJob:
    """Queue the run of a checked import, as an operation that can be undone."""
    locked = _locked(job, [ImportStatus.VALIDATED], "started")
    locked.operation = ContactOperation.objects.create(
        kind=OperationKind.IMPORT,
        source=Door.IMPORT,
        actor=actor.user,
        api_key=actor.api_key,
        label=f"Import of {locked.file_name}"[:300],
        params={"import": locked.pk},
        started_at=timezone.now(),
    )
    _reset(locked, status=ImportStatus.RUNNING, phase="prepare")
    locked.progress_total = locked.total_records
    locked.started_at = timezone.now()
    locked.save()
    import_hand_over(job=locked)
    return locked


@transaction.atomic
def import_pause(*, job: ImportJob) -> ImportJob:
    """Stop a running import at the next batch; what is written stays, the rest waits."""
    return _set(_locked(job, [ImportStatus.RUNNING], "paused"), status=ImportStatus.PAUSED)


@transaction.atomic
def import_resume(*, job: ImportJob) -> ImportJob:
    """Go on with an import that is paused, or that gave up during its run."""
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    has_given_up = locked.status == ImportStatus.FAILED and locked.operation_id is not None
    if not has_given_up:
        locked = _locked(job, [ImportStatus.PAUSED], "resumed")
    locked = _set(locked, status=ImportStatus.RUNNING, attempts=0, error="", finished_at=None)
    import_hand_over(job=locked)
    return locked


@transaction.atomic
def import_cancel(*, job: ImportJob) -> ImportJob:
    """End an import at the next batch. What it wrote stays, and can be undone."""
    allowed = [
        ImportStatus.READING,
        ImportStatus.DRAFT,
        ImportStatus.VALIDATING,
        ImportStatus.VALIDATED,
        ImportStatus.RUNNING,
        ImportStatus.PAUSED,
        ImportStatus.FAILED,
    ]
    locked = _locked(job, allowed, "cancelled")
    if locked.operation_id:
        operation_close(job=locked, status=OperationStatus.CANCELLED)
    return _set(locked, status=ImportStatus.CANCELLED, finished_at=timezone.now())


def _set(job: ImportJob, **values: Any) -> ImportJob:
    """Change the status under the runner's feet: without its claim it commits no further batch."""
    values |= {"claim_token": None, "lease_expires_at": None}
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=list(values))
    return job


def import_undo(*, job: ImportJob, actor: Actor) -> ImportJob:
    """Start taking back what an import did. Raises ValidationError when there is nothing to undo."""
    if job.operation is None:
        raise _wrong_status("The import has not run: there is nothing to undo.")
    if job.status in (ImportStatus.RUNNING, ImportStatus.PAUSED):
        raise _wrong_status("Cancel the import before undoing it.")
    if job.status == ImportStatus.FAILED:
        operation_close(job=job, status=OperationStatus.FAILED)
        job.operation.refresh_from_db()
    operation_undo(operation=job.operation, actor=actor)
    job.refresh_from_db()
    return job
