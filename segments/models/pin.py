from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL

from contacts.models import Contact
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel
from segments.models.segment import Segment


class SegmentPin(TenantModel):
    """A contact that is always in a segment, or always out of it, whatever the rules say."""

    pk = models.CompositePrimaryKey("organization_id", "segment_id", "contact_id")
    # The contact's and the segment's keys lead to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    segment = TenantForeignKey(Segment, DB_CASCADE, related_name="pins")
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="segment_pins")
    is_in = models.BooleanField()
    pinned_at = models.DateTimeField()
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )

    class Meta(TenantModel.Meta):
        db_table = "contact_segment_pins"
        indexes = [
            # What a contact is pinned to.
            models.Index(fields=["organization", "contact", "segment"], name="pin_contact_idx"),
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id} {'in' if self.is_in else 'out of'} {self.segment_id}"
