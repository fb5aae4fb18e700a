"""The one mechanism that takes operations back, and puts them back again."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import (
    ChangeType,
    ContactHistory,
    ContactOperation,
    OperationKind,
    OperationStatus,
)
from contacts.services.operations import operation_start
from contacts.services.writing import Batch, contacts_write
from organizations.services.leases import Lease, lease_renew, work_enqueue
from organizations.services.slices import SLICE_SECONDS, slice_run
from organizations.statements import statement

BATCH = 1000
TOUCHED = {
    False: "h.operation_id = %(target_id)s and h.undone_by_id is null",
    True: "h.undone_by_id = %(target_id)s",
}

# Changes that give a contact a key, or give it back to life: somebody else may have what they claim by now.
_CLAIMS = """h.change_type <> 'created' and (
    h.new_value ?| array['email_key', 'external_id', 'deleted_at']
    or exists (select from jsonb_object_keys(h.new_value) as k (key) where k.key like 'identifier:%%')
  )"""
CLAIMING = {False: _CLAIMS, True: f"h.change_type = 'created' or {_CLAIMS}"}

UndoListener = Callable[[ContactOperation, bool], None]
_listeners: list[UndoListener] = []


def undo_listen(listener: UndoListener) -> None:
    """Tell `listener` of each undo that begins (False) or is finished (True), in its transaction."""
    _listeners.append(listener)


def _tell(undo: ContactOperation, *, is_finished: bool) -> None:
    for listener in _listeners:
        listener(undo, is_finished)


def standing_changes(operation: ContactOperation) -> Any:
    """The changes that undoing an operation is about."""
    if operation.kind == OperationKind.UNDO:
        return ContactHistory.objects.filter(undone_by_id=operation.pk)
    return ContactHistory.objects.filter(operation_id=operation.pk, undone_by_id=None)


def undo_meant(operation: ContactOperation) -> ContactOperation:
    """What undoing an operation takes back: itself or, where it put another back, that other one.

    An undo of an undo owns no change (`docs/adr/0002`): what it put back stands as the change of whoever made it.
    """
    undo = operation.undoes
    return operation if undo is None or undo.undoes is None else undo.undoes


def _root(operation: ContactOperation) -> ContactOperation:
    """The operation at the bottom of a chain of undos of undos."""
    while operation.undoes is not None:
        operation = operation.undoes
    return operation


def _chain(operation: ContactOperation) -> list[ContactOperation]:
    """Every undo, and undo of an undo, of the operation at the bottom of this one's chain."""
    found: list[ContactOperation] = []
    level = [_root(operation)]
    while level:
        level = list(ContactOperation.objects.filter(undoes__in=[each.pk for each in level]))
        found += level
    return found


def undo_blocked_reason(*, operation: ContactOperation) -> str:
    """Why an operation can't be undone now, or an empty string."""
    if operation.status in ContactOperation.OPEN_STATUSES:
        return "It has not come to its end."
    if any(each.status in ContactOperation.OPEN_STATUSES for each in _chain(operation)):
        return "It is being undone, or put back, right now."
    if not standing_changes(undo_meant(operation)).exists():
        return "Nothing of it is left to undo."
    return ""


def undo_batch(
    *, operation: ContactOperation, cursor: int = 0, batch_size: int | None = BATCH, only: str = ""
) -> Batch:
    """The contacts behind `cursor` that undoing `operation` touches, with the values they get back; of those only some
    where `only` says so of their changes `h`.
    """
    is_redo = operation.kind == OperationKind.UNDO
    touched = f"{TOUCHED[is_redo]} and ({only})" if only else TOUCHED[is_redo]
    return Batch(
        incoming=statement("contacts", "undo_incoming", touched=touched),
        match="any_id",
        mode="update",
        params={
            "target_id": operation.pk,
            "cursor": cursor,
            "batch_size": batch_size,
            "is_redo": is_redo,
            "now": timezone.now(),
        },
        sink=statement("contacts", "undo_sink"),
    )


@transaction.atomic
def operation_undo(*, operation: ContactOperation, actor: Actor) -> ContactOperation:
    """Start taking an operation back, in the background; returns the undo, itself an operation.

    Of what put another operation back, it is an undo of that one (`undo_meant`). Raises ValidationError when there is
    nothing to undo or it runs already. Locks the row of the operation at the bottom of its chain, so that an undo and
    the undo of one can't overtake each other.
    """
    ContactOperation.objects.select_for_update().get(pk=_root(operation).pk)
    asked = ContactOperation.objects.get(pk=operation.pk)
    if reason := undo_blocked_reason(operation=asked):
        raise ValidationError(f"{asked} can't be undone: {reason}", code="not_undoable")
    locked = undo_meant(asked)
    undo = operation_start(
        kind=OperationKind.UNDO, actor=actor, label=f"Undo: {locked}", params={"target": locked.pk}
    )
    undo.undoes = locked
    undo.status = OperationStatus.PENDING
    undo.progress_total = standing_changes(locked).count()
    undo.save(update_fields=["undoes", "status", "progress_total"])
    _tell(undo, is_finished=False)
    work_enqueue(work=undo)
    return undo


def undo_run(undo: ContactOperation, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Take back batch after batch for one slice of time; True when done. Raises LeaseLost."""
    return slice_run(lease=lease, step=lambda: _undo_step(undo, lease), seconds=seconds)


@transaction.atomic
def _undo_step(undo: ContactOperation, lease: Lease) -> bool:
    undo.refresh_from_db()
    target = _target(undo)
    batch = undo_batch(operation=target, cursor=undo.cursor)
    rows = contacts_write(operation=undo, batch=batch, change_type=ChangeType.UNDO)
    buckets = Counter({bucket: count for bucket, count, _ in rows})
    if not buckets:
        _finish(undo, target, lease)
        return True
    lease_renew(
        lease=lease,
        status=OperationStatus.RUNNING,
        cursor=max(last for *_, last in rows),
        progress_done=undo.progress_done + buckets.total(),
        summary=dict(Counter(undo.summary) + buckets),
    )
    return False


def _target(undo: ContactOperation) -> ContactOperation:
    if undo.undoes is None:
        raise RuntimeError(f"Operation {undo.pk} undoes nothing.")
    return undo.undoes


def _finish(undo: ContactOperation, target: ContactOperation, lease: Lease) -> None:
    now = timezone.now()
    if target.kind == OperationKind.UNDO:
        ContactOperation.objects.filter(pk=target.undoes_id).update(undone_at=None)
    ContactOperation.objects.filter(pk=target.pk).update(undone_at=now)
    _tell(undo, is_finished=True)
    lease_renew(lease=lease, status=OperationStatus.DONE, finished_at=now, lease_expires_at=None)
