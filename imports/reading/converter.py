"""The process that opens what strangers made: archives, workbooks and address books become plain CSV here.

`python -m imports.reading.converter` reads an order as JSON from its input and writes an answer as JSON. It has only
as much memory and time as the size of the file gives it, so that the worst file takes this process and nothing else.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from imports.reading import archives
from imports.reading.errors import FileError
from imports.reading.limits import Limits
from imports.reading.signatures import SIGNATURE_BYTES, container_of
from imports.reading.vcards import card_rows
from imports.reading.workbooks import read_sheet

UNPACKED: Final = "unpacked"
TABLE: Final = "table.csv"

# What a cell takes while a sheet is loaded, in relation to the text that it is written in.
_MEMORY_FACTOR: Final = 12
_MEMORY_AT_LEAST: Final = 96 * 1024**2
_SECONDS_AT_LEAST: Final = 5
_BYTES_A_SECOND: Final = 1024**2

_ROWS_BETWEEN_NOTES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a file turned out to be, and the file in the folder that it was made into; of a table also its rows."""

    kind: str
    file: str
    member: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A file, a folder that takes what is made of it, where to note how far that is, the sheet that is wanted, and
    the limits.
    """

    path: Path
    folder: Path
    progress: Path
    sheet: str | None
    limits: Limits


def answer(order: Order, path: Path, member: str = "") -> Answer:
    """Find out what a file is and make a table of it. Raises FileError."""
    with path.open("rb") as file:
        container = container_of(file.read(SIGNATURE_BYTES))
    if container == "zip":
        return _of_archive(order, path, member)
    if container == "ole":
        confine(path.stat().st_size, order.limits)
        return _of_workbook(order, path, "xls", member)
    if container == "vcard":
        confine(path.stat().st_size, order.limits)
        rows = card_rows(path, cell_characters=order.limits.cell_characters)
        return Answer("vcard", TABLE, member, rows=write_table(rows, order))
    return Answer("csv", path.name, member)


def _of_archive(order: Order, path: Path, member: str) -> Answer:
    with archives.opened(path, order.limits) as archive:
        content = archives.content_of(archive)
        confine(archives.unpacked_bytes(archive), order.limits)
        if content == "files":
            return _of_member(order, archive, member)
    return _of_workbook(order, path, content, member)


def _of_member(order: Order, archive: archives.ZipFile, outer: str) -> Answer:
    if outer:
        raise FileError("zip", "This zip archive holds another one; unpack it and import a file.")
    entry = archives.the_file(archive)
    target = order.folder / UNPACKED
    archives.unpack(archive, entry, target, order.limits)
    return answer(order, target, archives.shown_name(entry.filename))


def _of_workbook(order: Order, path: Path, kind: str, member: str) -> Answer:
    sheet = read_sheet(path, kind, order.sheet)
    rows = ((line, "", cells) for line, cells in sheet.rows)
    count = write_table(rows, order, sheet.height)
    return Answer(kind, TABLE, member, sheet.name, sheet.names, count)


def write_table(rows: Iterable[tuple[int, str, list[str]]], order: Order, total: int = 0) -> int:
    """Write rows as CSV of (line, what is wrong with it, cells), all of them within the limits; returns how many.

    Now and then it is noted how many there are, and of how many, where that is known.
    """
    count, limits = 0, order.limits
    target = order.folder / TABLE
    with target.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.writer(file)
        for count, (line, problem, cells) in enumerate(_within(rows, limits), 1):
            writer.writerow([line, problem, *cells])
            if file.tell() > limits.unpacked_bytes:
                raise limits.too_large_unpacked("This file")
            if count % _ROWS_BETWEEN_NOTES == 0:
                _note(order.progress, f"{count} {total}")
    return count


def _note(path: Path, text: str) -> None:
    """Write a file so that whoever reads it meanwhile finds the former text or this one."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


def _within(
    rows: Iterable[tuple[int, str, list[str]]], limits: Limits
) -> Iterator[tuple[int, str, list[str]]]:
    # The header is no row.
    for count, (line, problem, cells) in enumerate(rows):
        if count > limits.rows:
            raise limits.too_many_rows(line)
        if len(cells) > limits.columns:
            raise limits.too_wide(line, len(cells))
        if any(len(cell) > limits.cell_characters for cell in cells):
            raise limits.cell_too_long(line)
        yield line, problem, cells


def confine(size: int, limits: Limits) -> None:
    """Give up all but the memory and processor time that honest contents of this size need."""
    memory = min(_MEMORY_AT_LEAST + _MEMORY_FACTOR * size, limits.memory_bytes) + _in_use()
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, _SECONDS_AT_LEAST + size // _BYTES_A_SECOND)
    _lower(resource.RLIMIT_CORE, 0)


def _in_use() -> int:
    """Bytes of address space of this process, where the system tells."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 512 * 1024**2
    return int(pages) * resource.getpagesize()


def _lower(kind: int, wanted: int) -> None:
    """Set a limit for good, and never above one that is set already."""
    _, hard = resource.getrlimit(kind)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (allowed, allowed))


def main() -> None:
    order = _order(json.load(sys.stdin))
    try:
        result: dict[str, Any] = asdict(answer(order, order.path))
    except FileError as error:
        result = {"code": error.code, "message": error.message}
    json.dump(result, sys.stdout)


def _order(document: dict[str, Any]) -> Order:
    path, folder, progress = (Path(document[name]) for name in ("path", "folder", "progress"))
    return Order(path, folder, progress, document["sheet"], Limits(**document["limits"]))


if __name__ == "__main__":
    main()
