"""Making and changing the fields that an organization adds to its contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Func, TextField

from contacts.cleaning.errors import CleaningError
from contacts.cleaning.texts import clean_text
from contacts.models import Contact, CustomFieldDefinition, FieldType
from contacts.rules.usage import require_unused, word_touch
from contacts.services.definitions import definitions_change
from contacts.services.slots import slot_free, slot_give
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id


class JSONBTypeof(Func):
    function = "jsonb_typeof"
    output_field = TextField()


WITH_CHOICES = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


@transaction.atomic
def custom_field_create(
    *,
    key: str,
    label: str = "",
    type: str,
    choices: Sequence[str] = (),
    is_required: bool = False,
    is_indexed: bool = False,
) -> CustomFieldDefinition:
    """Make a field; `is_indexed` gives it a slot (`contacts.slots`).

    Raises ValidationError when the key is taken or unfit, choices are missing, or no slot is free. Locks the contacts of
    the organization.
    """
    definition = CustomFieldDefinition(
        key=key, label=label or label_of_key(key), type=type, is_required=is_required
    )
    definition.choices = _choices(type, choices)
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    if CustomFieldDefinition.objects.filter(key=key).exists():
        raise ValidationError(
            {"key": ValidationError(f"There is a field {key} already.", code="unique")}
        )
    _require_no_other_values(key, type)
    _checked(definition)
    definitions_change()
    definition.save()
    if is_indexed:
        slot_give(definition=definition)
    return definition


# The JSON type of a field's values, where it tells the field's type.
JSON_TYPES = {
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.MULTI_CHOICE: "array",
    FieldType.TEXT: "string",
}


def _require_no_other_values(key: str, type: str) -> None:
    """Values of a deleted field stay with the contacts: a field of another type can't take its key."""
    held = Contact.with_deleted.filter(custom_fields__has_key=key)
    kind = JSON_TYPES.get(FieldType(type)) if type in FieldType.values else None
    if kind is not None:
        held = held.annotate(json_type=JSONBTypeof(F(f"custom_fields__{key}"))).exclude(
            json_type=kind
        )
    if held.exists():
        message = f"Contacts hold values of an earlier field {key} that are of another type. Choose another key."
        raise ValidationError({"key": ValidationError(message, code="type")})


@transaction.atomic
def custom_field_update(
    *,
    definition: CustomFieldDefinition,
    label: str,
    choices: Sequence[str] = (),
    is_required: bool = False,
    is_indexed: bool | None = None,
) -> CustomFieldDefinition:
    """Rename a field, change its choices, or have it indexed or not (None: as it is). Its key and type stay: values are
    stored under and as them.

    Raises ValidationError when choices are missing or no slot is free. Locks the contacts of the organization where the
    index changes.
    """
    if is_indexed is not None:
        (slot_give if is_indexed else slot_free)(definition=definition)
    before = definition.choices
    definition.label, definition.is_required = label, is_required
    definition.choices = _choices(definition.type, choices)
    _checked(definition)
    definitions_change()
    definition.save(update_fields=["label", "is_required", "choices"])
    if definition.choices != before:
        # Rules find values in the spelling of the choices.
        word_touch("custom_field", definition.key)
    return definition


@transaction.atomic
def custom_field_delete(*, definition: CustomFieldDefinition) -> None:
    """Delete a definition. Values stay with the contacts, unseen, and are back when the key is; its slot is free.

    Raises ValidationError while rules use it. Locks the contacts of the organization.
    """
    require_unused("custom_field", definition.key, f"the field {definition.label}")
    slot_free(definition=definition)
    definitions_change()
    definition.delete()


@dataclass(frozen=True, slots=True)
class NewField:
    """A field that is to exist: as it is, if it does; else with this label and these choices."""

    key: str
    type: str
    label: str = ""
    choices: Sequence[str] = ()


@transaction.atomic
def custom_fields_ensure(*, fields: Sequence[NewField]) -> list[CustomFieldDefinition]:
    """Make the fields that don't exist yet, and give those that do the choices that they lack; returns those it made.
    Locks the contacts of the organization.

    Raises ValidationError when a field exists with another type, or values of another type are left under its key.
    """
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    keys = [field.key for field in fields]
    known = {each.key: each for each in CustomFieldDefinition.objects.filter(key__in=keys)}
    for field in fields:
        _require_fit(field, known.get(field.key))
    definitions_change()
    made = CustomFieldDefinition.objects.bulk_create(
        CustomFieldDefinition(
            key=field.key,
            type=field.type,
            label=field.label or label_of_key(field.key),
            choices=_choices(field.type, field.choices),
        )
        for field in fields
        if field.key not in known
    )
    for field in fields:
        if field.choices and (existing := known.get(field.key)):
            existing.choices = _choices(field.type, [*existing.choices, *field.choices])
            existing.save(update_fields=["choices"])
    return made


def _require_fit(field: NewField, existing: CustomFieldDefinition | None) -> None:
    if existing is None:
        _require_no_other_values(field.key, field.type)
    elif existing.type != field.type:
        raise ValidationError(
            f"The field {field.key} is of the type {existing.type} now, not {field.type}.",
            code="type",
        )


def label_of_key(key: str) -> str:
    """What a field is called that nobody named."""
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


def _checked(definition: CustomFieldDefinition) -> None:
    definition.full_clean(exclude=["organization"], validate_constraints=False)
