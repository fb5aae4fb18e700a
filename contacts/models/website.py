from django.db import models

from organizations.models import TenantModel, tenant_key


class Website(TenantModel):
    """A site whose visits are events."""

    name = models.CharField(max_length=200)
    # Lower case, without scheme and path: example.org
    domain = models.CharField(max_length=253)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "websites"
        constraints = [
            tenant_key("website"),
            models.UniqueConstraint(fields=["organization", "domain"], name="website_domain_key"),
        ]

    def __str__(self) -> str:
        return self.name
