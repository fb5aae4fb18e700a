"""/api/v1/imports/: upload → mapping → validate → preview → start → records, errors.csv → undo."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from imports.api.filters import ImportFilters, RecordFilters
from imports.api.mapping_serializers import MappingSerializer
from imports.api.serializers import (
    ImportCreateSerializer,
    ImportDetailSerializer,
    ImportFormatSerializer,
    ImportSerializer,
    PreviewSerializer,
    RecordSerializer,
)
from imports.models import ImportJob, ValidationStatus
from imports.selectors.preview import import_preview
from imports.selectors.record_list import record_list
from imports.services.control import (
    import_cancel,
    import_pause,
    import_resume,
    import_start,
    import_undo,
    import_validate,
)
from imports.services.error_file import error_file_lines
from imports.services.receiving import import_receive
from imports.services.uploads import import_map, import_reread
from organizations.api.parsers import ApiJSONParser
from organizations.api.serializers import FIELDS
from organizations.api.views import ApiViewSet
from organizations.keyset import Order


def _step(description: str, status: int) -> Callable[[Any], Any]:
    """The schema of an action that takes nothing and answers with the import."""
    return extend_schema(
        request=None, responses={status: ImportDetailSerializer}, description=description
    )


@extend_schema_view(list=extend_schema(parameters=[FIELDS]))
class ImportViewSet(ApiViewSet):
    """Files of people on their way in."""

    queryset = ImportJob.objects.all()
    serializer_class = ImportDetailSerializer
    filterset_class = ImportFilters
    parser_classes = [ApiJSONParser, MultiPartParser]

    def is_list(self) -> bool:
        return self.action in ("list", "records")

    def _answer(self, job: ImportJob, status: int = 200) -> Response:
        # A small file may have been worked on since.
        job.refresh_from_db()
        serializer = ImportDetailSerializer(job, context=self.get_serializer_context())
        return Response(serializer.data, status=status)

    @extend_schema(responses=ImportSerializer(many=True))
    def list(self, request: Request) -> Response:
        jobs = self.filter_queryset(self.get_queryset()).defer("columns", "mapping", "options")
        return self.page(jobs, ImportSerializer)

    @extend_schema(parameters=[FIELDS])
    def retrieve(self, request: Request, pk: int) -> Response:
        return self._answer(self.get_object())

    @extend_schema(
        request={"multipart/form-data": ImportCreateSerializer},
        responses={201: ImportDetailSerializer},
        description="Upload a file; `columns` in the answer says what each may be mapped to. A large workbook, archive "
        "or address book is read in the background: its status is `reading`, and then `draft`, with the columns.",
    )
    def create(self, request: Request) -> Response:
        checked = self.checked(ImportCreateSerializer)
        return self._answer(import_receive(actor=api_actor(request), **checked), 201)

    @extend_schema(
        request=ImportFormatSerializer,
        responses=ImportDetailSerializer,
        description="Read the file anew, with another encoding, delimiter, header or sheet; another sheet of a large "
        "workbook in the background (status `reading`).",
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        chosen = self.checked(ImportFormatSerializer)
        return self._answer(import_reread(job=self.get_object(), **chosen))

    @extend_schema(request=MappingSerializer, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def mapping(self, request: Request, pk: int) -> Response:
        """Say what each column holds; columns that are not named are left out."""
        checked = self.checked(MappingSerializer)
        return self._answer(import_map(job=self.get_object(), **checked))

    @_step("Check every line, in the background.", 202)
    @action(detail=True, methods=["post"])
    def validate(self, request: Request, pk: int) -> Response:
        return self._answer(import_validate(job=self.get_object()), 202)

    @extend_schema(responses=PreviewSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: int) -> Response:
        """What the run will do; nothing is written."""
        job = self.get_object()
        if job.validation_status != ValidationStatus.VALIDATED:
            message = "The import has not been checked yet: POST to validate/ first."
            raise ValidationError({"status": ValidationError(message, code="wrong_status")})
        return Response(PreviewSerializer(import_preview(job=job)).data)

    @_step("Run a checked import, in the background, as an operation that can be undone.", 202)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int) -> Response:
        return self._answer(import_start(job=self.get_object(), actor=api_actor(request)), 202)

    @_step("Stop at the next batch; what is written stays, the rest waits.", 200)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: int) -> Response:
        return self._answer(import_pause(job=self.get_object()))

    @_step("Go on with a paused import.", 202)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        return self._answer(import_resume(job=self.get_object()), 202)

    @_step("End it at the next batch. What it wrote stays, and can be undone.", 200)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        return self._answer(import_cancel(job=self.get_object()))

    @_step("Take back what it did, in the background; ends in “undone”.", 202)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        return self._answer(import_undo(job=self.get_object(), actor=api_actor(request)), 202)

    @extend_schema(
        responses=RecordSerializer(many=True),
        parameters=[FIELDS],
    )
    @action(
        detail=True,
        methods=["get"],
        filterset_class=RecordFilters,
        orders={"row_number": Order("row_number", tie="row_number")},
        default_ordering="row_number",
    )
    def records(self, request: Request, pk: int) -> Response:
        """The lines of the file, with what became of them."""
        records = record_list(job=self._job())
        return self.page(self.filter_queryset(records), RecordSerializer)

    def _job(self) -> ImportJob:
        return get_object_or_404(ImportJob, pk=self.kwargs["pk"])

    @extend_schema(
        operation_id="imports_errors",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        filters=False,
        description="The lines that failed: the columns of the file, `_line` and `_error`. Cells that a "
        "spreadsheet would run begin with a ', which an import of the corrected file takes off again.",
    )
    def errors(self, request: Request, pk: int) -> StreamingHttpResponse:
        job = self.get_object()
        name = f'attachment; filename="import-{job.pk}-errors.csv"'
        return StreamingHttpResponse(
            error_file_lines(job=job),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": name},
        )
