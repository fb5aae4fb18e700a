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
    status = django_filters.ChoiceFilter(
        choices=Outcome.choices,
        method="by_status",
        help_text="The outcome; before the run, the predicted one.",
    )
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices)
    predicted = django_filters.ChoiceFilter(choices=Outcome.choices)
    is_differing = django_filters.BooleanFilter(
        method="by_difference", help_text="Whether it ended otherwise than predicted."
    )

    def by_difference(
        self, records: QuerySet[KeptRecord], name: str, value: bool
    ) -> QuerySet[KeptRecord]:
        is_differing = ~Q(outcome=F("predicted")) & Q(outcome__isnull=False)
        return records.filter(is_differing if value else ~is_differing)

    def by_status(
        self, records: QuerySet[KeptRecord], name: str, value: str
    ) -> QuerySet[KeptRecord]:
        return records.filter(Q(outcome=value) | Q(outcome=None, predicted=value))
