import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.cleaning.errors import CleaningError
from contacts.cleaning.numbers import clean_json_number, clean_number


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("1234", False, 1234),
        ("-5", False, -5),
        ("+5", False, 5),
        ("\u22125", False, -5),
        (" 00012 ", False, 12),
        ("12.30", False, 12.3),
        ("12.00", False, 12),
        ("0.1", False, 0.1),
        (".5", False, 0.5),
        ("1,234,567.89", False, 1234567.89),
        ("1.234.567,89", True, 1234567.89),
        ("1 234 567", False, 1234567),
        ("1\u202f234,5", True, 1234.5),
        ("1'234.50", False, 1234.5),
        ("1,5", True, 1.5),
        ("1.234", True, 1234),
        ("$1,200.50", False, 1200.5),
        ("-$5", False, -5),
        ("$-5", False, -5),
        ("1.200,50 €", True, 1200.5),
        ("(12.00)", False, -12),
        ("1e5", False, 100000),
        ("1.5E-3", False, 0.0015),
        ("999999999999999", False, 999999999999999),
        ("-0", False, 0),
    ],
)
def test_numbers_are_read(text: str, comma: bool, expected: float) -> None:
    found = clean_number(text, comma)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "comma", "code"),
    [
        ("", False, "invalid_number"),
        ("abc", False, "invalid_number"),
        (".", False, "invalid_number"),
        ("1,23", False, "invalid_number"),
        ("1,2345", False, "invalid_number"),
        ("1,234 567", False, "invalid_number"),
        ("0.1", True, "invalid_number"),
        ("NaN", False, "invalid_number"),
        ("Infinity", False, "invalid_number"),
        ("1e-400", False, "invalid_number"),
        ("12%", False, "percent"),
        ("1234567890123456", False, "too_large"),
        ("1e400", False, "too_large"),
        ("1" * 10_000, False, "invalid_number"),
        ("0.1234567890123456", False, "too_precise"),
        ("١٢٣", False, "invalid_number"),
        ("1_000", False, "invalid_number"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(text: str, comma: bool, code: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_number(text, comma)
    assert refusal.value.code == code


def test_a_comma_is_explained() -> None:
    with pytest.raises(CleaningError, match="choose “decimal comma”"):
        clean_number("1,23")


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_integers_come_back_exactly(number: int) -> None:
    assert clean_number(str(number)) == number == clean_json_number(number)
    assert clean_number(f"{number:,}") == number


@given(st.decimals(-(10**8), 10**8, places=6))
def test_decimals_of_fifteen_digits_come_back_exactly(number: object) -> None:
    found = clean_number(f"{number:f}")
    assert f"{found:.6f}" == f"{float(f'{number:f}'):.6f}"
    assert json.loads(json.dumps(found)) == found


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_a_finite_number_or_a_cleaning_error(text: str, comma: bool) -> None:
    with suppress(CleaningError):
        assert math.isfinite(clean_number(text, comma))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**15, 10**400, 0.1 + 0.2])
def test_json_numbers_have_the_same_bounds(value: float) -> None:
    with pytest.raises(CleaningError):
        clean_json_number(value)
