"""Operations: what groups changes, so that they can be shown, explained and undone as one."""

from typing import Any

from django.utils import timezone

from contacts.actors import Actor
from contacts.models import ContactOperation, OperationKind, OperationStatus


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
