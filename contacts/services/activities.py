"""Noting what people did with a contact: notes, calls, meetings, tasks, e-mails."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.cleaning.documents import clean_document
from contacts.cleaning.errors import CleaningError
from contacts.models import ActivityType, Contact, ContactActivity, ContactChange
from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id

MAX_TEXT = 10_000


@transaction.atomic
def activity_add(
    *,
    contact: Contact,
    activity_type: str,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    occurred_at: datetime | None = None,
    is_pinned: bool = False,
) -> ContactActivity:
    """Note an activity with a contact, of now unless told otherwise. Raises ValidationError by path."""
    activity = ContactActivity(
        contact=contact,
        activity_type=_checked_type(activity_type),
        activity_data=_checked_data(activity_type, data or {}),
        occurred_at=occurred_at or timezone.now(),
        is_pinned=is_pinned,
        created_by=actor.user,
    )
    _announce(activity, save=True)
    return activity


@transaction.atomic
def activity_update(*, activity: ContactActivity, **changes: Any) -> ContactActivity:
    """Change `data`, `occurred_at` or `is_pinned` of an activity. Raises ValidationError by path; for one that was deleted
    meanwhile too. Locks the organization's contacts.
    """
    if "data" in changes:
        data = _checked_data(activity.activity_type, changes.pop("data"))
        changes["activity_data"] = data
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    # What somebody else changed of it since it was read stays.
    current = ContactActivity.objects.filter(pk=activity.pk).first()
    if current is None:
        raise ValidationError("It was deleted meanwhile.", code="gone")
    for name in ("activity_data", "occurred_at", "is_pinned"):
        setattr(current, name, changes.get(name, getattr(current, name)))
    _announce(current, save=True)
    return current


@transaction.atomic
def activity_delete(*, activity: ContactActivity) -> None:
    """Delete an activity for good."""
    _announce(activity, save=False)
    ContactActivity.objects.filter(pk=activity.pk).delete()


def _announce(activity: ContactActivity, *, save: bool) -> None:
    """Save, and tell that something about the contact changed. Locks the organization's contacts."""
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    if save:
        activity.save()
    ContactChange.objects.create(
        contact_id=activity.contact_id,
        kind=f"activity:{activity.activity_type}",
        reference=activity.pk,
    )
    wake_on_commit(current_organization_id())


def _checked_type(activity_type: str) -> str:
    if activity_type not in ActivityType.values:
        message = f"Give one of {', '.join(ActivityType.values)}."
        raise ValidationError({"activity_type": ValidationError(message, code="unknown_choice")})
    return activity_type


def _checked_data(activity_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    text = data.get("text", "")
    if not isinstance(text, str) or len(text) > MAX_TEXT or "\0" in text:
        message = f"Give a text of {MAX_TEXT:,} characters at most."
        raise ValidationError({"data.text": ValidationError(message, code="invalid")})
    if activity_type == ActivityType.NOTE and not text.strip():
        message = "A note needs some text."
        raise ValidationError({"data.text": ValidationError(message, code="required")})
    try:
        clean_document(data)
    except CleaningError as error:
        refused = ValidationError(error.message, code=error.code)
        raise ValidationError({"data": refused}) from error
    return dict(data)
