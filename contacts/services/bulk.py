"""Changing many contacts in the background: by list of ids or by filter, batch by batch, undoable as one."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import (
    Contact,
    ContactOperation,
    OperationKind,
    OperationStatus,
)
from contacts.querysets import ContactQuerySet
from contacts.selectors.contact_list import contact_list, filters_fixed
from contacts.services.operations import operation_start
from contacts.services.writing import Outcome, Patch, contacts_write, json_batch, outcomes
from organizations.scope import current_organization_id
from organizations.services.leases import Lease, lease_renew, work_enqueue
from organizations.services.slices import SLICE_SECONDS, slice_run
from organizations.statements import fetch_all, positional, statement

BATCH = 1000


def selected(selection: Mapping[str, Any]) -> ContactQuerySet:
    """The living contacts of a selection: {"ids": […]} or what `selection_by_filters` made."""
    if "ids" in selection:
        return Contact.objects.filter(pk__in=selection["ids"])
    # (What an earlier version selected has its filters as they were said only.)
    filters = selection.get("fixed", selection["filters"])
    return contact_list(filters=filters).filter(pk__lte=selection["max_id"])


def selection_by_filters(filters: Mapping[str, str]) -> dict[str, Any]:
    """Everybody who matches now; people who come later, or are too old by then, make no difference.

    Returns {"filters": as they were said, "fixed": what they mean from now on, "max_id": …}. Raises ValidationError
    for a moment that can't be read.
    """
    newest = Contact.objects.order_by("-pk").values_list("pk", flat=True).first()
    return {
        "filters": dict(filters),
        "fixed": filters_fixed(filters),
        "max_id": newest or 0,
    }


@transaction.atomic
def bulk_edit_start(
    *,
    selection: Mapping[str, Any],
    patch: Patch,
    actor: Actor,
    label: str,
    notes: str = "",
    kind: OperationKind = OperationKind.BULK_EDIT,
) -> ContactOperation:
    """Queue an operation that gives a patch to every contact of a selection. Tags and deletion are patches too.

    Who that is, is listed at once: whatever becomes of the filters or of what they speak of, they are meant and no others.
    """
    params = {"patch": patch, "notes": notes}
    operation = operation_start(kind=kind, actor=actor, label=label, params=params)
    operation.status = OperationStatus.PENDING
    operation.progress_total = _list(operation, selected(selection))
    operation.save(update_fields=["status", "progress_total"])
    work_enqueue(work=operation)
    return operation


def _list(operation: ContactOperation, contacts: ContactQuerySet) -> int:
    """List whom an operation is about; returns how many. One statement."""
    try:
        who, values = contacts.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    sql, more = positional(
        statement("contacts", "batches_list", who=who),
        {
            "organization_id": current_organization_id(),
            "operation_id": operation.pk,
            "size": BATCH,
        },
    )
    ((count,),) = fetch_all(sql, [*values, *more])
    return count


def bulk_edit_run(
    operation: ContactOperation, *, lease: Lease, seconds: float = SLICE_SECONDS
) -> bool:
    """Edit batch after batch for one slice of time; True when done. Raises LeaseLost."""
    return slice_run(lease=lease, step=lambda: _step(operation, lease), seconds=seconds)


@transaction.atomic
def _step(operation: ContactOperation, lease: Lease) -> bool:
    """Edit one batch, and take it off the list."""
    operation.refresh_from_db()
    if "selection" in operation.params:
        _list_what_is_left(operation)
    batch = operation.batches.order_by("number").first()
    if batch is None:
        _finish(lease)
        return True
    counts = Counter(outcome.outcome for outcome in _edit(operation, batch.contact_ids))
    batch.delete()
    lease_renew(
        lease=lease,
        status=OperationStatus.RUNNING,
        progress_done=operation.progress_done + len(batch.contact_ids),
        summary=dict(Counter(operation.summary) + counts),
    )
    return False


def _edit(operation: ContactOperation, ids: list[int]) -> list[Outcome]:
    rows = [(contact_id, None, operation.params["patch"]) for contact_id in ids]
    batch = json_batch(rows, match="id", mode="update")
    return outcomes(
        contacts_write(operation=operation, batch=batch, notes=operation.params["notes"])
    )


def _finish(lease: Lease) -> None:
    now = timezone.now()
    lease_renew(lease=lease, status=OperationStatus.DONE, finished_at=now, lease_expires_at=None)


def _list_what_is_left(operation: ContactOperation) -> None:
    """Of an operation that an earlier version began: its cursor is the last contact that it dealt with."""
    left = selected(operation.params.pop("selection")).filter(pk__gt=operation.cursor)
    operation.progress_total = operation.progress_done + _list(operation, left)
    operation.save(update_fields=["params", "progress_total"])
