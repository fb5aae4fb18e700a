"""Keeping `Tag.contact_count`: the living contacts that have a tag."""

from collections import Counter
from collections.abc import Sequence

from contacts.changes import Change
from organizations.scope import current_organization_id
from organizations.statements import execute, statement

DELTA = {"tag_added": 1, "tag_removed": -1}


def tag_counts_update(changes: Sequence[Change]) -> None:
    """Add up what the changes did to each tag. Exact, since each change is handed over exactly once."""
    deltas: Counter[int] = Counter()
    for change in changes:
        deltas[change.reference or 0] += DELTA[change.kind]
    params = {
        "organization_id": current_organization_id(),
        "tags": list(deltas),
        "deltas": list(deltas.values()),
    }
    execute(statement("tags", "add_counts"), params)


def tag_counts_rebuild() -> int:
    """Count every tag of the organization anew; returns how many were wrong. For doubts, and for tests."""
    return execute(
        statement("tags", "rebuild_counts"), {"organization_id": current_organization_id()}
    )
