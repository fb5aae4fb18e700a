"""Finding the rows of a filter when nobody can tell beforehand whether they are three or most of a million.

PostgreSQL guesses from statistics that know nothing of the beginnings of words: taking three rows for twenty thousand,
it walks through a whole organization in the order of a page until it has met them.
"""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import OperationalError, connection, transaction
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value
from psycopg.errors import QueryCanceled

CAP = 10_000
# A page whose rows are near each other in its order takes a few, also on a busy machine.
PATIENCE_MS = 150


class AnyOf(Func):
    """`number = ANY (array)`: one parameter however many numbers there are, and a fence around a subquery."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def found_once(rows: QuerySet[Any], *, cap: int = CAP) -> tuple[QuerySet[Any], int, bool]:
    """The rows, how many they are (to `cap` at most), and whether there are more. One query.

    Up to `cap` of them come as rows with the ids found, so that paging does not look for them again.
    """
    ids = list(rows.order_by().values_list("pk", flat=True)[: cap + 1])
    if len(ids) > cap:
        return rows, cap, True
    known = Value(ids, ArrayField(BigIntegerField()))
    return rows.model._default_manager.filter(AnyOf(F("pk"), known)), len(ids), False


def take_patiently(rows: QuerySet[Any]) -> list[Any]:
    """The first rows of an ordered query of very many, the way PostgreSQL thinks best.

    Where that takes too long, they lie far from where the order begins: then all are found first, and ordered.
    """
    try:
        with transaction.atomic():
            before = _set_timeout(f"{PATIENCE_MS}ms")
            found = list(rows)
            _set_timeout(before)
            return found
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
    whole = rows.all()
    whole.query.clear_limits()
    ids = ArraySubquery(whole.order_by().values("pk"))
    first = rows.model._default_manager.filter(AnyOf(F("pk"), ids))
    return list(_like(rows, first))


def _like(rows: QuerySet[Any], others: QuerySet[Any]) -> QuerySet[Any]:
    """Other rows in the order, number and with the columns of a query."""
    names, is_deferred = rows.query.deferred_loading
    others = others.order_by(*rows.query.order_by)
    others = others.defer(*names) if is_deferred and names else others
    return others[: rows.query.high_mark]


def _set_timeout(value: str) -> str:
    """Set how long a statement of this transaction may take; returns what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('statement_timeout'), set_config('statement_timeout', %s, true)",
            [value],
        )
        return str(cursor.fetchone()[0])
