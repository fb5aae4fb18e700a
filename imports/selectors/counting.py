from django.db.models import Count

from imports.models import ImportJob, KeptRecord


def outcome_counts(*, job: ImportJob, column: str) -> dict[str, int]:
    """How many lines of an import are in each bucket, by `predicted` or `outcome`."""
    rows = KeptRecord.objects.filter(import_job=job).values_list(column).order_by(column)
    return {outcome: count for outcome, count in rows.annotate(Count("row_number")) if outcome}
