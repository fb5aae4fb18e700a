"""From the body of a bulk edit to a selection and a patch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import Contact, OperationKind
from contacts.patches import patch_maker
from contacts.selectors.contact_list import contact_list, filter_names
from contacts.services.bulk import selection_by_filters
from contacts.services.writing import Patch
from tags.names import tag_name_errors
from tags.services.tags import tag_patch, tags_ensure, tags_named

NOT_SHARED = ("email", "external_id")
MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """Whom to change, how, and what to call it."""

    selection: dict[str, Any]
    patch: Patch
    label: str
    notes: str
    kind: OperationKind


def bulk_edit_read(checked: Mapping[str, Any]) -> BulkEdit:
    """Raises ValidationError by path: unknown ids, filters, fields or tags; nothing, or too much, to do."""
    selection = _selection(checked)
    changes = [
        name for name in ("fields", "custom_fields", "add_tags", "remove_tags") if checked.get(name)
    ]
    if checked["delete"] and changes:
        raise _error(changes[0], "conflict", "Either delete the contacts or change them.")
    if checked["delete"]:
        patch: Patch = {"deleted_at": timezone.now().isoformat()}
        return BulkEdit(selection, patch, "Bulk deletion", checked["notes"], OperationKind.DELETE)
    if not changes:
        raise _error(
            "",
            "required",
            "Say what to change: fields, custom_fields, add_tags, remove_tags or delete.",
        )
    patch = _patch(checked)
    return BulkEdit(selection, patch, "Bulk edit", checked["notes"], OperationKind.BULK_EDIT)


def _error(path: str, code: str, message: str) -> ValidationError:
    error = ValidationError(message, code=code)
    return ValidationError({path: error}) if path else error


def _selection(checked: Mapping[str, Any]) -> dict[str, Any]:
    if ("ids" in checked) == ("filters" in checked):
        raise _error("ids", "required", "Give either ids or filters.")
    if "ids" in checked:
        _require_known(checked["ids"])
        return {"ids": checked["ids"]}
    return selection_by_filters(_checked_filters(checked["filters"]))


def _require_known(ids: Sequence[int]) -> None:
    known = set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))
    unknown = [position for position, pk in enumerate(ids) if pk not in known]
    if unknown:
        raise ValidationError(
            {
                f"ids.{position}": ValidationError(
                    f"Unknown id: {ids[position]}.", code="unknown_id"
                )
                for position in unknown[:MAX_ERRORS]
            }
        )


def _checked_filters(filters: Mapping[str, str]) -> Mapping[str, str]:
    """The filters, once tried. Raises ValidationError with paths below `filters`."""
    known = filter_names()
    for name in filters:
        if name not in known:
            message = f"There is no filter {name[:80]}; there are {', '.join(known)}."
            raise _error(f"filters.{name[:80]}", "unknown_filter", message)
    try:
        contact_list(filters=filters)
    except ValidationError as error:
        raise ValidationError(
            {f"filters.{name}": part for name, part in error.error_dict.items()}
        ) from error
    return filters


def _patch(checked: Mapping[str, Any]) -> Patch:
    fields = checked.get("fields", {})
    for name in NOT_SHARED:
        if name in fields:
            message = "Many contacts can't share it: change it one by one."
            raise _error(f"fields.{name}", "not_shared", message)
    patch = patch_maker().make(fields, checked.get("custom_fields"))
    remove = tags_named(names=checked.get("remove_tags", ()))
    if errors := tag_name_errors(checked.get("add_tags", ()), "add_tags"):
        raise ValidationError(errors)
    add = tags_ensure(names=checked.get("add_tags", ()))
    return patch | tag_patch(add=add.values(), remove=remove)
