"""Whether a column's dates begin with the day or the month, and what its decimal sign is: what all its values tell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from contacts.cleaning.dates import clean_date
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.numbers import clean_number
from imports.models import ImportJob
from imports.selectors.file_rows import file_rows

DATES, NUMBERS = ("day", "month"), ("point", "comma")
# By type of field, and by shape of column, which has the same names.
WAYS = {"date": DATES, "datetime": DATES, "number": NUMBERS}
EXAMPLES = 3
ROWS_BETWEEN_BEATS = 5_000


@dataclass(slots=True)
class Convention:
    """In how many cells only one of the two ways can be meant, and cells that mean something else in each."""

    ways: tuple[str, str]
    counts: list[int] = field(default_factory=lambda: [0, 0])
    open_cells: list[str] = field(default_factory=list)

    @property
    def says(self) -> str:
        """The way that most cells show; blank where none does, or as many show either."""
        first, second = self.counts
        return "" if first == second else self.ways[first < second]

    @property
    def is_open(self) -> bool:
        """Whether only its owner can say how the column is meant."""
        return not self.says and bool(self.open_cells)

    def note(self, cell: str) -> None:
        first, second = _readings(cell, self.ways)
        if first == second:
            return
        if first is None or second is None:
            self.counts[first is None] += 1
        elif len(self.open_cells) < EXAMPLES and cell not in self.open_cells:
            self.open_cells.append(cell)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Convention":
        return cls(tuple(stored["ways"]), list(stored["counts"]), list(stored["open_cells"]))


def column_conventions(
    *, job: ImportJob, kinds: Mapping[int, str], beat: Callable[[int], None] = lambda row: None
) -> dict[int, Convention]:
    """What the values of columns (by index, with the type of their field) show. Reads the whole file once.

    `beat` is called with the number of the row, now and then.
    """
    found = {index: Convention(WAYS[kind]) for index, kind in kinds.items() if kind in WAYS}
    if found:
        for number, (_, cells) in enumerate(file_rows(job=job)):
            if not number % ROWS_BETWEEN_BEATS:
                beat(number)
            for index, convention in found.items():
                if index < len(cells) and (cell := cells[index].strip()) and not _is_plain(cell):
                    convention.note(cell)
    return found


def stored_conventions(columns: Iterable[Mapping[str, Any]]) -> dict[int, Convention]:
    """What was found out when the file came."""
    return {
        column["index"]: Convention.from_dict(column["convention"])
        for column in columns
        if column.get("convention")
    }


def _is_plain(cell: str) -> bool:
    """Most cells can be read in one way only: digits, and dates that begin with the year."""
    return cell.isdigit() or (cell[:4].isdigit() and cell[4:5] == "-")


_READERS: dict[str, Callable[[str], object]] = {
    "day": lambda text: clean_date(text, True),
    "month": lambda text: clean_date(text, False),
    "point": clean_number,
    "comma": lambda text: clean_number(text, True),
}


@lru_cache(maxsize=10_000)
def _readings(cell: str, ways: tuple[str, str]) -> tuple[Any, Any]:
    """What a cell means in each way; None where it means nothing."""
    return _read(cell, ways[0]), _read(cell, ways[1])


def _read(cell: str, way: str) -> Any:
    try:
        return _READERS[way](cell)
    except CleaningError:
        return None


def meanings(cell: str, ways: tuple[str, str]) -> tuple[Any, Any]:
    """A cell's value in each way, to ask which is meant."""
    return _readings(cell, ways)
