from django.db import models

from organizations.fields import OrganizationField
from organizations.models import TenantModel


class EngagementDay(TenantModel):
    """How many contacts were at a level of engagement at the end of a day (UTC), as far as that day was looked at.

    Written from the view `contact_engagement_summary`, which shows them, and today beside them.
    """

    pk = models.CompositePrimaryKey("organization_id", "day", "level")
    organization = OrganizationField()
    day = models.DateField()
    level = models.CharField(max_length=20)
    contacts = models.BigIntegerField()

    class Meta(TenantModel.Meta):
        db_table = "contact_engagement_days"

    def __str__(self) -> str:
        return f"{self.contacts} {self.level} on {self.day}"
