"""What an undo would do, before it does it: the figures, and some contacts of each kind with the reason."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from contacts.models import Contact, ContactOperation, OperationKind
from contacts.selectors.history import HIDDEN, KeyChange, key_changes
from contacts.selectors.key_labels import key_label, key_labels
from contacts.services.undo import CLAIMING, TOUCHED, undo_batch, undo_meant
from contacts.services.writing import contacts_plan
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

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
    """How many contacts would be reverted, kept (edited since) and found blocked; of `untouched` of the kept ones
    nothing would go back, of the others what nobody edited.
    """

    counts: dict[str, int]
    untouched: int = 0
    examples: dict[str, list[UndoExample]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """How many contacts would be written."""
        return self.counts["reverted"] + self.counts["kept"] - self.untouched


def undo_preview(*, operation: ContactOperation) -> UndoPreview:
    """What undoing an operation would do now, to each of its contacts. Writes nothing.

    All are counted, which a hundred thousand are in a second or two: those that claim a key (an e-mail address, a place
    among the living) by whether somebody has it. Planned are only the examples. A constant number of queries.
    """
    operation = undo_meant(operation)
    is_redo = operation.kind == OperationKind.UNDO
    counted = [*_counted(operation, is_redo), *_claiming(operation, is_redo)]
    shown = [pk for *_, ids in counted for pk in ids]
    told = _planned(operation, "h.contact_id = any(%(contact_ids)s)", contact_ids=shown)
    counts, untouched = Counter(dict.fromkeys(BUCKETS, 0)), 0
    for bucket, count, count_untouched, _ in counted:
        counts[bucket] += count
        untouched += count_untouched
    return UndoPreview(dict(counts), untouched, _examples(told))


def _claiming(operation: ContactOperation, is_redo: bool) -> list[tuple[Any, ...]]:
    batch = undo_batch(operation=operation, batch_size=None, only=CLAIMING[is_redo])
    params = {"organization_id": current_organization_id(), "examples": EXAMPLES}
    sql = statement("contacts", "undo_claims", incoming=batch.incoming)
    return fetch_all(sql, batch.params | params)


def _counted(operation: ContactOperation, is_redo: bool) -> list[tuple[Any, ...]]:
    fragments = {"touched": TOUCHED[is_redo], "claiming": CLAIMING[is_redo]}
    params = {
        "organization_id": current_organization_id(),
        "target_id": operation.pk,
        "is_redo": is_redo,
        "examples": EXAMPLES,
    }
    return fetch_all(statement("contacts", "undo_counts", **fragments), params)


def _planned(operation: ContactOperation, only: str, **params: Any) -> list[tuple[Any, ...]]:
    batch = undo_batch(operation=operation, batch_size=None, only=only)
    batch.params.update(params, examples=EXAMPLES)
    return contacts_plan(batch=batch, sink=statement("contacts", "undo_preview"))


def _examples(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[UndoExample]]:
    """The first contacts of each bucket that is not empty. Two queries."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for bucket, *_, examples in rows:
        parts.setdefault(bucket, []).extend(json.loads(examples))
    found = {
        bucket: sorted(parts[bucket], key=itemgetter("contact"))[:EXAMPLES]
        for bucket in BUCKETS
        if bucket in parts
    }
    names, labels = _names(found), key_labels(_keys(found))
    return {
        bucket: [_example(bucket, each, names, labels) for each in examples]
        for bucket, examples in found.items()
    }


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
    if bucket == "blocked":
        return _block(row["error"], names)
    return "" if row["new"] else "What was changed is deleted: nothing is left to take back."


_TAKEN = {"email_taken": "old e-mail address", "external_id_taken": "old external ID"}


def _block(error: Mapping[str, Any] | None, names: Mapping[int, str]) -> str:
    if error is None:
        return "It was erased."
    what = _TAKEN.get(error["code"], error.get("value", "old key"))
    owner = names.get(error.get("contact") or 0, "another contact")
    return f"Its {what} is {owner}’s now."
