import zoneinfo

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use a–z, 0–9 and single hyphens between them.")
RETENTION = [MinValueValidator(1), MaxValueValidator(3650)]


def timezone_names() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(zoneinfo.available_timezones())]


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
        ]

    def __str__(self) -> str:
        return self.name
