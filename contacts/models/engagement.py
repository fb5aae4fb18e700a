from django.db import models
from django.db.models import DB_CASCADE

from contacts.models.contact import Contact
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class ContactEngagement(TenantModel):
    """What events add up to for a contact; no row for whom there is none. Beside `contacts`, whose many indexes an
    update for each event would have to write (docs/adr/0016).
    """

    pk = models.CompositePrimaryKey("organization_id", "contact_id")
    # The contact's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="engagement")
    # The logarithm (base 2) of the forward-decaying sum of weights (`contacts.engagement`).
    engagement_score = models.FloatField(null=True)
    total_emails_sent = models.PositiveIntegerField(default=0, db_default=0)
    total_emails_opened = models.PositiveIntegerField(default=0, db_default=0)
    total_emails_clicked = models.PositiveIntegerField(default=0, db_default=0)
    last_email_opened_at = models.DateTimeField(null=True)
    last_email_clicked_at = models.DateTimeField(null=True)
    last_engaged_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_engagement"
        indexes = [
            # Leaders by engagement; the list in order of score; whose score sinks below a threshold.
            models.Index(
                fields=["organization", "engagement_score", "contact"], name="engagement_score_idx"
            ),
            # Who was engaged last in a time: inactive people.
            models.Index(
                fields=["organization", "last_engaged_at", "contact"], name="engagement_last_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"Engagement of contact {self.contact_id}"
