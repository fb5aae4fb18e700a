import codecs
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.reading import encoding
from imports.reading.encoding import decode_sample, detect_encoding, known_encoding, open_text
from imports.reading.errors import FileError
from tests.shared_data import shared_file

GERMAN = "Name,Ort\n" + "Müller,Köln\nJäger,Düsseldorf\nGroß,Lüneburg\nWeiß,Görlitz\n" * 5


def written(folder: Path, content: bytes) -> Path:
    path = folder / "contacts.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"email,name\na@b.de,Ana\n", "utf-8"),
        (GERMAN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + GERMAN.encode(), "utf-8"),
        (GERMAN.encode("cp1252"), "cp1252"),
        (b"name\nMerci \xe0 toi\n", "cp1252"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-32-le"), "utf-32-le"),
        (GERMAN.encode("utf-32-be"), "utf-32-be"),
        (codecs.BOM_UTF16_LE + GERMAN.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF32_BE + GERMAN.encode("utf-32-be"), "utf-32-be"),
        ("Имя;Город\nИван;Москва\nМария;Саратов\nОльга;Казань\n".encode("utf-16-le"), "utf-16-le"),
        ("имя;город\nИван Петров;Москва\nМария;Санкт-Петербург\n".encode("cp1251"), "cp1251"),
        ("名前,都市\n山田太郎,東京\n鈴木花子,大阪\n佐藤一郎,札幌\n".encode("cp932"), "cp932"),
        (b"a,b\n\0,2\n", "utf-8"),
    ],
)
def test_encodings_are_found(tmp_path: Path, content: bytes, expected: str) -> None:
    path = written(tmp_path, content)
    assert detect_encoding(path) == expected
    with open_text(path, expected) as file:
        assert not file.read().startswith("\ufeff")


def test_ken_all_is_cp932(tmp_path: Path) -> None:
    with zipfile.ZipFile(shared_file("large/ken_all.zip")) as archive:
        path = Path(archive.extract(archive.namelist()[0], tmp_path))
    assert detect_encoding(path) == "cp932"
    assert "北海道" in decode_sample(path, "cp932")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("csv-torture/frictionless/table-infer-iso-8859-7.csv", "cp1253"),
        ("csv-torture/messytables/characters.csv", "big5hkscs"),
        ("csv-torture/messytables/spanish_chars.csv", "cp1252"),
        ("csv-torture/messytables/utf-16le_encoded.csv", "utf-16-le"),
        ("csv-torture/django-import-export/books-ISO-8859-1.csv", "cp1252"),
        ("vendor/salesforce/accountData.csv", "cp1252"),
    ],
)
def test_real_files_are_found(name: str, expected: str) -> None:
    assert detect_encoding(shared_file(name)) == expected


def test_a_character_cut_at_the_end_of_the_sample_is_no_damage(tmp_path: Path) -> None:
    path = written(tmp_path, b"a" * (encoding.SAMPLE_BYTES - 1) + "ü\nend\n".encode())
    assert detect_encoding(path) == "utf-8"
    assert "\udcc3" not in decode_sample(path, "utf-8")


def test_bytes_far_behind_the_sample_decide(tmp_path: Path) -> None:
    ascii_part = b"a@example.com,Ana,Oslo\n" * 60_000
    path = written(tmp_path, ascii_part + GERMAN.encode("cp1252"))
    assert detect_encoding(path) == "cp1252"
    path.write_bytes(ascii_part + GERMAN.encode())
    assert detect_encoding(path) == "utf-8"


def test_utf8_with_one_broken_byte_stays_utf8(tmp_path: Path) -> None:
    path = written(tmp_path, GERMAN.encode() + b"Ren\xe9,Paris\n" + GERMAN.encode())
    assert detect_encoding(path) == "utf-8"
    with open_text(path, "utf-8") as file:
        assert "Ren\udce9,Paris" in file.read()


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "cp932", "utf-16-le", "iso2022_jp", "ascii"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(content=st.binary(max_size=200))
def test_any_bytes_can_be_read_in_any_encoding(tmp_path: Path, codec: str, content: bytes) -> None:
    path = written(tmp_path, content)
    with open_text(path, codec) as file:
        file.read()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("latin-1", "cp1252"), ("UTF8", "utf-8"), ("shift-jis", "cp932"), ("utf-8-sig", "utf-8")],
)
def test_names_of_encodings(name: str, expected: str) -> None:
    assert known_encoding(name) == expected


@pytest.mark.parametrize(
    "name", ["klingon", "base64", "rot13", "a\0b", "", "x" * 500, "idna", "utf-7"]
)
def test_unknown_encodings_are_refused(name: str) -> None:
    with pytest.raises(FileError) as refusal:
        known_encoding(name)
    assert refusal.value.code == "unknown_encoding"
