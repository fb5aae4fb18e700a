from hypothesis import given
from hypothesis import strategies as st

from organizations.formulas import FORMULA_STARTS, escape_formula, unescape_formula

CELLS = st.text() | st.builds("".join, st.lists(st.sampled_from(["'", *FORMULA_STARTS, "a"])))


@given(CELLS)
def test_escaping_is_taken_back_exactly(cell: str) -> None:
    assert unescape_formula(escape_formula(cell)) == cell


@given(CELLS)
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    assert not escape_formula(cell).startswith(FORMULA_STARTS)


@given(CELLS)
def test_what_is_no_formula_stays(cell: str) -> None:
    if not cell.lstrip("'").startswith(FORMULA_STARTS):
        assert escape_formula(cell) == cell
