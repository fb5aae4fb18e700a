"""Which imports are over their organization's retention, and what is to be done about each."""

from datetime import timedelta

from django.db.models import (
    DateTimeField,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    Q,
    Value,
)
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThanOrEqual

from imports.models import ImportJob

_DAY = Value(timedelta(days=1), DurationField())
_SETTLED = Q(status__in=ImportJob.SETTLED_STATUSES)


def records_to_archive() -> Q:
    """Imports whose records are to move to the archive."""
    return _SETTLED & _is_over() & Q(records_archived_at=None)


def files_to_remove() -> Q:
    """Imports whose stored files are to go: none that could still be checked, started or resumed."""
    return _SETTLED & _is_over() & Q(file_deleted_at=None)


def archive_to_purge() -> Q:
    """Imports whose records are to be deleted from the archive."""
    is_late = LessThanOrEqual(F("records_archived_at"), _ago("import_archive_days"))
    return Q(is_late) & Q(records_deleted_at=None)


def organizations_over_retention() -> list[int]:
    """Ids of the organizations with anything to do, of all. One query."""
    due = records_to_archive() | files_to_remove() | archive_to_purge()
    found = ImportJob.unscoped.filter(due).order_by("organization_id")  # type: ignore[attr-defined]
    return list(found.values_list("organization_id", flat=True).distinct())


def _is_over() -> Q:
    """An import ages from its end; one that never ran, and was not ended, from its upload."""
    ended = Coalesce("finished_at", "created_at")
    return Q(LessThanOrEqual(ended, _ago("import_retention_days")))


def _ago(days: str) -> Expression:
    age = ExpressionWrapper(F(f"organization__{days}") * _DAY, DurationField())
    return ExpressionWrapper(Now() - age, DateTimeField())
