"""What happened to one contact, and by which operations, as people read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import ContactHistory, CustomFieldDefinition
from contacts.selectors.key_labels import key_labels
from organizations.keyset import Order, Page, keyset_page

HIDDEN = {"email_key"}
PLACES = {name: number for number, name in enumerate(ATTRIBUTE_LABELS)}
PAGE = 30


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One changed key: its label, and the values as people read them; no old one where tags were put on or off."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of history with its readable changes."""

    row: ContactHistory
    changes: list[KeyChange]


def contact_history(*, contact_id: int, cursor: str | None = None, size: int = PAGE) -> Page:
    """A page of a contact's history, newest first, with operations and people. One query."""
    rows = ContactHistory.objects.filter(contact_id=contact_id)
    rows = rows.select_related("operation", "operation__api_key", "changed_by")
    return keyset_page(rows, order=Order("id"), is_descending=True, cursor=cursor, size=size)


def tag_ids(rows: Iterable[ContactHistory]) -> set[int]:
    """The tags that some history speaks of."""
    keys = {key for row in rows for key in row.new_value}
    return {int(key.removeprefix("tag:")) for key in keys if key.startswith("tag:")}


def history_days(
    rows: Iterable[ContactHistory],
    *,
    definitions: Iterable[CustomFieldDefinition],
    tag_names: Mapping[int, str],
    facets: Mapping[str, str],
) -> list[tuple[date, list[Entry]]]:
    """History by day, in the current timezone, each key with its label (`facets`: those of `key_labels`). No queries."""
    labels = ATTRIBUTE_LABELS | {f"custom:{d.key}": d.label for d in definitions} | dict(facets)
    labels |= {f"tag:{pk}": name for pk, name in tag_names.items()}
    entries = [Entry(row, _changes(row, labels)) for row in rows]
    days = groupby(entries, key=lambda entry: timezone.localtime(entry.row.changed_at).date())
    return [(day, list(of_day)) for day, of_day in days]


def _changes(row: ContactHistory, labels: Mapping[str, str]) -> list[KeyChange]:
    shown = {
        key: row.new_value[key] for key in sorted(row.new_value, key=_place) if key not in HIDDEN
    }
    changes = [
        KeyChange(
            _label(key, labels),
            _value(key, row.old_value.get(key), labels),
            _value(key, value, labels),
        )
        for key, value in shown.items()
        if not key.startswith("tag:")
    ]
    return changes + _tag_changes(shown, labels)


def _tag_changes(values: Mapping[str, Any], labels: Mapping[str, str]) -> list[KeyChange]:
    """All tags that were put on in one line, and all that were taken off in another."""
    tags = [(_label(key, labels), is_on) for key, is_on in values.items() if key[:4] == "tag:"]
    named = (
        ("Tags put on", [name for name, is_on in tags if is_on]),
        ("Tags taken off", [name for name, is_on in tags if not is_on]),
    )
    return [KeyChange(label, "", ", ".join(sorted(names))) for label, names in named if names]


def _place(key: str) -> tuple[int, str]:
    """Attributes in their usual order, then custom fields, then tags."""
    return PLACES.get(key, len(PLACES)), key


def _label(key: str, labels: Mapping[str, str]) -> str:
    if key in labels:
        return labels[key]
    kind, _, rest = key.partition(":")
    named = {
        "tag": f"{rest} (deleted)",
        "custom": f"{rest} (deleted field)",
        "preference": f"{rest} mail",
        "deleted_at": "Deleted",
        "paused_until": "Mail paused until",
    }
    return named.get(kind, key.replace("_", " ").capitalize())


def _value(key: str, value: Any, labels: Mapping[str, str]) -> str:
    if key == "deleted_at":
        return "yes" if value else "no"
    if value is None or value == "":
        return "—"
    if key == "paused_until":
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "j F Y, H:i")
    if isinstance(value, bool):
        return _truth(key, value, labels)
    if isinstance(value, dict):
        return str(value.get("reason", value))
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _truth(key: str, value: bool, labels: Mapping[str, str]) -> str:
    """Yes or no; of a relation, whom it leads to."""
    if key.startswith("related:"):
        pk = key.rpartition(":")[2]
        return labels.get(f"contact:{pk}", f"contact {pk}")
    return "yes" if value else "no"


def history_entries_since(
    *, contact_id: int, seen: str, definitions: Iterable[CustomFieldDefinition]
) -> list[Entry]:
    """What was written about a contact after a moment (ISO), newest first, 20 at most. Blank for no moment."""
    moment = parse_datetime(seen) if len(seen) < 40 else None
    if moment is None:
        return []
    rows = ContactHistory.objects.filter(contact_id=contact_id, changed_at__gt=moment)
    rows = rows.select_related("operation", "changed_by").order_by("-pk")[:20]
    days = history_days(rows, definitions=definitions, tag_names={}, facets=key_labels(rows))
    return [entry for _, entries in days for entry in entries]
