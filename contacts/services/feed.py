"""Handing changes to subscribers: exactly once, in order, one runner an organization."""

import time

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.changes import Change, publish
from contacts.models import ContactChange
from contacts.rules.expressions import ids_text, in_ids
from contacts.services.waking import take_flag_down, wake, wake_on_commit
from organizations.locks import LockSpace, try_lock_organization
from organizations.scope import current_organization_id

BATCH = 5000
SLICE_SECONDS = 15
MAX_FAILURES = 5
log = structlog.get_logger(__name__)


def changes_process(*, organization_id: int, seconds: float = SLICE_SECONDS) -> int:
    """Hand the organization's pending changes to their subscribers; returns how many were dealt with.

    Ends when there are none, when another runner is at it (which looks again after unlocking), or after `seconds`,
    handing over to a new job. Runs in the organization's scope.
    """
    ends = time.monotonic() + seconds
    after, total = 0, 0
    take_flag_down(organization_id)
    while (step := _process_batch(organization_id, after)) is not None:
        after, count = step
        total += count
        if not count or time.monotonic() > ends:
            _look_again(organization_id, after)
            break
    return total


def _look_again(organization_id: int, after: int) -> None:
    """Wake a job for what is pending behind change `after`, now that the lock is free.

    It is left at the end of the time; or it was committed between the last look and the unlocking, when whoever came
    for it found the lock taken.
    """
    if ContactChange.objects.filter(set_aside_at=None, id__gt=after, failures=0).exists():
        wake(organization_id)


def _process_batch(organization_id: int, after: int) -> tuple[int, int] | None:
    """Deal with the next batch behind change `after`: up to which one, and how many. None: somebody else is at it."""
    with transaction.atomic():
        if not try_lock_organization(LockSpace.CHANGES, organization_id):
            return None
        pending = ContactChange.objects.filter(set_aside_at=None, id__gt=after).order_by("id")
        rows = pending.values_list("id", "contact_id", "kind", "reference")[:BATCH]
        changes = [Change(*row) for row in rows]
        if not changes:
            return after, 0
        _publish_halving(changes)
        return changes[-1].id, len(changes)


def _publish_halving(changes: list[Change]) -> None:
    """Publish and delete; where a handler raises, try the halves, until the changes that it can't take are alone."""
    try:
        with transaction.atomic():
            publish(changes)
            # As one array: to take apart thousands of parameters takes longer than to delete them.
            handled = in_ids(F("id"), ids_text(change.id for change in changes))
            ContactChange.objects.filter(handled).delete()
    except Exception as error:
        if len(changes) == 1:
            _count_failure(changes[0], error)
            return
        middle = len(changes) // 2
        _publish_halving(changes[:middle])
        _publish_halving(changes[middle:])


def _count_failure(change: Change, error: Exception) -> None:
    row = ContactChange.objects.filter(id=change.id)
    row.update(failures=F("failures") + 1, error=f"{type(error).__name__}: {error}"[:2000])
    if row.filter(failures__gte=MAX_FAILURES).update(set_aside_at=timezone.now()):
        log.error("change_set_aside", change=change.id, kind=change.kind, error=str(error))


def changes_retry(*, ids: list[int]) -> int:
    """Put changes that were set aside back into the queue. Returns how many."""
    rows = ContactChange.objects.filter(id__in=ids, set_aside_at__isnull=False)
    count = rows.update(set_aside_at=None, failures=0, error="")
    wake_on_commit(current_organization_id())
    return count


def changes_sweep() -> int:
    """Wake every organization that has pending changes: what a crash left behind. Returns how many."""
    pending = ContactChange.unscoped.filter(set_aside_at=None)
    organizations = pending.values_list("organization_id", flat=True).distinct()
    for organization_id in organizations:
        wake(organization_id)
    return len(organizations)
