"""What a file is, known by its first bytes and not by its name."""

from typing import Final, Literal

from imports.reading.errors import FileError

# What holds a table: text as it is, or something that is converted to it first.
Container = Literal["csv", "zip", "ole", "vcard"]

SIGNATURE_BYTES: Final = 64 * 1024

_SAVE_AS = "open it in your spreadsheet program and save it as .xlsx or CSV (UTF-8)"
_UNPACK = "unpack it and import the file inside"
_OTHER_FILE = "choose the file with the contacts"

_CONTAINERS: Final[tuple[tuple[bytes, Container], ...]] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)
_REFUSED: Final = (
    (b"\x09\x08\x10\x00", "a very old Excel workbook", _SAVE_AS),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _OTHER_FILE),
    (b"\xff\xd8\xff", "a JPEG picture", _OTHER_FILE),
    (b"GIF8", "a GIF picture", _OTHER_FILE),
    (b"%PDF-", "a PDF document", "export the list as CSV from where it came"),
    (b"{\\rtf", "a rich text document", "save it as plain text or CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"\x7fELF", "a program", _OTHER_FILE),
    (b"MZ\x90\x00", "a program", _OTHER_FILE),
)
_DOCUMENTS: Final = (b"<!doctype html", b"<html", b"<?xml", b"<table")
_CARD: Final = b"begin:vcard"


def container_of(head: bytes) -> Container:
    """What the first bytes of a file say it is; text that is nothing else is CSV.

    Raises FileError, with the way out, for an empty file and one that holds no table.
    """
    if not head:
        raise empty_file()
    for signature, container in _CONTAINERS:
        if head.startswith(signature):
            return container
    for signature, name, way_out in _REFUSED:
        if head.startswith(signature):
            raise FileError("not_csv", f"This is {name}, not a table; {way_out}.")
    # NUL bytes: the letters of UTF-16 are told apart by them.
    opening = head[:400].lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n\0").replace(b"\0", b"").lower()
    if opening.startswith(_CARD):
        return "vcard"
    if opening.startswith(_DOCUMENTS):
        raise FileError(
            "not_csv",
            "This is a web page or XML document, not a table; export the list as CSV, or "
            f"{_SAVE_AS}.",
        )
    return "csv"


def empty_file() -> FileError:
    return FileError("empty", "This file is empty; choose a file with a line for each contact.")
