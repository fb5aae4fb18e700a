"""A stretch of an import's records as a batch for contacts' write statement."""

from contacts.services.writing import Batch
from imports.models import ImportJob
from organizations.statements import statement


def record_batch(*, job: ImportJob, after: int, last: int, is_write: bool, sink: str = "") -> Batch:
    """The valid records with a row number in (after, last]."""
    return Batch(
        incoming=statement("imports", "incoming"),
        match="email" if job.match == "email" else "external_id",
        mode=job.mode,  # type: ignore[arg-type]
        protect_opt_outs=True,
        params={"import_job_id": job.pk, "after": after, "last": last, "is_write": is_write},
        sink=sink,
    )
