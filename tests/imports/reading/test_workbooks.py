"""Sheets arrive as a person would have typed them, and no workbook costs more than it should."""

from pathlib import Path
from typing import Any

import pytest

from imports.reading.errors import FileError
from imports.reading.rows import open_data_rows, open_rows
from imports.reading.sources import Source, make_source
from tests.imports.reading.workbook_files import (
    sheet_xml,
    table_xml,
    text_cell,
    write_xlsx,
    write_zip,
)
from tests.shared_data import shared_file

CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
)
CONTENT += 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
CONTENT += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
CONTENT += '<office:spreadsheet><table:table table:name="People">{}</table:table>'
CONTENT += "</office:spreadsheet></office:body></office:document-content>"


def source(path: Path, folder: Path, **chosen: Any) -> Source:
    (folder / "made").mkdir(exist_ok=True)
    return make_source(path, folder / "made", **chosen)


def rows(path: Path, folder: Path, **chosen: Any) -> list[list[str]]:
    found = source(path, folder, **chosen)
    return [cells for _, cells in open_rows(found.path, found.format)]


def refused(path: Path, folder: Path, **chosen: Any) -> FileError:
    with pytest.raises(FileError) as refusal:
        source(path, folder, **chosen)
    return refusal.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("calamine/date.xlsx", [["2021-01-01", "15"], ["2021-01-02", "16"], ["255:10:10", "17"]]),
        ("calamine/date.xls", [["2021-01-01", "15"], ["2021-01-02", "16"], ["255:10:10", "17"]]),
        ("calamine/date_1904.xlsx", [["2021-01-01", "15"], ["2021-01-02", "16"]]),
        ("calamine/date_iso.xlsx", [["2021-01-01"], ["2021-01-01 10:10:10"], ["10:10:10"]]),
        ("excelize/OverflowNumericCell.xlsx", [["8595602512225"]]),
        (
            "tika/testEXCEL_big_numbers.xlsx",
            [
                ["123456789012345", "123456789012346"],
                ["1234567890123450", "1234567890123451"],
            ],
        ),
        (
            "frictionless/table-infer-boolean.xlsx",
            [["number", "string", "boolean"], ["1", "two", "TRUE"], ["3", "four", "FALSE"]],
        ),
        ("frictionless/sheets.xlsx", [["id", "name"], ["1", "london"]]),
        (
            "calamine/errors.xlsx",
            [["#DIV/0!"], ["#NAME?"], ["#VALUE!"], ["#NULL!"], ["#REF!"], ["#NUM!"], ["#N/A"]],
        ),
        ("calamine/rph.xlsx", [["課きく　毛こ"]]),
        ("calamine/encoded_entities.xlsx", [["&"]]),
        ("calamine/nonstandard-xml-ns-prefix.xlsx", [["a", "b"], ["1", "3"]]),
        ("poi/sample.strict.xlsx", [["Lorem", "111"], ["ipsum", "222"]]),
        ("tablib/ragged.xlsx", [["a", "b"], ["1"]]),
        ("calamine/biff5_write.xls", [["1", "2", "3"], ["TRUE", "FALSE", "", "sheetjs"]]),
    ],
)
def test_cells_arrive_as_typed(tmp_path: Path, name: str, expected: list[list[str]]) -> None:
    assert rows(shared_file(f"xlsx/{name}"), tmp_path)[: len(expected)] == expected


def test_noise_of_binary_fractions_is_left_out(tmp_path: Path) -> None:
    found = rows(shared_file("xlsx/frictionless/adjust-floating-point-error.xlsx"), tmp_path)
    assert found[2][1:] == ["68.665", "274.66", "274.66"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0.1", "0.1"), ("0.30000000000000004", "0.3"), ("1E-7", "0.0000001"), ("-2.50", "-2.5"),
        ("4.9E+3", "4900"), ("8595602512225", "8595602512225"), ("1e20", "100000000000000000000"), ("0", "0"),
    ],
)  # fmt: skip
def test_numbers_have_no_exponent(tmp_path: Path, number: str, expected: str) -> None:
    xml = sheet_xml(f"<row><c><v>{number}</v></c></row>")
    assert rows(write_xlsx(tmp_path / "a.xlsx", {"A": xml}), tmp_path) == [[expected]]


def test_lines_are_rows_of_the_sheet(tmp_path: Path) -> None:
    """Blank rows in front and between count, line breaks in cells do not; blank columns in front are left out."""
    xml = sheet_xml(
        f'<row r="3">{text_cell("email", "C3")}{text_cell("note", "D3")}</row>'
        f'<row r="5">{text_cell("ana@example.org", "C5")}{text_cell("one\ntwo", "D5")}</row>'
        f'<row r="6">{text_cell("bo@example.org", "C6")}</row>'
    )
    found = source(write_xlsx(tmp_path / "a.xlsx", {"People": xml}), tmp_path)
    assert list(open_data_rows(found.path, found.format)) == [
        (1, []),
        (2, []),
        (4, []),
        (5, ["ana@example.org", "one\ntwo"]),
        (6, ["bo@example.org"]),
    ]


