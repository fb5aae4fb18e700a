"""What happened to one contact, and by which operations, as people read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import ContactHistory
from contacts.selectors.key_labels import key_label, key_labels, key_value
from contacts.selectors.places import Place

HIDDEN = {"email_key"}
PLACES = {name: number for number, name in enumerate(ATTRIBUTE_LABELS)}


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One changed key: its label, and the values as people read them; no old one where tags were put on or off."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of history with its readable changes, and the row of a file that they come from."""

    row: ContactHistory
    changes: list[KeyChange]
    place: Place | None = None


def history_entries(
    rows: Sequence[ContactHistory], places: Mapping[int, Place] | None = None
) -> list[Entry]:
    """History as people read it, each key with its label. A constant number of queries.

    `places` are those of its operations (`contacts.selectors.places`).
    """
    places = places or {}
    labels = key_labels(key for row in rows for key in row.new_value)
    return [
        Entry(row, key_changes(row.old_value, row.new_value, labels), places.get(row.operation_id))
        for row in rows
    ]


def key_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], labels: Mapping[str, str]
) -> list[KeyChange]:
    """Changed keys as people read them, in their usual order. No queries."""
    shown = {key: new[key] for key in sorted(new, key=_place) if key not in HIDDEN}
    changes = [
        KeyChange(
            key_label(key, labels),
            key_value(key, old.get(key), labels),
            key_value(key, value, labels),
        )
        for key, value in shown.items()
        if not key.startswith("tag:")
    ]
    return changes + _tag_changes(shown, labels)


def _tag_changes(values: Mapping[str, Any], labels: Mapping[str, str]) -> list[KeyChange]:
    """All tags that were put on in one line, and all that were taken off in another."""
    tags = [(key_label(key, labels), is_on) for key, is_on in values.items() if key[:4] == "tag:"]
    named = (
        ("Tags put on", [name for name, is_on in tags if is_on]),
        ("Tags taken off", [name for name, is_on in tags if not is_on]),
    )
    return [KeyChange(label, "", ", ".join(sorted(names))) for label, names in named if names]


def _place(key: str) -> tuple[int, str]:
    """Attributes in their usual order, then what is kept in other ways, by key."""
    return PLACES.get(key, len(PLACES)), key


def history_entries_since(*, contact_id: int, seen: str) -> list[Entry]:
    """What was written about a contact after a moment (ISO), newest first, 20 at most. Blank for no moment."""
    moment = parse_datetime(seen) if len(seen) < 40 else None
    if moment is None:
        return []
    rows = ContactHistory.objects.filter(contact_id=contact_id, changed_at__gt=moment)
    rows = rows.select_related("operation", "changed_by").order_by("-pk")[:20]
    return history_entries(list(rows))
