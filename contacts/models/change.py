from django.db import models
from django.db.models import Q

from organizations.fields import OrganizationField
from organizations.models import TenantModel


class ContactChange(TenantModel):
    """A fact for subscribers (`contacts.changes`): what kind of thing changed about a contact.

    Rows live until they were handled. Written under the organization's contact lock, so ids are in order of commit.
    """

    # A queue: rows live for seconds and refer to nothing, and a check a row would cost a tenth of an import's time.
    organization = OrganizationField(db_constraint=False)
    contact_id = models.BigIntegerField()
    kind = models.CharField(max_length=100)
    reference = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.CharField(max_length=2000, default="", db_default="", blank=True)
    set_aside_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_changes"
        indexes = [
            # The next changes of an organization, in order.
            models.Index(
                fields=["organization", "id"],
                name="change_pending_idx",
                condition=Q(set_aside_at=None),
            ),
            # Whether a segment waits for what was done to it by hand.
            models.Index(
                fields=["organization", "reference"],
                name="change_pinned_idx",
                condition=Q(kind="pinned"),
            ),
            # Staff look at what was set aside.
            models.Index(
                fields=["organization", "set_aside_at"],
                name="change_set_aside_idx",
                condition=Q(set_aside_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of contact {self.contact_id}"
