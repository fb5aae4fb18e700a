from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, Q

from organizations.models.tenant import TenantModel, tenant_key
from organizations.roles import Role


class OrganizationMembership(TenantModel):
    """A user's role in an organization."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=DB_CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "organization_memberships"
        verbose_name = "member"
        constraints = [
            tenant_key("membership"),
            models.UniqueConstraint(fields=["organization", "user"], name="membership_user_key"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
