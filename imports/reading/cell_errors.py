"""Errors in the cells of an XLSX sheet, such as #N/A, which calamine gives as blank cells."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

# Column by column of a row: what the spreadsheet shows.
RowErrors = dict[int, str]

_CHUNK_BYTES: Final = 4 * 1024**2
_CELL: Final = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*\bt=["']e["'][^>]*)(?<!/)>(.*?)</(?:\w+:)?c>""", re.DOTALL
)
_PLACE: Final = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>(#[^<]{1,20})</")
_ROW_END: Final = re.compile(rb"</(?:\w+:)?row>")


def cell_errors(path: Path, sheet: str) -> dict[int, RowErrors]:
    """Errors by row (from 1) and column (from 0) of a sheet; none where its part of the archive is not found."""
    found: dict[int, RowErrors] = {}
    try:
        with ZipFile(path) as archive, archive.open(_part_of(archive, sheet)) as part:
            for cell in _cells(part):
                _note(found, cell)
    except (BadZipFile, KeyError, StopIteration, ElementTree.ParseError):
        return found
    return found


def _part_of(archive: ZipFile, sheet: str) -> str:
    """The file of a sheet. Raises KeyError or StopIteration where the workbook does not tell."""
    workbook = next(name for name in archive.namelist() if name.endswith("workbook.xml"))
    folder, name = posixpath.split(workbook)
    relations = archive.read(posixpath.join(folder, "_rels", f"{name}.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.fromstring(relations)}
    key = next(
        value
        for each in ElementTree.fromstring(archive.read(workbook)).iter()
        if each.tag.endswith("}sheet") and each.get("name") == sheet
        for attribute, value in each.attrib.items()
        if attribute.endswith("}id")
    )
    return posixpath.normpath(posixpath.join("/", folder, targets[key])).lstrip("/")


def _cells(part: IO[bytes]) -> Iterator[re.Match[bytes]]:
    """Cells that hold an error, read in pieces that end with a row."""
    rest = b""
    while chunk := part.read(_CHUNK_BYTES):
        text = rest + chunk
        end = max((match.end() for match in _ROW_END.finditer(text)), default=0)
        yield from _CELL.finditer(text, 0, end)
        rest = text[end:]


def _note(found: dict[int, RowErrors], cell: re.Match[bytes]) -> None:
    place, value = _PLACE.search(cell[1]), _VALUE.search(cell[2])
    if place and value:
        found.setdefault(int(place[2]), {})[_column(place[1])] = value[1].decode(errors="replace")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
