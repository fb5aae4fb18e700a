from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from organizations.fields import TenantForeignKey
from organizations.models import LeasedWork, TenantModel, tenant_key
from segments.models.log import MembershipReason
from segments.models.segment import Segment


class RefreshStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class SegmentRefresh(LeasedWork, TenantModel):
    """One computation of a whole segment: how far it is, and who joined and left by it."""

    segment = TenantForeignKey(Segment, DB_CASCADE, related_name="refreshes")
    status = models.CharField(max_length=16, choices=RefreshStatus, default=RefreshStatus.PENDING)
    # What the log says of those who join and leave.
    reason = models.CharField(max_length=8, choices=MembershipReason)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )
    joined = models.BigIntegerField(null=True)
    left = models.BigIntegerField(null=True)

    LIVE_STATUSES = (RefreshStatus.PENDING, RefreshStatus.RUNNING)

    class Meta(TenantModel.Meta):
        db_table = "segment_refreshes"
        constraints = [
            tenant_key("segment_refresh"),
            # One at a time for a segment: who asks for another while one waits gets that one.
            models.UniqueConstraint(
                fields=["organization", "segment"],
                condition=Q(status__in=("pending", "running")),
                name="segment_refresh_live_key",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RefreshStatus.values), name="segment_refresh_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=MembershipReason.values),
                name="segment_refresh_reason_valid",
            ),
        ]
        indexes = [
            # The refreshes of a segment, newest first.
            models.Index(
                fields=["organization", "segment", "id"], name="segment_refresh_newest_idx"
            ),
            # The sweep reads live ones only, oldest lease first.
            models.Index(
                fields=["lease_expires_at"],
                name="segment_refresh_lease_idx",
                condition=Q(status__in=("pending", "running")),
            ),
        ]

    def __str__(self) -> str:
        return f"Refresh {self.pk} of segment {self.segment_id}"
