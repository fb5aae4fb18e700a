"""What is in a file: how it is written, its columns, and what they probably hold."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from imports.mapping.suggestions import suggest
from imports.models import ImportJob, ProcessingMode
from imports.reading.file_format import FileFormat
from imports.reading.header import Column, read_header
from imports.reading.sources import describe, local_copy, make_source
from imports.selectors.conventions import column_conventions
from imports.selectors.import_list import import_with_same_header
from imports.services.columns import has_target
from imports.services.own_files import export_suggestions, is_error_file, is_export

# How long a request waits for a table to be made of a file that is none.
SECONDS_AT_ONCE = 5.0
# What Kith adds to a file of lines that failed is not of the contacts.
LEFT_OUT = {
    "target": None,
    "confidence": 1.0,
    "reason": "Kith added it to the lines that failed.",
    "accepted": True,
    "type": None,
}


def file_describe(job: ImportJob, **chosen: Any) -> None:
    """Look at the file (as the user says it is written), store a table of it where needed, and propose a mapping.

    Nothing is saved of the import itself. Raises FileError; OutOfTime for what takes longer than a request may wait.
    """
    with local_copy(job.file) as path, TemporaryDirectory(prefix="kith-") as folder:
        source = make_source(path, Path(folder), seconds=SECONDS_AT_ONCE, **chosen)
        columns = read_header(source.path, source.format)
        if source.is_made:
            job.converted = new_table_name(job)
            table_store(job, source.path)
        size = source.path.stat().st_size
    _take_description(job, source.format, columns, size)


def table_describe(
    job: ImportJob,
    known: FileFormat,
    *,
    beat: Callable[[int], None] = lambda row: None,
    **chosen: Any,
) -> None:
    """Look at the table that is there, of which `known` is known. Calls `beat` now and then. Raises FileError."""
    with local_copy(job.readable) as path:
        found = describe(path, known, **chosen)
        columns, size = read_header(path, found), path.stat().st_size
    _take_description(job, found, columns, size, beat)


def new_table_name(job: ImportJob) -> str:
    """A name for a table that is about to be stored."""
    return job.converted.field.generate_filename(job, f"{uuid.uuid4().hex}.csv")


def table_store(job: ImportJob, path: Path) -> None:
    """Store what was made as the table of an import, under its name."""
    with path.open("rb") as made:
        job.converted.storage.save(str(job.converted.name), File(made))


def table_forget(job: ImportJob, table: str | None) -> None:
    """Delete a table once nothing refers to it any more."""
    storage = job.converted.storage
    if table:
        transaction.on_commit(lambda: storage.delete(table), robust=True)


def _take_description(
    job: ImportJob,
    found: FileFormat,
    columns: Sequence[Column],
    size: int,
    beat: Callable[[int], None] = lambda row: None,
) -> None:
    job.format = found.as_dict()
    job.columns = _described(columns)
    job.mapping = proposed_mapping(job.columns)
    _do_as_original(job)
    job.processing_mode = processing_mode(max(job.file_size, size))
    _note_conventions(job, beat)


def _do_as_original(job: ImportJob) -> None:
    """Lines that failed before are meant as they were then, if that fits: what their columns hold, which country their
    telephone numbers are from, whether new people get mail.
    """
    if not is_error_file([column["name"] for column in job.columns]):
        return
    earlier = import_with_same_header(job=job)
    if earlier is None or not has_target(earlier.mapping, job.match):
        return
    known = {entry["index"]: entry for entry in earlier.mapping}
    job.mapping = [known.get(at, {"index": at, "target": None}) for at in range(len(job.columns))]
    for name in ("country", "new_unsubscribed"):
        job.options[name] = job.options.get(name) or earlier.options.get(name)


def processing_mode(size: int) -> ProcessingMode:
    """Whether a file is worked on at once: by its size, or by that of the table that was made of it."""
    is_small = size <= settings.IMPORT_SYNC_BYTES
    return ProcessingMode.SYNC if is_small else ProcessingMode.ASYNC


def _note_conventions(job: ImportJob, beat: Callable[[int], None]) -> None:
    """Keep how the columns of dates and numbers are written: the whole file is read for it."""
    kinds = {column["index"]: column["shape"] for column in job.columns}
    for index, convention in column_conventions(job=job, kinds=kinds, beat=beat).items():
        job.columns[index]["convention"] = convention.as_dict()


def _described(columns: Sequence[Column]) -> list[dict[str, Any]]:
    names = [column.name for column in columns]
    suggestions = [suggestion.as_dict() for suggestion in suggest(columns)]
    if is_export(names):
        suggestions = export_suggestions(names, suggestions)
    if is_error_file(names):
        suggestions[-2:] = [suggestion | LEFT_OUT for suggestion in suggestions[-2:]]
    return [
        column.as_dict() | {"suggestion": suggestion}
        for column, suggestion in zip(columns, suggestions, strict=True)
    ]


def proposed_mapping(columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The suggestions that may be taken without asking; other columns are left out."""
    return [{"index": column["index"]} | _accepted(column["suggestion"]) for column in columns]


def _accepted(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    target = suggestion["target"] if suggestion["accepted"] else None
    if target == "tags":
        return {"target": target, "separator": ",;|"}
    kind = suggestion["type"] if str(target).startswith("custom:") else None
    return {"target": target} | ({"type": kind} if kind else {})
