"""Whether a column's dates begin with the day or the month, and what its decimal sign is, as far as values tell."""

from collections import Counter
from collections.abc import Callable
from itertools import islice

from contacts.cleaning.dates import clean_date
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.numbers import clean_number
from imports.models import ImportJob
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.header import ROWS_LOOKED_AT
from imports.reading.rows import open_data_rows
from imports.reading.sources import local_copy

Reader = Callable[[str], object]
_DATES: dict[str, Reader] = {
    "day": lambda text: clean_date(text, True),
    "month": lambda text: clean_date(text, False),
}
_NUMBERS: dict[str, Reader] = {
    "point": clean_number,
    "comma": lambda text: clean_number(text, True),
}
READERS = {"date": _DATES, "datetime": _DATES, "number": _NUMBERS}


def column_conventions(*, job: ImportJob) -> dict[int, str]:
    """`day` or `month`, `point` or `comma`, by index of column; columns whose values leave it open are not named."""
    shapes = {c["index"]: READERS[c["shape"]] for c in job.columns if c["shape"] in READERS}
    if not shapes:
        return {}
    votes = _votes(job, shapes)
    return {index: found for index, counts in votes.items() if (found := _surest(counts))}


def _votes(job: ImportJob, shapes: dict[int, dict[str, Reader]]) -> dict[int, Counter[str]]:
    votes: dict[int, Counter[str]] = {index: Counter() for index in shapes}
    try:
        with local_copy(job.readable) as path:
            rows = open_data_rows(path, FileFormat.from_dict(job.format))
            for _, cells in islice(rows, ROWS_LOOKED_AT):
                _count(votes, shapes, cells)
    except (FileError, OSError):
        return {}
    return votes


def _count(
    votes: dict[int, Counter[str]], shapes: dict[int, dict[str, Reader]], cells: list[str]
) -> None:
    for index, readers in shapes.items():
        if index < len(cells) and (cell := cells[index].strip()):
            votes[index].update(name for name, read in readers.items() if _reads(read, cell))


def _reads(read: Reader, cell: str) -> bool:
    try:
        read(cell)
    except CleaningError:
        return False
    return True


def _surest(counts: Counter[str]) -> str:
    ranked = counts.most_common(2)
    is_open = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    return ranked[0][0] if ranked and not is_open else ""
