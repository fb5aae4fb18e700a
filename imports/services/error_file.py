"""The lines that failed, as a CSV file that can be corrected and imported again."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.db.models.expressions import Func
from django.db.models.fields import IntegerField

from imports.models import ImportJob, KeptRecord, Outcome
from imports.reading.file_format import FileFormat
from imports.selectors.record_list import reached_records
from imports.services.own_files import (
    ERROR_COLUMN,
    LINE_COLUMN,
    cells_are_escaped,
    is_error_file,
)
from organizations.formulas import escape_formula, unescape_formula

CHUNK = 2000


def failed_records(*, job: ImportJob) -> QuerySet[KeptRecord]:
    """The lines that failed or, before the run, are expected to, in the order of the file. None that was not reached."""
    failed = Q(predicted=Outcome.FAILED) | Q(outcome=Outcome.FAILED)
    records = reached_records(job=job).filter(failed)
    bucket = Q(outcome=Outcome.FAILED) | Q(outcome=None)
    return records.filter(bucket).order_by("row_number")


def error_file_lines(*, job: ImportJob) -> Iterator[str]:
    """The error file, piece by piece, in constant memory: original columns, the line, what is wrong.

    UTF-8 with a BOM, so that spreadsheets take it for what it is; commas whatever the original had. Consume it in
    the organization's scope (`organizations.scope.scoped_stream`).
    """
    writer = csv.writer(_Echo())
    layout = _layout(job)
    names = map(escape_formula, layout.of(layout.names))
    yield "\ufeff" + writer.writerow([*names, LINE_COLUMN, ERROR_COLUMN])
    for records in _chunks(failed_records(job=job)):
        yield "".join(writer.writerow(_cells(record, layout)) for record in records)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of the file: of an error file that is imported again, without those that it had gained.

    `is_escaped` when its cells came with what keeps spreadsheets from running them.
    """

    names: list[str]
    left_out: range
    is_escaped: bool

    def of(self, cells: Sequence[str]) -> list[str]:
        filled = [*cells, *[""] * (len(self.names) - len(cells))]
        return [cell for index, cell in enumerate(filled) if index not in self.left_out]


def _layout(job: ImportJob) -> _Layout:
    """With names for the cells that only too long lines have."""
    names = [column["name"] for column in job.columns]
    width, left_out = len(names), 2 if is_error_file(names) else 0
    is_escaped = cells_are_escaped(names, FileFormat.from_dict(job.format))
    length = Func("raw", function="jsonb_array_length", output_field=IntegerField())
    widest = failed_records(job=job).order_by().aggregate(widest=Max(length))["widest"] or 0
    names += [f"Column {number}" for number in range(width + 1, widest + 1)]
    return _Layout(names, range(width - left_out, width), is_escaped)


def _chunks(records: QuerySet[KeptRecord]) -> Iterator[list[KeptRecord]]:
    last = 0
    while chunk := list(records.filter(row_number__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].row_number


def _cells(record: KeptRecord, layout: _Layout) -> list[str]:
    cells = layout.of(record.raw)
    if layout.is_escaped:
        cells = [unescape_formula(cell) for cell in cells]
    return [*map(escape_formula, cells), str(record.line_number), _messages(record.errors or [])]


def _messages(errors: Iterable[dict[str, Any]]) -> str:
    parts = (
        f"{error['column']}: {error['message']}" if error.get("column") else error["message"]
        for error in errors
    )
    return escape_formula("; ".join(parts))


class _Echo:
    """What csv writes to: it hands each line straight back."""

    def write(self, line: str) -> str:
        return line
