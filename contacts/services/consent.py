"""What people said of mail: yes or no to each kind of it, and pauses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from contacts.actors import Actor
from contacts.models import Contact, ContactOperation, PreferenceType
from contacts.services.contacts import contact_change
from contacts.services.writing import Patch


@transaction.atomic
def preferences_set(
    *,
    contact: Contact,
    preferences: Mapping[str, bool | None],
    actor: Actor,
    reason: str = "",
    proof: Mapping[str, Any] | None = None,
) -> ContactOperation:
    """Keep what a contact said of kinds of mail: yes, no, or None for neither; with the reason and what proves it.

    Returns the operation, which has no id when all of it was said already. Raises ValidationError for a kind that does
    not exist, and for transactional mail, which cannot be switched off.
    """
    patch, label = preferences_patch(preferences), preferences_label(preferences)
    return contact_change(
        contact=contact, patch=patch, actor=actor, label=label, notes=reason, proof=proof
    )


def preferences_patch(preferences: Mapping[str, bool | None]) -> Patch:
    """The part of a contact's patch that says yes, no or neither to kinds of mail. Raises ValidationError by kind."""
    kinds = {kind.key: kind for kind in PreferenceType.objects.all()}
    errors = {
        key: error
        for key, is_enabled in preferences.items()
        if (error := _refusal(key, is_enabled, kinds)) is not None
    }
    if errors:
        raise ValidationError(errors)
    return {f"preference:{key}": is_enabled for key, is_enabled in preferences.items()}


def preferences_label(preferences: Mapping[str, bool | None]) -> str:
    """What an operation is called that keeps these."""
    verbs = {True: "Switched on", False: "Switched off", None: "Forgot what was said of"}
    said = [
        f"{verb} {', '.join(key for key, said in preferences.items() if said is is_enabled)}"
        for is_enabled, verb in verbs.items()
        if is_enabled in preferences.values()
    ]
    return "; ".join(said)


def _refusal(
    key: str, is_enabled: bool | None, kinds: Mapping[str, PreferenceType]
) -> ValidationError | None:
    if key not in kinds:
        known = ", ".join(kinds)
        return ValidationError(
            f"There is no kind of mail {key[:80]} (known: {known}).", code="unknown_type"
        )
    if kinds[key].is_transactional and is_enabled is False:
        return ValidationError(
            f"{kinds[key].label} mail can't be switched off.", code="transactional"
        )
    return None


@transaction.atomic
def contact_pause(
    *, contact: Contact, until: datetime | None, actor: Actor, reason: str = ""
) -> ContactOperation:
    """Send a contact nothing but transactional mail until a moment; None ends the pause.

    Returns the operation, which has no id when it was so already. Raises ValidationError for a moment that is past.
    """
    patch, label = pause_patch(until), pause_label(until)
    return contact_change(contact=contact, patch=patch, actor=actor, label=label, notes=reason)


def pause_patch(until: datetime | None) -> Patch:
    """The part of a contact's patch that pauses mail, to the second. Raises ValidationError for a moment that is past."""
    if until is not None and until <= timezone.now():
        error = ValidationError("A pause ends in the future; null ends it now.", code="past")
        raise ValidationError({"paused_until": error})
    return {"paused_until": until and until.astimezone(UTC).replace(microsecond=0).isoformat()}


def pause_label(until: datetime | None) -> str:
    """What an operation is called that pauses mail, or ends the pause."""
    return f"Paused mail until {date_format(until, 'j F Y')}" if until else "Ended the pause"
