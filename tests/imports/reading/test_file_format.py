import json
from pathlib import Path

import pytest

from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat, detect


def test_a_format_survives_json() -> None:
    found = FileFormat("cp1252", ";", "'", has_header=False, skip_initial_space=True)
    assert FileFormat.from_dict(json.loads(json.dumps(found.as_dict()))) == found
    found = FileFormat(kind="xlsx", member="a.xlsx", sheet="B", sheets=("A", "B"))
    assert FileFormat.from_dict(json.loads(json.dumps(found.as_dict()))) == found
    assert FileFormat.from_dict({"delimiter": ";", "later": 1}) == FileFormat(delimiter=";")


@pytest.mark.parametrize("delimiter", ["", "x" * 11, "\n", '"', ',"', "a\0", "\ufdd0", "\udc80"])
def test_impossible_delimiters_are_refused(delimiter: str) -> None:
    with pytest.raises(FileError) as refusal:
        FileFormat(delimiter=delimiter)
    assert refusal.value.code == "unknown_delimiter"


def test_choices_of_people_are_taken_as_given(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes("email;name\na@b.de;Ren\u00e9\n".encode("cp1252"))
    assert detect(path).delimiter == ";"
    assert detect(path, delimiter=",").delimiter == ","
    assert detect(path, encoding="cp1250").encoding == "cp1250"
    assert detect(path, has_header=False).has_header is False


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(content)
    with pytest.raises(FileError) as refusal:
        detect(path)
    assert refusal.value.code == "empty"


def test_a_delimiter_given_by_hand_is_no_quote(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("'a','b'\n'1','2'\n")
    assert detect(path).quotechar == "'"
    assert detect(path, delimiter="','").quotechar == '"'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG picture"),
        (b"%PDF-1.7\n", "PDF document"),
        (b"\x1f\x8b\x08\x00", "gzip archive"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"PK\x03\x04" + b"\0" * 30, "another kind"),
        (bytes(range(256)) * 40, "not text"),
    ],
)
def test_other_files_are_named_with_the_way_out(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=words):
        detect(path)
