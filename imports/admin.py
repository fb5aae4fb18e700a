"""Imports and exports in the admin: to look at. They are made and run on their own screens."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from unfold.decorators import display

from imports.models import ExportJob, ImportJob, ImportMapping
from imports.selectors.saved_mappings import kept_columns
from imports.services.saved_mappings import mapping_delete, mapping_rename
from organizations.admin_base import ReadOnlyAdmin, ServiceForm, TenantModelAdmin
from organizations.admin_site import site


@admin.register(ImportJob, site=site)
class ImportJobAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name",
        "state",
        "total_records",
        "processed_records",
        "created_by",
        "created_at",
    )
    list_filter = ("status",)
    list_select_related = ("created_by",)
    search_fields = ("file_name",)
    ordering = ("-pk",)
    actions = None
    readonly_fields = (
        "file_name", "file_size", "checksum", "status", "validation_status", "match", "mode", "options", "mapping",
        "total_records", "processed_records", "current_batch", "batch_size", "predicted_counts", "counts",
        "operation", "error", "created_by", "created_at", "started_at", "finished_at",
        "records_archived_at", "records_deleted_at", "file_deleted_at", "screen",
    )  # fmt: skip
    fields = readonly_fields

    @display(
        description="Status",
        label={
            "Completed": "success",
            "Partially completed": "warning",
            "Failed": "danger",
            "Running": "info",
            "Checking": "info",
        },
    )
    def state(self, obj: ImportJob) -> str:
        return obj.get_status_display()

    @display(description="Page")
    def screen(self, obj: ImportJob) -> Any:
        address = reverse("imports:detail", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">Rows, counts and undo</a>', address)


class SavedMappingAdminForm(ServiceForm):
    class Meta:
        model = ImportMapping
        fields = ("name",)


@admin.register(ImportMapping, site=site)
class SavedMappingAdmin(TenantModelAdmin):
    """Renaming and deleting. What a mapping says is chosen where the columns of a file are matched."""

    form = SavedMappingAdminForm
    add_role = None
    list_display = ("name", "headers", "match", "mode", "created_by", "updated_at")
    list_filter = ("match", "mode")
    list_select_related = ("created_by",)
    search_fields = ("name",)
    ordering = ("name_key",)
    fields = ("name", "holds", "match", "mode", "created_by", "created_at", "updated_at", "screen")
    readonly_fields = fields[1:]
    consequence = (
        "Files with these columns are not offered it any more. Imports that were made with it stay "
        "as they are, and no contact is touched."
    )

    @display(description="For files with")
    def headers(self, obj: ImportMapping) -> str:
        return Truncator(", ".join(obj.columns)).chars(60)

    @display(description="Columns")
    def holds(self, obj: ImportMapping) -> Any:
        said = [(each.name, each.target or "not imported") for each in kept_columns(mapping=obj)]
        return format_html_join("", "<div>{}: {}</div>", said)

    @display(description="Page")
    def screen(self, obj: ImportMapping) -> Any:
        address = reverse("imports:mapping", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">The mapping among the imports</a>', address)

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> ImportMapping:
        return mapping_rename(mapping=obj, **values)

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for mapping in objects:
            mapping_delete(mapping=mapping)


@admin.register(ExportJob, site=site)
class ExportJobAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "state", "progress_done", "file_size", "started_by", "created_at")
    list_filter = ("status", "format")
    list_select_related = ("started_by",)
    search_fields = ("file_name",)
    ordering = ("-pk",)
    actions = None
    readonly_fields = (
        "file_name", "format", "status", "selection", "columns", "progress_done", "progress_total", "file_size",
        "error", "started_by", "api_key", "created_at", "started_at", "finished_at", "expires_at", "removed_at", "screen",
    )  # fmt: skip
    fields = readonly_fields

    @display(
        description="Status",
        label={"Completed": "success", "Failed": "danger", "Running": "info"},
    )
    def state(self, obj: ExportJob) -> str:
        return obj.get_status_display()

    @display(description="Page")
    def screen(self, obj: ExportJob) -> Any:
        address = reverse("exports:detail", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">Progress and file</a>', address)
