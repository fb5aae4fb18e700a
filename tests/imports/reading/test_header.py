from pathlib import Path

import pytest

from imports.reading.file_format import FileFormat, detect
from imports.reading.header import Column, column_names, read_header
from imports.reading.shapes import Shape, column_shape
from tests.shared_data import shared_file


def columns_of(folder: Path, text: str) -> list[Column]:
    path = folder / "contacts.csv"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    return read_header(path, FileFormat())


def test_names_are_trimmed_and_unique() -> None:
    header = [" email ", "", "email", "email (2)", "a\n  b", "Email", ""]
    assert column_names(header) == [
        "email",
        "Column 2",
        "email (2)",
        "email (2) (2)",
        "a b",
        "Email",
        "Column 7",
    ]


def test_samples_fill_and_shape(tmp_path: Path) -> None:
    found = columns_of(
        tmp_path, "email,age,x\na@b.de,31,\n\nc@d.de,32,\na@b.de,,\ne@f.de,,\ng@h.de,1,\n"
    )
    assert found == [
        Column(0, "email", ("a@b.de", "c@d.de", "e@f.de"), 100, "email"),
        Column(1, "age", ("31", "32", "1"), 60, "number"),
        Column(2, "x", (), 0, "text"),
    ]


def test_cells_beyond_the_header_make_columns_when_they_hold_something(tmp_path: Path) -> None:
    names = [column.name for column in columns_of(tmp_path, "a,b\n1,2,3\n1,2,,,\n")]
    assert names == ["a", "b", "Column 3"]


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    assert [column.name for column in columns_of(tmp_path, "email,name\n")] == ["email", "name"]


def test_without_header_columns_are_numbered() -> None:
    path = shared_file("vendor/dittofeed/missing-headers-users.csv")
    found = read_header(path, detect(path))
    assert [column.name for column in found] == ["Column 1", "Column 2", "Column 3", "Column 4"]
    assert found[1].shape == "email"
    assert found[2].samples == ("John", "Jane", "Alice")


def test_samples_can_be_stored(tmp_path: Path) -> None:
    found = columns_of(tmp_path, "a\udce9\nx\0y\udce9\n" + "z" * 900 + "\n")
    assert found[0].name == "a\ufffd"
    assert found[0].samples[0] == "x\ufffdy\ufffd"
    assert len(found[0].samples[1]) == 201


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["a@b.de", "c@d.de"], "email"),
        (["a@b.de", "c@d.de", "e@f.de", "g@h.de", "broken"], "email"),
        (["a@b.de", "none"], "text"),
        (["+49 151 12345678", "(780) 428-9482"], "phone"),
        (["889-278-2322"], "phone"),
        (["70.61.11.201"], "text"),
        (["1", "-2.5", "1,000", "-1"], "number"),
        (["0", "1", "1", "0"], "boolean"),
        (["0", "1"], "number"),
        (["01", "002"], "text"),
        (["2024-01-31", "31.12.2024"], "date"),
        (["24. Oktober 2011"], "date"),
        (["2024-01-31", "2024-01-31 10:00"], "datetime"),
        (["2010-10-14T12:00:00.000Z"], "datetime"),
        (["yes", "no"], "boolean"),
        (["true", "false", "TRUE"], "boolean"),
        (["https://example.com", "www.example.com"], "url"),
        (["a, b", "c;d", "e"], "tags"),
        (["Ana", "Bo"], "text"),
        (["12345678901234567"], "text"),
        ([], "text"),
    ],
)
def test_shapes(values: list[str], shape: Shape) -> None:
    assert column_shape(values) == shape
