"""Addresses that get no mail, and who has them."""

from django.core.exceptions import ValidationError
from django.db.models import F, Func, TextField, Value

from contacts.cleaning.emails import email_key
from contacts.cleaning.errors import CleaningError
from contacts.models import Contact, Suppression
from contacts.models.suppression import address_hash
from organizations.keyset import Order, Page, keyset_page
from organizations.models import TenantQuerySet

PAGE = 50


class AddressHash(Func):
    """The hash of a folded address, as `contacts.models.suppression.address_hash` makes it."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field = TextField()


def suppressions_of(*, email: str) -> TenantQuerySet:
    """The suppression of an address, or none. Raises ValidationError when it is no address."""
    try:
        key = email_key(email)
    except CleaningError as error:
        raise ValidationError({"email": ValidationError(error.message, code=error.code)}) from error
    return Suppression.objects.filter(address_hash=address_hash(key))


def suppression_of(*, contact: Contact) -> Suppression | None:
    """Why and since when the address of a contact gets no mail."""
    if contact.email_key is None:
        return None
    return Suppression.objects.filter(address_hash=address_hash(contact.email_key)).first()


def contact_of(*, suppression: Suppression) -> Contact | None:
    """The living contact that has a suppressed address.

    Hashes every address of the organization, a second for a million: no index is worth what it would cost every
    write, for what people do a few times a month.
    """
    hashed = Contact.objects.annotate(address_hash=AddressHash(F("email_key")))
    return hashed.filter(address_hash=Value(suppression.address_hash)).first()


def suppression_page(*, cursor: str | None = None, size: int = PAGE) -> Page:
    """A page of suppressions, newest first. One query."""
    rows = Suppression.objects.all()
    return keyset_page(rows, order=Order("id"), is_descending=True, cursor=cursor, size=size)
