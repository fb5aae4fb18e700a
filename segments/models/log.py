from django.db import models
from django.db.models import DB_CASCADE, Q

from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel
from segments.models.segment import Segment


class MembershipAction(models.TextChoices):
    JOINED = "joined", "Joined"
    LEFT = "left", "Left"


class MembershipReason(models.TextChoices):
    """Why somebody joined or left."""

    DATA = "data", "Something about them changed"
    RULES = "rules", "New or changed rules"
    TIME = "time", "Time passed"
    MANUAL = "manual", "By hand"
    MERGE = "merge", "Merged into another contact"
    DELETED = "deleted", "Deleted"


class SegmentMembershipLog(TenantModel):
    """Who joined and left a segment, when and why. It outlives the contacts."""

    # The segment's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    segment = TenantForeignKey(Segment, DB_CASCADE, related_name="log")
    contact_id = models.BigIntegerField()
    action = models.CharField(max_length=8, choices=MembershipAction)
    reason = models.CharField(max_length=8, choices=MembershipReason)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "contact_segment_membership_log"
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=MembershipAction.values), name="membership_log_action_valid"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=MembershipReason.values), name="membership_log_reason_valid"
            ),
        ]
        indexes = [
            # Joined and left in a time; members on a date; sizes by day.
            models.Index(
                fields=["organization", "segment", "at", "id"], name="membership_log_time_idx"
            ),
            # A contact's timeline.
            models.Index(
                fields=["organization", "contact_id", "id"], name="membership_log_contact_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id} {self.action} segment {self.segment_id}"
