from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from contacts.models.contact import Contact
from contacts.models.operation import Door
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class IdentifierKind(models.TextChoices):
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    EXTERNAL_ID = "external_id", "External ID"
    ANONYMOUS_ID = "anonymous_id", "Anonymous ID"


class Identifier(TenantModel):
    """What else finds a contact: further addresses and numbers, anonymous ids, keys of merged contacts.

    Written through contacts' write statement (key `identifier:<kind>:<key of the value>`).
    """

    # The contact's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=16, choices=IdentifierKind)
    value = models.CharField(max_length=320)
    value_key = models.CharField(max_length=640)
    # False while the contact is deleted: then somebody else may have the value.
    is_living = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(max_length=16, choices=Door)

    class Meta(TenantModel.Meta):
        db_table = "contact_identifiers"
        constraints = [
            # A contact's page.
            models.UniqueConstraint(
                fields=["organization", "contact", "kind", "value_key"],
                name="identifier_contact_key",
            ),
            # Whom an address or id finds. (Several people may share a telephone.)
            models.UniqueConstraint(
                fields=["organization", "kind", "value_key"],
                condition=Q(is_living=True) & ~Q(kind="phone"),
                name="identifier_value_key",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=IdentifierKind.values), name="identifier_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Door.values), name="identifier_source_valid"
            ),
        ]
        indexes = [
            # Whom a number finds.
            models.Index(
                fields=["organization", "value_key"],
                name="identifier_phone_idx",
                condition=Q(is_living=True, kind="phone"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
