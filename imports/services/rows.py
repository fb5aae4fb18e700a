"""From a line of a file to a row of `import_records`: every line ends up as one, whatever is in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import storable
from imports.models import ImportJob
from imports.reading.file_format import FileFormat
from imports.reading.rows import UnreadableRow
from imports.services.columns import MappedColumn, has_target
from imports.services.mapping_rules import FURTHER
from imports.services.own_files import cells_are_escaped
from organizations.formulas import unescape_formula

MAX_TAGS = 10_000
Error = dict[str, Any]
# Marks an error that did not stop its line.
LEFT_OUT = {"left_out": True}
_FURTHER_EMAIL = "identifier:email:"
COPY_COLUMNS = (
    "organization_id",
    "import_job_id",
    "row_number",
    "line_number",
    "raw",
    "cleaned",
    "match_key",
    "is_valid",
    "predicted",
    "outcome",
    "errors",
)


def _json(value: Any) -> str:
    """JSON for a cell of COPY's text format: its escapes are the only backslashes, and it has no raw line breaks."""
    text = orjson.dumps(value).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\") if "\\" in value else value
    if "\t" in escaped or "\n" in escaped or "\r" in escaped:
        escaped = escaped.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return escaped


def _error(column: str, error: CleaningError) -> Error:
    return {"column": column, "code": error.code, "message": error.message}


def _unreadable(cells: UnreadableRow) -> dict[str, str]:
    return {"column": "", "code": "unreadable", "message": storable(cells.reason)}


def _take(document: dict[str, Any], column: MappedColumn, value: Any) -> None:
    """Add what a cell gave; what turned out to be blank gives nothing, tags of several columns add up."""
    if column.target == "tags":
        document["tags"] = value["tags"] | document.get("tags", {})
    elif not column.is_single:
        document |= value
    elif value is not None and value != "":
        document[column.target] = value


def _erase(document: dict[str, Any], column: MappedColumn) -> None:
    for key in column.erased:
        document.setdefault(key, None)


def _sort_addresses(document: dict[str, Any], key_name: str) -> None:
    """The first address of a line that has none in the column of the key is the key; no address is told twice."""
    if key_name == "email_key" and not document.get("email_key"):
        further = next((key for key in document if key.startswith(_FURTHER_EMAIL)), None)
        if further:
            document |= {
                "email": document[further],
                "email_key": further.removeprefix(_FURTHER_EMAIL),
            }
    document.pop(f"{_FURTHER_EMAIL}{document.get('email_key')}", None)
    document.pop(f"identifier:phone:{document.get('phone')}", None)


@dataclass(slots=True)
class RowWriter:
    """Makes the COPY lines of an import's rows; made once an import.

    A valid line is put down as `created`, which is right where nobody has its key; the comparison with the living
    contacts corrects the others. `tags` collects the tag names that occur, by key. `constants` are given to every
    contact, `consent` to those whose own line does not say that they opted out.
    """

    job: ImportJob
    columns: Sequence[MappedColumn]
    constants: dict[str, Any]
    consent: dict[str, bool]
    tags: dict[str, str]
    width: int
    prefix: str = field(init=False)
    key_name: str = field(init=False)
    key_column: str = field(init=False)
    is_escaped: bool = field(init=False)
    has_further: bool = field(init=False)

    def __post_init__(self) -> None:
        self.prefix = f"{self.job.organization_id}\t{self.job.pk}\t"
        self.key_name = "email_key" if self.job.match == "email" else self.job.match
        self.key_column = next(
            column.name for column in self.columns if column.target == self.job.match
        )
        names = [column["name"] for column in self.job.columns]
        self.is_escaped = cells_are_escaped(names, FileFormat.from_dict(self.job.format))
        self.has_further = has_target(self.job.mapping, *FURTHER)

    def line(self, row_number: int, line_number: int, cells: list[str]) -> str:
        """One line for COPY in text format."""
        raw = _json([storable(cell) for cell in cells])
        head = f"{self.prefix}{row_number}\t{line_number}\t{raw}\t"
        if isinstance(cells, UnreadableRow):
            return f"{head}{{}}\t\\N\tf\tfailed\tfailed\t{_json([_unreadable(cells)])}\n"
        if not cells:
            return f"{head}{{}}\t\\N\tf\tskipped\tskipped\t\\N\n"
        document, errors, left_out = self.clean(
            [unescape_formula(cell) for cell in cells] if self.is_escaped else cells
        )
        if errors:
            return f"{head}{{}}\t\\N\tf\tfailed\tfailed\t{_json(errors + left_out)}\n"
        key = _text(document[self.key_name])
        told = _json(left_out) if left_out else "\\N"
        return f"{head}{_json(document)}\t{key}\tt\tcreated\t\\N\t{told}\n"

    def clean(self, cells: list[str]) -> tuple[dict[str, Any], list[Error], list[Error]]:
        """The values that a line gives to its contact, what is wrong with it, and which cells are left out for what is
        wrong with them. Blank cells give nothing.
        """
        document = dict(self.constants)
        errors: list[Error] = []
        left_out: list[Error] = []
        width = len(cells)
        for column in self.columns:
            if column.index < width and (cell := cells[column.index]) and not cell.isspace():
                try:
                    _take(document, column, column.clean(cell))
                except CleaningError as error:
                    told = _error(column.name, error)
                    if column.is_lenient:
                        left_out.append(told | LEFT_OUT)
                    else:
                        errors.append(told)
            elif column.erased:
                _erase(document, column)
        self._complete(document)
        if width > self.width and any(cell.strip() for cell in cells[self.width :]):
            errors.append(self._too_wide(cells))
        if not errors and not document.get(self.key_name):
            errors.append(self._key_missing())
        if not errors:
            self._note_tags(document)
        return document, errors, left_out

    def _complete(self, document: dict[str, Any]) -> None:
        """What follows from the line as a whole."""
        if self.consent and document.get("is_subscribed") is not False:
            document |= {key: value for key, value in self.consent.items() if key not in document}
        if self.has_further:
            _sort_addresses(document, self.key_name)

    def _note_tags(self, document: dict[str, Any]) -> None:
        """Remember names that occur for the first time; the line itself keeps the keys."""
        if tags := document.get("tags"):
            document["tags"] = list(tags)
            if not tags.keys() <= self.tags.keys():
                self.tags |= {key: name for key, name in tags.items() if key not in self.tags}

    def _too_wide(self, cells: list[str]) -> dict[str, str]:
        extra = shown(next(cell for cell in cells[self.width :] if cell.strip()))
        message = (
            f"The line has {len(cells)} cells where the header has {self.width}; the first that is too many "
            f"holds {extra}. Put cells that contain the delimiter in quotes."
        )
        return {"column": "", "code": "too_many_cells", "message": message}

    def _key_missing(self) -> dict[str, str]:
        label = "e-mail address" if self.job.match == "email" else "external ID"
        message = f"The {label} is blank, and contacts are matched by it."
        return {"column": self.key_column, "code": "key_missing", "message": message}
