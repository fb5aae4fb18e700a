from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL

from contacts.models.contact import Contact
from contacts.models.website import Website
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel

EMAIL_SENT = "email_sent"
EMAIL_DELIVERED = "email_delivered"
EMAIL_OPENED = "email_opened"
EMAIL_CLICKED = "email_clicked"
EMAIL_BOUNCED = "email_bounced"
FORM_SUBMITTED = "form_submitted"
PAGE_VISITED = "page_visited"
# Those that Kith knows something about; others may have any name.
KNOWN_EVENTS = (
    EMAIL_SENT,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_CLICKED,
    EMAIL_BOUNCED,
    FORM_SUBMITTED,
    PAGE_VISITED,
)
# The feed calls it "event:" and the name.
LONGEST_NAME = 90


class ContactEvent(TenantModel):
    """Something that a contact did, or that was done to them; null while nobody knows whom. Written by
    `contacts.services.events`, and never changed.
    """

    # Thousands come in a second; who owns them is checked by their contact's key.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, null=True, related_name="events")
    event_type = models.CharField(max_length=LONGEST_NAME)
    event_data = models.JSONField(default=dict, db_default={})
    source = models.CharField(max_length=100, blank=True, default="", db_default="")
    # What it belongs to at its source: the message that was sent, the form.
    source_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    # Their foreign keys come with the tables that they point to.
    campaign_id = models.BigIntegerField(null=True)
    automation_id = models.BigIntegerField(null=True)
    website = TenantForeignKey(Website, DB_SET_NULL, null=True, related_name="+")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # Given by the sender: what comes twice is kept once.
    message_id = models.CharField(max_length=200)
    # Of a scanner or a proxy: kept, and not counted.
    is_machine = models.BooleanField(default=False, db_default=False)

    class Meta(TenantModel.Meta):
        db_table = "contact_events"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "message_id"], name="event_message_key"
            ),
        ]
        indexes = [
            # A contact's timeline; how often somebody did something.
            models.Index(
                fields=["organization", "contact", "event_type", "occurred_at"],
                name="event_contact_idx",
            ),
            # Whoever did something in a time, and those for whom that time is over.
            models.Index(
                fields=["organization", "event_type", "occurred_at"], name="event_type_idx"
            ),
            # Lists of all events, the last to come first.
            models.Index(fields=["organization", "id"], name="event_arrival_idx"),
            # What was done on a website, which it lets go when it is deleted.
            models.Index(
                fields=["organization", "website"],
                name="event_website_idx",
                condition=models.Q(website__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} of contact {self.contact_id}"
