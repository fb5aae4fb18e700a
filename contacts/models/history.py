from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from contacts.models.operation import ContactOperation
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class ChangeType(models.TextChoices):
    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    DELETED = "deleted", "Deleted"
    RESTORED = "restored", "Restored"
    UNDO = "undo", "Undone"


class ContactHistory(TenantModel):
    """What one operation changed of one contact: the old and new values of just the changed keys.

    Keys are attributes (`city`), custom fields (`custom:age`), tags (`tag:12`), what was said of mail
    (`preference:marketing`), relations (`related:company:77`), further keys (`identifier:email:a@x.org`), pins to
    segments (`segment:5`) and `deleted_at`; null means unset.
    No foreign key to the contact: history outlives it.
    """

    # The operation's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact_id = models.BigIntegerField()
    operation = TenantForeignKey(ContactOperation, DB_CASCADE, related_name="history")
    change_type = models.CharField(max_length=16, choices=ChangeType)
    old_value = models.JSONField(default=dict)
    new_value = models.JSONField(default=dict)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )
    changed_at = models.DateTimeField()
    notes = models.CharField(max_length=500, blank=True, default="", db_default="")
    # What proves a change of consent, given with it (`EmailPreference.proof`).
    proof = models.JSONField(null=True)
    # Set while the change does not stand: by the undo that took it back, cleared by the undo of that one.
    undone_by_id = models.BigIntegerField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_history"
        verbose_name = "change"
        verbose_name_plural = "history"
        constraints = [
            # One row a contact and operation; undo walks an operation's contacts in this order.
            models.UniqueConstraint(
                fields=["organization", "operation", "contact_id"],
                name="history_operation_contact_key",
            ),
            models.CheckConstraint(
                condition=Q(change_type__in=ChangeType.values), name="history_change_type_valid"
            ),
        ]
        indexes = [
            # A contact's page, newest first; who owns a key.
            models.Index(fields=["organization", "contact_id", "id"], name="history_contact_idx"),
            # Undoing an undo finds what it took back.
            models.Index(
                fields=["organization", "undone_by_id", "contact_id"],
                name="history_undone_idx",
                condition=Q(undone_by_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_change_type_display()} contact {self.contact_id}"
