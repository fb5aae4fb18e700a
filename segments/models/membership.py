from django.db import models
from django.db.models import DB_CASCADE

from contacts.models import Contact
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel
from segments.models.segment import Segment


class SegmentMembership(TenantModel):
    """A contact that is in a segment: since when, and as of which computation."""

    # Everybody in a segment, by the order of the key.
    pk = models.CompositePrimaryKey("organization_id", "segment_id", "contact_id")
    # The contact's and the segment's keys lead to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    segment = TenantForeignKey(Segment, DB_CASCADE, related_name="memberships")
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="segment_memberships")
    added_at = models.DateTimeField()
    computed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "contact_segment_memberships"
        indexes = [
            # Those who joined last, and pages of them. What joins goes to the end of it.
            models.Index(
                fields=["organization", "segment", "added_at", "contact"],
                name="membership_added_idx",
            ),
            # The segments of a contact.
            models.Index(
                fields=["organization", "contact", "segment"], name="membership_contact_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id} in segment {self.segment_id}"
