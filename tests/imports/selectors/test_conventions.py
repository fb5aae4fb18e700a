"""What the values of a column show about how they are written."""

import pytest

from imports.selectors.conventions import DATES, NUMBERS, Convention


@pytest.mark.parametrize(
    ("ways", "cells", "says", "is_open"),
    [
        (DATES, ["01/02/2024", "13/02/2024 10:00"], "day", False),
        (DATES, ["01/02/2024", "02/13/2024"], "month", False),
        (DATES, ["01/02/2024"], "", True),
        (DATES, ["13/02/2024", "02/13/2024"], "", False),
        (DATES, ["13/02/2024", "02/13/2024", "03/04/2024"], "", True),
        (DATES, ["2024-02-13"], "", False),
        (NUMBERS, ["1.234,50", "12"], "comma", False),
        (NUMBERS, ["1,234.50", "12"], "point", False),
        (NUMBERS, ["1,234", "12"], "", True),
        (NUMBERS, ["1,5", "1.5"], "", False),
    ],
)
def test_a_column_says_how_it_is_written_or_is_asked_about(
    ways: tuple[str, str], cells: list[str], says: str, is_open: bool
) -> None:
    convention = Convention(ways)
    for cell in cells:
        convention.note(cell)
    assert (convention.says, convention.is_open) == (says, is_open)
    assert Convention.from_dict(convention.as_dict()) == convention
