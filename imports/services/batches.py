"""A stretch of an import's records as a batch for contacts' write statement."""

from collections.abc import Sequence

from contacts.services.writing import Batch
from imports.models import ImportJob
from organizations.statements import statement

_ONLY = "select * from ({incoming}) listed where listed.row_number = any(%(row_numbers)s)"


def record_batch(
    *,
    job: ImportJob,
    after: int,
    last: int,
    is_write: bool,
    sink: str = "",
    row_numbers: Sequence[int] | None = None,
) -> Batch:
    """The valid records with a row number in (after, last]; of those only `row_numbers` where given."""
    incoming = statement("imports", "incoming")
    if row_numbers is not None:
        incoming = _ONLY.replace("{incoming}", incoming)
    return Batch(
        incoming=incoming,
        match="email" if job.match == "email" else "external_id",
        mode=job.mode,  # type: ignore[arg-type]
        protect_opt_outs=True,
        params={
            "import_job_id": job.pk,
            "after": after,
            "last": last,
            "is_write": is_write,
            "row_numbers": list(row_numbers or ()),
        },
        sink=sink,
    )
