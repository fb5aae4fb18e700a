"""Shapes of imports, as DESIGN 7 has them."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from contacts.api.history import KeyChangeSerializer
from imports.api.filters import RECORD_STATUS_HELP, RECORD_STATUSES
from imports.api.mapping_serializers import (
    ConsentSerializer,
    MappingColumnSerializer,
    MappingSerializer,
)
from imports.models import (
    ImportJob,
    ImportMode,
    ImportStatus,
    KeptRecord,
    Matching,
    Outcome,
    ValidationStatus,
)
from imports.reading.file_format import KINDS, MAX_DELIMITER, FileFormat
from imports.selectors.preview import full_counts
from imports.selectors.progress import import_progress
from imports.selectors.record_list import NOT_REACHED
from imports.services.running import DIFFERING
from organizations.api.serializers import SparseFields, StrictSerializer


class CountsSerializer(serializers.Serializer):
    """Lines by bucket: every line of the file is in exactly one."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    protected = serializers.IntegerField()
    skipped = serializers.IntegerField()
    failed = serializers.IntegerField()


class SuggestionSerializer(serializers.Serializer):
    target = serializers.CharField(allow_null=True)
    confidence = serializers.FloatField()
    reason = serializers.CharField()
    accepted = serializers.BooleanField(help_text="It may be taken without asking.")
    type = serializers.CharField(allow_null=True, help_text="Of the new custom field.")


class ColumnSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    name = serializers.CharField()
    samples = serializers.ListField(child=serializers.CharField())
    fill_percent = serializers.IntegerField()
    shape = serializers.CharField(allow_null=True)
    suggestion = SuggestionSerializer()


class FormatSerializer(serializers.Serializer):
    """What the file is written in. Encoding and delimiter are those of kind csv, sheets those of workbooks."""

    kind = serializers.ChoiceField(KINDS)
    member = serializers.CharField(allow_blank=True, help_text="The file inside of an archive.")
    sheet = serializers.CharField(allow_blank=True)
    sheets = serializers.ListField(child=serializers.CharField(), help_text="To choose from.")
    encoding = serializers.CharField()
    delimiter = serializers.CharField(trim_whitespace=False)
    has_header = serializers.BooleanField()


class ImportSerializer(SparseFields, serializers.ModelSerializer):
    """An import as lists show it."""

    status = serializers.ChoiceField(ImportStatus.choices)
    validation_status = serializers.ChoiceField(ValidationStatus.choices)
    match = serializers.ChoiceField(Matching.choices)
    mode = serializers.ChoiceField(ImportMode.choices)
    counts = serializers.SerializerMethodField()
    predicted_counts = serializers.SerializerMethodField()
    rows_per_second = serializers.SerializerMethodField()
    eta_seconds = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    not_reached = serializers.IntegerField(
        help_text="Lines that the run has not dealt with, and after a cancellation never will."
    )
    errors_csv = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = ImportJob
        fields = [
            "id",
            "status",
            "validation_status",
            "file_name",
            "file_size",
            "checksum",
            "match",
            "mode",
            "batch_size",
            "total_records",
            "processed_records",
            "not_reached",
            "current_batch",
            "counts",
            "predicted_counts",
            "rows_per_second",
            "eta_seconds",
            "percent",
            "operation",
            "errors_csv",
            "error",
            "created_by",
            "api_key",
            "created_at",
            "started_at",
            "finished_at",
            "records_archived_at",
            "records_deleted_at",
            "file_deleted_at",
        ]
        read_only_fields = fields

    @extend_schema_field(CountsSerializer)
    def get_counts(self, job: ImportJob) -> dict[str, int]:
        return full_counts(job.counts)

    @extend_schema_field(CountsSerializer)
    def get_predicted_counts(self, job: ImportJob) -> dict[str, int]:
        return full_counts(job.predicted_counts)

    def get_rows_per_second(self, job: ImportJob) -> float | None:
        return import_progress(job).rows_per_second

    def get_eta_seconds(self, job: ImportJob) -> int | None:
        return import_progress(job).eta_seconds

    def get_percent(self, job: ImportJob) -> int | None:
        return import_progress(job).percent

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_errors_csv(self, job: ImportJob) -> str | None:
        """Where the lines that failed can be had as a file; null where there are none, or none any more."""
        counts = job.counts if job.operation_id else job.predicted_counts
        failed = counts.get(Outcome.FAILED) and job.records_deleted_at is None
        arguments = {"pk": job.pk}
        request = self.context.get("request")
        return reverse("api:import-errors", kwargs=arguments, request=request) if failed else None

    def get_error(self, job: ImportJob) -> str:
        """Why the file can't be imported, or not be read anew; what is wrong with single lines is in records/."""
        return job.error if job.status in (ImportStatus.FAILED, ImportStatus.DRAFT) else ""


