from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, F, Q

from contacts.models.contact import Contact
from contacts.models.operation import Door
from contacts.models.preference import PREFERENCE_KEY
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel, tenant_key


class RelationshipType(TenantModel):
    """A way in which contacts are related, read from both ends: "works at" and "has the employee"."""

    key = models.CharField(max_length=40, validators=[PREFERENCE_KEY])
    label = models.CharField(max_length=200)
    inverse_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_relationship_types"
        verbose_name = "kind of relationship"
        verbose_name_plural = "kinds of relationship"
        constraints = [
            tenant_key("relationship_type"),
            models.UniqueConstraint(
                fields=["organization", "key"], name="relationship_type_key_key"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Relationship(TenantModel):
    """One contact's relation to another. Written through contacts' write statement (key `related:<type>:<contact>`)."""

    # The contacts' keys lead to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="relationships")
    related_contact = TenantForeignKey(Contact, DB_CASCADE, related_name="inverse_relationships")
    relationship_type = models.CharField(max_length=40)
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
        db_table = "contact_relationships"
        constraints = [
            # Whom a contact is related to.
            models.UniqueConstraint(
                fields=["organization", "contact", "relationship_type", "related_contact"],
                name="relationship_key",
            ),
            models.CheckConstraint(
                condition=~Q(contact=F("related_contact")), name="relationship_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Door.values), name="relationship_source_valid"
            ),
        ]
        indexes = [
            # Who is related to a contact: the people of a company.
            models.Index(
                fields=["organization", "related_contact", "relationship_type", "contact"],
                name="relationship_inverse_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relationship_type} {self.related_contact_id}"
