"""Which contacts and operations a list shows."""

from typing import Any

import django_filters
from rest_framework.filters import BaseFilterBackend

from contacts.models import ContactOperation, Door, OperationKind, OperationStatus
from contacts.selectors.contact_list import contact_list, filter_names

DESCRIPTIONS = {
    "q": "Words that begin a name, company, address, number or id.",
    "id": "Ids, separated by commas.",
    "tag": "Names or ids of tags, separated by commas; all are wanted.",
    "import": "The id of an import, or 12:created for one of its outcomes.",
    "engagement": "highly_engaged, engaged, cooling, inactive or never.",
    "created_in_last": "1d, 7d, 30d or 90d.",
}


def filters_asked(request: Any) -> dict[str, str]:
    names = filter_names()
    return {name: value for name, value in request.query_params.items() if name in names}


class ContactFilters(BaseFilterBackend):
    """The filters of `contacts.selectors.contact_list`, which screens and bulk actions share."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        return contact_list(filters=filters_asked(request)).defer("search_vector")

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": DESCRIPTIONS.get(name, ""),
                "schema": {"type": "string"},
            }
            for name in filter_names()
        ]


class OperationFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=OperationKind.choices)
    status = django_filters.ChoiceFilter(choices=OperationStatus.choices)
    source = django_filters.ChoiceFilter(choices=Door.choices)

    class Meta:
        model = ContactOperation
        fields = ["kind", "status", "source"]
