from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import DB_SET_NULL, Q
from django.db.models.fields.files import FieldFile

from contacts.models import ContactOperation
from organizations.fields import TenantForeignKey
from organizations.models import ApiKey, LeasedWork, TenantModel, tenant_key


class ImportStatus(models.TextChoices):
    READING = "reading", "Being read"
    DRAFT = "draft", "Draft"
    VALIDATING = "validating", "Checking"
    VALIDATED = "validated", "Checked"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    PARTIALLY_COMPLETED = "partially_completed", "Partially completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


class ValidationStatus(models.TextChoices):
    PENDING = "pending", "Not checked"
    VALIDATED = "validated", "Checked"
    FAILED = "failed", "Failed"


class Matching(models.TextChoices):
    EMAIL = "email", "E-mail address"
    EXTERNAL_ID = "external_id", "External ID"


class ImportMode(models.TextChoices):
    UPSERT = "upsert", "Create and update"
    CREATE = "create", "Create only"
    UPDATE = "update", "Update only"


class ProcessingMode(models.TextChoices):
    ASYNC = "async", "In the background"
    SYNC = "sync", "At once"


class Outcome(models.TextChoices):
    """The buckets: every line of a file ends in exactly one."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    DUPLICATE = "duplicate", "Duplicate in the file"
    PROTECTED = "protected", "Protected opt-out"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"


def _upload_path(job: "ImportJob", name: str) -> str:
    return f"imports/{job.organization_id}/{name}"


class ImportJob(LeasedWork, TenantModel):
    """A file of people on its way in: upload, reading, mapping, validation, preview, run, report, undo."""

    file = models.FileField(upload_to=_upload_path, max_length=300)
    # What was made of a file that is no text: what is read. Blank for text.
    converted = models.FileField(
        upload_to=_upload_path, max_length=300, blank=True, default="", db_default=""
    )
    file_name = models.CharField(max_length=255)
    file_size = models.BigIntegerField()
    checksum = models.CharField(max_length=64)
    format = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    match = models.CharField(max_length=16, choices=Matching, default=Matching.EMAIL)
    mode = models.CharField(max_length=16, choices=ImportMode, default=ImportMode.UPSERT)
    processing_mode = models.CharField(
        max_length=8, choices=ProcessingMode, default=ProcessingMode.ASYNC
    )
    batch_size = models.PositiveIntegerField(
        default=1000, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    current_batch = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=24, choices=ImportStatus, default=ImportStatus.DRAFT)
    validation_status = models.CharField(
        max_length=16, choices=ValidationStatus, default=ValidationStatus.PENDING
    )
    total_records = models.BigIntegerField(default=0)
    processed_records = models.BigIntegerField(default=0)
    predicted_counts = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    operation = TenantForeignKey(ContactOperation, DB_SET_NULL, null=True, related_name="imports")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=DB_SET_NULL, related_name="+"
    )
    api_key = TenantForeignKey(ApiKey, DB_SET_NULL, null=True, related_name="+")
    run_started_at = models.DateTimeField(null=True)
    # When all of its records had moved to the archive, when they were deleted there, when the stored files were.
    records_archived_at = models.DateTimeField(null=True, editable=False)
    records_deleted_at = models.DateTimeField(null=True, editable=False)
    file_deleted_at = models.DateTimeField(null=True, editable=False)

    LIVE_STATUSES = (ImportStatus.READING, ImportStatus.VALIDATING, ImportStatus.RUNNING)
    # From these no way leads back to a check or a run: nothing reads the file or writes records again.
    SETTLED_STATUSES = (
        ImportStatus.COMPLETED,
        ImportStatus.PARTIALLY_COMPLETED,
        ImportStatus.CANCELLED,
        ImportStatus.UNDONE,
    )

    class Meta(TenantModel.Meta):
        db_table = "import_jobs"
        verbose_name = "import"
        constraints = [
            tenant_key("import_job"),
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(validation_status__in=ValidationStatus.values),
                name="import_validation_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(match__in=Matching.values), name="import_match_valid"
            ),
            models.CheckConstraint(
                condition=Q(mode__in=ImportMode.values), name="import_mode_valid"
            ),
            models.CheckConstraint(
                condition=Q(processing_mode__in=ProcessingMode.values),
                name="import_processing_valid",
            ),
            models.CheckConstraint(
                condition=Q(batch_size__gte=1), name="import_batch_size_positive"
            ),
        ]
        indexes = [
            # The list of imports, newest first.
            models.Index(fields=["organization", "id"], name="import_newest_idx"),
            # "This file was imported on …".
            models.Index(fields=["organization", "checksum"], name="import_checksum_idx"),
            # The sweep reads live imports only.
            models.Index(
                fields=["lease_expires_at"],
                name="import_lease_idx",
                condition=Q(
                    status__in=[
                        ImportStatus.READING,
                        ImportStatus.VALIDATING,
                        ImportStatus.RUNNING,
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def readable(self) -> FieldFile:
        """The stored file whose records are read."""
        return self.converted or self.file

    @property
    def last_reached(self) -> int | None:
        """The number of the row up to which its run dealt with all; None before there is one.

        Behind it are the companies that are written before, and no others.
        """
        if self.operation_id is None:
            return None
        return 0 if self.phase in ("prepare", "companies") else self.cursor

    @property
    def not_reached(self) -> int:
        """How many lines its run has not dealt with, and after a cancellation never will."""
        return self.total_records - self.processed_records if self.operation_id else 0
