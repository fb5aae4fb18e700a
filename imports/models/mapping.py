from django.conf import settings
from django.db import models
from django.db.models import DB_SET_NULL, Q

from imports.models.job import ImportMode, Matching
from organizations.models import TenantModel, tenant_key

NAME_LENGTH = 100
KEY_LENGTH = 2 * NAME_LENGTH


class ImportMapping(TenantModel):
    """What the columns of a kind of file hold, kept for the next file with the same header."""

    name = models.CharField(max_length=NAME_LENGTH)
    # The name without case and white space: what makes two names one (computed in one place, in Python).
    name_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    # SHA-256 of the names of the columns, in their order.
    signature = models.CharField(max_length=64, editable=False)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    match = models.CharField(max_length=16, choices=Matching)
    mode = models.CharField(max_length=16, choices=ImportMode)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "import_mappings"
        verbose_name = "saved mapping"
        constraints = [
            tenant_key("import_mapping"),
            # Also serves the list by name.
            models.UniqueConstraint(
                fields=["organization", "name_key"], name="import_mapping_name_key"
            ),
            models.CheckConstraint(condition=~Q(name_key=""), name="import_mapping_has_name"),
            models.CheckConstraint(
                condition=Q(match__in=Matching.values), name="import_mapping_match_valid"
            ),
            models.CheckConstraint(
                condition=Q(mode__in=ImportMode.values), name="import_mapping_mode_valid"
            ),
        ]
        indexes = [
            # "A mapping for a file with these columns is known."
            models.Index(fields=["organization", "signature"], name="import_mapping_header_idx"),
        ]

    def __str__(self) -> str:
        return self.name
