import csv
import gc
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat, detect
from imports.reading.header import read_header
from imports.reading.limits import Limits
from imports.reading.rows import open_data_rows, open_rows
from tests.shared_data import shared_file, shared_names

COMMA = FileFormat()
MAX_CELL_CHARACTERS = Limits.of_settings().cell_characters


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "contacts.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(path: Path, file_format: FileFormat = COMMA) -> list[list[str]]:
    return [row for _, row in open_rows(path, file_format)]


@pytest.mark.parametrize("name", shared_names("csv-torture/csv-spectrum/*.csv"))
def test_csv_spectrum_reads_as_expected(name: str) -> None:
    path = shared_file(name)
    expected = json.loads((path.parent / "expected" / f"{path.stem}.json").read_text())
    header, *rows = cells(path, detect(path))
    found = [dict(zip(header, row, strict=True)) for row in rows]
    if path.stem == "location_coordinates":
        # Its authors changed the phone number in one of the two files only.
        expected = [expected | {"Contact Phone Number": "2095257564"}]
    assert found == with_line_breaks_of(path, expected)


def with_line_breaks_of(path: Path, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The stored copy of newlines_crlf.csv has line feeds only, what is expected of it has both."""
    if b"\r\n" in path.read_bytes():
        return rows
    return [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in rows]


@pytest.mark.parametrize("name", shared_names("csv-encoding/*.csv"))
def test_one_table_in_six_encodings_reads_the_same(name: str) -> None:
    path = shared_file(name)
    assert cells(path, detect(path)) == [
        ["column1", "column2", "column3"],
        ["row1-1", "row1-2", "row1-3"],
        ["row2-1", "row2-2", "row2-3"],
    ]


@pytest.mark.parametrize(
    "name",
    shared_names("csv-torture/*/*", "csv-encoding/*", "vendor/*/*"),
)
def test_every_shared_file_is_read_or_refused(name: str) -> None:
    path = shared_file(name)
    with suppress(FileError):
        file_format = detect(path)
        lines = [line for line, _ in open_rows(path, file_format)]
        columns = read_header(path, file_format)
        assert lines == sorted(set(lines))
        assert len({column.name for column in columns}) == len(columns)
        json.dumps([column.as_dict() for column in columns], ensure_ascii=False).encode()


def test_univocity_reads_as_expected() -> None:
    path = shared_file("csv-torture/univocity/correctness.csv")
    rows = cells(path, detect(path))
    assert rows[3] == [
        "1996",
        "Jeep",
        "Grand Cherokee",
        "MUST SELL!\nair, moon roof, loaded",
        "4799.00",
    ]
    assert rows[2] == ["1999", "Chevy", 'Venture "Extended Edition"', "", "4900.00"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_records_carry_the_line_where_they_begin(tmp_path: Path, newline: str) -> None:
    text = newline.join(["a,b", '1,"x', 'y"', "", " , ", "2,z", "last"])
    assert list(open_rows(written(tmp_path, text), COMMA)) == [
        (1, ["a", "b"]),
        (2, ["1", f"x{newline}y"]),
        (4, []),
        (5, []),
        (6, ["2", "z"]),
        (7, ["last"]),
    ]


def test_data_rows_leave_out_the_first_record_that_is_not_blank(tmp_path: Path) -> None:
    path = written(tmp_path, "\n,\nemail,name\na@b.de,Ana\n\n")
    assert list(open_data_rows(path, COMMA)) == [(1, []), (2, []), (4, ["a@b.de", "Ana"]), (5, [])]
    assert len(list(open_data_rows(path, FileFormat(has_header=False)))) == 5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5),
        max_size=8,
    ),
    delimiter=st.sampled_from(",;\t|"),
    quotechar=st.sampled_from("\"'"),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-32-be", "gb18030"]),
)
def test_what_csv_writes_is_read_back(
    tmp_path: Path,
    rows: list[list[str]],
    delimiter: str,
    quotechar: str,
    newline: str,
    encoding: str,
) -> None:
    path = tmp_path / "contacts.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(f"header{newline}")
        writer = csv.writer(
            file,
            delimiter=delimiter,
            quotechar=quotechar,
            lineterminator=newline,
            quoting=csv.QUOTE_ALL,
        )
        writer.writerows(rows)
    file_format = FileFormat(encoding, delimiter, quotechar)
    expected = [row if any(map(str.strip, row)) else [] for row in rows]
    assert cells(path, file_format) == [["header"], *expected]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with suppress(FileError):
        file_format = detect(path)
        list(open_rows(path, file_format))
        read_header(path, file_format)


def test_nul_and_undecodable_bytes_reach_the_cell(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n\0,Ren\xe9\nx,y\n")
    assert cells(path) == [["a", "b"], ["\0", "Ren\udce9"], ["x", "y"]]


def test_a_separator_line_is_no_record_but_counts_as_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'sep=;\r\nemail;name\r\na@b.de;"Ana\r\n')
    with pytest.raises(FileError, match="line 3 is never closed"):
        list(open_rows(path, detect(path)))
    path = written(tmp_path, "sep=;\r\nemail;name\r\na@b.de;Ana\r\n")
    assert list(open_rows(path, detect(path))) == [(2, ["email", "name"]), (3, ["a@b.de", "Ana"])]


@pytest.mark.parametrize(
    "tail", ["", "b\n", "b,c\nd,e\n", "b\n" * 1_500, "b\n" * 100_000, "x" * 200_000 + "\nb\n"]
)
def test_a_quote_that_is_never_closed_is_found(tmp_path: Path, tail: str) -> None:
    path = written(tmp_path, 'a,b\n1,2\n3,"x\n' + tail)
    with pytest.raises(FileError, match="The quote opened in line 3 is never closed") as refusal:
        list(open_rows(path, COMMA))
    assert refusal.value.code == "unclosed_quote"


def test_limits_name_the_line(tmp_path: Path) -> None:
    for line, code in (
        ("x" * (MAX_CELL_CHARACTERS + 1), "cell_too_long"),
        ("x," * 1_000, "too_many_columns"),
        ("x" * 9_000_000, "line_too_long"),
    ):
        path = written(tmp_path, f"a\nb\n{line}\n")
        with pytest.raises(FileError, match=r"[Ll]ine 3") as refusal:
            list(open_rows(path, COMMA))
        assert refusal.value.code == code


@override_settings(IMPORT_MAX_ROWS=3)
def test_rows_beyond_the_limit_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a\n1\n2\n3\n")
    assert len(list(open_data_rows(path, COMMA))) == 3
    with pytest.raises(FileError, match="more than 3 rows: line 5 is one too many") as refusal:
        list(open_data_rows(written(tmp_path, "a\n1\n2\n3\n4\n"), COMMA))
    assert refusal.value.code == "too_many_rows"


@pytest.mark.parametrize(
    "delimiter", ["||", "::", "~|~", "<>", "  ", " ", "\u00a7", "\U0001f600", "a"]
)
def test_any_delimiter_separates_and_quotes_keep_it(tmp_path: Path, delimiter: str) -> None:
    text = f'x{delimiter}y{delimiter}z\n1{delimiter}"2{delimiter}3"{delimiter}"4 ""5""\n6"\n'
    path = written(tmp_path, text)
    found = detect(path, delimiter=delimiter, has_header=True)
    assert cells(path, found) == [["x", "y", "z"], ["1", f"2{delimiter}3", '4 "5"\n6']]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(st.text('ab|~ \n"\u00fc'), min_size=2, max_size=4), max_size=5),
    delimiter=st.sampled_from(["||", "~|~", "|~"]),
)
def test_cells_between_long_delimiters_are_read_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows]
    path = written(tmp_path, "".join(delimiter.join(row) + "\n" for row in [["h"], *quoted]))
    expected = [row if any(map(str.strip, row)) else [] for row in rows]
    assert cells(path, FileFormat(delimiter=delimiter)) == [["h"], *expected]


def test_five_hundred_columns_and_large_cells_work(tmp_path: Path) -> None:
    row = ",".join(["x"] * 499 + ["y" * MAX_CELL_CHARACTERS])
    assert len(cells(written(tmp_path, f"{row}\n"))[0]) == 500


def test_memory_stays_constant(tmp_path: Path) -> None:
    path = written(tmp_path, "a@example.com,Ana,Oslo\n" * 200_000)
    gc.collect()
    tracemalloc.start()
    count = sum(1 for _ in open_rows(path, COMMA))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 1_000_000
