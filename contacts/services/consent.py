"""What people said of mail, and addresses that get none."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.cleaning.emails import email_key
from contacts.cleaning.errors import CleaningError
from contacts.models import Contact, PreferenceType, Suppression, SuppressionReason
from contacts.services.contacts import contact_update


@transaction.atomic
def preferences_set(
    *,
    contact: Contact,
    preferences: Mapping[str, bool | None],
    actor: Actor,
    reason: str = "",
    proof: Mapping[str, Any] | None = None,
) -> Contact:
    """Keep what a contact said of kinds of mail: yes, no, or None for neither; with the reason and what proves it.

    Raises ValidationError for a kind that does not exist, and for transactional mail, which cannot be switched off.
    """
    kinds = {kind.key: kind for kind in PreferenceType.objects.all()}
    errors = {
        key: error
        for key, is_enabled in preferences.items()
        if (error := _refusal(key, is_enabled, kinds)) is not None
    }
    if errors:
        raise ValidationError(errors)
    patch = {f"preference:{key}": is_enabled for key, is_enabled in preferences.items()}
    return contact_update(contact=contact, patch=patch, actor=actor, notes=reason, proof=proof)


def _refusal(
    key: str, is_enabled: bool | None, kinds: Mapping[str, PreferenceType]
) -> ValidationError | None:
    if key not in kinds:
        known = ", ".join(kinds)
        return ValidationError(
            f"There is no kind of mail {key} (known: {known}).", code="unknown_type"
        )
    if kinds[key].is_transactional and is_enabled is False:
        return ValidationError(
            f"{kinds[key].label} mail can't be switched off.", code="transactional"
        )
    return None


@transaction.atomic
def contact_pause(
    *, contact: Contact, until: datetime | None, actor: Actor, reason: str = ""
) -> Contact:
    """Send a contact nothing but transactional mail until a moment; None ends the pause."""
    patch = {"paused_until": until and until.isoformat()}
    return contact_update(contact=contact, patch=patch, actor=actor, notes=reason)


def address_hash(key: str) -> str:
    """How a folded address (`contacts.email_key`) is kept among the suppressions: SHA-256, as the SQL has it."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def suppression_add(*, email: str, reason: str, source: str = "") -> Suppression:
    """Send an address nothing any more, whoever has it. One that is suppressed keeps its first reason.

    Raises ValidationError when it is no address, or the reason is unknown.
    """
    if reason not in SuppressionReason.values:
        known = ", ".join(SuppressionReason.values)
        message = f"There is no reason {reason} (known: {known})."
        raise ValidationError({"reason": ValidationError(message, code="unknown_reason")})
    kept, _ = Suppression.objects.get_or_create(
        address_hash=address_hash(_key(email)),
        defaults={"reason": reason, "since": timezone.now(), "source": source[:200]},
    )
    return kept


@transaction.atomic
def suppression_lift(*, suppression: Suppression) -> None:
    """Let an address get mail again. Raises ValidationError for one that was erased."""
    if suppression.reason == SuppressionReason.ERASED:
        message = "This person asked to be forgotten: the address stays suppressed."
        raise ValidationError(message, code="erased")
    suppression.delete()


def _key(email: str) -> str:
    try:
        return email_key(email)
    except CleaningError as error:
        raise ValidationError({"email": ValidationError(error.message, code=error.code)}) from error
