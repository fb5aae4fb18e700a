from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from contacts.models.contact import Contact
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class ActivityType(models.TextChoices):
    NOTE = "note", "Note"
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    TASK = "task", "Task"
    EMAIL = "email", "E-mail"


# Those in which somebody spoke with the contact.
CONTACTING = (ActivityType.CALL, ActivityType.MEETING, ActivityType.EMAIL)


class ContactActivity(TenantModel):
    """What people noted about a contact and did with them. Written by `contacts.services.activities`."""

    # The contact's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="activities")
    activity_type = models.CharField(max_length=16, choices=ActivityType)
    # {text, …}: what was said, the outcome, when a task is due.
    activity_data = models.JSONField(default=dict, db_default={}, blank=True)
    is_pinned = models.BooleanField(default=False, db_default=False)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )

    class Meta(TenantModel.Meta):
        db_table = "contact_activities"
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(activity_type__in=ActivityType.values), name="activity_type_valid"
            ),
        ]
        indexes = [
            # A contact's timeline; when somebody was last called.
            models.Index(
                fields=["organization", "contact", "activity_type", "occurred_at"],
                name="activity_contact_idx",
            ),
            # Whoever was called in a time, and those for whom that time is over.
            models.Index(
                fields=["organization", "activity_type", "occurred_at"], name="activity_type_idx"
            ),
            # Lists of all activities, the last to come first.
            models.Index(fields=["organization", "id"], name="activity_arrival_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.get_activity_type_display()} with contact {self.contact_id}"
