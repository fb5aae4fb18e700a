"""Which imports and lines a list shows."""

import django_filters
from django.db.models import F, Q, QuerySet

from imports.models import (
    ExportJob,
    ExportStatus,
    ImportJob,
    ImportStatus,
    KeptRecord,
    Outcome,
)
from imports.selectors.record_list import NOT_REACHED

RECORD_STATUSES = [*Outcome.choices, (NOT_REACHED, "Not reached")]
RECORD_STATUS_HELP = "The outcome; before the run, the predicted one. A line that the run has not reached is not_reached."


class ImportFilters(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ImportStatus.choices)

    class Meta:
        model = ImportJob
        fields = ["status"]


class ExportFilters(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ExportStatus.choices)

    class Meta:
        model = ExportJob
        fields = ["status"]


class RecordFilters(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=RECORD_STATUSES, help_text=RECORD_STATUS_HELP)
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, method="by_outcome")
    predicted = django_filters.ChoiceFilter(choices=Outcome.choices)
    is_differing = django_filters.BooleanFilter(
        method="by_difference", help_text="Whether it ended otherwise than predicted."
    )

    def by_outcome(
        self, records: QuerySet[KeptRecord], name: str, value: str
    ) -> QuerySet[KeptRecord]:
        return records.filter(outcome=value).exclude(Q(("status", NOT_REACHED)))

    def by_difference(
        self, records: QuerySet[KeptRecord], name: str, value: bool
    ) -> QuerySet[KeptRecord]:
        is_differing = ~Q(outcome=F("predicted")) & Q(outcome__isnull=False)
        return records.filter(is_differing if value else ~is_differing)
