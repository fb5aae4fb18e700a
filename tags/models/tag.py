from django.core.validators import RegexValidator
from django.db import models

from organizations.models import TenantModel, tenant_key

COLOR = RegexValidator(r"^#[0-9a-f]{6}\Z", "Use a colour such as #2563eb.")


class Tag(TenantModel):
    """A word that people put on contacts."""

    name = models.CharField(max_length=100)
    # The name without case, white space and accents: what makes two names one (computed in one place, in Python).
    name_key = models.CharField(max_length=200, editable=False)
    color = models.CharField(max_length=7, default="#6b7280", validators=[COLOR])
    description = models.CharField(max_length=500, blank=True, default="")
    contact_count = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_tags"
        constraints = [
            tenant_key("tag"),
            models.UniqueConstraint(fields=["organization", "name_key"], name="tag_name_key"),
        ]

    def __str__(self) -> str:
        return self.name
