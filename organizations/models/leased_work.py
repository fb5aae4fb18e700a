"""Long work whose truth is a row: who works on it, how far it is, and when somebody else may take over."""

from django.db import models


class LeasedWork(models.Model):
    """The columns of work that a worker leases (`organizations.services.leases`).

    A worker that dies leaves a lease that runs out; a sweep starts the work again from its cursor.
    """

    phase = models.CharField(max_length=32, blank=True, default="", editable=False)
    cursor = models.BigIntegerField(default=0, editable=False)
    progress_done = models.BigIntegerField(default=0, editable=False)
    progress_total = models.BigIntegerField(default=0, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    claim_token = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=2000, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    # The statuses in which a worker should be at work, and the one that means giving up.
    LIVE_STATUSES: tuple[str, ...] = ()
    FAILED_STATUS = "failed"

    class Meta:
        abstract = True
