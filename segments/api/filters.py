import django_filters
from django.db.models import QuerySet

from segments.models import Segment, SegmentKind, SegmentStatus


class SegmentFilters(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_name", help_text="Part of the name.")
    kind = django_filters.ChoiceFilter(choices=SegmentKind.choices)
    status = django_filters.ChoiceFilter(choices=SegmentStatus.choices)

    class Meta:
        model = Segment
        fields: list[str] = []

    def by_name(self, segments: QuerySet[Segment], name: str, value: str) -> QuerySet[Segment]:
        return segments.filter(name_key__contains=value.casefold())
