from django.conf import settings
from django.db import models
from django.db.models import DB_CASCADE, Q

from organizations.models.tenant import TenantModel


class Tone(models.TextChoices):
    GOOD = "good", "Good"
    WARN = "warn", "Warning"
    BAD = "bad", "Bad"


class Notice(TenantModel):
    """Something that a member waited for has come to its end: told in the product, and by mail."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=DB_CASCADE, related_name="+", db_index=False
    )
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True, default="")
    # Below the organization's own address.
    link = models.CharField(max_length=300)
    tone = models.CharField(max_length=8, choices=Tone, default=Tone.GOOD)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    # Null while a mail about it is still to be sent.
    mailed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "notices"
        constraints = [
            models.CheckConstraint(condition=Q(tone__in=Tone.values), name="notice_tone_valid"),
        ]
        indexes = [
            # A member's notices, newest first.
            models.Index(fields=["organization", "user", "id"], name="notice_newest_idx"),
            # How many are unread: on every page.
            models.Index(
                fields=["organization", "user"],
                name="notice_unread_idx",
                condition=Q(read_at=None),
            ),
            # The schedule looks for mail that a crash has left.
            models.Index(
                fields=["created_at"], name="notice_unmailed_idx", condition=Q(mailed_at=None)
            ),
            # The schedule removes what was read long ago, and what nobody has read for longer.
            models.Index(
                fields=["read_at"],
                name="notice_read_age_idx",
                condition=Q(read_at__isnull=False),
            ),
            models.Index(
                fields=["created_at"], name="notice_unread_age_idx", condition=Q(read_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title
