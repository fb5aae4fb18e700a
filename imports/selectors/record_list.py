"""The lines of an import, as its report lists them."""

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from contacts.models import Contact
from imports.models import ImportJob, KeptRecord
from imports.services.running import DIFFERING

# Behind the line where a run stands, or was cancelled: whatever the check found there, nothing came of it.
NOT_REACHED = "not_reached"
# What the run alone says of lines that the check let pass: companies that are lines are written before the others.
WRITTEN = Q(is_valid=True, outcome__isnull=False)


def reached_records(*, job: ImportJob) -> QuerySet[KeptRecord]:
    """The lines that an import's run has dealt with; before it, all that are read."""
    records = KeptRecord.objects.filter(import_job=job)
    last = job.last_reached
    return records if last is None else records.filter(Q(row_number__lte=last) | WRITTEN)


def record_list(*, job: ImportJob, outcome: str = "") -> QuerySet[KeptRecord]:
    """The lines of an import with their `status`: the outcome, before the run the predicted one, or NOT_REACHED.

    With an `outcome` those of this status; as DIFFERING those that ended otherwise than was expected.
    """
    records = KeptRecord.objects.filter(import_job=job).annotate(status=_status(job))
    if outcome == DIFFERING:
        return records.filter(~Q(outcome=F("predicted")), outcome__isnull=False)
    return records.filter(status=outcome) if outcome else records


def people_of(*, records: Iterable[KeptRecord]) -> dict[int, Contact]:
    """The contacts of some lines by id, deleted ones too. One query."""
    ids = {record.contact_id for record in records if record.contact_id}
    return Contact.with_deleted.defer("search_vector").in_bulk(list(ids))


def _status(job: ImportJob) -> Coalesce | Case:
    bucket = Coalesce("outcome", "predicted")
    if job.last_reached is None:
        return bucket
    is_behind = Q(row_number__gt=job.last_reached) & ~WRITTEN
    return Case(When(is_behind, then=Value(NOT_REACHED)), default=bucket)
