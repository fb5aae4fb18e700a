from django.db import models
from django.db.models import DB_CASCADE, Q

from imports.models.job import ImportJob, Outcome
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class ImportRecord(TenantModel):
    """One line of a file: as it was read, as it was understood, what was expected of it and what became of it.

    No foreign key to the contact: the report outlives it.
    """

    pk = models.CompositePrimaryKey("organization_id", "import_job_id", "row_number")
    # The import's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    import_job = TenantForeignKey(ImportJob, DB_CASCADE, related_name="records")
    row_number = models.BigIntegerField()
    line_number = models.BigIntegerField()
    raw = models.JSONField()
    cleaned = models.JSONField(default=dict)
    match_key = models.CharField(max_length=640, null=True)  # noqa: DJ001
    # False for lines that the check left out for good: blank, with errors, or repeating an earlier line's key.
    is_valid = models.BooleanField()
    predicted = models.CharField(max_length=16, choices=Outcome)
    outcome = models.CharField(max_length=16, choices=Outcome, null=True)  # noqa: DJ001
    errors = models.JSONField(null=True)
    contact_id = models.BigIntegerField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "import_records"
        verbose_name = "import record"
        constraints = [
            models.CheckConstraint(
                condition=Q(predicted__in=Outcome.values), name="record_predicted_valid"
            ),
            models.CheckConstraint(
                condition=Q(outcome=None) | Q(outcome__in=Outcome.values),
                name="record_outcome_valid",
            ),
        ]
        indexes = [
            # The error file, and the lists of what went wrong or is a duplicate. (A predicate on the outcome would
            # make every update of it touch the indexes.)
            models.Index(
                fields=["organization", "import_job", "row_number"],
                name="record_failed_idx",
                condition=Q(errors__isnull=False),
            ),
            # "Import 12, line 88": where a contact's values came from.
            models.Index(
                fields=["organization", "contact_id"],
                name="record_contact_idx",
                condition=Q(contact_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line_number}"
