"""Leases on long work: who holds one may commit; who lost it commits nothing.

States of a row with a live status: queued (no claim token; `lease_expires_at` says when to queue it again),
claimed (token and lease), or lost (the lease ran out: `leases_sweep` queues it again).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from organizations.models.leased_work import LeasedWork

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
log = structlog.get_logger(__name__)

_enqueuers: dict[type[LeasedWork], Callable[[Any], None]] = {}
_mourners: dict[type[LeasedWork], Callable[[Any], None]] = {}


class LeaseLost(Exception):
    """Somebody else has taken the work over, or it is no longer to be done."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one row until the lease runs out; each commit renews it."""

    model: type[LeasedWork]
    pk: int
    token: uuid.UUID

    def row(self) -> Any:
        return self.model.unscoped.filter(pk=self.pk, claim_token=self.token)  # type: ignore[attr-defined]


def leased_work_register(
    model: type[LeasedWork],
    enqueue: Callable[[Any], None],
    given_up: Callable[[Any], None] = lambda work: None,
) -> None:
    """Tell the sweep how rows of a model are queued, and who is told of one that is given up (in its transaction);
    called from AppConfig.ready().
    """
    _enqueuers[model] = enqueue
    _mourners[model] = given_up


def work_enqueue(*, work: Any) -> None:
    """Queue a row's job once the transaction commits. A crash before that is found by the sweep."""
    work_wait(work=work)
    # When Redis does not answer, the work is not lost: the sweep queues it.
    transaction.on_commit(lambda: _enqueuers[type(work)](work), robust=True)


def work_wait(*, work: Any) -> None:
    """Leave a row to whoever takes it; the sweep queues it when nobody has by the time that a lease lasts."""
    rows = type(work).unscoped.filter(pk=work.pk)
    rows.update(claim_token=None, lease_expires_at=timezone.now() + LEASE)


def lease_take(*, work: Any) -> Lease | None:
    """Claim a row, or return None when somebody holds it or it is not to be worked on.

    A row that was tried MAX_ATTEMPTS times without a step forward fails here.
    """
    now, token = timezone.now(), uuid.uuid4()
    model = type(work)
    free = Q(claim_token=None) | Q(lease_expires_at__lte=now)
    rows = model.unscoped.filter(free, pk=work.pk, status__in=model.LIVE_STATUSES)
    if _given_up(work, rows.filter(attempts__gte=MAX_ATTEMPTS)):
        return None
    taken = rows.update(claim_token=token, lease_expires_at=now + LEASE, attempts=F("attempts") + 1)
    return Lease(model, work.pk, token) if taken else None


@transaction.atomic
def _given_up(work: Any, hopeless: Any) -> bool:
    """Fail a row that was tried often enough, and say so to whom it concerns. Whoever is still at it commits nothing more."""
    model = type(work)
    if not hopeless.update(
        status=model.FAILED_STATUS, finished_at=timezone.now(), claim_token=None
    ):
        return False
    log.warning("leased_work_failed", model=model.__name__, id=work.pk)
    work.refresh_from_db()
    _mourners.get(model, lambda each: None)(work)
    return True


def failure_reason(work: Any) -> str:
    """Why work was given up, as a sentence."""
    reason = work.error.strip() or "It was tried several times without a step forward"
    return reason if reason.endswith((".", "!", "?", "…")) else f"{reason}."


def lease_renew(*, lease: Lease, **progress: Any) -> None:
    """Write progress and extend the lease: the last statement of a batch's own transaction.

    Raises LeaseLost, which rolls the batch back, when somebody else has taken over.
    """
    steps = {"lease_expires_at": timezone.now() + LEASE, "attempts": 0, "error": ""} | progress
    if not lease.row().update(**steps):
        raise LeaseLost(f"{lease.model.__name__} {lease.pk}")


def lease_extend(*, lease: Lease, longer: timedelta = timedelta(), **notes: Any) -> None:
    """Extend the lease before or during something long, which may take `longer` than usual; in a transaction of its own.

    `notes` are written down, and are no step forward: who dies here again and again is given up. Raises LeaseLost.
    """
    until = timezone.now() + LEASE + longer
    if not lease.row().update(lease_expires_at=until, **notes):
        raise LeaseLost(f"{lease.model.__name__} {lease.pk}")


def lease_hand_over(*, lease: Lease) -> None:
    """Give the row back and queue its next slice."""
    work = lease.row().first()
    if work is not None:
        work_enqueue(work=work)


def lease_fail(*, lease: Lease, error: Exception) -> None:
    """Remember what went wrong and let the sweep try again, later each time."""
    work = lease.row().first()
    if work is None:
        return
    delay = timedelta(seconds=5 * 2**work.attempts)
    message = f"{type(error).__name__}: {error}"[:2000]
    lease.row().update(claim_token=None, lease_expires_at=timezone.now() + delay, error=message)


def leases_sweep() -> int:
    """Queue every live row whose lease, or whose time in the queue, ran out. Returns how many."""
    count = 0
    for model in _enqueuers:
        late = Q(lease_expires_at=None) | Q(lease_expires_at__lte=timezone.now())
        rows = model.unscoped.filter(late, status__in=model.LIVE_STATUSES)  # type: ignore[attr-defined]
        with transaction.atomic():
            for work in rows.select_for_update(skip_locked=True)[:1000]:
                work_enqueue(work=work)
                count += 1
    return count
