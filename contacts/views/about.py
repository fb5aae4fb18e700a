"""Whom a page of a contact is about, and who looks at it."""

from typing import Any

from django.http import Http404

from contacts.actors import Actor
from contacts.models import Contact, Door


def actor_of(request: Any) -> Actor:
    return Actor(door=Door.SCREEN, user=request.user)


def contact_or_404(pk: int, *, is_living: bool = False) -> Contact:
    contacts = Contact.objects if is_living else Contact.with_deleted
    contact = contacts.filter(pk=pk).first()
    if contact is None:
        raise Http404("There is no such contact.")
    return contact
