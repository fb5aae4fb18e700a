"""What happened to one contact, as its page shows it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from contacts.selectors.history import contact_history, history_days
from contacts.selectors.places import places_of


def history_facts(pk: int, cursor: str | None) -> dict[str, Any]:
    """A page of a contact's history by day, and the address of the next. Raises Http404 for a cursor that is none."""
    try:
        page = contact_history(contact_id=pk, cursor=cursor)
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    days = history_days(page.rows, places_of(contact_id=pk, changes=page.rows))
    older = page.next and f"{reverse('contacts:history', args=[pk])}?cursor={page.next}"
    return {"days": days, "older": older}
