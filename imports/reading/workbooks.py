"""Sheets of spreadsheets (XLSX, XLS, ODS), cell by cell as a person would have typed them."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from imports.reading.cell_errors import RowErrors, cell_errors
from imports.reading.errors import FileError, damaged, encrypted

# A spreadsheet keeps and shows this many digits; those behind are noise of binary fractions.
_DIGITS: Final = ".15g"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that is read, the names of all that can be chosen, those that people see first, and its rows."""

    name: str
    names: tuple[str, ...]
    height: int
    rows: Iterator[tuple[int, list[str]]]


def read_sheet(path: Path, kind: str, wanted: str | None) -> Sheet:
    """Open a workbook at the wanted sheet, or at the first one that holds something.

    Rows are (row of the sheet, cells) from the first row on, blank ones as `[]`; columns begin with the first
    that is used. Loads the whole sheet. Raises FileError.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = _sheet_names(workbook)
        sheet = _chosen(workbook, names, wanted)
    except PasswordError as error:
        raise encrypted() from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged() from error
    errors = cell_errors(path, sheet.name) if kind == "xlsx" else {}
    height = sheet.end[0] + 1 if sheet.end else 0
    return Sheet(sheet.name, names, height, _rows(sheet, errors))


def _sheet_names(workbook: CalamineWorkbook) -> tuple[str, ...]:
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    sheets.sort(key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
    if not sheets:
        raise FileError("empty", "This workbook has no sheet with cells; choose another file.")
    return tuple(sheet.name for sheet in sheets)


def _chosen(
    workbook: CalamineWorkbook, names: tuple[str, ...], wanted: str | None
) -> CalamineSheet:
    if wanted is None:
        sheets = map(workbook.get_sheet_by_name, names)
        filled = next((sheet for sheet in sheets if sheet.start is not None), None)
        return filled or workbook.get_sheet_by_name(names[0])
    if wanted not in names:
        known = ", ".join(f"“{name}”" for name in names[:10])
        raise FileError(
            "unknown_sheet", f"This workbook has no sheet “{wanted[:100]}”; it has {known}."
        )
    return workbook.get_sheet_by_name(wanted)


def _rows(sheet: CalamineSheet, errors: dict[int, RowErrors]) -> Iterator[tuple[int, list[str]]]:
    # Blank rows in front are among them, blank columns in front are not.
    first = sheet.start[1] if sheet.start else 0
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [cell_text(value) for value in values]
        for column, error in errors.get(number, {}).items():
            if 0 <= column - first < len(cells):
                cells[column - first] = error
        yield number, _filled(cells)


def _filled(cells: list[str]) -> list[str]:
    """Without the blank cells at the end."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return cells[:width]


def cell_text(value: Any) -> str:
    """A cell as a person would type it: 8595602512225, 0.3, 2026-03-01, 14:30:00, TRUE."""
    return _TEXTS[type(value)](value)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = format(value, _DIGITS)
    return format(Decimal(text), "f") if "e" in text else text


def _moment(value: dt.datetime) -> str:
    """Without the time when it is midnight, which is what a date is in a spreadsheet."""
    rounded = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return str(rounded.date() if rounded.time() == dt.time() else rounded)


def _duration(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    int: str,
    float: _number,
    dt.date: str,
    dt.datetime: _moment,
    dt.time: lambda value: value.isoformat("seconds"),
    dt.timedelta: _duration,
}
