"""Addresses that get no mail, whoever has them.

While a living contact has the address, suppressing and lifting are changes of that contact (`suppression:<hash>` in its
patch): in its history, and undone like any other.
"""

from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import SYSTEM, Actor
from contacts.cleaning.emails import email_key
from contacts.cleaning.errors import CleaningError
from contacts.models import Contact, ContactOperation, Suppression, SuppressionReason
from contacts.models.suppression import address_hash
from contacts.selectors.suppressions import contact_of
from contacts.services.contacts import contact_change, kind_of
from contacts.services.operations import operation_finish, operation_start
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id


@transaction.atomic
def suppression_add(
    *, email: str, reason: str, source: str = "", actor: Actor = SYSTEM
) -> Suppression:
    """Send an address nothing any more, whoever has it. One that is suppressed keeps its first reason.

    Raises ValidationError when it is no address, or the reason is unknown. Locks the contacts of the organization.
    """
    key = _key(email)
    if reason not in SuppressionReason.values:
        known = ", ".join(SuppressionReason.values)
        message = f"There is no reason {reason[:80]} (known: {known})."
        raise ValidationError({"reason": ValidationError(message, code="unknown_reason")})
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    wanted = {
        "reason": reason,
        "since": timezone.now().astimezone(UTC).replace(microsecond=0),
        "source": source.strip()[:200],
    }
    found = Suppression.objects.filter(address_hash=address_hash(key))
    return found.first() or _added(key, wanted, actor)


def _added(key: str, wanted: dict[str, Any], actor: Actor) -> Suppression:
    contact = Contact.objects.filter(email_key=key).first()
    # Nothing of who was erased is kept but this row.
    if contact is None or wanted["reason"] == SuppressionReason.ERASED:
        return Suppression.objects.create(address_hash=address_hash(key), **wanted)
    value = wanted | {"since": wanted["since"].isoformat()}
    patch = {f"suppression:{address_hash(key)}": value}
    label = f"Suppressed the address of {contact.display_name}"
    contact_change(contact=contact, patch=patch, actor=actor, label=label, notes=wanted["source"])
    return Suppression.objects.get(address_hash=address_hash(key))


@transaction.atomic
def suppression_lift(*, suppression: Suppression, actor: Actor, notes: str) -> ContactOperation:
    """Let an address get mail again; returns the operation, which can be undone while a contact has the address.

    Raises ValidationError for one that was erased, and without a note that says why. Locks the contacts of the
    organization.
    """
    _require_liftable(suppression, notes)
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    contact = contact_of(suppression=suppression)
    if contact is None:
        return _lifted(suppression, actor, notes)
    patch = {f"suppression:{suppression.address_hash}": None}
    label = f"Lifted the suppression of {contact.display_name}"
    return contact_change(contact=contact, patch=patch, actor=actor, label=label, notes=notes[:500])


def _require_liftable(suppression: Suppression, notes: str) -> None:
    if suppression.reason == SuppressionReason.ERASED:
        message = "This person asked to be forgotten: the address stays suppressed."
        raise ValidationError(message, code="erased")
    if not notes.strip():
        message = "Say why this address may get mail again."
        raise ValidationError({"notes": ValidationError(message, code="required")})


def _lifted(suppression: Suppression, actor: Actor, notes: str) -> ContactOperation:
    """Nobody's address: an operation without a contact says who lifted what, and why."""
    label = f"Lifted a suppression ({suppression.get_reason_display().lower()}): {notes}"
    kept = {"address_hash": suppression.address_hash, "notes": notes[:500]}
    operation = operation_start(kind=kind_of(actor), actor=actor, label=label, params=kept)
    suppression.delete()
    return operation_finish(operation=operation, summary={})


def _key(email: str) -> str:
    try:
        return email_key(email)
    except CleaningError as error:
        raise ValidationError({"email": ValidationError(error.message, code=error.code)}) from error
