"""Operations: what groups changes, so that they can be shown, explained and undone as one."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import ContactOperation, OperationKind, OperationStatus
from organizations.services.leases import work_enqueue


def operation_start(
    *, kind: OperationKind, actor: Actor, label: str = "", params: dict[str, Any] | None = None
) -> ContactOperation:
    """An operation that runs in the caller's transaction, or whose runner the caller queues."""
    return ContactOperation.objects.create(
        kind=kind,
        source=actor.door,
        actor=actor.user,
        api_key=actor.api_key,
        label=label[:300],
        params=params or {},
        started_at=timezone.now(),
    )


def operation_finish(*, operation: ContactOperation, summary: dict[str, Any]) -> ContactOperation:
    """Mark an operation as done, with its counts."""
    operation.status = OperationStatus.DONE
    operation.summary = summary
    operation.finished_at = timezone.now()
    operation.save(update_fields=["status", "summary", "finished_at"])
    return operation


# What a worker does in batches.
PAUSABLE = (OperationKind.UNDO, OperationKind.BULK_EDIT, OperationKind.DELETE)


@transaction.atomic
def operation_pause(*, operation: ContactOperation) -> ContactOperation:
    """Stop work in batches at the next one; what is done stays, the rest waits.

    Raises ValidationError for what is not under way, and for imports, which are paused as imports. Locks its row.
    """
    locked = _locked(
        operation, ContactOperation.LIVE_STATUSES, "is not under way: it can't be paused"
    )
    # Without its claim, a runner commits no further batch.
    locked.claim_token = locked.lease_expires_at = None
    locked.status = OperationStatus.PAUSED
    locked.save(update_fields=["status", "claim_token", "lease_expires_at"])
    return locked


@transaction.atomic
def operation_resume(*, operation: ContactOperation) -> ContactOperation:
    """Go on with what is paused. Raises ValidationError for what is not. Locks its row."""
    locked = _locked(operation, (OperationStatus.PAUSED,), "is not paused")
    locked.status, locked.attempts, locked.error = OperationStatus.PENDING, 0, ""
    locked.save(update_fields=["status", "attempts", "error"])
    work_enqueue(work=locked)
    return locked


def _locked(operation: ContactOperation, allowed: Iterable[str], refusal: str) -> ContactOperation:
    locked = ContactOperation.objects.select_for_update().get(pk=operation.pk)
    if locked.status not in allowed or locked.kind not in PAUSABLE:
        message = ValidationError(f"{locked} {refusal}.", code="wrong_status")
        raise ValidationError({"status": message})
    return locked
