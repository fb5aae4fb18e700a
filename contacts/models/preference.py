from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from contacts.models.contact import Contact
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel, tenant_key

PREFERENCE_KEY = RegexValidator(
    r"^[a-z][a-z0-9_]{0,39}\Z",
    "Use a–z, 0–9 and _, beginning with a letter, 40 characters at most.",
)


class PreferenceType(TenantModel):
    """A kind of mail that people choose to get or not: marketing, newsletter, …

    Transactional mail (receipts, passwords) cannot be switched off.
    """

    key = models.CharField(max_length=40, validators=[PREFERENCE_KEY])
    label = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True, default="", db_default="")
    is_transactional = models.BooleanField(default=False, db_default=False)
    # What holds for who said neither yes nor no.
    is_enabled_by_default = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_preference_types"
        verbose_name = "kind of mail"
        verbose_name_plural = "kinds of mail"
        constraints = [
            tenant_key("preference_type"),
            models.UniqueConstraint(fields=["organization", "key"], name="preference_type_key_key"),
            models.CheckConstraint(
                condition=Q(is_transactional=False) | Q(is_enabled_by_default=True),
                name="preference_type_transactional_is_on",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class EmailPreference(TenantModel):
    """What a contact said of a kind of mail: yes or no, why, and what proves it. Written through contacts' write
    statement (key `preference:<type>`).
    """

    # The contact's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="preferences")
    preference_type = models.CharField(max_length=40)
    is_enabled = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    # {source, text, text_version, ip, user_agent, given_at}: what was shown to whom, where and when.
    proof = models.JSONField(default=dict, db_default={})
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )

    class Meta(TenantModel.Meta):
        db_table = "contact_email_preferences"
        verbose_name = "e-mail preference"
        constraints = [
            # A contact's page; may_receive.
            models.UniqueConstraint(
                fields=["organization", "contact", "preference_type"],
                name="preference_contact_type_key",
            ),
        ]
        indexes = [
            # "Who opted out of the newsletter": rules and lists by type.
            models.Index(
                fields=["organization", "preference_type", "is_enabled", "contact"],
                name="preference_type_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.preference_type}: {'yes' if self.is_enabled else 'no'}"
