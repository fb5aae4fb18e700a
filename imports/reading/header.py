"""The columns of a file, as people see them before they map them."""

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from contacts.cleaning.texts import storable, trim
from imports.reading.file_format import FileFormat
from imports.reading.rows import open_rows
from imports.reading.shapes import Shape, column_shape

ROWS_LOOKED_AT: Final = 1_000
SAMPLES: Final = 3
_SHOWN_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its unique name, the first values, and how it looks over the first 1,000 rows."""

    index: int
    name: str
    samples: tuple[str, ...]
    fill_percent: int
    shape: Shape

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"samples": list(self.samples)}


def read_header(path: Path | str, file_format: FileFormat) -> list[Column]:
    """Describe the columns of a file. Raises FileError. No records at all give no columns."""
    records = (cells for _, cells in open_rows(path, file_format) if cells)
    header = next(records, []) if file_format.has_header else []
    rows = list(islice(records, ROWS_LOOKED_AT))
    width = max([len(header), *map(_filled_width, rows)])
    names = column_names([*header, *[""] * (width - len(header))])
    return [_column(index, name, rows) for index, name in enumerate(names)]


def column_names(header: Iterable[str]) -> list[str]:
    """Trim and tell apart: “Column 3” for a blank header, “email (2)” for the second of a name."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(header, start=1):
        name = _unique(_shown(" ".join(cell.split())) or f"Column {number}", taken)
        taken.add(name)
        names.append(name)
    return names


def _unique(name: str, taken: set[str]) -> str:
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate


def _filled_width(cells: list[str]) -> int:
    """Where the last non-blank cell ends: a trailing comma makes no column."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


def _column(index: int, name: str, rows: list[list[str]]) -> Column:
    cells = [row[index].strip() for row in rows if index < len(row)]
    values = [cell for cell in cells if cell and (cell.isascii() or trim(cell))]
    samples = tuple(map(_shown, islice(dict.fromkeys(values), SAMPLES)))
    fill = len(values) / len(rows) if rows else 0.0
    return Column(index, name, samples, _percent(fill), column_shape(values))


def _percent(share: float) -> int:
    """Whole percent; 0 and 100 only when they are exact."""
    return min(max(round(share * 100), 1 if share else 0), 99 if share < 1 else 100)


def _shown(text: str) -> str:
    """A value for screens: storable, composed, not too long."""
    composed = unicodedata.normalize("NFC", storable(trim(text)))
    return composed if len(composed) <= _SHOWN_CHARACTERS else composed[:_SHOWN_CHARACTERS] + "…"
