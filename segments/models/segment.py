from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DB_SET_NULL, Q

from organizations.models import TenantModel, tenant_key

# The version of the rule language in which `Segment.rules` are written.
SCHEMA_VERSION = 1


class SegmentKind(models.TextChoices):
    DYNAMIC = "dynamic", "By rules"
    STATIC = "static", "By hand"


class SegmentStatus(models.TextChoices):
    BUILDING = "building", "Being built"
    READY = "ready", "Up to date"
    STALE = "stale", "Being brought up to date"
    FAILED = "failed", "Failed"


class Segment(TenantModel):
    """Contacts of whom a rule holds, and those that people pinned to it. Written by `segments.services` alone.

    A static one has no rule: its members are pinned.
    """

    name = models.CharField(max_length=200)
    # The name without case: what makes two names one.
    name_key = models.CharField(max_length=400, editable=False)
    description = models.CharField(max_length=500, blank=True, default="", db_default="")
    kind = models.CharField(max_length=16, choices=SegmentKind, default=SegmentKind.DYNAMIC)
    rules = models.JSONField(null=True, blank=True)
    schema_version = models.PositiveSmallIntegerField(default=SCHEMA_VERSION, editable=False)
    # The segments that the rules look at.
    depends_on = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    # Whether the passing of time alone can change who is in it.
    knows_time = models.BooleanField(default=False, db_default=False, editable=False)
    status = models.CharField(
        max_length=16, choices=SegmentStatus, default=SegmentStatus.BUILDING, editable=False
    )
    error = models.CharField(max_length=2000, blank=True, default="", db_default="", editable=False)
    member_count = models.BigIntegerField(default=0, editable=False)
    # Counts up in each transaction that changes who is in: what is cached of the members is named after it.
    members_version = models.BigIntegerField(default=0, db_default=0, editable=False)
    # When all of it was computed last, and how long that took.
    computed_at = models.DateTimeField(null=True, editable=False)
    computed_in = models.DurationField(null=True, editable=False)
    # The organization's timezone then: in another one days begin at other moments.
    computed_timezone = models.CharField(max_length=64, default="", db_default="", editable=False)
    # Up to when the passing of time has been followed.
    swept_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        editable=False,
        db_index=False,
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "segments"
        constraints = [
            tenant_key("segment"),
            models.UniqueConstraint(fields=["organization", "name_key"], name="segment_name_key"),
            models.CheckConstraint(
                condition=Q(kind__in=SegmentKind.values), name="segment_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(status__in=SegmentStatus.values), name="segment_status_valid"
            ),
            models.CheckConstraint(
                condition=Q(kind=SegmentKind.STATIC, rules__isnull=True)
                | Q(kind=SegmentKind.DYNAMIC, rules__isnull=False),
                name="segment_dynamic_has_rules",
            ),
        ]
        indexes = [
            # Whom the passing of time concerns, over all organizations.
            models.Index(
                fields=["organization", "swept_until"],
                name="segment_time_idx",
                condition=Q(knows_time=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