class ImportDetailSerializer(ImportSerializer):
    """An import with its file's columns and what they are mapped to."""

    columns = ColumnSerializer(many=True)
    mapping = MappingColumnSerializer(many=True)
    format = serializers.SerializerMethodField()
    encoding = serializers.SerializerMethodField()
    delimiter = serializers.SerializerMethodField()
    has_header = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    consent = serializers.SerializerMethodField()
    new_companies = serializers.SerializerMethodField()
    differing = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = [
            *ImportSerializer.Meta.fields,
            "format",
            "encoding",
            "delimiter",
            "has_header",
            "tags",
            "source",
            "consent",
            "new_companies",
            "differing",
            "processing_mode",
            "columns",
            "mapping",
        ]
        read_only_fields = fields

    @extend_schema_field(FormatSerializer(allow_null=True))
    def get_format(self, job: ImportJob) -> dict[str, Any] | None:
        """Null until the file has been read."""
        if not job.format:
            return None
        return dict(FormatSerializer(FileFormat.from_dict(job.format)).data)

    def get_encoding(self, job: ImportJob) -> str:
        return job.format.get("encoding", "")

    def get_delimiter(self, job: ImportJob) -> str:
        return job.format.get("delimiter", "")

    def get_has_header(self, job: ImportJob) -> bool:
        return job.format.get("has_header", True)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tags(self, job: ImportJob) -> list[str]:
        return list(job.options.get("constants", {}).get("tags", {}).values())

    def get_source(self, job: ImportJob) -> str:
        return job.options.get("constants", {}).get("source", "")

    @extend_schema_field(ConsentSerializer(allow_null=True))
    def get_consent(self, job: ImportJob) -> dict[str, Any] | None:
        return job.options.get("consent")

    def get_new_companies(self, job: ImportJob) -> int:
        """How many companies the run makes besides the contacts of the lines."""
        return job.options.get("new_companies", 0)

    def get_differing(self, job: ImportJob) -> int:
        """How many lines ended otherwise than predicted, because contacts changed in between."""
        return job.options.get(DIFFERING, 0)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class NamesField(serializers.Field):
    """Names in a form: repeated, as a JSON list, or separated by commas."""

    def get_value(self, dictionary: Any) -> Any:
        if not hasattr(dictionary, "getlist"):
            return super().get_value(dictionary)
        values = dictionary.getlist(self.field_name)
        return values or serializers.empty

    def to_internal_value(self, data: Any) -> list[str]:
        values = data if isinstance(data, list) else [data]
        if len(values) == 1 and isinstance(values[0], str):
            values = self._split(values[0])
        if not all(isinstance(value, str) for value in values):
            raise serializers.ValidationError("Give names.")
        return [value.strip() for value in values if value.strip()]

    def _split(self, text: str) -> list[Any]:
        if not text.strip().startswith("["):
            return text.split(",")
        try:
            return list(json.loads(text))
        except ValueError as error:
            raise serializers.ValidationError("This list is not JSON.") from error

    def to_representation(self, value: list[str]) -> list[str]:
        return value


def _parsed(data: Any) -> Any:
    try:
        return json.loads(data) if isinstance(data, str) else data
    except (ValueError, RecursionError) as error:
        raise serializers.ValidationError(f"This is not JSON: {error}") from error