def test_the_first_sheet_that_holds_something_unless_one_is_chosen(tmp_path: Path) -> None:
    sheets = {"Blank": sheet_xml(""), "A": table_xml([["a"], ["1"]]), "B": table_xml([["b"]])}
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    found = source(path, tmp_path)
    assert (found.format.kind, found.format.sheet) == ("xlsx", "A")
    assert found.format.sheets == ("Blank", "A", "B")
    assert rows(path, tmp_path, sheet="B") == [["b"]]
    assert refused(path, tmp_path, sheet="Blank").code == "empty"
    assert "it has “Blank”, “A”, “B”" in refused(path, tmp_path, sheet="C").message


def test_hidden_sheets_come_last(tmp_path: Path) -> None:
    found = source(shared_file("xlsx/poi/TwoSheetsOneHidden.xlsx"), tmp_path)
    assert (found.format.sheet, found.format.sheets) == ("Sheet2", ("Sheet2", "Sheet1"))


def test_open_document(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    cells = [
        cell.format("string", "", "Ana"),
        cell.format("float", 'office:value="8595602512225"', "8.6E12"),
        cell.format("date", 'office:date-value="2026-03-01"', "1.3.26"),
        cell.format("boolean", 'office:boolean-value="true"', "WAHR"),
    ]
    content = CONTENT.format(f"<table:table-row>{''.join(cells)}</table:table-row>")
    manifest = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    files = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    files["META-INF/manifest.xml"] = manifest
    path = write_zip(tmp_path / "a.ods", files)
    found = source(path, tmp_path)
    assert (found.format.kind, found.format.sheets) == ("ods", ("People",))
    assert rows(path, tmp_path) == [["Ana", "8595602512225", "2026-03-01", "TRUE"]]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("calamine/pass_protected.xlsx", "encrypted"),
        ("excelize/encryptSHA512.xlsx", "encrypted"),
        ("poi/protected_passtika.xlsx", "encrypted"),
        ("messytables/encrypted_no_password.xls", "encrypted"),
        ("calamine/empty_sheet.xlsx", "empty"),
        ("frictionless/package.zip", "zip"),
    ],
)
def test_what_can_not_be_read_says_why(tmp_path: Path, name: str, code: str) -> None:
    assert refused(shared_file(f"xlsx/{name}"), tmp_path).code == code


def test_a_truncated_workbook_is_damaged(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": table_xml([["a"]] * 500)})
    path.write_bytes(path.read_bytes()[:-300])
    assert refused(path, tmp_path).code == "damaged"


def test_a_text_document_is_no_workbook(tmp_path: Path) -> None:
    files = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}
    assert refused(write_zip(tmp_path / "a.xlsx", files), tmp_path).code == "not_csv"


def test_limits_name_row_and_way_out(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 2
    settings.IMPORT_MAX_COLUMNS = 3
    settings.IMPORT_MAX_CELL_CHARACTERS = 10
    for table, code, words in (
        ([["h"], ["1"], ["2"], ["3"]], "too_many_rows", "line 4 is one too many"),
        ([["h"], ["1", "2", "3", "4"]], "too_many_columns", "Line 2 has 4 columns"),
        ([["h"], ["x" * 11]], "cell_too_long", "A cell in line 2 has more than 10"),
    ):
        error = refused(write_xlsx(tmp_path / "a.xlsx", {"A": table_xml(table)}), tmp_path)
        assert (error.code, words in error.message) == (code, True)


def test_a_dimension_that_lies_costs_nothing(tmp_path: Path) -> None:
    xml = sheet_xml(f"<row>{text_cell('a')}</row>", dimension="A1:XFD1048576")
    assert rows(write_xlsx(tmp_path / "a.xlsx", {"A": xml}), tmp_path) == [["a"]]


def test_cells_far_apart_take_no_memory(tmp_path: Path) -> None:
    """A dense table from corner to corner would have 17 billion cells."""
    xml = sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    assert refused(write_xlsx(tmp_path / "a.xlsx", {"A": xml}), tmp_path).code == "too_heavy"


def test_a_bomb_is_refused_by_its_table_of_contents(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"A": sheet_xml(" " * 60_000_000)})
    assert refused(path, tmp_path).code == "too_large"


def test_a_string_used_over_and_over_is_refused(tmp_path: Path) -> None:
    """1.5 GB of cells out of some kilobytes."""
    cells = '<c t="s"><v>0</v></c>' * 10
    xml = sheet_xml(f"<row>{cells}</row>" * 5_000)
    path = write_xlsx(tmp_path / "a.xlsx", {"A": xml}, shared_string="x" * 30_000)
    assert path.stat().st_size < 10_000
    assert refused(path, tmp_path).code == "too_heavy"
