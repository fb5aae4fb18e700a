"""Whom a contact is related to, in both directions, and what else finds it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from contacts.models import Contact, Identifier, Relationship, RelationshipType
from organizations.keyset import Order, Page, keyset_page
from organizations.models import TenantQuerySet

PAGE = 20


@dataclass(frozen=True, slots=True)
class Related:
    """A relation as one of its ends sees it: what it is called from there, and who is at the other end."""

    row: Relationship
    label: str
    contact: Contact
    is_inverse: bool


def relationships_of(*, contact: Contact) -> TenantQuerySet:
    """The relations of a contact to living ones, whichever end it is."""
    rows = Relationship.objects.filter(
        Q(contact=contact, related_contact__deleted_at=None)
        | Q(related_contact=contact, contact__deleted_at=None)
    )
    return rows.select_related("contact", "related_contact").defer(
        "contact__search_vector", "related_contact__search_vector"
    )


def related_from(*, contact: Contact, rows: Iterable[Relationship]) -> list[Related]:
    """Relations with the label that fits, seen from one end. One query."""
    kinds = {kind.key: kind for kind in RelationshipType.objects.all()}
    return [_seen(row, contact, kinds.get(row.relationship_type)) for row in rows]


def _seen(row: Relationship, contact: Contact, kind: RelationshipType | None) -> Related:
    is_inverse = row.contact_id != contact.pk
    other = row.contact if is_inverse else row.related_contact
    if kind is None:
        return Related(row, row.relationship_type, other, is_inverse)
    return Related(row, kind.inverse_label if is_inverse else kind.label, other, is_inverse)


def relationship_page(*, contact: Contact, cursor: str | None = None, size: int = PAGE) -> Page:
    """A page of `Related`, newest first. Two queries."""
    rows = relationships_of(contact=contact)
    page = keyset_page(rows, order=Order("id"), is_descending=True, cursor=cursor, size=size)
    return Page(related_from(contact=contact, rows=page.rows), page.next, page.previous)


def identifiers_of(*, contact: Contact) -> TenantQuerySet:
    """What else finds a contact, by kind."""
    return Identifier.objects.filter(contact=contact).order_by("kind", "pk")
