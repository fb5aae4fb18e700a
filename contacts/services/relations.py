"""How contacts are related, and what else finds them."""

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.cleaning.emails import clean_email
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.phones import clean_phone
from contacts.cleaning.texts import clean_text
from contacts.models import Contact, IdentifierKind, RelationshipType
from contacts.services.contacts import contact_update
from organizations.models import Organization
from organizations.scope import current_organization_id


@transaction.atomic
def relationship_add(
    *, contact: Contact, related: Contact, relationship_type: str, actor: Actor
) -> Contact:
    """Relate a contact to another. Raises ValidationError for a kind that does not exist, and for itself."""
    if not RelationshipType.objects.filter(key=relationship_type).exists():
        message = f"There is no kind of relationship {relationship_type[:80]}."
        raise ValidationError({"relationship_type": ValidationError(message, code="unknown_type")})
    if related.pk == contact.pk:
        message = "A contact is not related to itself."
        raise ValidationError({"related_contact": ValidationError(message, code="itself")})
    return _set(contact, f"related:{relationship_type}:{related.pk}", True, actor)


@transaction.atomic
def relationship_remove(
    *, contact: Contact, related_id: int, relationship_type: str, actor: Actor
) -> Contact:
    """End a relation; one that is not there leaves no trace."""
    return _set(contact, f"related:{relationship_type}:{related_id}", None, actor)


@transaction.atomic
def identifier_add(*, contact: Contact, kind: str, value: str, actor: Actor) -> Contact:
    """Give a contact a further address, number or id by which it is found.

    Raises ValidationError when it is none, is the contact's first one, or is another contact's.
    """
    spelling, key = _cleaned(kind, value)
    if key in (contact.email_key, contact.external_id, contact.phone):
        message = "This is the contact's own already."
        raise ValidationError({"value": ValidationError(message, code="own")})
    return _set(contact, f"identifier:{kind}:{key}", spelling, actor)


@transaction.atomic
def identifier_remove(*, contact: Contact, kind: str, value_key: str, actor: Actor) -> Contact:
    """Take a further address, number or id off a contact; one that is not there leaves no trace."""
    return _set(contact, f"identifier:{kind}:{value_key}", None, actor)


def _set(contact: Contact, key: str, value: str | bool | None, actor: Actor) -> Contact:
    return contact_update(contact=contact, patch={key: value}, actor=actor)


def _cleaned(kind: str, value: str) -> tuple[str, str]:
    """The spelling that is shown, and the key by which it is found."""
    try:
        match kind:
            case IdentifierKind.EMAIL:
                email = clean_email(value)
                return email.spelling, email.key
            case IdentifierKind.PHONE:
                region = Organization.objects.get(pk=current_organization_id()).country
                number = clean_phone(value, region=region or None)
                return number, number
            case IdentifierKind.EXTERNAL_ID | IdentifierKind.ANONYMOUS_ID:
                text = clean_text(value, 200)
                return text, text
    except CleaningError as error:
        raise ValidationError({"value": ValidationError(error.message, code=error.code)}) from error
    message = f"There is no kind of identifier {kind[:80]}."
    raise ValidationError({"kind": ValidationError(message, code="unknown_type")})
