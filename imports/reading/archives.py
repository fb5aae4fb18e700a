"""ZIP files: what is in them, and getting one file out of them."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

from imports.reading.errors import FileError, damaged, encrypted
from imports.reading.limits import Limits

Content = Literal["xlsx", "ods", "files"]

SUFFIXES: Final = frozenset(
    (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".vcf", ".vcard")
)
_MAX_ENTRIES: Final = 10_000
_CHUNK_BYTES: Final = 1024 * 1024
# Text packs 10 to 1 and a sheet 50 to 1; what unpacks beyond this was made to do harm.
_MAX_RATIO: Final = 400
_RATIO_MATTERS_BYTES: Final = 50 * 1024**2
_NAMES_SHOWN: Final = 5
# What zipfile raises for contents that are not as they should be.
_UNREADABLE: Final = (BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[ZipFile]:
    """An archive whose table of contents is sound. Raises FileError for one that is damaged or a bomb."""
    try:
        with ZipFile(path) as archive:
            _guard(archive.infolist(), limits)
            yield archive
    except _UNREADABLE as error:
        raise damaged() from error


def content_of(archive: ZipFile) -> Content:
    """Whether an archive is a workbook of some kind, or just holds files. Raises FileError for other documents."""
    names = {entry.filename.lstrip("/").lower() for entry in archive.infolist()}
    if any(name.startswith(("word/", "ppt/", "visio/", "index/document.iwa")) for name in names):
        raise FileError(
            "not_csv",
            "This is a document and no table that can be read; export the list as .xlsx or CSV.",
        )
    if "[content_types].xml" in names or "xl/workbook.xml" in names:
        return "xlsx"
    return "ods" if {"content.xml", "mimetype"} <= names else "files"


def unpacked_bytes(archive: ZipFile) -> int:
    """What the table of contents says; it may lie."""
    return sum(entry.file_size for entry in archive.infolist())


def the_file(archive: ZipFile) -> ZipInfo:
    """The one file of an archive that can be imported. Raises FileError, which says what is in it, for another number."""
    entries = [entry for entry in archive.infolist() if _is_meant(entry)]
    fit = [entry for entry in entries if PurePosixPath(entry.filename).suffix.lower() in SUFFIXES]
    if len(entries) == 1:
        fit = entries
    if len(fit) != 1:
        raise _not_one([entry.filename for entry in fit or entries], is_fit=bool(fit))
    if fit[0].flag_bits & 1:
        raise encrypted()
    return fit[0]


def unpack(archive: ZipFile, entry: ZipInfo, target: Path, limits: Limits) -> None:
    """Write one file of an archive to `target`, counting what really comes out of it."""
    with archive.open(entry) as source, target.open("wb") as copy:
        _copy(source, copy, limits, entry.filename)


def _copy(source: IO[bytes], copy: IO[bytes], limits: Limits, name: str) -> None:
    left = limits.unpacked_bytes
    while chunk := source.read(_CHUNK_BYTES):
        left -= len(chunk)
        if left < 0:
            raise limits.too_large_unpacked(shown_name(name))
        copy.write(chunk)


def shown_name(name: str) -> str:
    """A name of an archive's, fit to be shown and kept."""
    plain = "".join(character if character.isprintable() else "\ufffd" for character in name)
    return plain if len(plain) <= 200 else "…" + plain[-199:]


def _guard(entries: Sequence[ZipInfo], limits: Limits) -> None:
    if len(entries) > _MAX_ENTRIES:
        raise FileError(
            "too_large",
            f"This archive holds {len(entries):,} files, more than {_MAX_ENTRIES:,}; import the one "
            "with the contacts.",
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    is_bomb = unpacked > _RATIO_MATTERS_BYTES and unpacked > packed * _MAX_RATIO
    if unpacked > limits.unpacked_bytes or is_bomb:
        raise limits.too_large_unpacked("This file")


def _is_meant(entry: ZipInfo) -> bool:
    """Not a folder, and none of what file managers leave behind."""
    parts = PurePosixPath(entry.filename).parts
    is_hidden = not parts or "__MACOSX" in parts or parts[-1].startswith(".")
    return not entry.is_dir() and not is_hidden


def _not_one(names: Sequence[str], *, is_fit: bool) -> FileError:
    if not names:
        return FileError("empty", "This zip archive is empty; choose one with a file of contacts.")
    shown = ", ".join(map(shown_name, names[:_NAMES_SHOWN]))
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    problem = "several files" if is_fit else "no file that can be imported"
    return FileError(
        "zip", f"This zip archive holds {problem}: {shown}{more}. Import one of them by itself."
    )
