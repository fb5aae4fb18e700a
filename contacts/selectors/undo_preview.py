"""What an undo would do, before it does it: the figures, and some contacts of each kind with the reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Contact, ContactOperation
from contacts.selectors.history import HIDDEN, KeyChange, key_changes
from contacts.selectors.key_labels import key_label, key_labels
from contacts.services.undo import standing_changes, undo_batch
from contacts.services.writing import contacts_plan
from organizations.statements import statement

PREVIEWED = 5000
EXAMPLES = 5
BUCKETS = ("reverted", "kept", "blocked")


@dataclass(frozen=True, slots=True)
class UndoExample:
    """A contact, what would change back ({"before": now, "after": then} by key; `shown` as people read it), and why not
    all of it.
    """

    contact_id: int
    name: str
    reason: str
    changes: dict[str, dict[str, Any]]
    shown: list[KeyChange]


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """How many contacts would be reverted, kept (edited since) and found blocked; `unchecked` were not looked at."""

    counts: dict[str, int]
    unchecked: int = 0
    examples: dict[str, list[UndoExample]] = field(default_factory=dict)


def undo_preview(*, operation: ContactOperation) -> UndoPreview:
    """What undoing an operation would do now. Writes nothing.

    Looks at PREVIEWED contacts at most, so that it answers within a request.
    """
    batch = undo_batch(operation=operation, batch_size=PREVIEWED)
    batch.params["examples"] = EXAMPLES
    rows = contacts_plan(batch=batch, sink=statement("contacts", "undo_preview"))
    counts = dict.fromkeys(BUCKETS, 0) | {bucket: count for bucket, count, _ in rows}
    unchecked = 0
    if sum(counts.values()) == PREVIEWED:
        unchecked = standing_changes(operation).count() - PREVIEWED
    found = {bucket: json.loads(examples) for bucket, _, examples in rows}
    names, labels = _names(found), key_labels(_keys(found))
    examples = {
        bucket: [_example(bucket, each, names, labels) for each in found[bucket]]
        for bucket in BUCKETS
        if bucket in found
    }
    return UndoPreview(counts, unchecked, examples)


def _names(found: Mapping[str, list[dict[str, Any]]]) -> dict[int, str]:
    """The names of the contacts, and of those who have their keys now. One query."""
    rows = [row for examples in found.values() for row in examples]
    owners = [(row["error"] or {}).get("contact") for row in rows]
    ids = {row["contact"] for row in rows} | {owner for owner in owners if owner}
    people = Contact.with_deleted.defer("search_vector").in_bulk(list(ids))
    return {pk: contact.display_name for pk, contact in people.items()}


def _keys(found: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    rows = [row for examples in found.values() for row in examples]
    return {key for row in rows for key in (*row["new"], *(row["kept"] or ()))}


def _example(
    bucket: str, row: Mapping[str, Any], names: Mapping[int, str], labels: Mapping[str, str]
) -> UndoExample:
    old, new = row["old"], row["new"] if bucket != "blocked" else {}
    changes = {
        key: {"before": old.get(key), "after": value}
        for key, value in new.items()
        if key not in HIDDEN
    }
    return UndoExample(
        contact_id=row["contact"],
        name=names.get(row["contact"], f"Contact {row['contact']}"),
        reason=_reason(bucket, row, names, labels),
        changes=changes,
        shown=key_changes(old, new, labels),
    )


def _reason(
    bucket: str, row: Mapping[str, Any], names: Mapping[int, str], labels: Mapping[str, str]
) -> str:
    if bucket == "kept":
        keys = [key for key in row["kept"] or () if key not in HIDDEN]
        kept = ", ".join(key_label(key, labels) for key in keys)
        return (
            "Somebody edited it since: it stays." if row["is_whole"] else f"Edited since: {kept}."
        )
    return _block(row["error"], names) if bucket == "blocked" else ""


_TAKEN = {"email_taken": "old e-mail address", "external_id_taken": "old external ID"}


def _block(error: Mapping[str, Any] | None, names: Mapping[int, str]) -> str:
    if error is None:
        return "It was erased."
    what = _TAKEN.get(error["code"], error.get("value", "old key"))
    owner = names.get(error.get("contact") or 0, "another contact")
    return f"Its {what} is {owner}’s now."
