"""Pieces of SQL that rules are made of."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Expression,
    F,
    Func,
    JSONField,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import CombinedExpression

# What holds of every contact. (Of no condition at all Django makes neither "true" nor, as its complement, "false".)
EVERYBODY = Q(pk__isnull=False)


class IsNotTrue(Func):
    """False or unknown: the exact complement of a condition whose value may be missing."""

    template = "(%(expressions)s) IS NOT TRUE"
    arity = 1
    output_field = BooleanField()


class IsTrue(Func):
    """True, and not unknown."""

    template = "(%(expressions)s) IS TRUE"
    arity = 1
    output_field = BooleanField()


class _InArray(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def any_of(column: Any, values: Sequence[Any], base: Any = None) -> Func:
    """`column = ANY (values)`: one parameter however many values there are."""
    return _InArray(column, Value(list(values), ArrayField(base or BigIntegerField())))


class _InIds(Func):
    template = "%(expressions)s::bigint[])"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def ids_text(ids: Iterable[int]) -> str:
    """Ids as PostgreSQL reads an array. Made once, it is quicker to send again and again than a list."""
    return f"{{{','.join(map(str, ids))}}}"


def in_ids(column: Any, text: str) -> Func:
    """Whether a column is one of the ids of `ids_text`."""
    return _InIds(column, Value(text, TextField()))


class IsAmong(Expression):
    """Whether the contact is one of those that a queryset of ids means, which are found once for everybody.

    `exists` over the queryset as a table: PostgreSQL joins it, and its complement too, which `not in` is not; and it
    joins no second time with the contacts.
    """

    output_field = BooleanField()

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self.contact, self.rows = F("pk"), Subquery(rows)

    def get_source_expressions(self) -> list[Any]:
        return [self.contact, self.rows]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.contact, self.rows = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        contact, values = compiler.compile(self.contact)
        rows, more = compiler.compile(self.rows)
        return f"EXISTS (SELECT FROM {rows} among (id) WHERE among.id = {contact})", (
            *more,
            *values,
        )


class Folded(Func):
    """A text without case, the same on every PostgreSQL; Python's `str.casefold`."""

    function = "casefold"
    template = '%(function)s(%(expressions)s collate "pg_unicode_fast")'
    arity = 1
    output_field = TextField()


class ByCodePoint(Func):
    """A text that is compared by code point, whatever the database's collation."""

    template = '(%(expressions)s) collate "C"'
    arity = 1
    output_field = TextField()


class _Test(Func):
    arity = 2
    output_field = BooleanField()


class Contains(_Test):
    template = "strpos(%(expressions)s) > 0"


class StartsWith(_Test):
    function = "starts_with"


class EndsWith(_Test):
    """Whether a text ends with another."""

    template = "starts_with(reverse(%(expressions)s))"
    arg_joiner = "), reverse("


class JsonText(Func):
    """`document #>> path`: the text at a path."""

    template = "(%(expressions)s)"
    arg_joiner = " #>> "
    arity = 2
    output_field = TextField()


class JsonPart(Func):
    """`document #> path`: what lies at a path, as JSON."""

    template = "(%(expressions)s)"
    arg_joiner = " #> "
    arity = 2
    output_field = JSONField()


def compared(left: Any, operator: str, right: Any) -> Any:
    """A comparison as a boolean expression; `operator` is SQL's, of a fixed set."""
    if operator not in ("=", "<>", "<", "<=", ">", ">="):
        raise ValueError(operator)
    return CombinedExpression(left, operator, right, output_field=BooleanField())
