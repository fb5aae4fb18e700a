"""A ZIP with one file that can be imported is that file; any other says what is in it."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from imports.reading.errors import FileError
from imports.reading.rows import open_rows
from imports.reading.sources import Source, make_source
from tests.imports.reading.workbook_files import table_xml, write_xlsx, write_zip

CSV = "email;name\nana@example.org;Renée\n"


def source(path: Path, folder: Path, **chosen: Any) -> Source:
    (folder / "made").mkdir(exist_ok=True)
    return make_source(path, folder / "made", **chosen)


def refused(path: Path, folder: Path) -> FileError:
    with pytest.raises(FileError) as refusal:
        source(path, folder)
    return refusal.value


def test_the_text_inside_keeps_its_encoding_and_delimiter(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"list/people.csv": CSV.encode("cp1252")})
    found = source(path, tmp_path)
    assert (found.format.kind, found.format.member) == ("csv", "list/people.csv")
    assert (found.format.encoding, found.format.delimiter) == ("cp1252", ";")
    assert [cells for _, cells in open_rows(found.path, found.format)][1][1] == "Renée"
    assert source(path, tmp_path, delimiter=",").format.delimiter == ","


@pytest.mark.parametrize("name", ["people.xlsx", "people.csv", "people"])
def test_a_workbook_inside_is_known_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    workbook = write_xlsx(tmp_path / "a.xlsx", {"A": table_xml([["email"], ["ana@example.org"]])})
    found = source(write_zip(tmp_path / "a.zip", {name: workbook.read_bytes()}), tmp_path)
    assert (found.format.kind, found.format.member, found.format.sheet) == ("xlsx", name, "A")


def test_cards_inside(tmp_path: Path) -> None:
    card = "BEGIN:VCARD\nFN:Ana\nEND:VCARD\n"
    found = source(write_zip(tmp_path / "a.zip", {"contacts.vcf": card}), tmp_path)
    assert (found.format.kind, found.format.member) == ("vcard", "contacts.vcf")


def test_what_file_managers_leave_behind_is_no_file(tmp_path: Path) -> None:
    files = {
        "__MACOSX/._people.csv": "x",
        ".DS_Store": "x",
        "folder/.hidden.csv": "x",
        "readme.pdf": "x",
        "people.csv": CSV,
    }
    assert source(write_zip(tmp_path / "a.zip", files), tmp_path).format.member == "people.csv"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.csv": "x", "b.xlsx": "x"}, "several files: a.csv, b.xlsx."),
        ({"a.pdf": "x", "b.png": "x"}, "no file that can be imported: a.pdf, b.png."),
        ({f"{n}.csv": "x" for n in range(9)}, "0.csv, 1.csv, 2.csv, 3.csv, 4.csv and 4 more."),
        ({"a\n\u202eb.csv": "x", "c.csv": "x"}, "a\ufffd\ufffdb.csv, c.csv"),
        ({}, "empty"),
        ({"a.csv": ""}, "empty"),
    ],
)
def test_another_number_of_files_is_told(tmp_path: Path, files: dict[str, str], words: str) -> None:
    assert words in refused(write_zip(tmp_path / "a.zip", files), tmp_path).message


def test_archives_in_archives_are_not_opened(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "b.zip", {"people.csv": CSV}).read_bytes()
    assert refused(write_zip(tmp_path / "a.zip", {"b.zip": inner}), tmp_path).code == "zip"


def test_names_lead_nowhere(tmp_path: Path) -> None:
    found = source(write_zip(tmp_path / "a.zip", {"../../etc/people.csv": CSV}), tmp_path)
    assert found.path.parent == tmp_path / "made"
    assert not (tmp_path.parent / "etc").exists()


def test_a_password_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"people.csv": CSV})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path, tmp_path).code == "encrypted"


@pytest.mark.parametrize("cut", [10, 60, -30])
def test_a_truncated_archive_is_damaged(tmp_path: Path, cut: int) -> None:
    path = write_zip(tmp_path / "a.zip", {"people.csv": CSV * 100})
    path.write_bytes(path.read_bytes()[:cut])
    assert refused(path, tmp_path).code == "damaged"


def test_damaged_contents_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("people.csv", CSV)
    path.write_bytes(path.read_bytes().replace(b"ana@", b"bna@"))
    assert refused(path, tmp_path).code == "damaged"


def test_the_unpacked_size_is_counted(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 1024**2
    path = write_zip(tmp_path / "a.zip", {"people.csv": CSV * 100_000})
    error = refused(path, tmp_path)
    assert (error.code, "larger than 1 MB when it is unpacked" in error.message) == (
        "too_large",
        True,
    )


def test_more_files_than_anybody_packs(tmp_path: Path) -> None:
    files = {f"{number}.txt": "" for number in range(10_001)}
    assert refused(write_zip(tmp_path / "a.zip", files), tmp_path).code == "too_large"
