"""The lines of an import, as its report lists them."""

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from imports.models import ImportJob, KeptRecord
from imports.services.running import DIFFERING


def record_list(*, job: ImportJob, outcome: str = "") -> QuerySet[KeptRecord]:
    """The lines of an import, or those that ended (before the run: are expected to end) in one bucket; as DIFFERING
    those that ended otherwise than was expected.
    """
    records = KeptRecord.objects.filter(import_job=job)
    if outcome == DIFFERING:
        return records.filter(~Q(outcome=F("predicted")), outcome__isnull=False)
    if outcome:
        return records.alias(bucket=Coalesce("outcome", "predicted")).filter(bucket=outcome)
    return records
