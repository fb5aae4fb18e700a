"""Making and changing the fields that an organization adds to its contacts."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.cleaning.errors import CleaningError
from contacts.cleaning.texts import clean_text
from contacts.models import CustomFieldDefinition, FieldType
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id

WITH_CHOICES = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


@transaction.atomic
def custom_field_create(
    *, key: str, label: str = "", type: str, choices: Sequence[str] = (), is_required: bool = False
) -> CustomFieldDefinition:
    """Make a field. Raises ValidationError when the key is taken or unfit, or choices are missing."""
    definition = CustomFieldDefinition(
        key=key, label=label or _label(key), type=type, is_required=is_required
    )
    definition.choices = _choices(type, choices)
    if CustomFieldDefinition.objects.filter(key=key).exists():
        raise ValidationError(
            {"key": ValidationError(f"There is a field {key} already.", code="unique")}
        )
    return _save(definition)


@transaction.atomic
def custom_field_update(
    *,
    definition: CustomFieldDefinition,
    label: str,
    choices: Sequence[str] = (),
    is_required: bool = False,
) -> CustomFieldDefinition:
    """Rename a field or change its choices. Its key and type stay: values are stored under and as them."""
    definition.label, definition.is_required = label, is_required
    definition.choices = _choices(definition.type, choices)
    return _save(definition)


@transaction.atomic
def custom_field_delete(*, definition: CustomFieldDefinition) -> None:
    """Delete a definition. Values stay with the contacts, unseen, and are back when the key is."""
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    definition.delete()


@transaction.atomic
def custom_fields_ensure(*, fields: Sequence[tuple[str, str, str]]) -> None:
    """Make the fields (key, type, label) that don't exist yet. Locks the contacts of the organization."""
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    keys = [key for key, _, _ in fields]
    known = set(CustomFieldDefinition.objects.filter(key__in=keys).values_list("key", flat=True))
    CustomFieldDefinition.objects.bulk_create(
        CustomFieldDefinition(key=key, type=type, label=label or _label(key))
        for key, type, label in fields
        if key not in known
    )


def _label(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _choices(type: str, choices: Sequence[Any]) -> list[str]:
    if type not in WITH_CHOICES:
        return []
    try:
        cleaned = [clean_text(str(choice), 200) for choice in choices]
    except CleaningError as error:
        raise ValidationError({"choices": error.message}) from error
    kept = list(dict.fromkeys(choice for choice in cleaned if choice))
    if not kept:
        raise ValidationError(
            {"choices": ValidationError("Give at least one choice.", code="required")}
        )
    return kept


def _save(definition: CustomFieldDefinition) -> CustomFieldDefinition:
    definition.full_clean(exclude=["organization"], validate_constraints=False)
    definition.save()
    return definition
