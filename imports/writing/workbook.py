"""A workbook of one sheet (ECMA-376), written as text: stretches of rows first, the file around them at the end.

So a stretch can be made, stored and made again by itself, and nothing but one row is ever in memory. Texts stand in
their cells and have the format Text: what looks like a formula, a date or a number with leading zeros stays text,
also when somebody edits it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from contacts.models import FieldType
from imports.writing.package import DAY, FILES, HEAD, SHEET, TEXT

MAX_ROWS: Final = 1_048_576
# Behind it, a spreadsheet takes the whole file for damaged.
MAX_CHARACTERS: Final = 32_767

_LEVEL: Final = 3
_BLOCK: Final = 1024 * 1024
# Spreadsheets know no day before, and count one in 1900 that there never was.
_FIRST_DAY: Final = date(1900, 3, 1)
_DAY_ZERO: Final = date(1899, 12, 30)
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z", re.ASCII)
# What XML can't hold is written as _x0000_, so what looks like that needs it too.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
# What can't stand as it is; all the others, which are nearly all, are not looked at twice.
_SPECIAL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff&<>]|_x")
_SHEET_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>'
    '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
    '<cols><col min="1" max="{width}" width="18" customWidth="1"/></cols><sheetData>'
)
_SHEET_TAIL: Final = b"</sheetData></worksheet>"


def sheet_rows(
    rows: Iterable[Sequence[str | None]], *, kinds: Sequence[str], first: int
) -> Iterator[bytes]:
    """Rows of a sheet, the first of which is its row `first`. Numbers, days and yes/no are what they are."""
    columns = [(_letters(at), _WRITERS.get(kind, _text)) for at, kind in enumerate(kinds)]
    for number, row in enumerate(rows, first):
        cells = "".join(
            [
                write(f"{letters}{number}", value)
                for value, (letters, write) in zip(row, columns, strict=True)
                if value is not None
            ]
        )
        yield f'<row r="{number}">{cells}</row>'.encode()


def write_workbook(
    target: IO[bytes], *, header: Sequence[str], parts: Iterable[IO[bytes]], size: int
) -> None:
    """Write a workbook with the stretches of rows `parts`, of `size` bytes in all, below its header.

    The same parts make the same bytes.
    """
    head = _SHEET_HEAD.format(width=len(header)).encode() + _header_row(header)
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, text in FILES.items():
            archive.writestr(_entry(name), text)
        entry = _entry(SHEET)
        entry.file_size = len(head) + size + len(_SHEET_TAIL)
        with archive.open(entry, "w") as sheet:
            sheet.write(head)
            for part in parts:
                while block := part.read(_BLOCK):
                    sheet.write(block)
            sheet.write(_SHEET_TAIL)


def _entry(name: str) -> ZipInfo:
    """A file in the archive, without the time at which it was written."""
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _header_row(header: Sequence[str]) -> bytes:
    cells = (_string(f"{_letters(at)}1", name, HEAD) for at, name in enumerate(header))
    return f'<row r="1">{"".join(cells)}</row>'.encode()


def _letters(at: int) -> str:
    """The name of a column: A, …, Z, AA, …"""
    name, left = "", at + 1
    while left:
        left, rest = divmod(left - 1, 26)
        name = chr(65 + rest) + name
    return name


def _text(place: str, value: str) -> str:
    return _string(place, value, TEXT)


def _string(place: str, value: str, style: int) -> str:
    if _SPECIAL.search(value) or len(value) > MAX_CHARACTERS:
        value = _written(value[:MAX_CHARACTERS])
    return (
        f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'
    )


def _written(value: str) -> str:
    """A text as XML can hold it."""
    text = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _number(place: str, value: str) -> str:
    if not _NUMBER.match(value):
        return _text(place, value)
    return f'<c r="{place}"><v>{value}</v></c>'


def _boolean(place: str, value: str) -> str:
    if value not in ("true", "false"):
        return _text(place, value)
    return f'<c r="{place}" t="b"><v>{int(value == "true")}</v></c>'


def _day(place: str, value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return _text(place, value)
    if day < _FIRST_DAY:
        return _text(place, value)
    return f'<c r="{place}" s="{DAY}"><v>{(day - _DAY_ZERO).days}</v></c>'


_WRITERS: Final = {
    "id": _number,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _day,
}
