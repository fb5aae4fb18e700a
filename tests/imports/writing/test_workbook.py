import io

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from imports.writing.workbook import MAX_CHARACTERS, _letters, sheet_rows, write_workbook

# What PostgreSQL can hold.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def workbook(rows: list[list[str | None]], kinds: list[str]) -> bytes:
    part = b"".join(sheet_rows(rows, kinds=kinds, first=2))
    target = io.BytesIO()
    header = [f"Column {number}" for number in range(len(kinds))]
    write_workbook(target, header=header, parts=[io.BytesIO(part)], size=len(part))
    return target.getvalue()


def cells(rows: list[list[str | None]], kinds: list[str]) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(rows, kinds)))
    return book.get_sheet_by_index(0).to_python()[1:]


def test_columns_are_named_as_in_spreadsheets() -> None:
    assert [_letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


@settings(max_examples=200)
@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=20))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    found = cells([[text, "x"] for text in texts], ["text", "text"])
    assert [row[0] for row in found] == texts


def test_what_is_no_number_is_a_text() -> None:
    rows: list[list[str | None]] = [["-5", "true", None], ["1e5", "maybe", "x"], ["=1", "", "y"]]
    found = cells(rows, ["number", "boolean", "date"])
    assert found == [[-5, True, ""], [100000, "maybe", "x"], ["=1", "", "y"]]


def test_a_cell_holds_what_a_spreadsheet_can() -> None:
    ((cell,),) = cells([["x" * (MAX_CHARACTERS + 1)]], ["text"])
    assert cell == "x" * MAX_CHARACTERS


def test_the_same_rows_are_the_same_bytes() -> None:
    assert workbook([["a"]], ["text"]) == workbook([["a"]], ["text"])
