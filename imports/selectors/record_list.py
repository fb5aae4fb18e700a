"""The lines of an import, as its report lists them."""

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from imports.models import ImportJob, KeptRecord


def record_list(*, job: ImportJob, outcome: str = "") -> QuerySet[KeptRecord]:
    """The lines of an import, or those that ended (before the run: are expected to end) in one bucket."""
    records = KeptRecord.objects.filter(import_job=job)
    return (
        records.alias(bucket=Coalesce("outcome", "predicted")).filter(bucket=outcome)
        if outcome
        else records
    )
