"""The line of a file that a contact's values were read from."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import FilteredRelation, Q
from django.urls import reverse

from contacts.models import ContactOperation, OperationKind
from contacts.selectors.places import Place
from imports.models import ImportJob, Outcome

WRITING = (Outcome.CREATED, Outcome.UPDATED, Outcome.PROTECTED)


def import_places(contact_id: int, operations: Collection[ContactOperation]) -> dict[int, Place]:
    """The imports behind operations, by operation, each with the line that wrote a contact. One query.

    An import has no line for a company that it made for the people of its file, nor any when its lines are deleted.
    """
    wrote = Q(kept_records__contact_id=contact_id, kept_records__outcome__in=WRITING)
    jobs = ImportJob.objects.filter(pk__in=[each.params["import"] for each in operations])
    lines = jobs.annotate(line=FilteredRelation("kept_records", condition=wrote))
    rows = lines.order_by("pk", "line__row_number").values_list(
        "operation_id", "pk", "file_name", "line__line_number", "line__row_number"
    )
    return {
        operation_id: Place(OperationKind.IMPORT, pk, name, line, _link(pk, row))
        for operation_id, pk, name, line, row in rows
    }


def _link(pk: int, row_number: int | None) -> str:
    """The page of an import, at one of its lines."""
    address = reverse("imports:detail", args=[pk], urlconf=settings.ORGANIZATION_URLCONF)
    return address if row_number is None else f"{address}?row={row_number}#row-{row_number}"
