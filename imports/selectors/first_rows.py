"""The first lines of a file as they are read, to see whether its format was understood."""

from itertools import islice

from contacts.cleaning.texts import storable
from imports.models import ImportJob
from imports.selectors.file_rows import file_rows

ROWS = 5
COLUMNS = 30
_CHARACTERS = 60


def first_rows(*, job: ImportJob, size: int = ROWS) -> list[tuple[int, list[str]]]:
    """Line number and cells of the first rows that are not blank; none of a file that can't be read."""
    filled = ((line, cells) for line, cells in file_rows(job=job) if cells)
    return [(line, _shown(cells, len(job.columns))) for line, cells in islice(filled, size)]


def _shown(cells: list[str], width: int) -> list[str]:
    """As many cells as there are columns to show, none too long."""
    cells = (cells + [""] * width)[: min(width, COLUMNS)]
    shown = [storable(cell) for cell in cells]
    return [cell if len(cell) <= _CHARACTERS else cell[:_CHARACTERS] + "…" for cell in shown]
