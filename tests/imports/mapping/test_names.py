import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.mapping.names import split_full_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Ruiz", ("Ana", "Ruiz")),
        ("Ruiz, Ana", ("Ana", "Ruiz")),
        ("Ana", ("Ana", "")),
        ("", ("", "")),
        ("  Ana   Maria  Ruiz ", ("Ana Maria", "Ruiz")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Johann Wolfgang von Goethe", ("Johann Wolfgang", "von Goethe")),
        ("Juan de la Cruz", ("Juan", "de la Cruz")),
        ("Eddie Van Halen", ("Eddie", "Van Halen")),
        ("Van Morrison", ("Van", "Morrison")),
        ("von Goethe, Johann", ("Johann", "von Goethe")),
        ("Martin Luther King Jr.", ("Martin Luther", "King Jr.")),
        ("John Smith, Jr.", ("John", "Smith, Jr.")),
        ("Dr. Anna Schmidt", ("Anna", "Schmidt")),
        ("Herr Prof. Dr. Max Planck", ("Max", "Planck")),
        ("Mme Anne Dubois", ("Anne", "Dubois")),
        ("Sra. Ana Ruiz", ("Ana", "Ruiz")),
        ("Sig.ra Anna Rossi", ("Anna", "Rossi")),
        ("Dhr. Jan de Vries", ("Jan", "de Vries")),
        ("M. Night Shyamalan", ("M. Night", "Shyamalan")),
        ("Dr.", ("Dr.", "")),
        (",", ("", "")),
        ("Ruiz,", ("Ruiz", "")),
        (", Ana", ("Ana", "")),
    ],
)
def test_names_are_split(text: str, expected: tuple[str, str]) -> None:
    assert split_full_name(text) == expected


@given(st.text())
def test_any_text_is_split(text: str) -> None:
    assert all(part == part.strip() for part in split_full_name(text))


NAME = st.from_regex(r"[A-Z][a-z]{4,9}(-[A-Z][a-z]{4,9})?", fullmatch=True)


@given(NAME, NAME)
def test_last_first_is_first_last(first: str, last: str) -> None:
    assert split_full_name(f"{last}, {first}") == (first, last)
