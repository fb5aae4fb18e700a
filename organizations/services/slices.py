"""Running leased work: one slice of time a job, step after step, each its own transaction."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.db import Error
from psycopg import errors

from organizations.services.leases import (
    Lease,
    LeaseLost,
    lease_fail,
    lease_hand_over,
    lease_take,
)

# A warm stop of a worker waits for the slice to end.
SLICE_SECONDS = 15
TRIES = 3
# Two writers met: the transaction is gone, and the same step may go through now.
MET = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation)
log = structlog.get_logger(__name__)


def work_run(*, work: Any, run: Callable[..., object]) -> None:
    """Claim a row and call `run(work, lease=…)`; nothing when somebody holds the row or it is not live.

    An error is kept on the row, which the sweep tries again later, and raised. Losing the lease is no error.
    """
    lease = lease_take(work=work)
    if lease is None:
        return
    try:
        run(work, lease=lease)
    except LeaseLost:
        log.info("lease_lost", work=type(work).__name__, id=work.pk)
    except Exception as error:
        lease_fail(lease=lease, error=error)
        raise


def slice_run(*, lease: Lease, step: Callable[[], bool], seconds: float = SLICE_SECONDS) -> bool:
    """Repeat `step`, which says whether that was the last one; True when it was, else the row is handed over.

    A step whose transaction met another writer's is tried again at once. Raises LeaseLost when somebody else has
    taken over.
    """
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if _tried(step, lease):
            return True
    lease_hand_over(lease=lease)
    return False


def _tried(step: Callable[[], bool], lease: Lease) -> bool:
    for _ in range(TRIES - 1):
        try:
            return step()
        except Error as error:
            if not isinstance(error.__cause__, MET):
                raise
            if not lease.row().exists():
                raise LeaseLost(f"{lease.model.__name__} {lease.pk}") from error
            log.info("step_met_another_writer", error=str(error))
    return step()
