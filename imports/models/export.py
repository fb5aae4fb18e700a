from django.conf import settings
from django.core.files.storage import Storage
from django.db import models
from django.db.models import DB_SET_NULL, Q

from organizations.fields import TenantForeignKey
from organizations.models import ApiKey, LeasedWork, TenantModel, tenant_key


class ExportStatus(models.TextChoices):
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel (XLSX)"


class ExportJob(LeasedWork, TenantModel):
    """Contacts on their way out: who is meant, which columns, and the file that is made of them.

    `progress_done` of `progress_total` contacts are in `parts`, stretches of the file in the order of the contacts'
    ids: those up to `cursor`. Once all are there, they are joined to `file`.
    """

    format = models.CharField(max_length=8, choices=ExportFormat)
    # As of a bulk edit: {"ids": […]} or {"filters": {…}, "fixed": {…}, "max_id": …}.
    selection = models.JSONField()
    # The columns as they were when it started: name and kind of each.
    columns = models.JSONField()
    # Name and bytes of each stretch that is stored.
    parts = models.JSONField(default=list, editable=False)
    status = models.CharField(max_length=16, choices=ExportStatus, default=ExportStatus.RUNNING)
    file = models.FileField(max_length=300, blank=True, default="", editable=False)
    file_name = models.CharField(max_length=255)
    file_size = models.BigIntegerField(null=True, editable=False)
    # The file is kept until then; the row stays.
    expires_at = models.DateTimeField(editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=DB_SET_NULL, related_name="+"
    )
    api_key = TenantForeignKey(ApiKey, DB_SET_NULL, null=True, related_name="+")

    LIVE_STATUSES = (ExportStatus.RUNNING,)

    class Meta(TenantModel.Meta):
        db_table = "export_jobs"
        verbose_name = "export"
        constraints = [
            tenant_key("export_job"),
            models.CheckConstraint(
                condition=Q(status__in=ExportStatus.values), name="export_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(format__in=ExportFormat.values), name="export_format_valid"
            ),
        ]
        indexes = [
            # The sweep reads live exports only.
            models.Index(
                fields=["lease_expires_at"],
                name="export_lease_idx",
                condition=Q(status=ExportStatus.RUNNING),
            ),
            # Whose files are to be removed.
            models.Index(
                fields=["expires_at"],
                name="export_expiry_idx",
                condition=Q(removed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def storage(self) -> Storage:
        return self.file.storage

    @property
    def folder(self) -> str:
        """Where the file and its parts are stored, and nothing else."""
        return f"exports/{self.organization_id}/{self.pk}"

    @property
    def has_file(self) -> bool:
        return bool(self.file) and self.removed_at is None
