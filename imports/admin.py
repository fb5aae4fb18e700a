"""Imports in the admin: to look at. They are made and run on their own screens."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from imports.models import ExportJob, ImportJob
from organizations.admin_base import ReadOnlyAdmin
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
