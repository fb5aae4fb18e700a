"""Small files in and out of the admin, for tables that people also write by hand (django-import-export).

Each row is written by the service that the form calls too. Rows are found by the key that people know, among those of
the organization in scope; ids are neither read nor written.
"""

from collections.abc import Iterable
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import ZipFile

import openpyxl
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ConfirmImportForm
from import_export.resources import ModelResource
from import_export.tmp_storages import CacheStorage
from tablib import Dataset
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from organizations.formulas import escape_formula, unescape_formula
from organizations.scope import current_organization_id

MAX_ROWS = 1000
MAX_COLUMNS = 50
MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 40 * 1024 * 1024


class Unreadable(Exception):
    """A file that can't be read, with what to say about it."""


class ServiceResource(ModelResource):
    """Rows of a file. A subclass gives Meta.model and Meta.fields, its key first, and the two methods below."""

    class Meta:
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def find(self, key: str) -> Any:
        """The row with a key, of the organization in scope, or None."""
        raise NotImplementedError

    def service_save(self, instance: Any, *, is_new: bool) -> Any:
        """Write a row through a service. May raise ValidationError, which is shown beside the line."""
        raise NotImplementedError

    @property
    def _names(self) -> list[str]:
        return [field.column_name for field in self.get_import_fields()]

    def before_import(self, dataset: Dataset, **options: Any) -> None:
        headers = [str(header or "").strip().lower() for header in dataset.headers or []]
        try:
            self._check(headers, len(dataset))
        except Unreadable:
            # The library would go on to the rows.
            dataset.wipe()
            raise
        dataset.headers = headers

    def _check(self, headers: list[str], rows: int) -> None:
        known = ", ".join(self._names)
        if self._names[0] not in headers:
            raise Unreadable(f"There has to be a column {self._names[0]}. Columns are: {known}.")
        for header in headers:
            if header not in self._names or headers.count(header) > 1:
                raise Unreadable(f"The column “{header[:80]}” is not one of: {known}.")
        if rows > MAX_ROWS:
            raise Unreadable(f"At most {MAX_ROWS:,} rows at a time: this file has more.")

    def before_import_row(self, row: dict[str, Any], **options: Any) -> None:
        for name, cell in row.items():
            row[name] = unescape_formula("" if cell is None else str(cell))

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Any:
        return self.find(row[self._names[0]])

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        saved = self.service_save(instance, is_new=is_create)
        instance.__dict__.update(saved.__dict__)

    def after_import(self, dataset: Dataset, result: Any, **options: Any) -> None:
        """Not to set the table's sequence back, as the library does: others may have drawn from it meanwhile."""

    def export_resource(self, instance: Any, *args: Any, **options: Any) -> list[str]:
        cells = super().export_resource(instance, *args, **options)
        return [escape_formula("" if cell is None else str(cell)) for cell in cells]


class CsvFile(CSV):
    """Separated by commas, in UTF-8."""

    def create_dataset(self, in_stream: Any, **options: Any) -> Dataset:
        try:
            return super().create_dataset(in_stream, **options)
        except Exception as error:
            message = "This is no CSV file in UTF-8 whose lines have as many cells as its header."
            raise Unreadable(message) from error


class XlsxFile(XLSX):
    """The first sheet of a workbook, with bounds: a small file can unpack to a huge one."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        try:
            rows = list(islice(_sheet_rows(in_stream), MAX_ROWS + 2))
        except Exception as error:
            raise Unreadable("This is no XLSX file, or too large a one.") from error
        headers = rows[0] if rows else []
        while headers and headers[-1] is None:
            headers.pop()
        dataset = Dataset(headers=headers)
        for row in rows[1:]:
            if any(cell is not None for cell in row[len(headers) :]):
                raise Unreadable("A row has more cells than the header.")
            dataset.append(row[: len(headers)])
        return dataset


def _sheet_rows(content: bytes) -> Iterable[list[Any]]:
    """The rows that hold anything."""
    with ZipFile(BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise Unreadable
    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    cells = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, values_only=True)
    return (list(row) for row in cells if any(cell is not None for cell in row))


class PreviewedFile(CacheStorage):
    """A file between its preview and the confirmation: its organization's, in Redis, for an hour."""

    CACHE_LIFETIME = 3600

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.CACHE_PREFIX = f"admin-import:{current_organization_id()}:"

    def read(self) -> Any:
        content = super().read()
        if content is None:
            raise Unreadable("The preview is too old. Choose the file again.")
        return content


class UploadForm(ImportForm):
    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > MAX_BYTES:
            raise ValidationError("At most 2 MB: this is for small files.", code="too_large")
        return file


class ConfirmForm(ConfirmImportForm):
    format = forms.ChoiceField(choices=[("0", "csv"), ("1", "xlsx")], widget=forms.HiddenInput)


class ImportExportAdmin(ImportExportMixin):
    """Import and export for a TenantModelAdmin, by its roles; `resource_classes` names one ServiceResource."""

    formats = [CsvFile, XlsxFile]
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = PreviewedFile
    # Spreadsheets take a CSV file for UTF-8 by its BOM.
    to_encoding = "utf-8-sig"
    # History is ours, as for every TenantModelAdmin.
    skip_admin_log = True

    def has_import_permission(self, request: Any) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)  # type: ignore[attr-defined]

    def has_export_permission(self, request: Any) -> bool:
        return self.has_view_permission(request)  # type: ignore[attr-defined]

    def get_resource_index(self, form: Any) -> int:
        return 0

    def get_valid_export_item_pks(self, request: HttpRequest) -> Any:
        return self.get_queryset(request).values_list("pk", flat=True)  # type: ignore[attr-defined]

    def get_import_data_kwargs(self, **options: Any) -> dict[str, Any]:
        """All or nothing: what the preview accepted may be refused by now."""
        return super().get_import_data_kwargs(**options) | {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: forms.Form, error: Exception) -> None:
        form.add_error("import_file", str(error))

    def process_import(self, request: HttpRequest, **options: Any) -> HttpResponse:
        try:
            return super().process_import(request, **options)
        except Unreadable as error:
            return self._again(request, str(error))

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            message = "Nothing was imported: something has changed since the preview. Choose the file again."
            return self._again(request, message)
        return super().process_result(result, request)

    def _again(self, request: HttpRequest, message: str) -> HttpResponse:
        messages.error(request, message)
        app, model = self.get_model_info()
        return HttpResponseRedirect(reverse(f"admin:{app}_{model}_import"))
