from django.db import models
from django.db.models import DB_CASCADE, Q

from imports.models.job import ImportJob, Outcome
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class FileLine(TenantModel):
    """One line of a file: as it was read, as it was understood, what was expected of it and what became of it.

    The columns of records, wherever they are kept. No foreign key to the contact: the report outlives it.
    """

    pk = models.CompositePrimaryKey("organization_id", "import_job_id", "row_number")
    # The import's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
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
        abstract = True

    def __str__(self) -> str:
        return f"line {self.line_number}"


def _constraints(name: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(predicted__in=Outcome.values), name=f"{name}_predicted_valid"
        ),
        models.CheckConstraint(
            condition=Q(outcome=None) | Q(outcome__in=Outcome.values),
            name=f"{name}_outcome_valid",
        ),
    ]


def _indexes(name: str) -> list[models.Index]:
    return [
        # The error file, and the lists of what went wrong or is a duplicate. (A predicate on the outcome would
        # make every update of it touch the indexes.)
        models.Index(
            fields=["organization", "import_job", "row_number"],
            name=f"{name}_failed_idx",
            condition=Q(errors__isnull=False),
        ),
        # "Import 12, line 88": where a contact's values came from.
        models.Index(
            fields=["organization", "contact_id"],
            name=f"{name}_contact_idx",
            condition=Q(contact_id__isnull=False),
        ),
    ]


class ImportRecord(FileLine):
    """A line of an import that is under way or not over for long: what checks and runs read and write."""

    import_job = TenantForeignKey(ImportJob, DB_CASCADE, related_name="records")

    class Meta(FileLine.Meta):
        db_table = "import_records"
        verbose_name = "import record"
        constraints = _constraints("record")
        indexes = _indexes("record")


class ImportRecordArchive(FileLine):
    """A line of an import that has been over for longer than the organization's retention."""

    import_job = TenantForeignKey(ImportJob, DB_CASCADE, related_name="archived_records")

    class Meta(FileLine.Meta):
        db_table = "import_records_archive"
        verbose_name = "archived import record"
        constraints = _constraints("archived_record")
        indexes = _indexes("archived_record")


class KeptRecord(FileLine):
    """A line of an import, in whichever of the two tables it is: what every report reads.

    A view: each line is there exactly once at any moment, also while it moves.
    """

    import_job = TenantForeignKey(ImportJob, DB_CASCADE, related_name="kept_records")

    class Meta(FileLine.Meta):
        managed = False
        db_table = "import_records_kept"
        verbose_name = "import record"
