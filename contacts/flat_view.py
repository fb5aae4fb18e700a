"""What is in an organization's flat view: one row a living contact, one typed column a custom field.

The view is for programs that read PostgreSQL themselves, so its columns are named by people's keys, and quoted.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from psycopg import sql

from contacts.models import CustomFieldDefinition, FieldType

SCHEMA = "bi"
PREFIX = f"{SCHEMA}.contact_custom_fields_denormalized_"
# Another number has every view made anew: raise it when what is in them changes.
LAYOUT = "1"
NAME_LENGTH = 63
# PostgreSQL has room for 1,600 columns, but a row for 8 KB, of which each value may need 24 bytes wherever it is kept: with
# more, a contact with all of them would keep the whole view from being made. What has no column is in `other_fields`.
MOST_COLUMNS = 300
OTHER_FIELDS = "other_fields"

# The contact's own columns, as they are called in the view.
ATTRIBUTES = {
    "contact_id": "id",
    **{
        name: name
        for name in (
            "kind", "email", "external_id", "phone", "first_name", "last_name", "company_name", "job_title", "city",
            "country", "language", "timezone", "source", "is_active", "is_subscribed", "created_at", "updated_at",
        )
    },
}  # fmt: skip
# What every table has already.
SYSTEM = ("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")

# The value of a type as a column, of `{value}` (jsonb) and `{text}`: nothing where an earlier field of the key left
# something else. Never fails.
_DATED = "case when {{text}} ~ '^[0-9]{{{{4}}}}-' and pg_input_is_valid({{text}}, '{0}') then {{text}}::{0} end"
_TEXT = "case when jsonb_typeof({value}) = 'string' then {text} end"
SQL_OF_TYPE = {
    FieldType.TEXT: _TEXT,
    FieldType.CHOICE: _TEXT,
    FieldType.URL: _TEXT,
    FieldType.NUMBER: "case when jsonb_typeof({value}) = 'number' then {value}::numeric end",
    FieldType.BOOLEAN: "case when jsonb_typeof({value}) = 'boolean' then {value}::boolean end",
    FieldType.DATE: _DATED.format("date"),
    FieldType.DATETIME: _DATED.format("timestamptz"),
    FieldType.MULTI_CHOICE: "case when jsonb_typeof({value}) = 'array' then array(select jsonb_array_elements_text({value})) end",
}


def view_name(organization_id: int) -> str:
    """The view of an organization, with its schema."""
    return f"{PREFIX}{organization_id}"


def view_digest(definitions: Sequence[CustomFieldDefinition]) -> str:
    """What tells whether a view was made of these fields; `sql/flat_views_due.sql` makes the same."""
    fields = ",".join(f"{each.key} {each.type}" for each in _in_order(definitions))
    return hashlib.md5(f"{LAYOUT}{fields}".encode(), usedforsecurity=False).hexdigest()


def view_columns(definitions: Iterable[CustomFieldDefinition]) -> dict[str, str]:
    """The column of each field by its key: called as the key or, where that is taken, `custom_<key>`. Oldest first."""
    taken = {*ATTRIBUTES, OTHER_FIELDS, *SYSTEM}
    columns: dict[str, str] = {}
    for definition in _in_order(definitions)[:MOST_COLUMNS]:
        name = next(each for each in _names(definition.key) if each not in taken)
        taken.add(name)
        columns[definition.key] = name
    return columns


def _in_order(definitions: Iterable[CustomFieldDefinition]) -> list[CustomFieldDefinition]:
    return sorted(definitions, key=lambda each: each.pk)


def _names(key: str) -> Iterator[str]:
    """What a field may be called, the best first; none longer than PostgreSQL would cut it to."""
    yield key
    yield f"custom_{key}"[:NAME_LENGTH]
    number = 2
    while True:
        end = f"_{number}"
        yield f"custom_{key}"[: NAME_LENGTH - len(end)] + end
        number += 1


def view_query(organization_id: int, definitions: Sequence[CustomFieldDefinition]) -> sql.Composed:
    """The query that the view keeps the result of. (It takes no parameters: a view can't have any.)"""
    columns = view_columns(definitions)
    shown = [_attribute(column, name) for name, column in ATTRIBUTES.items()]
    shown += [
        _custom(each, columns[each.key]) for each in _in_order(definitions) if each.key in columns
    ]
    others = [each.key for each in definitions if each.key not in columns]
    shown += [_others(others)] if others else []
    return sql.SQL(
        "select {} from contacts c where c.organization_id = {} and c.deleted_at is null"
    ).format(sql.SQL(", ").join(shown), sql.Literal(organization_id))


def _attribute(column: str, name: str) -> sql.Composed:
    return sql.SQL("c.{} as {}").format(sql.Identifier(column), sql.Identifier(name))


def _custom(definition: CustomFieldDefinition, name: str) -> sql.Composed:
    key = sql.Literal(definition.key)
    value = sql.SQL("(c.custom_fields -> {})").format(key)
    text = sql.SQL("(c.custom_fields ->> {})").format(key)
    shape = sql.SQL(SQL_OF_TYPE[FieldType(definition.type)])  # type: ignore[arg-type]
    return sql.SQL("{} as {}").format(shape.format(value=value, text=text), sql.Identifier(name))


def _others(keys: Sequence[str]) -> sql.Composed:
    return sql.SQL(
        "(select jsonb_object_agg(e.key, e.value) from jsonb_each(c.custom_fields) e where e.key = any({})) as {}"
    ).format(sql.Literal(list(keys)), sql.Identifier(OTHER_FIELDS))
