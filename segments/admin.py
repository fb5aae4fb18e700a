"""Segments in the admin: to rename, compute and delete. Their rules are made on their own screens."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display

from organizations.admin_base import ReadOnlyAdmin, ServiceForm, TenantModelAdmin
from organizations.admin_site import site
from segments.models import (
    MembershipReason,
    Segment,
    SegmentKind,
    SegmentMembershipLog,
    SegmentPin,
    SegmentRefresh,
)
from segments.selectors.sentences import sentences
from segments.services.refreshing import segment_refresh_start
from segments.services.segments import segment_delete, segment_update


class SegmentAdminForm(ServiceForm):
    class Meta:
        model = Segment
        fields = ("name", "description")


@admin.register(Segment, site=site)
class SegmentAdmin(TenantModelAdmin):
    form = SegmentAdminForm
    add_role = None
    list_display = ("name", "kind", "state", "member_count", "computed_at", "created_by")
    list_filter = ("kind", "status")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    ordering = ("name_key",)
    fields = (
        "name", "description", "kind", "says", "pinned", "status", "error", "member_count", "computed_at",
        "computed_in", "swept_until", "created_by", "created_at", "updated_at", "screen",
    )  # fmt: skip
    readonly_fields = fields[2:]
    consequence = (
        "Who was in it, and when, is deleted with it. No contact is touched. This can't be undone."
    )
    actions = ("compute",)

    @display(
        description="Status",
        label={"Up to date": "success", "Failed": "danger", "Being built": "info"},
    )
    def state(self, obj: Segment) -> str:
        return obj.get_status_display()

    @display(description="Rules")
    def says(self, obj: Segment) -> str:
        return sentences([obj])[obj.pk]

    @display(description="By hand")
    def pinned(self, obj: Segment) -> str:
        pins = SegmentPin.objects.filter(segment=obj)
        inside = pins.filter(is_in=True).count()
        return f"{inside:,} always in, {pins.count() - inside:,} always out"

    @display(description="Page")
    def screen(self, obj: Segment) -> Any:
        address = reverse("segments:detail", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">Members, rules and history</a>', address)

    @action(description="Compute anew", permissions=["change"])
    def compute(self, request: Any, queryset: Any) -> None:
        dynamic = list(queryset.filter(kind=SegmentKind.DYNAMIC))
        for segment in dynamic:
            segment_refresh_start(segment=segment, reason=MembershipReason.DATA, user=request.user)
        self.message_user(request, f"{len(dynamic):,} are being computed.", messages.SUCCESS)

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> Segment:
        return segment_update(segment=obj, user=request.user, **values)

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for segment in objects:
            segment_delete(segment=segment)


@admin.register(SegmentRefresh, site=site)
class SegmentRefreshAdmin(ReadOnlyAdmin):
    noun, nouns = "computation", "computations"
    list_display = ("segment", "state", "reason", "joined", "left", "actor", "created_at", "took")
    list_filter = ("status", "reason")
    list_select_related = ("segment", "actor")
    search_fields = ("segment__name",)
    ordering = ("-pk",)
    actions = None
    readonly_fields = (
        "segment", "status", "reason", "joined", "left", "attempts", "error", "actor", "created_at", "started_at",
        "finished_at",
    )  # fmt: skip
    fields = readonly_fields

    @display(description="Status", label={"Done": "success", "Failed": "danger", "Running": "info"})
    def state(self, obj: SegmentRefresh) -> str:
        return obj.get_status_display()

    @display(description="Took")
    def took(self, obj: SegmentRefresh) -> str:
        if obj.started_at is None or obj.finished_at is None:
            return ""
        return f"{(obj.finished_at - obj.started_at).total_seconds():,.1f} s"


@admin.register(SegmentMembershipLog, site=site)
class MembershipLogAdmin(ReadOnlyAdmin):
    noun, nouns = "entry", "entries"
    list_display = ("at", "segment", "contact_id", "action", "reason")
    list_filter = ("action", "reason")
    list_select_related = ("segment",)
    # (In the order of the key: the log of a segment in the order of time is on its page.)
    ordering = ("-pk",)
    actions = None
    readonly_fields = ("segment", "contact_id", "action", "reason", "at")
    fields = readonly_fields
