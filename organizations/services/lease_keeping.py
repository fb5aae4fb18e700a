"""Keeping a lease beside one long transaction, which shows nobody that it is alive until it commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from organizations.services.leases import LEASE, Lease, LeaseLost

BEAT_SECONDS = LEASE.total_seconds() / 4
log = structlog.get_logger(__name__)


@contextmanager
def lease_kept(*, lease: Lease, beat_seconds: float = BEAT_SECONDS) -> Iterator[None]:
    """Extend a lease for as long as the block runs, from a thread with a connection of its own; open the block's
    transaction within it.

    So whoever is killed is replaced as soon as a lease runs out, however long the work takes. Where the lease is lost
    meanwhile, the statement of the block is cancelled: raises LeaseLost.
    """
    connection.ensure_connection()
    keeper = _Keeper(lease, beat_seconds, connection.connection)
    keeper.start()
    try:
        yield
    except OperationalError as error:
        if keeper.is_lost:
            raise LeaseLost(f"{lease.model.__name__} {lease.pk}") from error
        raise
    finally:
        keeper.end()


class _Keeper(threading.Thread):
    def __init__(self, lease: Lease, beat_seconds: float, worker: Any) -> None:
        super().__init__(daemon=True, name=f"lease of {lease.model.__name__} {lease.pk}")
        self.lease, self.beat_seconds, self.worker = lease, beat_seconds, worker
        self.is_lost = False
        self._has_ended = threading.Event()

    def end(self) -> None:
        self._has_ended.set()
        self.join()

    def run(self) -> None:
        try:
            while not self._has_ended.wait(self.beat_seconds):
                if not self._extended():
                    self.is_lost = True
                    self.worker.cancel_safe()
                    return
        finally:
            connection.close()

    def _extended(self) -> bool:
        """Extend the lease; False where somebody else has it, or the work is not to be done any more."""
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    # The block's last statement may hold the row, until it has committed.
                    cursor.execute("set local lock_timeout = '1s'")
                rows = self.lease.row()
                return bool(rows.update(lease_expires_at=timezone.now() + LEASE))
        except DatabaseError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                log.warning("lease_not_extended", id=self.lease.pk, exc_info=True)
            return True
