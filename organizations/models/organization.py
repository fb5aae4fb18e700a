import zoneinfo
from datetime import timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use a–z, 0–9 and single hyphens between them.")
HALF_LIFE_DAYS = 30
RETENTION = [MinValueValidator(1), MaxValueValidator(3650)]


def timezone_names() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones())]


def usual_engagement() -> dict[str, Any]:
    return {"half_life_days": HALF_LIFE_DAYS, "weights": {}}


class Organization(models.Model):
    """A tenant."""

    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=50, validators=[SLUG])
    timezone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(
        max_length=2, blank=True, help_text="For phone numbers without a country code, such as NO."
    )
    import_retention_days = models.PositiveIntegerField(
        default=90,
        validators=RETENTION,
        verbose_name="days until imports are archived",
        help_text="Counted from the end of an import: then its uploaded file is removed, and its lines move to the "
        "archive, where they can still be read. 1 to 3650.",
    )
    import_archive_days = models.PositiveIntegerField(
        default=365,
        db_default=365,
        validators=RETENTION,
        verbose_name="days that the archive keeps the lines of imports",
        help_text="Counted from when they moved there; then they are deleted. 1 to 3650.",
    )
    engagement_half_life_days = models.PositiveIntegerField(
        default=HALF_LIFE_DAYS,
        db_default=HALF_LIFE_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        verbose_name="half-life of engagement in days",
        help_text="After so many days an event counts half as much for the score. 1 to 3650.",
    )
    # Weights of kinds of events that are not the usual ones: {"webinar_attended": 8}.
    engagement_weights = models.JSONField(default=dict, db_default={}, blank=True)
    # The half-life and weights that all stored scores were computed by: others are in force once all are recomputed.
    engagement_in_force = models.JSONField(
        default=usual_engagement, db_default=usual_engagement(), editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "organizations"
        constraints = [
            models.UniqueConstraint(Lower("slug"), name="organization_slug_key"),
            models.CheckConstraint(
                condition=Q(import_retention_days__gte=1), name="organization_retention_positive"
            ),
            models.CheckConstraint(
                condition=Q(import_archive_days__gte=1), name="organization_archive_positive"
            ),
            models.CheckConstraint(
                condition=Q(engagement_half_life_days__gte=1),
                name="organization_half_life_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def half_life(self) -> timedelta:
        """That of the stored scores."""
        return timedelta(days=self.engagement_in_force["half_life_days"])

    @property
    def wanted_engagement(self) -> dict[str, Any]:
        """What scores are to be computed by."""
        return {
            "half_life_days": self.engagement_half_life_days,
            "weights": self.engagement_weights,
        }
