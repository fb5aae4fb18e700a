"""Keeping an import's status true while its operation is undone, from wherever that is done."""

from contacts.models import ContactOperation, OperationKind
from imports.models import ImportJob, ImportStatus, Outcome
from imports.services.telling import undo_told


def import_undo_followed(undo: ContactOperation, is_finished: bool) -> None:
    """Follow an undo (or the undo of one) that began or ended, in its transaction."""
    target = undo.undoes
    if target is None:
        return
    is_redo = target.kind == OperationKind.UNDO
    job = ImportJob.objects.filter(operation_id=target.undoes_id if is_redo else target.pk).first()
    if job is None:
        return
    job.status = _status(job, is_redo=is_redo, is_finished=is_finished)
    job.save(update_fields=["status"])
    if is_finished:
        undo_told(undo=undo, job=job)


def _status(job: ImportJob, *, is_redo: bool, is_finished: bool) -> ImportStatus:
    if not is_finished:
        return ImportStatus.UNDOING
    if not is_redo:
        return ImportStatus.UNDONE
    if job.processed_records < job.total_records:
        return ImportStatus.CANCELLED
    failed = job.counts.get(Outcome.FAILED, 0)
    return ImportStatus.PARTIALLY_COMPLETED if failed else ImportStatus.COMPLETED
