"""From a file as it came to a table that can be read, and what is written in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import Any

from django.db.models.fields.files import FieldFile

from imports.reading.conversion import Conversion, convert, needs_conversion
from imports.reading.dialect import has_header as names_columns
from imports.reading.file_format import FileFormat, detect
from imports.reading.rows import open_rows
from imports.reading.signatures import empty_file

_RECORDS_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Source:
    """A table and how it is written; `is_made` when it is another file than the one that came."""

    path: Path
    format: FileFormat
    is_made: bool


@contextmanager
def local_copy(file: FieldFile) -> Iterator[Path]:
    """A path where a stored file can be read: its own, or of a copy of it that lives as long as the context."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        with (
            NamedTemporaryFile(prefix="kith-") as copy,
            file.storage.open(str(file.name)) as stored,
        ):
            copyfileobj(stored, copy, 1024 * 1024)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path


def make_source(
    path: Path, folder: Path, *, sheet: str | None = None, seconds: float = 60.0, **chosen: Any
) -> Source:
    """Find out what a file is and, unless it is text, make a table of it in `folder`, for at most some seconds.

    What people say of it (`sheet`, and see `describe`) is taken as given. Raises FileError.
    """
    if not needs_conversion(path):
        return Source(path, describe(path, FileFormat(), **chosen), is_made=False)
    made = convert(path, folder, sheet=sheet, seconds=seconds)
    return Source(made.path, describe(made.path, made_format(made), **chosen), is_made=True)


def made_format(made: Conversion) -> FileFormat:
    """What is known of a table before anybody has looked into it."""
    return FileFormat(kind=made.kind, member=made.member, sheet=made.sheet, sheets=made.sheets)


def describe(
    path: Path,
    known: FileFormat,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
) -> FileFormat:
    """How the table at `path` is written, where its kind is known. Raises FileError.

    Encoding and delimiter are those of text; an address book always names its columns.
    """
    if known.is_text:
        found = detect(path, encoding=encoding, delimiter=delimiter, has_header=has_header)
        return replace(found, member=known.member)
    filled = (cells for _, cells in open_rows(path, known) if cells)
    records = list(islice(filled, _RECORDS_LOOKED_AT))
    if not records:
        raise empty_file()
    if known.kind == "vcard":
        return replace(known, has_header=True)
    return replace(known, has_header=names_columns(records) if has_header is None else has_header)
