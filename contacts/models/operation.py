from django.conf import settings
from django.db import models
from django.db.models import DB_SET_NULL, Q

from organizations.fields import TenantForeignKey
from organizations.models import ApiKey, LeasedWork, TenantModel, tenant_key


class OperationKind(models.TextChoices):
    IMPORT = "import", "Import"
    BULK_EDIT = "bulk_edit", "Bulk edit"
    DELETE = "delete", "Deletion"
    MERGE = "merge", "Merge"
    UNDO = "undo", "Undo"
    ERASE = "erase", "Erasure"
    AUTOMATION = "automation", "Automation"
    API = "api", "API"
    MANUAL = "manual", "Edit"


class OperationStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Door(models.TextChoices):
    """Through which door a change came in."""

    ADMIN = "admin", "Admin"
    SCREEN = "screen", "Screen"
    API = "api", "API"
    IMPORT = "import", "Import"
    COMMAND = "command", "Command"
    AUTOMATION = "automation", "Automation"
    SYSTEM = "system", "System"


class ContactOperation(LeasedWork, TenantModel):
    """One act that changed contacts, and can be undone as one."""

    kind = models.CharField(max_length=16, choices=OperationKind)
    source = models.CharField(max_length=16, choices=Door, default=Door.SCREEN)
    status = models.CharField(
        max_length=16, choices=OperationStatus, default=OperationStatus.RUNNING
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=DB_SET_NULL, related_name="+"
    )
    api_key = TenantForeignKey(ApiKey, DB_SET_NULL, null=True, blank=True, related_name="+")
    undoes = TenantForeignKey("self", DB_SET_NULL, null=True, blank=True, related_name="undos")
    label = models.CharField(max_length=300, blank=True, default="")
    params = models.JSONField(default=dict, blank=True, editable=False)
    summary = models.JSONField(default=dict, blank=True, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)

    LIVE_STATUSES = (OperationStatus.PENDING, OperationStatus.RUNNING)
    # Whoever is in one of these has not come to an end.
    OPEN_STATUSES = (*LIVE_STATUSES, OperationStatus.PAUSED)

    class Meta(TenantModel.Meta):
        db_table = "contact_operations"
        verbose_name = "operation"
        constraints = [
            tenant_key("operation"),
            models.CheckConstraint(
                condition=Q(kind__in=OperationKind.values), name="operation_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Door.values), name="operation_source_valid"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OperationStatus.values), name="operation_status_valid"
            ),
        ]
        indexes = [
            # The list of operations, newest first.
            models.Index(fields=["organization", "id"], name="operation_newest_idx"),
            # The sweep reads live operations only, oldest lease first.
            models.Index(
                fields=["lease_expires_at"],
                name="operation_lease_idx",
                condition=Q(status__in=[OperationStatus.PENDING, OperationStatus.RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"{self.get_kind_display()} {self.pk}"
