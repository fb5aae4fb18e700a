"""What the cards of a contact's page share: who it is about, whether somebody was faster, and what they answer."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from contacts.models import Contact, ContactOperation, CustomFieldDefinition
from contacts.selectors.history import Entry, history_entries_since
from contacts.views.about import contact_or_404
from contacts.views.timeline import timeline_facts, with_every_kind
from organizations.frame import local_time
from organizations.screens import render_part

__all__ = [
    "CardChange",
    "back_to",
    "card_answer",
    "card_change",
    "conflicts_since",
    "contact_or_404",
]


def conflicts_since(
    contact: Contact, keys: Collection[str], seen: str, defined: Sequence[CustomFieldDefinition]
) -> list[Entry]:
    """What others changed of some keys of a contact after `seen`, the moment of a form's making."""
    if not seen or seen == contact.updated_at.isoformat():
        return []
    entries = history_entries_since(contact_id=contact.pk, seen=seen)
    return [entry for entry in entries if not set(keys).isdisjoint(entry.row.new_value)]


@dataclass(frozen=True, slots=True)
class CardChange:
    """What became of a change that a card asked for."""

    operation: ContactOperation | None = None
    error: str = ""
    conflicts: list[Entry] = field(default_factory=list)

    @property
    def said(self) -> str:
        if self.conflicts:
            return "Somebody changed this meanwhile: look at it, and try again."
        if self.operation is None:
            return self.error
        return self.operation.label if self.operation.pk else "It was so already"


def card_change(act: Callable[[], ContactOperation]) -> CardChange:
    """Try to change a contact."""
    try:
        return CardChange(operation=act())
    except ValidationError as error:
        return CardChange(error=" ".join(error.messages))
    except Contact.DoesNotExist:
        return CardChange(error="Somebody deleted this contact meanwhile.")


def card_answer(
    request: Any, contact: Contact, change: CardChange, template: str, facts: Mapping[str, Any]
) -> HttpResponse:
    """The card anew, with what became of the change and the timeline beside it; without htmx, the page with a message."""
    if not request.htmx:
        _tell(request, change)
        return HttpResponseRedirect(reverse("contacts:detail", args=[contact.pk]))
    card = render_part(request, template, {"contact": contact, "change": change, **facts})
    with local_time(request):
        timeline = {"contact": contact, "is_beside": True, **timeline_facts(contact)}
    part = render_part(request, "contacts/_timeline.html#changed", timeline)
    return with_every_kind(request, contact, HttpResponse(card.content + part.content))


def _tell(request: Any, change: CardChange) -> None:
    if change.operation is None:
        messages.error(request, change.said)
    elif change.operation.pk is None:
        messages.info(request, f"{change.said}.")
    else:
        address = reverse("contacts:operation", args=[change.operation.pk])
        messages.success(
            request, format_html('{}. <a href="{}#undo">Undo</a>', change.said, address)
        )


def back_to(request: Any, contact: Contact) -> HttpResponse:
    """To the contact's page: by htmx's own redirect where htmx asked."""
    address = reverse("contacts:detail", args=[contact.pk])
    if not request.htmx:
        return HttpResponseRedirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})
