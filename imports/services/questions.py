"""What a mapping leaves open that only the owner of the file can say; and what the file itself says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from contacts.cleaning.custom_fields import choice_key
from contacts.models import CustomFieldDefinition
from contacts.services.custom_fields import WITH_CHOICES
from imports.models import ImportJob
from imports.selectors.column_values import column_values
from imports.selectors.conventions import (
    WAYS,
    Convention,
    column_conventions,
    stored_conventions,
)
from imports.services.mapping_rules import CONVENTIONS, CUSTOM, MAX_CHOICES

Entry = Mapping[str, Any]
# What the option of a mapping is for the way that a column is written in.
MEANT = {"day": True, "month": False, "point": False, "comma": True}


@dataclass(frozen=True, slots=True)
class Question:
    """Of a column: the convention that has to be chosen, or values that are none of the choices, with their number."""

    convention: Convention | None = None
    values: tuple[tuple[str, int], ...] = ()
    choices: tuple[str, ...] = ()


def mapping_completed(*, job: ImportJob, mapping: Sequence[Entry]) -> list[dict[str, Any]]:
    """A mapping with what the whole columns say of themselves: the order of their dates, their decimal sign, the
    choices of a new field. `mapping` has an entry for each column. Raises ValidationError, by path, for a new field
    of too many choices.
    """
    entries, definitions = [dict(entry) for entry in mapping], _definitions()
    for index, convention in _conventions(job, entries, definitions).items():
        if convention.says:
            name = CONVENTIONS[_kind(entries[index], definitions)]
            entries[index][name] = MEANT[convention.says]
    _give_choices(job, entries, definitions)
    return entries


def mapping_questions(*, job: ImportJob, mapping: Sequence[Entry]) -> dict[int, Question]:
    """What is still open, by index of column. Reads the whole file where a column asks for it."""
    definitions = _definitions()
    open_ways = {
        index: Question(convention=convention)
        for index, convention in _conventions(job, mapping, definitions).items()
        if convention.is_open
    }
    return open_ways | _unknown_values(job, mapping, definitions)


def _definitions() -> dict[str, CustomFieldDefinition]:
    return {each.key: each for each in CustomFieldDefinition.objects.all()}


def _kind(entry: Entry, definitions: Mapping[str, CustomFieldDefinition]) -> Any:
    """The type of the custom field that a column goes to; None for other targets."""
    target = entry.get("target")
    if not isinstance(target, str) or not target.startswith(CUSTOM):
        return None
    definition = definitions.get(target.removeprefix(CUSTOM))
    return definition.type if definition else entry.get("type")


def _conventions(
    job: ImportJob, mapping: Sequence[Entry], definitions: Mapping[str, CustomFieldDefinition]
) -> dict[int, Convention]:
    """How columns are written of which the mapping does not say it."""
    kinds: dict[int, str] = {}
    for entry in mapping:
        kind = _kind(entry, definitions)
        if kind in WAYS and entry.get(CONVENTIONS[kind]) is None:
            kinds[entry["index"]] = kind
    stored = {
        index: convention
        for index, convention in stored_conventions(job.columns).items()
        if index in kinds and convention.ways == WAYS[kinds[index]]
    }
    rest = {index: kind for index, kind in kinds.items() if index not in stored}
    return stored | column_conventions(job=job, kinds=rest)


def _unknown_values(
    job: ImportJob, mapping: Sequence[Entry], definitions: Mapping[str, CustomFieldDefinition]
) -> dict[int, Question]:
    """The values that are neither choices of their field nor said to stand for one."""
    asked = {
        entry["index"]: entry
        for entry in mapping
        if _kind(entry, definitions) in WITH_CHOICES
        and entry["target"].removeprefix(CUSTOM) in definitions
    }
    kinds = {index: _kind(entry, definitions) for index, entry in asked.items()}
    found = {}
    for index, counter in column_values(job=job, kinds=kinds).items():
        definition = definitions[asked[index]["target"].removeprefix(CUSTOM)]
        said = [*definition.choices, *asked[index].get("choices", ())]
        known = {choice_key(value) for value in said}
        unknown = tuple((v, n) for v, n in counter.most_common() if choice_key(v) not in known)
        if unknown:
            found[index] = Question(values=unknown, choices=tuple(definition.choices))
    return found


def _give_choices(
    job: ImportJob,
    entries: Sequence[dict[str, Any]],
    definitions: Mapping[str, CustomFieldDefinition],
) -> None:
    """A new field whose choices are not given begins with the values of its column."""
    kinds = {
        entry["index"]: _kind(entry, definitions)
        for entry in entries
        if _kind(entry, definitions) in WITH_CHOICES
        and entry["target"].removeprefix(CUSTOM) not in definitions
        and not entry.get("new_choices")
    }
    for index, counter in column_values(job=job, kinds=kinds).items():
        if not 0 < len(counter) <= MAX_CHOICES:
            raise ValidationError({f"columns.{index}": _unfit(len(counter))})
        entries[index]["new_choices"] = sorted(counter)


def _unfit(count: int) -> ValidationError:
    found = f"more than {MAX_CHOICES} different values" if count else "no values to choose from"
    message = f"This column has {found}: make it a text field."
    return ValidationError(message, code="choices")
