"""The custom fields that an import needs, as its mapping and its file name them."""

from collections.abc import Mapping
from typing import Any

from contacts.services.custom_fields import NewField, label_of_key
from imports.models import ImportJob
from imports.services.mapping_rules import CUSTOM


def mapped_fields(job: ImportJob) -> list[NewField]:
    """The custom fields that columns are mapped to, whether they exist or not, in the order of the file. No query."""
    return [_field(entry, job) for entry in job.mapping if entry.get("type")]


def _field(entry: Mapping[str, Any], job: ImportJob) -> NewField:
    key = entry["target"].removeprefix(CUSTOM)
    return NewField(
        key=key,
        type=entry["type"],
        label=entry.get("label") or _label(key, job.columns[entry["index"]]["name"]),
        choices=entry.get("new_choices", ()),
    )


def _label(key: str, header: str) -> str:
    """A header with capitals inside, such as “PostalCode” or “VAT number”, was meant like that; others say no more than
    the key.
    """
    is_meant = not header.isupper() and any(letter.isupper() for letter in header[1:])
    return header[:200] if is_meant else label_of_key(key)
