"""What happens to imports that are over: their records move to the archive and end there, their files are removed.

Each step is one batch in its own transaction, and starts from what it finds: it may be killed, or repeated, anywhere.
"""

import time

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from imports.models import ImportJob, ImportRecordArchive
from imports.selectors.retention import archive_to_purge, files_to_remove, records_to_archive
from imports.services.uploads import import_files_delete
from organizations.locks import LockSpace, try_lock_organization
from organizations.scope import current_organization_id
from organizations.services.slices import SLICE_SECONDS
from organizations.statements import execute, fetch_all, statement

BATCH = 5000
FILES = 20
GROWN = 0.2
# What reports look lines up by. Where nobody else is analyzing it already.
ANALYZED = (
    "import_records_archive (organization_id, import_job_id, row_number, outcome, contact_id)"
)
log = structlog.get_logger(__name__)


def retention_run(*, seconds: float = SLICE_SECONDS) -> bool:
    """Do, for one slice of time, what is due in the organization in scope; True when nothing is left to do here.

    Where somebody else is at it, it is left to them.
    """
    ends = time.monotonic() + seconds
    for step in (records_archive, archive_purge, files_remove):
        while step():
            if time.monotonic() >= ends:
                return False
    return True


@transaction.atomic
def records_archive(*, size: int = BATCH) -> bool:
    """Move a batch of records of one import to the archive. False when there was nothing to do."""
    job_id = _next(records_to_archive())
    if job_id is None:
        return False
    moving = statement("imports", "archive", columns=_columns())
    if not execute(moving, _batch_of(job_id, size)):
        ImportJob.objects.filter(pk=job_id).update(records_archived_at=timezone.now())
        _analyze(job_id)
    return True


def _analyze(job_id: int) -> None:
    """Give the archive statistics where this import made up a good part of it; it knows itself else."""
    known = "select reltuples from pg_class where oid = 'import_records_archive'::regclass"
    ((rows,),) = fetch_all(known, {})
    if ImportJob.objects.filter(pk=job_id, total_records__gt=max(GROWN * rows, 0)).exists():
        execute(f"analyze (skip_locked) {ANALYZED}", {})


@transaction.atomic
def archive_purge(*, size: int = BATCH) -> bool:
    """Delete a batch of records of one import from the archive. False when there was nothing to do."""
    job_id = _next(archive_to_purge())
    if job_id is None:
        return False
    if not execute(statement("imports", "archive_purge"), _batch_of(job_id, size)):
        ImportJob.objects.filter(pk=job_id).update(records_deleted_at=timezone.now())
    return True


@transaction.atomic
def files_remove() -> bool:
    """Remove the stored files of some imports, whose rows stay. False when there were none, or none could be."""
    if not _is_ours():
        return False
    jobs = ImportJob.objects.filter(files_to_remove()).order_by("pk")[:FILES]
    return any([_file_remove(job) for job in jobs])


def _file_remove(job: ImportJob) -> bool:
    """Remove first and write it down then: what is killed between the two is simply done again."""
    try:
        import_files_delete(job=job)
    except Exception:
        # Whatever a storage may raise: other files wait behind this one, which is tried again by the next run.
        log.exception("import_file_not_removed", id=job.pk)
        return False
    job.file_deleted_at = timezone.now()
    job.save(update_fields=["file", "converted", "file_deleted_at"])
    return True


def _next(due: Q) -> int | None:
    """The import whose turn it is; None when there is none, or somebody else is at it."""
    if not _is_ours():
        return None
    return ImportJob.objects.filter(due).order_by("pk").values_list("pk", flat=True).first()


def _is_ours() -> bool:
    """Whether the organization's retention is ours until the end of the transaction; nobody waits for it."""
    return try_lock_organization(LockSpace.RETENTION, current_organization_id())


def _columns() -> str:
    fields = ImportRecordArchive._meta.local_concrete_fields
    return ", ".join(str(field.column) for field in fields if field.name != "archived_at")


def _batch_of(job_id: int, size: int) -> dict[str, int]:
    return {
        "organization_id": current_organization_id(),
        "import_job_id": job_id,
        "size": size,
    }
