"""The first lines of a file as they are read, to see whether its format was understood."""

from itertools import islice

from contacts.cleaning.texts import storable
from imports.models import ImportJob
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.rows import open_data_rows
from imports.reading.sources import local_copy

ROWS = 5
COLUMNS = 30
_CHARACTERS = 60


def first_rows(*, job: ImportJob, size: int = ROWS) -> list[tuple[int, list[str]]]:
    """Line number and cells of the first rows that are not blank; none of a file that can't be read."""
    try:
        with local_copy(job.readable) as path:
            rows = open_data_rows(path, FileFormat.from_dict(job.format))
            filled = ((line, cells) for line, cells in rows if cells)
            return [(line, _shown(cells, len(job.columns))) for line, cells in islice(filled, size)]
    except (FileError, OSError):
        return []


def _shown(cells: list[str], width: int) -> list[str]:
    """As many cells as there are columns to show, none too long."""
    cells = (cells + [""] * width)[: min(width, COLUMNS)]
    shown = [storable(cell) for cell in cells]
    return [cell if len(cell) <= _CHARACTERS else cell[:_CHARACTERS] + "…" for cell in shown]
