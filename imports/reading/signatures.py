"""Files that are no text at all, known by their first bytes."""

from imports.reading.errors import FileError

_SAVE_AS_CSV = "open it in your spreadsheet program and save it as CSV (UTF-8)"

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", _SAVE_AS_CSV),
    (b"\x09\x08\x10\x00", "an old Excel workbook (.xls)", _SAVE_AS_CSV),
    (b"\x1f\x8b", "a gzip archive", "unpack it and import the file inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and import the file inside"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it and import the file inside"),
    (b"BZh", "a bzip2 archive", "unpack it and import the file inside"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it and import the file inside"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "unpack it and import the file inside"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "choose the file with the contacts"),
    (b"\xff\xd8\xff", "a JPEG picture", "choose the file with the contacts"),
    (b"GIF8", "a GIF picture", "choose the file with the contacts"),
    (b"%PDF-", "a PDF document", "export the list as CSV from where it came"),
    (b"{\\rtf", "a rich text document", "save it as plain text or CSV"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"\x7fELF", "a program", "choose the file with the contacts"),
    (b"MZ\x90\x00", "a program", "choose the file with the contacts"),
    (b"BEGIN:VCARD", "an address book of vCards", "export the contacts as CSV instead"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def refuse_other_formats(head: bytes) -> None:
    """Raise FileError when the first bytes of a file are those of something that is no CSV."""
    if head.startswith(_ZIP):
        raise _zip_error(head)
    for signature, name, way_out in _SIGNATURES:
        if head.startswith(signature):
            raise FileError("not_csv", f"This is {name}, not a CSV file; {way_out}.")
    opening = head[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<!doctype html", b"<html", b"<?xml", b"<table")):
        raise FileError(
            "not_csv",
            "This is a web page or XML document, not a CSV file; "
            "export the list as CSV, or " + _SAVE_AS_CSV + ".",
        )


def _zip_error(head: bytes) -> FileError:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return FileError("excel", f"This is an Excel workbook, not a CSV file; {_SAVE_AS_CSV}.")
    if b"opendocument" in head:
        return FileError(
            "not_csv", f"This is an OpenDocument file, not a CSV file; {_SAVE_AS_CSV}."
        )
    return FileError(
        "zip", "This is a zip archive, not a CSV file; unpack it and import the file inside."
    )
