"""Knowing files again that were written here, so that what went out comes back as it was."""

from collections.abc import Mapping, Sequence
from typing import Any

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import CustomFieldDefinition
from contacts.selectors.contact_columns import CUSTOM, MOMENTS
from imports.reading.file_format import FileFormat
from imports.selectors.export_columns import HEADERS, MARK, TAGS

# What an error file has behind the columns of the original.
LINE_COLUMN, ERROR_COLUMN = "_line", "_error"
# What is Kith's own, and not to be written by a file.
LEFT_OUT = {MARK, *MOMENTS.values()}
TARGETS: dict[str, str] = {label: name for name, label in ATTRIBUTE_LABELS.items()}
TARGETS[HEADERS[TAGS]] = TAGS


def is_error_file(column_names: Sequence[str]) -> bool:
    return list(column_names[-2:]) == [LINE_COLUMN, ERROR_COLUMN]


def original_names(column_names: Sequence[str]) -> list[str]:
    """The columns of a file, of an error file those of the file that its lines are from."""
    return list(column_names[:-2] if is_error_file(column_names) else column_names)


def is_export(column_names: Sequence[str]) -> bool:
    return MARK in column_names


def cells_are_escaped(column_names: Sequence[str], file_format: FileFormat) -> bool:
    """Whether a ' was put in front of what spreadsheets would run: in error files, and in exports that are text."""
    is_text_export = is_export(column_names) and file_format.is_text
    return is_error_file(column_names) or is_text_export


def export_suggestions(
    column_names: Sequence[str], suggestions: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The suggestions for an export's columns, with certainty where a header is one of ours. One query.

    Columns that somebody added keep what was suggested, unless one of ours has that target.
    """
    types = dict(CustomFieldDefinition.objects.values_list("key", "type"))
    known = {name: found for name in column_names if (found := _known(name, types)) is not None}
    taken = {found["target"] for found in known.values()} - {None}
    return [
        suggestion | known.get(name, UNKNOWN if suggestion["target"] in taken else {})
        for name, suggestion in zip(column_names, suggestions, strict=True)
    ]


CERTAIN = {"confidence": 1.0, "accepted": True}
UNKNOWN = {
    "target": None,
    "confidence": 0.3,
    "reason": "Another column of the export holds it.",
    "accepted": False,
    "type": None,
}


def _known(header: str, types: Mapping[str, str]) -> dict[str, Any] | None:
    """What a column of an export holds, by its header; None for one that is not ours."""
    if header in LEFT_OUT:
        return CERTAIN | {"target": None, "reason": "Kith’s own.", "type": None}
    if header in TARGETS:
        return CERTAIN | {"target": TARGETS[header], "reason": "Kith wrote it.", "type": None}
    if header in types:
        found = {"target": f"{CUSTOM}{header}", "reason": "Kith wrote it.", "type": types[header]}
        return CERTAIN | found
    return None
