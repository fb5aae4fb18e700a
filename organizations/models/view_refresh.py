from django.db import models
from django.db.models import DB_CASCADE


class MaterializedViewRefresh(models.Model):
    """When a materialised view was last refreshed: shown where the view is used.

    Of no organization where one view is about all of them.
    """

    organization = models.ForeignKey(
        "organizations.Organization", DB_CASCADE, null=True, related_name="+", db_index=False
    )
    name = models.CharField(max_length=127)
    refreshed_at = models.DateTimeField()
    took = models.DurationField()

    class Meta:
        db_table = "materialized_view_refreshes"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                nulls_distinct=False,
                name="materialized_view_refresh_key",
            )
        ]

    def __str__(self) -> str:
        return self.name
