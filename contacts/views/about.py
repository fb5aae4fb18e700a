"""Whom a page of a contact is about."""

from django.http import Http404

from contacts.models import Contact


def contact_or_404(pk: int, *, is_living: bool = False) -> Contact:
    contacts = Contact.objects if is_living else Contact.with_deleted
    contact = contacts.filter(pk=pk).first()
    if contact is None:
        raise Http404("There is no such contact.")
    return contact
