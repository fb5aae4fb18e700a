from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, Q

from contacts.models import Contact, Door
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel
from tags.models.tag import Tag


class TagAssignment(TenantModel):
    """A tag on a contact: since when, by whom, through which door."""

    pk = models.CompositePrimaryKey("organization_id", "contact_id", "tag_id")
    # The contact's and the tag's keys lead to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    contact = TenantForeignKey(Contact, DB_CASCADE, related_name="tag_assignments")
    tag = TenantForeignKey(Tag, DB_CASCADE, related_name="assignments")
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        db_index=False,
    )
    source = models.CharField(max_length=16, choices=Door)

    class Meta(TenantModel.Meta):
        db_table = "contact_tag_assignments"
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=Door.values), name="assignment_source_valid"
            ),
        ]
        indexes = [
            # Everybody with a tag.
            models.Index(fields=["organization", "tag", "contact"], name="assignment_tag_idx"),
        ]

    def __str__(self) -> str:
        return f"tag {self.tag_id} on contact {self.contact_id}"
