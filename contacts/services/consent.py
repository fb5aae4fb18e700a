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
    patch, label = preferences_change(preferences)
    return contact_change(
        contact=contact, patch=patch, actor=actor, label=label, notes=reason, proof=proof
    )


def preferences_change(preferences: Mapping[str, bool | None]) -> tuple[Patch, str]:
    """The part of a contact's patch that says yes, no or neither to kinds of mail, and what to call it.

    Raises ValidationError by kind.
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
    return patch, _label({kinds[key].label: said for key, said in preferences.items()})


def _label(said: Mapping[str, bool | None]) -> str:
    verbs = {True: "Switched on", False: "Switched off", None: "Forgot what was said of"}
    return "; ".join(
        f"{verb} {', '.join(name for name, value in said.items() if value is wanted)}"
        for wanted, verb in verbs.items()
        if wanted in said.values()
    )


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
    patch, label = pause_change(until)
    return contact_change(contact=contact, patch=patch, actor=actor, label=label, notes=reason)


def pause_change(until: datetime | None) -> tuple[Patch, str]:
    """The part of a contact's patch that pauses mail, to the second, or ends the pause; and what to call it.

    Raises ValidationError for a moment that is past.
    """
    if until is None:
        return {"paused_until": None}, "Ended the pause of mail"
    if until <= timezone.now():
        error = ValidationError("A pause ends in the future; null ends it now.", code="past")
        raise ValidationError({"paused_until": error})
    moment = until.astimezone(UTC).replace(microsecond=0)
    return {"paused_until": moment.isoformat()}, f"Paused mail until {date_format(until, 'j F Y')}"
