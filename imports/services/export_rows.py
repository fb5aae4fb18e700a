"""Contacts as the cells of a file, made by PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from contacts.models import FieldType
from contacts.selectors.contact_columns import CUSTOM
from imports.selectors.export_columns import (
    ID,
    MOMENT,
    TAG_NAMES,
    ExportColumn,
)
from organizations.scope import current_organization_id
from organizations.statements import statement

# What holds nothing that a spreadsheet could run.
HARMLESS = {
    ID, MOMENT, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME,
}  # fmt: skip
# As organizations.formulas.escape_formula.
ESCAPED = r"""case when {cell} ~ '^''*[-=+@\t\r\n]' then '''' || {cell} else {cell} end"""
_LIST = """case jsonb_typeof({value})
    when 'array' then (select string_agg(v, '; ') from jsonb_array_elements_text({value}) v)
  end"""
_MOMENT = """to_char({value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


@contextmanager
def copied_rows(
    *, columns: Sequence[ExportColumn], ids: Sequence[int], is_csv: bool
) -> Iterator[Any]:
    """A COPY of the cells of some contacts: as lines of a CSV file, or as its `rows()`.

    In a CSV file no cell of text begins as a formula (`organizations.formulas`).
    """
    keys = {f"key_{at}": each.name.removeprefix(CUSTOM) for at, each in enumerate(columns)}
    params = {"organization_id": current_organization_id(), "ids": list(ids)} | keys
    query = f"copy ({_query(columns, is_csv=is_csv)}) to stdout"
    query += " (format csv)" if is_csv else ""
    # COPY takes no parameters of its own: they are written into its text.
    with connection.cursor() as cursor, cursor.copy(cursor.mogrify(query, params)) as copy:
        yield copy


def _query(columns: Sequence[ExportColumn], *, is_csv: bool) -> str:
    cells = [_cell(column, at, is_csv=is_csv) for at, column in enumerate(columns)]
    has_tags = any(column.kind == TAG_NAMES for column in columns)
    joins = statement("imports", "export_tags") if has_tags else ""
    return statement("imports", "export_rows", columns=",\n  ".join(cells), joins=joins)


def _cell(column: ExportColumn, at: int, *, is_csv: bool) -> str:
    """The SQL of a cell. Of names only those of known attributes get into it; keys are parameters."""
    cell = _text(column, at)
    return ESCAPED.format(cell=cell) if is_csv and column.kind not in HARMLESS else cell


def _text(column: ExportColumn, at: int) -> str:
    if column.kind == TAG_NAMES:
        return "tags.names"
    if not column.name.startswith(CUSTOM):
        value = f"c.{column.name}"
        return _MOMENT.format(value=value) if column.kind == MOMENT else f"{value}::text"
    if column.kind == FieldType.MULTI_CHOICE:
        return _LIST.format(value=f"(c.custom_fields -> %(key_{at})s)")
    return f"(c.custom_fields ->> %(key_{at})s)"
