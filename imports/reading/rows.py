"""The records of a file, one after the other, in constant memory."""

import csv
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Final

from imports.reading.dialect import separator_line
from imports.reading.encoding import open_text
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.limits import Limits

Row = tuple[int, list[str]]

MAX_LINE_CHARACTERS: Final = 8 * 1024 * 1024
# A record over more lines than this is a quote that somebody forgot.
MAX_RECORD_LINES: Final = 1_000

# A last line of our own: if it does not come out alone, a quote was still open at the end.
# (Of characters that no text holds and no delimiter may be.)
_END: Final = "\ufdd1\ufdd2\ufdd1"


class UnreadableRow(list[str]):
    """A row that could not be read as it should: what there is of its cells, and why. It fails by itself."""

    def __init__(self, cells: list[str], reason: str) -> None:
        super().__init__(cells)
        self.reason = reason


def open_rows(path: Path | str, file_format: FileFormat) -> Iterator[Row]:
    """Yield (line where the record begins, cells) for every record, the header included.

    Blank records (no cell with more than white space) come as `[]`. Bytes that the encoding does
    not have come as lone surrogates, NUL as it is: cleaning refuses such cells. Raises FileError.
    """
    return _SOURCES[file_format.kind](Path(path), file_format)


def open_data_rows(path: Path | str, file_format: FileFormat) -> Iterator[Row]:
    """The records without the header, which is the first that is not blank. Raises FileError for too many."""
    is_header_due = file_format.has_header
    limits = Limits.of_settings()
    left = limits.rows
    for row in open_rows(path, file_format):
        if is_header_due and row[1]:
            is_header_due = False
            continue
        if left == 0:
            raise limits.too_many_rows(row[0])
        left -= 1
        yield row


def _csv_rows(path: Path, file_format: FileFormat) -> Iterator[Row]:
    with open_text(path, file_format.encoding) as file:
        yield from _records(file, file_format)


def _converted_rows(path: Path, file_format: FileFormat) -> Iterator[Row]:
    """The records of a table that `conversion` made: line, what is wrong with it, cells."""
    with path.open(encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.field_size_limit(Limits.of_settings().cell_characters)
        for line, problem, *cells in csv.reader(file):
            yield int(line), UnreadableRow(cells, problem) if problem else cells


def _records(file: TextIOWrapper, file_format: FileFormat) -> Iterator[Row]:
    """One record behind: the last one is `_END`, and it must stand alone."""
    first_line = _bounded(file.readline(MAX_LINE_CHARACTERS), 1)
    is_declaration = separator_line(first_line) is not None
    lines = _lines(file) if is_declaration else chain((first_line,), _lines(file))
    skipped = 1 if is_declaration else 0
    limits = Limits.of_settings()
    csv.field_size_limit(limits.cell_characters)
    dialect = file_format.dialect
    reader, restored = dialect.reader(chain(lines, (_END,))), dialect.restored
    start, pending = 1, None
    try:
        for cells in reader:
            if pending is not None:
                yield pending
            end = reader.line_num
            if end - start >= MAX_RECORD_LINES:
                raise _unclosed(start + skipped)
            if len(cells) > limits.columns:
                raise limits.too_wide(start + skipped, len(cells))
            pending = (start + skipped, restored(cells) if _is_filled(cells) else [])
            start = end + 1
    except csv.Error:
        if reader.line_num > start:
            raise _unclosed(start + skipped) from None
        # csv raises for one reason when it is not strict: a cell beyond the limit.
        raise limits.cell_too_long(start + skipped) from None
    if pending is not None and pending[1] != [_END]:
        raise _unclosed(pending[0])


def _is_filled(cells: list[str]) -> bool:
    return bool(cells) and (bool(cells[0].strip()) or any(map(str.strip, cells)))


def _lines(file: TextIOWrapper) -> Iterator[str]:
    readline, number = file.readline, 1
    while line := readline(MAX_LINE_CHARACTERS):
        number += 1
        if len(line) == MAX_LINE_CHARACTERS:
            raise _line_too_long(number)
        yield line


def _bounded(line: str, number: int) -> str:
    if len(line) == MAX_LINE_CHARACTERS:
        raise _line_too_long(number)
    return line


def _unclosed(line: int) -> FileError:
    return FileError(
        "unclosed_quote",
        f"The quote opened in line {line:,} is never closed; correct that line, "
        "or double the quotes that belong to its text.",
    )


def _line_too_long(line: int) -> FileError:
    return FileError(
        "line_too_long",
        f"Line {line:,} has more than {MAX_LINE_CHARACTERS:,} characters; this is probably not a "
        "CSV file.",
    )


_SOURCES: Final[dict[str, Callable[[Path, FileFormat], Iterator[Row]]]] = {
    "csv": _csv_rows,
    "xlsx": _converted_rows,
    "xls": _converted_rows,
    "ods": _converted_rows,
    "vcard": _converted_rows,
}
