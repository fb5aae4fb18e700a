"""The rows of an uploaded file, as far as it can be read: the check of the file tells what is wrong with it."""

from collections.abc import Iterator

from imports.models import ImportJob
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.rows import open_data_rows
from imports.reading.sources import local_copy


def file_rows(*, job: ImportJob) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells, row by row."""
    try:
        with local_copy(job.readable) as path:
            yield from open_data_rows(path, FileFormat.from_dict(job.format))
    except (FileError, OSError):
        return
