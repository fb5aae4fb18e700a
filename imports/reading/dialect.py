"""How the text of a CSV file becomes cells: delimiter, quote, header."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from imports.mapping.synonyms import is_known_header
from imports.reading.shapes import Shape, shape_of

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|")
QUOTES = ('"', "'")

# csv splits by one character only: a longer delimiter is replaced, in each line, by this one. Unicode
# reserves it for the inside of programs, so that no text holds it.
_STAND_IN: Final = "\ufdd0"

_RECORDS_LOOKED_AT = 500
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?\Z', re.IGNORECASE)

_VALUE_SHAPES: frozenset[Shape] = frozenset(
    {"number", "date", "datetime", "boolean", "phone", "url"}
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What csv.reader needs to know."""

    delimiter: str
    quotechar: str
    skip_initial_space: bool

    def reader(self, lines: Iterable[str]) -> "Reader":
        """A csv.reader of lines. Where the delimiter is several characters long, its cells go through `restored`."""
        return csv.reader(
            self._lines(lines),
            delimiter=self.delimiter if len(self.delimiter) == 1 else _STAND_IN,
            quotechar=self.quotechar,
            # csv refuses to skip what it splits by.
            skipinitialspace=self.skip_initial_space and self.delimiter != " ",
            strict=False,
        )

    def _lines(self, lines: Iterable[str]) -> Iterable[str]:
        if len(self.delimiter) == 1:
            return lines
        return (
            line.replace(_STAND_IN, "\ufffd").replace(self.delimiter, _STAND_IN) for line in lines
        )

    def restored(self, cells: list[str]) -> list[str]:
        """Put the delimiter back where it stood between quotes."""
        if len(self.delimiter) == 1:
            return cells
        return [cell.replace(_STAND_IN, self.delimiter) for cell in cells]


def sniff(sample: str) -> Dialect:
    """Find the dialect by consistency of the numbers of columns. One-column files get a comma."""
    declared = separator_line(sample.partition("\n")[0])
    quotechar = _quotechar(sample)
    delimiter = declared if declared in DELIMITERS else _delimiter(sample, quotechar)
    return Dialect(delimiter, quotechar, _has_initial_space(sample, delimiter, quotechar))


def separator_line(line: str) -> str | None:
    """The delimiter that a first line `sep=;` declares to Excel."""
    match = _SEPARATOR_LINE.match(line.rstrip("\r\n"))
    return match[1] if match else None


def sample_records(sample: str, dialect: Dialect) -> list[list[str]]:
    """The first records of a sample that are not blank."""
    records = _records(sample, dialect)
    if separator_line(sample.partition("\n")[0]):
        next(records, None)
    return list(islice(filter(any, records), _RECORDS_LOOKED_AT))


def has_header(records: list[list[str]]) -> bool:
    """Whether the first record names the columns.

    It does not when it holds an e-mail address, or when more of its cells look like the values
    below them than not. Names that are known as headers say yes.
    """
    if not records:
        return False
    first = [cell.strip() for cell in records[0]]
    shapes = [shape_of(cell) if cell else None for cell in first]
    if "email" in shapes:
        return False
    if any(is_known_header(cell) for cell in first):
        return True
    return _votes(first, shapes, records[1:]) >= 0


def _votes(first: list[str], shapes: list[Shape | None], rows: list[list[str]]) -> int:
    """Above zero: the first record differs from the rows; below: it is like them."""
    if not rows:
        return -sum(shape in _VALUE_SHAPES for shape in shapes)
    votes = 0
    for index, shape in enumerate(shapes):
        below = _shape_below(rows, index)
        if shape in _VALUE_SHAPES and (below == shape or below is None):
            votes -= 1
        elif shape is not None and below in _VALUE_SHAPES | {"email"} and below != shape:
            votes += 1
    return votes


def _shape_below(rows: list[list[str]], index: int) -> Shape | None:
    cells = (row[index].strip() for row in rows[:50] if index < len(row))
    counts = Counter(shape_of(cell) for cell in cells if cell)
    return counts.most_common(1)[0][0] if counts else None


def _records(sample: str, dialect: Dialect) -> Iterator[list[str]]:
    try:
        yield from map(dialect.restored, dialect.reader(StringIO(sample, newline="")))
    except csv.Error:
        return


def _quotechar(sample: str) -> str:
    """The apostrophe only where whole cells stand between apostrophes and no quote is used."""
    if '"' in sample or "'" not in sample:
        return '"'
    cells = [cell for cell in re.split(r"[,;\t|\r\n]+", sample[:20_000]) if cell.strip()]
    quoted = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells)
    return "'" if quoted * 2 >= len(cells) else '"'


def _delimiter(sample: str, quotechar: str) -> str:
    scores = {
        delimiter: _score(sample, Dialect(delimiter, quotechar, False)) for delimiter in DELIMITERS
    }
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0.0, 0) else ","


def _score(sample: str, dialect: Dialect) -> tuple[float, int]:
    """Share of records with the usual number of columns, halved where the first has one only."""
    widths = [len(record) for record in sample_records(sample, dialect)]
    wide = [width for width in widths if width > 1]
    if not wide:
        return (0.0, 0)
    usual, count = Counter(wide).most_common(1)[0]
    share = count / len(widths)
    return (round(share if widths[0] > 1 else share / 2, 1), usual)


def _has_initial_space(sample: str, delimiter: str, quotechar: str) -> bool:
    """Whether `a, "b, c"` is meant: cells that begin with a space and a quote, unless skipped."""
    if delimiter + " " + quotechar not in sample:
        return False
    records = sample_records(sample, Dialect(delimiter, quotechar, False))
    return any(
        cell.lstrip(" ").startswith(quotechar)
        for record in records
        for cell in record
        if cell.startswith(" ")
    )
