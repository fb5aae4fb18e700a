"""The columns of an import as cleaners: what the cell of each gives to the contact of its row."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from contacts.attributes import Attribute, attribute_patch, attributes
from contacts.cleaning.booleans import clean_boolean
from contacts.cleaning.custom_fields import Cleaner, Reading, choice_key, value_cleaner
from contacts.cleaning.dates import clean_datetime
from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import name_key, split_list
from contacts.models import CustomFieldDefinition, FieldType
from imports.mapping.names import split_full_name
from imports.models import ImportJob
from imports.services.mapping_rules import (
    CUSTOM,
    FURTHER,
    OPTED_OUT,
    PREFERENCE,
    SUBSCRIBED,
    erased_by,
)
from tags.names import clean_tag_names, tag_key

Document = dict[str, Any]
CellCleaner = Callable[[str], Any]
# Targets whose cells give several keys, or keys of another name.
COMPOUND = ("email", "full_name", "tags", OPTED_OUT, *FURTHER)


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that is imported: where it stands, what it is called, and what its cells give: the value of
    `target`, or a document where `is_single` is false. `erased` is what a blank cell says, nothing as a rule. Cells
    that can't be read are left out where it `is_lenient`; elsewhere they fail their line.
    """

    index: int
    name: str
    target: str
    clean: CellCleaner
    is_single: bool
    erased: Mapping[str, None]
    is_lenient: bool


@dataclass(frozen=True, slots=True)
class _Known:
    attributes: Mapping[str, Attribute]
    definitions: Mapping[str, CustomFieldDefinition]
    reading: Reading


def mapped_columns(job: ImportJob) -> list[MappedColumn]:
    """The cleaners of an import's columns, in order, but that who opted out has the last word. Two queries."""
    organization = job.organization
    known = _Known(
        attributes(job.options.get("country") or organization.country),
        {each.key: each for each in CustomFieldDefinition.objects.all()},
        Reading(tz=ZoneInfo(organization.timezone)),
    )
    columns = [_mapped(entry, job, known) for entry in job.mapping if entry["target"] is not None]
    return sorted(columns, key=lambda column: column.target == OPTED_OUT)


def _mapped(entry: Mapping[str, Any], job: ImportJob, known: _Known) -> MappedColumn:
    target, index = entry["target"], entry["index"]
    return MappedColumn(
        index=index,
        name=job.columns[index]["name"],
        target=target,
        clean=_cleaner(entry, known),
        is_single=target not in COMPOUND and not entry.get("link"),
        erased=erased_by(target) if entry.get("erase_blanks") else {},
        is_lenient=bool(entry.get("leave_out")),
    )


def _cleaner(entry: Mapping[str, Any], known: _Known) -> CellCleaner:
    target = entry["target"]
    if target.startswith(CUSTOM):
        return _custom_cleaner(entry, known)
    if target.startswith(PREFERENCE):
        return clean_boolean
    match target:
        case "tags":
            return _tags_cleaner(entry["separator"])
        case "full_name":
            return _full_name_cleaner(known.attributes)
        case "email":
            return _email_cleaner(known.attributes["email"])
        case "further_email" | "further_phone":
            return _further_cleaner(known.attributes[FURTHER[target]])
        case "opted_out":
            return _opted_out
    clean = known.attributes[target].clean
    return _company_cleaner(clean) if entry.get("link") else clean


def _custom_cleaner(entry: Mapping[str, Any], known: _Known) -> CellCleaner:
    definition = known.definitions.get(entry["target"].removeprefix(CUSTOM))
    choices = [*(definition.choices if definition else ()), *entry.get("new_choices", ())]
    meant = {name: entry[name] for name in ("day_first", "decimal_comma") if name in entry}
    clean = value_cleaner(entry["type"], choices, replace(known.reading, **meant))
    return _translated(clean, entry["type"], entry["choices"]) if "choices" in entry else clean


def _translated(clean: Cleaner, kind: str, choices: Mapping[str, str | None]) -> CellCleaner:
    """Values of the file that stand for a choice, or for none."""
    meant = {choice_key(value): choice for value, choice in choices.items()}

    def one(cell: str) -> Any:
        key = choice_key(cell)
        return meant[key] if key in meant else clean(cell)

    def several(cell: str) -> Any:
        if choice_key(cell) in meant:
            return clean(one(cell))
        items = [meant.get(choice_key(item), item) for item in split_list(cell)]
        return clean([item for item in items if item is not None])

    return several if kind == FieldType.MULTI_CHOICE else one


def _email_cleaner(attribute: Attribute) -> CellCleaner:
    def clean(cell: str) -> Document:
        patch = attribute_patch(attribute, cell)
        return patch if patch["email"] else {}

    return clean


def _opted_out(cell: str) -> Document:
    """A yes, or the day on which somebody left; a no says nothing, least of all that they agreed to anything."""
    try:
        has_left = clean_boolean(cell)
    except CleaningError:
        has_left = _is_date(cell)
    return {SUBSCRIBED: False} if has_left else {}


def _is_date(cell: str) -> bool:
    """True for a date, whichever way it is meant. Raises CleaningError for anything else."""
    for day_first in (True, False):
        with suppress(CleaningError):
            return bool(clean_datetime(cell, day_first=day_first, tz=UTC))
    message = f"{shown(cell)} is neither yes, no nor a date; nobody knows who opted out by it."
    raise CleaningError("invalid_opt_out", message)


def _further_cleaner(attribute: Attribute) -> CellCleaner:
    """A further address or number, under the key by which it finds the contact."""

    def clean(cell: str) -> Document:
        patch = attribute_patch(attribute, cell)
        spelling = patch[attribute.name]
        key = patch.get("email_key", spelling)
        return {f"identifier:{attribute.name}:{key}": spelling} if spelling else {}

    return clean


def _company_cleaner(clean: CellCleaner) -> CellCleaner:
    """A company that becomes a contact of its own; its key finds it."""

    def named(cell: str) -> Document:
        name = clean(cell)
        return {"company_name": name, "company": name_key(name)} if name else {}

    return named


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


def has_target(mapping: Sequence[Mapping[str, Any]], *targets: str) -> bool:
    """Whether a column is mapped to one of the targets, or to one that begins with it where it ends in a colon."""
    said = [entry["target"] or "" for entry in mapping]
    return any(
        target.startswith(each) if each.endswith(":") else target == each
        for target in said
        for each in targets
    )


def links_companies(mapping: Sequence[Mapping[str, Any]]) -> bool:
    return any(entry.get("link") for entry in mapping)
