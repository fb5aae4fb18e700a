"""Operations as screens list and show them."""

from contacts.models import Contact, ContactOperation, OperationKind
from organizations.keyset import Order, Page, keyset_page

# Outcomes in the order in which people care about them.
OUTCOME_LABELS = {
    "created": "Created",
    "updated": "Changed",
    "unchanged": "Unchanged already",
    "protected": "Protected opt-outs",
    "duplicate": "Duplicates",
    "skipped": "Skipped",
    "failed": "Failed",
    "reverted": "Taken back",
    "kept": "Kept: edited since",
    "blocked": "Blocked",
}


# In which no line of a file is meant.
EDITS = (OperationKind.BULK_EDIT, OperationKind.DELETE)


def operation_page(*, kind: str = "", cursor: str | None = None, size: int = 50) -> Page:
    """A page of operations, newest first. One query."""
    operations = ContactOperation.objects.select_related("actor", "api_key")
    if kind:
        operations = operations.filter(kind=kind)
    return keyset_page(operations, order=Order("id"), is_descending=True, cursor=cursor, size=size)


def outcome_counts(*, operation: ContactOperation) -> list[tuple[str, int]]:
    """What an operation did, as (label, count), without what it did not do."""
    summary, labels = operation.summary, OUTCOME_LABELS
    if operation.kind in EDITS:
        labels = labels | {"skipped": "Deleted before their turn"}
    return [(label, summary[key]) for key, label in labels.items() if summary.get(key)]


def touched_contacts(*, operation: ContactOperation, limit: int = 20) -> list[Contact]:
    """The first contacts that an operation changed, deleted ones too. Two queries."""
    ids = operation.history.order_by("contact_id").values_list("contact_id", flat=True)[:limit]
    return list(Contact.with_deleted.defer("search_vector").filter(pk__in=list(ids)).order_by("pk"))
