"""Finding the rows of a filter when nobody can tell beforehand whether they are three or most of a million.

PostgreSQL guesses from statistics that know nothing of the beginnings of words: taking three rows for twenty thousand,
it walks through a whole organization in the order of a page until it has met them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import OperationalError, connection, transaction
from django.db.models import BigIntegerField, BooleanField, F, Func, OrderBy, QuerySet, Value
from psycopg.errors import QueryCanceled

CAP = 10_000
# In a million rows, a page is met after 5 ms where the matches (over `CAP` of them) lie anywhere in its order.
PATIENCE_MS = 8


class AnyOf(Func):
    """`number = ANY (array)`: one parameter however many numbers there are."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Found:
    """Some rows, how many they are (to a cap), whether there are more, and how a page of them is read."""

    rows: QuerySet[Any]
    count: int
    is_capped: bool
    take: Callable[[QuerySet[Any]], list[Any]]


def found_once(rows: QuerySet[Any], *, cap: int = CAP) -> Found:
    """Find the rows of a filter. One query.

    Up to `cap` of them come as rows with the ids found, so that paging does not look for them again.
    """
    ids = list(rows.order_by().values_list("pk", flat=True)[: cap + 1])
    if len(ids) > cap:
        return Found(rows, cap, True, take_patiently)
    known = Value(ids, ArrayField(BigIntegerField()))
    found = rows.model._default_manager.filter(AnyOf(F("pk"), known))
    return Found(found, len(ids), False, take_apart)


class Apart(Func):
    """A column that no index is in the order of: rows are found first and sorted then."""

    template = "(select %(expressions)s)"
    arity = 1


def take_apart(rows: QuerySet[Any]) -> list[Any]:
    """The first rows of an ordered query, which PostgreSQL has to find before it puts them in order. Two queries.

    Only their keys are sorted: whole rows take three times as long.
    """
    limit, whole = rows.query.high_mark, rows.all()
    whole.query.clear_limits()
    names: Any = rows.query.order_by
    keys = (OrderBy(Apart(F(name.removeprefix("-"))), descending=name[0] == "-") for name in names)
    ids = list(whole.order_by(*keys).values_list("pk", flat=True)[:limit])
    found = whole.order_by().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def take_patiently(rows: QuerySet[Any]) -> list[Any]:
    """The first rows of an ordered query of very many, the way PostgreSQL thinks best.

    Where that takes too long, they lie far from where the order begins: then all are found first.
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
    return take_apart(rows)


def _set_timeout(value: str) -> str:
    """Set how long a statement of this transaction may take; returns what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('statement_timeout'), set_config('statement_timeout', %s, true)",
            [value],
        )
        return str(cursor.fetchone()[0])
