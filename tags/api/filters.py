import django_filters
from django.db.models import QuerySet

from tags.models import Tag
from tags.names import tag_key


class TagFilters(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_name", help_text="Part of the name.")
    name = django_filters.CharFilter(
        method="by_whole_name", help_text="The name, whatever its case."
    )

    class Meta:
        model = Tag
        fields: list[str] = []

    def by_name(self, tags: QuerySet[Tag], name: str, value: str) -> QuerySet[Tag]:
        return tags.filter(name_key__contains=tag_key(value))

    def by_whole_name(self, tags: QuerySet[Tag], name: str, value: str) -> QuerySet[Tag]:
        return tags.filter(name_key=tag_key(value))
