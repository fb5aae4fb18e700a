"""Running an import: one statement a batch, each its own transaction, from where the last one ended.

Phases, each resumable at its cursor: prepare, then write (all lines); where lines may be the companies that others
name: prepare, companies (those lines), others.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.models import ContactOperation, OperationStatus
from contacts.services.custom_fields import custom_fields_ensure
from contacts.services.writing import contacts_write
from imports.models import ImportJob, ImportStatus, Outcome
from imports.services.batches import COMPANIES, OTHERS, company_batch, record_batch
from imports.services.columns import has_target, links_companies
from imports.services.constants import consent_proof
from imports.services.new_fields import mapped_fields
from imports.services.telling import import_told
from organizations.scope import current_organization_id
from organizations.services.leases import Lease, lease_renew
from organizations.services.slices import SLICE_SECONDS, slice_run
from organizations.statements import execute, fetch_all, statement
from tags.models import Tag
from tags.services.tags import tags_ensure

# Batches after which the tables have outgrown their statistics. Without any, PostgreSQL may read a whole
# organization for each row of a batch, and autovacuum comes only after a minute.
ANALYZED_AFTER = {0, 1, 4, 16, 64, 256}
GROWN = 0.2
# How many lines ended otherwise than the check had shown, because contacts changed in between.
DIFFERING = "differing"
# The custom fields and tags that its run made, by id.
MADE = "made"
# What batches are matched and joined by. Statistics of documents and search vectors take ten times as long.
ANALYZED = (
    "contacts (organization_id, id, email_key, external_id, deleted_at)",
    "contact_tag_assignments",
    "contact_history (organization_id, operation_id, contact_id, undone_by_id)",
)


def import_run(job: ImportJob, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Run batch after batch for one slice of time; True when the import ended or was paused. Raises LeaseLost."""
    try:
        return slice_run(lease=lease, step=lambda: _step(job, lease), seconds=seconds)
    except ValidationError as error:
        _refuse(job, lease, " ".join(error.messages))
        return True


@transaction.atomic
def _refuse(job: ImportJob, lease: Lease, message: str) -> None:
    """What was checked no longer holds (a field is of another type now): nothing more is written."""
    now = timezone.now()
    operation_close(job=job, status=OperationStatus.FAILED)
    lease_renew(
        lease=lease,
        status=ImportStatus.FAILED,
        finished_at=now,
        claim_token=None,
        lease_expires_at=None,
        error=f"{message} Upload the file again and check it."[:2000],
    )
    job.refresh_from_db()
    import_told(job=job)


def _step(job: ImportJob, lease: Lease) -> bool:
    job.refresh_from_db()
    if job.status != ImportStatus.RUNNING:
        return True
    if job.phase == "prepare":
        _prepare(job, lease)
    elif job.phase == "companies" or job.cursor < job.total_records:
        BATCHES[job.phase](job, lease)
        if job.current_batch in ANALYZED_AFTER:
            _analyze(job)
    else:
        import_finish(job=job, lease=lease)
    return False


@transaction.atomic
def _prepare(job: ImportJob, lease: Lease) -> None:
    """Make the custom fields and tags that the import brings, and remember which: an undo leaves them."""
    fields = custom_fields_ensure(fields=mapped_fields(job))
    names = job.options.get("tag_names", {})
    known = set(Tag.objects.filter(name_key__in=names).values_list("name_key", flat=True))
    tags = [tag for key, tag in tags_ensure(names=names.values()).items() if key not in known]
    made = {"fields": [field.pk for field in fields], "tags": [tag.pk for tag in tags]}
    lease_renew(
        lease=lease,
        phase="companies" if _has_companies(job) else "write",
        run_started_at=timezone.now(),
        **({"options": job.options | {MADE: made}} if fields or tags else {}),
    )


def _has_companies(job: ImportJob) -> bool:
    """Whether a line may be the company that others name."""
    return links_companies(job.mapping) and has_target(job.mapping, "kind")


@transaction.atomic
def _companies(job: ImportJob, lease: Lease) -> None:
    """Write lines that are companies themselves, before the lines that name them."""
    params = {
        "organization_id": current_organization_id(),
        "import_job_id": job.pk,
        "after": job.cursor,
        "size": job.batch_size,
    }
    ((last,),) = fetch_all(statement("imports", "companies_stretch", only=COMPANIES), params)
    if last is None:
        lease_renew(lease=lease, phase="others", cursor=0)
    else:
        _write(job, lease, last, only=COMPANIES, is_whole=False)


@transaction.atomic
def _others(job: ImportJob, lease: Lease) -> None:
    """Write a stretch without the lines that were written as companies."""
    _write(job, lease, _end_of_batch(job), only=OTHERS)


@transaction.atomic
def _all(job: ImportJob, lease: Lease) -> None:
    _write(job, lease, _end_of_batch(job))


def _end_of_batch(job: ImportJob) -> int:
    return min(job.cursor + job.batch_size, job.total_records)


def _write(job: ImportJob, lease: Lease, last: int, *, only: str = "", **which: Any) -> None:
    sink = statement("imports", "run_sink", errors=statement("imports", "error_messages"))
    operation = _operation(job)
    if links_companies(job.mapping) and only != COMPANIES:
        companies = company_batch(job=job, after=job.cursor, last=last)
        contacts_write(operation=operation, batch=companies)
    batch = record_batch(
        job=job, after=job.cursor, last=last, is_write=True, sink=sink, only=only, **which
    )
    counts = Counter(
        dict(contacts_write(operation=operation, batch=batch, proof=consent_proof(job)))
    )
    differing = counts.pop(DIFFERING)
    done = job.processed_records + counts.total()
    lease_renew(
        lease=lease,
        cursor=last,
        processed_records=done,
        progress_done=done,
        current_batch=job.current_batch + 1,
        counts=Counter(job.counts) + counts,
        **(_differing(job, differing) if differing else {}),
    )


def _differing(job: ImportJob, count: int) -> dict[str, Any]:
    """(The options hold the names of all tags: they are written again only where there is something to say.)"""
    return {"options": job.options | {DIFFERING: job.options.get(DIFFERING, 0) + count}}


BATCHES: dict[str, Callable[[ImportJob, Lease], None]] = {
    "companies": _companies,
    "others": _others,
    "write": _all,
}


def _analyze(job: ImportJob) -> None:
    """Give the tables statistics where this import made up a good part of them; they know themselves else."""
    ((known,),) = fetch_all("select reltuples from pg_class where oid = 'contacts'::regclass", {})
    if job.processed_records > GROWN * known:
        for table in ANALYZED:
            execute(f"analyze {table}", {})


def _operation(job: ImportJob) -> ContactOperation:
    operation = job.operation
    if operation is None:
        raise RuntimeError(f"Import {job.pk} runs without an operation.")
    return operation


@transaction.atomic
def import_finish(*, job: ImportJob, lease: Lease) -> None:
    """The import is through: partially completed if and only if rows failed."""
    now = timezone.now()
    failed = job.counts.get(Outcome.FAILED, 0)
    status = ImportStatus.PARTIALLY_COMPLETED if failed else ImportStatus.COMPLETED
    _analyze(job)
    operation_close(job=job, status=OperationStatus.DONE)
    lease_renew(
        lease=lease, status=status, finished_at=now, claim_token=None, lease_expires_at=None
    )
    job.status = status
    import_told(job=job)


def operation_close(*, job: ImportJob, status: OperationStatus) -> None:
    """End the import's operation with its counts, so that it can be undone."""
    ContactOperation.objects.filter(pk=job.operation_id).update(
        status=status, finished_at=timezone.now(), summary=job.counts
    )
