"""The files of an export: its stretches while it runs, what they are joined to, and their removal."""

import csv
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import StringIO
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files import File

from imports.models import ExportFormat, ExportJob
from imports.selectors.export_columns import stored_columns
from imports.services.export_rows import copied_rows
from imports.writing.workbook import sheet_rows, write_workbook

BLOCK = 1024 * 1024


def part_store(*, job: ExportJob, ids: Sequence[int]) -> tuple[str, int, int]:
    """Store the stretch of a file that holds some contacts; returns its name, its bytes and how many they were.

    Its first row is the one behind those that the export has so far.
    """
    with TemporaryFile(prefix="kith-") as made:
        count = _write_rows(made, job, ids)
        size = made.tell()
        name = job.storage.save(f"{job.folder}/{uuid.uuid4().hex}", File(made))
        return name, size, count


def _write_rows(target: IO[bytes], job: ExportJob, ids: Sequence[int]) -> int:
    columns = stored_columns(job.columns)
    is_csv = job.format == ExportFormat.CSV
    with copied_rows(columns=columns, ids=ids, is_csv=is_csv) as copy:
        if is_csv:
            target.writelines(copy)
        else:
            kinds = [column.kind for column in columns]
            # Counted from 1, and below the header.
            first = job.progress_done + 2
            target.writelines(sheet_rows(copy.rows(), kinds=kinds, first=first))
        # Known only here: psycopg forgets it when the COPY is closed.
        return int(copy.cursor.rowcount)


def parts_join(*, job: ExportJob, beat: Callable[[int], None]) -> tuple[str, int]:
    """Store the whole file; returns its name and its bytes.

    It may take a while: `beat` is called between parts, and with the bytes of the file before they are stored.
    Raises ValidationError when a part is not there as it was stored.
    """
    header = [column.header for column in stored_columns(job.columns)]
    with TemporaryFile(prefix="kith-") as made:
        if job.format == ExportFormat.CSV:
            made.write(_csv_header(header))
            for part in _parts(job, beat):
                copyfileobj(part, made, BLOCK)
        else:
            size = sum(size for _, size in job.parts)
            write_workbook(made, header=header, parts=_parts(job, beat), size=size)
        size = made.seek(0, 2)
        beat(size)
        name = job.storage.save(f"{job.folder}/{uuid.uuid4().hex}.{job.format}", File(made))
        return name, size


def _csv_header(header: Sequence[str]) -> bytes:
    """UTF-8 with its mark, so that spreadsheets take it for what it is."""
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(header)
    return b"\xef\xbb\xbf" + line.getvalue().encode()


def _parts(job: ExportJob, beat: Callable[[int], None]) -> Iterator[IO[bytes]]:
    for name, size in job.parts:
        beat(0)
        try:
            with job.storage.open(name) as part:
                if part.size != size:
                    raise FileNotFoundError(name)
                yield part
        except FileNotFoundError as error:
            message = "A part of the file is gone from the storage. Start the export again."
            raise ValidationError(message, code="part_missing") from error


def export_files_delete(*, job: ExportJob, keep: str = "") -> None:
    """Delete everything that is stored of an export but the file `keep`."""
    with suppress(FileNotFoundError):
        for name in job.storage.listdir(job.folder)[1]:
            if f"{job.folder}/{name}" != keep:
                job.storage.delete(f"{job.folder}/{name}")
    if not keep:
        # A folder goes once nothing is in it; buckets have none.
        with suppress(OSError):
            job.storage.delete(job.folder)