@extend_schema_field({"type": "string", "description": "JSON: as consent in mapping/."})
class ConsentField(serializers.Field):
    """A declaration of consent inside of a form: JSON."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        serializer = ConsentSerializer(data=_parsed(data))
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "string", "description": "JSON: {“columns”: […]} as in mapping/."})
class MappingField(serializers.Field):
    """A mapping inside of a form: JSON, `{"columns": […]}` or the bare list."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        document = _parsed(data)
        if isinstance(document, list):
            document = {"columns": document}
        serializer = MappingSerializer(data=document)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data["columns"]

    def to_representation(self, value: Any) -> Any:
        return value


class ImportFormatSerializer(StrictSerializer):
    """How the file is written, where it was not found out rightly. The mapping is proposed anew."""

    encoding = serializers.CharField(required=False, max_length=40)
    delimiter = serializers.CharField(
        required=False, max_length=MAX_DELIMITER, trim_whitespace=False
    )
    # Null by default: in a form, a plain boolean that is not there would be false.
    has_header = serializers.BooleanField(
        required=False, allow_null=True, help_text="Null to find it out."
    )
    sheet = serializers.CharField(
        required=False, max_length=255, trim_whitespace=False, help_text="Of a workbook."
    )


class ImportCreateSerializer(ImportFormatSerializer):
    """A file, what to do with its people, and how it is written where that should not be found out."""

    file = serializers.FileField(allow_empty_file=True, use_url=False)
    match = serializers.ChoiceField(Matching.choices, default=Matching.EMAIL)
    mode = serializers.ChoiceField(ImportMode.choices, default=ImportMode.UPSERT)
    mapping = MappingField(required=False)
    tags = NamesField(required=False, help_text="Given to every contact of the file.")
    source = serializers.CharField(  # type: ignore[assignment]
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Given to every contact of the file.",
    )
    consent = ConsentField(required=False)
    country = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Of telephone numbers without a country code, such as NO; by default the organization's.",
    )
    batch_size = serializers.IntegerField(required=False, min_value=1, max_value=10_000)


class RecordErrorSerializer(serializers.Serializer):
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    left_out = serializers.BooleanField(
        required=False, help_text="True where the line is imported without this cell."
    )


class RecordSerializer(SparseFields, serializers.ModelSerializer):
    """One line: as it was read, as it was understood, what was expected of it and what became of it."""

    status = serializers.ChoiceField(RECORD_STATUSES, help_text=RECORD_STATUS_HELP)
    raw = serializers.ListField(child=serializers.CharField())
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]
    predicted = serializers.ChoiceField(Outcome.choices)
    outcome = serializers.SerializerMethodField()

    class Meta:
        model = KeptRecord
        fields = [
            "row_number",
            "line_number",
            "status",
            "predicted",
            "outcome",
            "contact_id",
            "raw",
            "cleaned",
            "errors",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(Outcome.choices, allow_null=True))
    def get_outcome(self, record: Any) -> str | None:
        """What became of the line; null as long as nothing has."""
        return None if record.status == NOT_REACHED else record.outcome

    @extend_schema_field(RecordErrorSerializer(many=True))
    def get_errors(self, record: KeptRecord) -> list[dict[str, Any]]:
        return record.errors or []


class SampleSerializer(serializers.Serializer):
    row_number = serializers.IntegerField()
    line_number = serializers.IntegerField()
    raw = serializers.ListField(child=serializers.CharField())
    contact_id = serializers.IntegerField(allow_null=True)
    changes = serializers.DictField(child=KeyChangeSerializer(), help_text="By field.")
    errors = RecordErrorSerializer(many=True)  # type: ignore[assignment]


class PreviewSerializer(serializers.Serializer):
    """What the run will do: every line in its bucket, and up to five lines of each with their effect."""

    counts = CountsSerializer()
    samples = serializers.DictField(
        child=serializers.ListField(child=SampleSerializer()), help_text="By bucket."
    )
