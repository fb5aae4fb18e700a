"""/api/v1/exports/: start → wait → file/."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from contacts.api.actors import api_actor
from contacts.models import CustomFieldDefinition, SavedView
from contacts.selectors.saved_views import saved_views_seen
from imports.api.filters import ExportFilters
from imports.downloads import file_response
from imports.models import ExportFormat, ExportJob, ExportStatus
from imports.selectors.export_columns import columns_of_list, export_columns
from imports.selectors.export_list import export_filters
from imports.selectors.export_progress import export_progress
from imports.services.exporting import export_cancel, export_start
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.roles import EDIT


class ExportCreateSerializer(StrictSerializer):
    """Whom to export, in which columns. Nothing said means everybody, and everything."""

    format = serializers.ChoiceField(ExportFormat.choices, default=ExportFormat.CSV)
    filters = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="As the parameters of contacts/: {“tag”: “VIP”}.",
    )
    view = serializers.IntegerField(
        required=False,
        help_text="The id of a saved view, whose filters and columns count where none are given.",
    )
    columns = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Such as email, tags, created_at or custom:age, in the order of the file. The contact’s id "
        "always comes first.",
    )


class ExportSerializer(SparseFields, serializers.ModelSerializer):
    """An export, and where its file is once it is completed."""

    status = serializers.ChoiceField(ExportStatus.choices)
    format = serializers.ChoiceField(ExportFormat.choices)
    filters = serializers.SerializerMethodField()
    columns = serializers.SerializerMethodField()
    total_records = serializers.IntegerField(
        source="progress_total", help_text="Found out when it starts to run."
    )
    processed_records = serializers.IntegerField(source="progress_done")
    percent = serializers.SerializerMethodField()
    rows_per_second = serializers.SerializerMethodField()
    eta_seconds = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField()

    class Meta:
        model = ExportJob
        fields = [
            "id", "status", "format", "filters", "columns", "total_records", "processed_records", "percent",
            "rows_per_second", "eta_seconds", "error", "file", "file_name", "file_size", "expires_at", "removed_at",
            "started_by", "api_key", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_filters(self, job: ExportJob) -> dict[str, str]:
        return export_filters(job)

    def get_columns(self, job: ExportJob) -> list[str]:
        return [column["name"] for column in job.columns]

    def get_percent(self, job: ExportJob) -> int | None:
        return export_progress(job).percent

    def get_rows_per_second(self, job: ExportJob) -> float | None:
        return export_progress(job).rows_per_second

    def get_eta_seconds(self, job: ExportJob) -> int | None:
        return export_progress(job).eta_seconds

    def get_error(self, job: ExportJob) -> str:
        return job.error if job.status == ExportStatus.FAILED else ""

    def get_file(self, job: ExportJob) -> str | None:
        """Where the file can be had; null while there is none, and once it was removed."""
        if not job.has_file:
            return None
        request = self.context.get("request")
        return reverse("api:export-file", kwargs={"pk": job.pk}, request=request)


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class ExportViewSet(ApiViewSet):
    """Contacts on their way out, as CSV or XLSX. An import knows such a file again, and changes nothing."""

    queryset = ExportJob.objects.all()
    serializer_class = ExportSerializer
    filterset_class = ExportFilters

    def list(self, request: Request) -> Response:
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:
        return self._answer(self.get_object())

    def _answer(self, job: ExportJob, status: int = 200) -> Response:
        return Response(self.get_serializer(job).data, status=status)

    @extend_schema(
        request=ExportCreateSerializer,
        responses={202: ExportSerializer},
        description="Start an export, in the background.",
    )
    def create(self, request: Request) -> Response:
        checked = self.checked(ExportCreateSerializer)
        return self._answer(export_start(actor=api_actor(request), **_wanted(checked)), 202)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
        description="The file. It takes the role that may edit contacts. Text in a CSV file that a spreadsheet would "
        "run begins with a ', which an import takes off again.",
    )
    @action(detail=True, methods=["get"], read_role=EDIT)
    def file(self, request: Request, pk: int) -> FileResponse:
        return file_response(self.get_object())

    @extend_schema(request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """End it; nothing of its file is kept."""
        return self._answer(export_cancel(job=self.get_object()))


def _wanted(checked: Mapping[str, Any]) -> dict[str, Any]:
    """Filters and columns: those that are given, else those of the view, else none and all."""
    view = _view(checked["view"]) if "view" in checked else None
    known = export_columns(CustomFieldDefinition.objects.order_by("label", "key"))
    columns = columns_of_list(view.columns, known) if view else list(known)
    return {
        "format": checked["format"],
        "filters": checked.get("filters", view.filters if view else {}),
        "columns": checked.get("columns", columns),
    }


def _view(pk: int) -> SavedView:
    view = saved_views_seen(user=None).filter(pk=pk).first()
    if view is None:
        raise ValidationError({"view": ValidationError(f"Unknown id: {pk}.", code="unknown_id")})
    return view
