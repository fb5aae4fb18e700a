"""What a mapping says about each column, checked once, and made into the cleaner of a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from contacts.attributes import Attribute, attribute_patch, attributes
from contacts.cleaning.custom_fields import Reading, value_cleaner
from contacts.models import CustomFieldDefinition, FieldType
from contacts.models.custom_field import KEY
from imports.mapping.names import split_full_name
from imports.models import ImportJob
from tags.names import clean_tag_names, tag_key

Document = dict[str, Any]
CellCleaner = Callable[[str], Any]
# Targets whose cells give several keys, or keys of another name.
COMPOUND = ("email", "full_name", "tags")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that is imported: where it stands, what it is called, and what its cells give: the value of
    `target`, or a document where the target is COMPOUND.
    """

    index: int
    name: str
    target: str
    clean: CellCleaner
    is_single: bool


def mapping_validate(
    *, mapping: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]], match: str
) -> list[dict[str, Any]]:
    """The mapping in order of columns, each column named once.

    Raises ValidationError, by path (`columns.3.target`), for a column that the file doesn't have, an unknown or
    repeated target, a new field without a fit key or type, or a missing key column.
    """
    errors: dict[str, ValidationError] = {}
    checked: dict[int, dict[str, Any]] = {}
    taken: dict[str | None, int] = {}
    definitions = {each.key: each for each in CustomFieldDefinition.objects.all()}
    for position, entry in enumerate(mapping):
        try:
            column = _checked(entry, len(columns), checked, taken, definitions)
        except ValidationError as error:
            errors[f"columns.{position}"] = error
            continue
        checked[column["index"]] = column
        taken.setdefault(column["target"], column["index"])
    if not errors and match not in taken:
        label = "an e-mail address" if match == "email" else "an external ID"
        errors["columns"] = ValidationError(
            f"No column is mapped to {match}: contacts are matched by it, so every row needs {label}.",
            code="key_missing",
        )
    if errors:
        raise ValidationError(errors)
    return [checked.get(index, {"index": index, "target": None}) for index in range(len(columns))]


def _checked(
    entry: Mapping[str, Any],
    width: int,
    checked: Mapping[int, Any],
    taken: Mapping[str | None, int],
    definitions: Mapping[str, CustomFieldDefinition],
) -> dict[str, Any]:
    index, target = entry.get("index"), entry.get("target")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < width:
        raise ValidationError(
            f"The file has no column {index}: it has {width}.", code="unknown_column"
        )
    if index in checked:
        raise ValidationError(f"Column {index} is mapped twice.", code="repeated")
    if target is None:
        return {"index": index, "target": None}
    if not isinstance(target, str):
        raise ValidationError(
            "A target is a text, or null to leave the column out.", code="invalid"
        )
    if target in taken and target != "tags":
        raise ValidationError(
            f"{target} is the target of column {taken[target]} already.", code="repeated"
        )
    return {"index": index, "target": target} | _options(target, entry, definitions)


def _options(
    target: str, entry: Mapping[str, Any], definitions: Mapping[str, CustomFieldDefinition]
) -> dict[str, Any]:
    if target == "tags":
        separator = entry.get("separator") or ",;|"
        if not isinstance(separator, str) or not set(separator) <= set(",;|"):
            raise ValidationError("Tags are separated by , ; or |.", code="separator")
        return {"separator": separator}
    if not target.startswith("custom:"):
        if target != "full_name" and target not in attributes():
            raise ValidationError(f"Contacts have no field {target}.", code="unknown_target")
        return {}
    return _custom_options(target.removeprefix("custom:"), entry, definitions)


def _custom_options(
    key: str, entry: Mapping[str, Any], definitions: Mapping[str, CustomFieldDefinition]
) -> dict[str, Any]:
    KEY(key)
    kind = entry.get("type")
    if key in definitions:
        existing = definitions[key].type
        if kind not in (None, existing):
            raise ValidationError(f"The field {key} exists with type {existing}.", code="type")
        # Kept, so that the run notices when the field has become another one since.
        return {"type": existing} | _conventions(existing, entry)
    if kind not in FieldType.values:
        known = ", ".join(FieldType.values)
        raise ValidationError(
            f"There is no field {key} yet: give its type ({known}) to make it.", code="type_missing"
        )
    if kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        raise ValidationError(
            "Make a field with choices before the import, so that its choices are known.",
            code="type",
        )
    named = {"type": kind, "label": str(entry.get("label") or "")[:200]}
    return named | _conventions(str(kind), entry)


CONVENTIONS = {
    FieldType.DATE: "day_first",
    FieldType.DATETIME: "day_first",
    FieldType.NUMBER: "decimal_comma",
}


def _conventions(kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """How the cells of a column are meant where they can be read in two ways."""
    name = CONVENTIONS.get(FieldType(kind), "")
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, bool):
        raise ValidationError(f"{name} is true or false.", code="invalid")
    return {name: value}


def mapped_columns(job: ImportJob) -> list[MappedColumn]:
    """The cleaners of an import's columns, in order. Two queries."""
    organization = job.organization
    known = attributes(organization.country)
    definitions = {each.key: each for each in CustomFieldDefinition.objects.all()}
    reading = Reading(tz=ZoneInfo(organization.timezone))
    return [
        MappedColumn(
            entry["index"],
            job.columns[entry["index"]]["name"],
            entry["target"],
            _cleaner(entry, known, definitions, reading),
            entry["target"] not in COMPOUND,
        )
        for entry in job.mapping
        if entry["target"] is not None
    ]


def _cleaner(
    entry: Mapping[str, Any],
    known: Mapping[str, Attribute],
    definitions: Mapping[str, CustomFieldDefinition],
    reading: Reading,
) -> CellCleaner:
    target = entry["target"]
    if target == "tags":
        return _tags_cleaner(entry["separator"])
    if target == "full_name":
        return _full_name_cleaner(known)
    if target.startswith("custom:"):
        definition = definitions.get(target.removeprefix("custom:"))
        kind, choices = entry["type"], definition.choices if definition else ()
        meant = {name: entry[name] for name in ("day_first", "decimal_comma") if name in entry}
        return value_cleaner(kind, choices, replace(reading, **meant))
    if target == "email":
        return _email_cleaner(known["email"])
    return known[target].clean


def _email_cleaner(attribute: Attribute) -> CellCleaner:
    def clean(cell: str) -> Document:
        patch = attribute_patch(attribute, cell)
        return patch if patch["email"] else {}

    return clean


def _full_name_cleaner(known: Mapping[str, Attribute]) -> CellCleaner:
    first, last = known["first_name"].clean, known["last_name"].clean

    def split(cell: str) -> Document:
        names = split_full_name(cell)
        cleaned = {"first_name": first(names[0]), "last_name": last(names[1])}
        return {name: value for name, value in cleaned.items() if value}

    return split


def _tags_cleaner(separator: str) -> CellCleaner:
    # Few combinations of tags fill most cells of a file.
    @lru_cache(maxsize=4096)
    def clean(cell: str) -> Document:
        return {"tags": {tag_key(name): name for name in clean_tag_names(cell, separator)}}

    return clean
