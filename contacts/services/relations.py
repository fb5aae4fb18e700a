"""How contacts are related, and what else finds them."""

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.cleaning.emails import clean_email
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.phones import clean_phone
from contacts.cleaning.texts import clean_text
from contacts.models import Contact, ContactOperation, IdentifierKind, RelationshipType
from contacts.services.contacts import contact_change
from organizations.models import Organization
from organizations.scope import current_organization_id


@transaction.atomic
def relationship_add(
    *, contact: Contact, related: Contact, relationship_type: str, actor: Actor
) -> ContactOperation:
    """Relate a contact to another; returns the operation, which has no id when they were so related already.

    Raises ValidationError for a kind that does not exist, and for itself.
    """
    kind = RelationshipType.objects.filter(key=relationship_type).first()
    if kind is None:
        message = f"There is no kind of relationship {relationship_type[:80]}."
        raise ValidationError({"relationship_type": ValidationError(message, code="unknown_type")})
    if related.pk == contact.pk:
        message = "A contact is not related to itself."
        raise ValidationError({"related_contact": ValidationError(message, code="itself")})
    key = f"related:{relationship_type}:{related.pk}"
    label = f"{contact.display_name}: {kind.label} {related.display_name}"
    return contact_change(contact=contact, patch={key: True}, actor=actor, label=label)


@transaction.atomic
def relationship_remove(
    *, contact: Contact, related_id: int, relationship_type: str, actor: Actor
) -> ContactOperation:
    """End a relation; one that is not there leaves no trace."""
    key = f"related:{relationship_type}:{related_id}"
    related = Contact.with_deleted.filter(pk=related_id).first()
    label = f"{contact.display_name}: no longer related to {related or related_id}"
    return contact_change(contact=contact, patch={key: None}, actor=actor, label=label)


@transaction.atomic
def identifier_add(*, contact: Contact, kind: str, value: str, actor: Actor) -> ContactOperation:
    """Give a contact a further address, number or id by which it is found.

    Returns the operation, which has no id when it had it already. Raises ValidationError when it is none, is the
    contact's first one, or is another contact's.
    """
    spelling, key = identifier_cleaned(kind=kind, value=value)
    if key in (contact.email_key, contact.external_id, contact.phone):
        message = "This is the contact's own already."
        raise ValidationError({"value": ValidationError(message, code="own")})
    patch = {f"identifier:{kind}:{key}": spelling}
    label = f"{contact.display_name}: also known as {spelling}"
    try:
        return contact_change(contact=contact, patch=patch, actor=actor, label=label)
    except ValidationError as error:
        raise ValidationError({"value": error.error_dict["identifier"]}) from error


@transaction.atomic
def identifier_remove(
    *, contact: Contact, kind: str, value_key: str, actor: Actor
) -> ContactOperation:
    """Take a further address, number or id off a contact; one that is not there leaves no trace."""
    patch = {f"identifier:{kind}:{value_key}": None}
    label = f"{contact.display_name}: no longer known as {value_key}"
    return contact_change(contact=contact, patch=patch, actor=actor, label=label)


def identifier_cleaned(*, kind: str, value: str) -> tuple[str, str]:
    """The spelling that is shown, and the key by which it is found. Raises ValidationError."""
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
                if not text:
                    raise CleaningError("required", "It can't be blank.")
                return text, text
    except CleaningError as error:
        raise ValidationError({"value": ValidationError(error.message, code=error.code)}) from error
    message = f"There is no kind of identifier {kind[:80]}."
    raise ValidationError({"kind": ValidationError(message, code="unknown_type")})
