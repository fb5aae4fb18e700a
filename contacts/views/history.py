"""What happened to one contact, as its page shows it."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from contacts.models import CustomFieldDefinition
from contacts.selectors.history import contact_history, history_days, tag_ids
from contacts.selectors.key_labels import key_labels
from tags.models import Tag


def history_facts(
    pk: int, defined: Sequence[CustomFieldDefinition], cursor: str | None
) -> dict[str, Any]:
    """A page of a contact's history by day, and the address of the next. Raises Http404 for a cursor that is none."""
    try:
        page = contact_history(contact_id=pk, cursor=cursor)
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    names = dict(Tag.objects.filter(pk__in=tag_ids(page.rows)).values_list("pk", "name"))
    labels = key_labels(page.rows)
    days = history_days(page.rows, definitions=defined, tag_names=names, facets=labels)
    older = page.next and f"{reverse('contacts:history', args=[pk])}?cursor={page.next}"
    return {"days": days, "older": older}
