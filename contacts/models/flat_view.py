from django.db import models
from django.db.models import Q

from organizations.models import LeasedWork, TenantModel, tenant_key


class FlatViewStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class FlatView(LeasedWork, TenantModel):
    """The organization's view `contact_custom_fields_denormalized_<id>` (`contacts.flat_view`), and the work on it.

    `digest` says of which custom fields it was made; when it was refreshed is in `MaterializedViewRefresh`.
    """

    digest = models.CharField(max_length=32, default="", editable=False)
    status = models.CharField(max_length=16, choices=FlatViewStatus, default=FlatViewStatus.PENDING)

    LIVE_STATUSES = (FlatViewStatus.PENDING, FlatViewStatus.RUNNING)
    FAILED_STATUS = FlatViewStatus.FAILED

    class Meta(TenantModel.Meta):
        db_table = "contact_flat_views"
        constraints = [
            tenant_key("flat_view"),
            models.UniqueConstraint(fields=["organization"], name="flat_view_organization_key"),
            models.CheckConstraint(
                condition=Q(status__in=FlatViewStatus.values), name="flat_view_status_valid"
            ),
        ]
        indexes = [
            # The sweep reads live work, oldest lease first. (What is done has no lease.)
            models.Index(fields=["lease_expires_at"], name="flat_view_lease_idx"),
        ]

    def __str__(self) -> str:
        return f"Flat view of organization {self.organization_id}"
