"""A page of the rows of a filter when nobody can tell beforehand whether they are three or most of a million.

PostgreSQL guesses from statistics that know nothing of the beginnings of words: taking three rows for twenty thousand,
it walks through a whole organization in the order of a page until it has met them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection
from django.db.models import BigIntegerField, BooleanField, F, Func, OrderBy, QuerySet, Value
from psycopg.errors import QueryCanceled

from organizations.keyset import (
    Order,
    Page,
    Position,
    Take,
    capped_count,
    keyset_page,
    page_around,
    position_of,
)
from organizations.patience import patience

CAP = 10_000
# In a million rows, a page is met after 5 ms where the matches (over `CAP` of them) lie anywhere in its order; after 50
# where each of many first names has to be walked through to its end.
PATIENCE_MS = 60


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A page of some rows, how many there are (to a cap), and whether there are more."""

    page: Page
    count: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Split:
    """The same rows in two parts: those `inside` one stretch of an order, which an index walks through, and those
    `outside`, which another index finds. `certain` are some of the former, quickly counted.
    """

    inside: QuerySet[Any]
    outside: QuerySet[Any]
    certain: QuerySet[Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    order: Order
    is_descending: bool
    cursor: str | None
    size: int

    def page(self, rows: QuerySet[Any], *, size: int = 0, take: Take = list) -> Page:
        return keyset_page(
            rows,
            order=self.order,
            is_descending=self.is_descending,
            cursor=self.cursor,
            size=size or self.size,
            take=take,
        )


def narrowed_page(
    rows: QuerySet[Any],
    *,
    order: Order,
    is_descending: bool = False,
    cursor: str | None = None,
    size: int = 50,
    cap: int = CAP,
    split: Callable[[], Split | None] = lambda: None,
) -> Narrowed:
    """A page of filtered rows, and their number. A constant number of queries.

    Up to `cap` rows are found, counted and put in order by one statement. Where there are more, they are dense: the
    order is walked through, but for rows that stand together in it. `split` may tell those from the others, which is
    worth it where more than `cap` do. Raises ValidationError for a cursor that was not given out.
    """
    rows, asked = order.prepared(rows), _Asked(order, is_descending, cursor, size)
    parts = split()
    if parts and not capped_count(parts.certain, cap)[1]:
        parts = None
    few = _found(parts.outside if parts else rows, asked, cap)
    if few.count > cap:
        return Narrowed(asked.page(rows, take=take_patiently), cap, True)
    if parts:
        return Narrowed(_joined(rows, parts, few, asked), cap, True)
    return Narrowed(few.page(rows, asked), few.count, False)


def _joined(rows: QuerySet[Any], parts: Split, outside: "_Found", asked: _Asked) -> Page:
    """The first of both parts are among the first of each."""
    keys = parts.inside.only("pk", asked.order.column)
    inside = asked.page(keys, size=asked.size + 1, take=take_patiently)
    ids = [*(row.pk for row in inside.rows), *outside.ids]
    return asked.page(rows.filter(AnyOf(F("pk"), Value(ids, ArrayField(BigIntegerField())))))


class AnyOf(Func):
    """`number = ANY (array)`: one parameter however many numbers there are."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class _Found:
    """How many rows there are, and the ids of those nearest to the cursor, in order: one more than a page has."""

    count: int
    ids: list[int]
    position: Position | None

    def page(self, rows: QuerySet[Any], asked: _Asked) -> Page:
        is_backward = self.position is not None and self.position.is_backward
        shown = self.ids[-asked.size :] if is_backward else self.ids[: asked.size]
        has_more = len(self.ids) > asked.size
        found = rows.order_by().in_bulk(shown)
        kept = [found[pk] for pk in shown if pk in found]
        return page_around(kept, order=asked.order, has_more=has_more, position=self.position)


def _found(rows: QuerySet[Any], asked: _Asked, cap: int) -> _Found:
    """Up to `cap` + 1 rows: the first that there are, counted, and sorted then. One query."""
    order, cursor = asked.order, asked.cursor
    position = position_of(cursor, rows, order) if cursor else None
    is_backward = position is not None and position.is_backward
    columns = ["pk"] if order.is_unique else ["pk", order.column]
    try:
        first = rows.order_by().values_list(*columns)[: cap + 1].query.sql_with_params()
    except EmptyResultSet:
        return _Found(0, [], position)
    count, ids = _nearest(first, order, asked.is_descending, position, asked.size + 1)
    return _Found(count, ids[::-1] if is_backward else ids, position)


def _nearest(
    first: tuple[str, Any],
    order: Order,
    is_descending: bool,
    position: Position | None,
    limit: int,
) -> tuple[int, list[int]]:
    """How many rows a statement finds, and the ids of the first from the position on. (Few: to fetch all takes 5 ms.)"""
    is_backward = position is not None and position.is_backward
    way = "desc" if is_descending != is_backward else "asc"
    nulls = "first" if is_backward else "last"
    names = "pk" if order.is_unique else "pk, key"
    keys = f"pk {way}" if order.is_unique else f"key {way} nulls {nulls}, pk {way}"
    passes, values = _passes(order, is_descending, position)
    sql, params = first
    with connection.cursor() as execution:
        execution.execute(
            f"with f ({names}) as materialized ({sql}) select (select count(*) from f), "
            f"array(select pk from f where {passes} order by {keys} limit %s)",
            [*params, *values, limit],
        )
        count, ids = execution.fetchone()
    return count, ids


def _passes(order: Order, is_descending: bool, position: Position | None) -> tuple[str, list[Any]]:
    """Whether a row lies behind the position (before it, when looking backward), in SQL."""
    if position is None:
        return "true", []
    sign = "<" if is_descending != position.is_backward else ">"
    if order.is_unique:
        return f"f.pk {sign} %s", [position.pk]
    if position.is_null:
        nulls = f"f.key is null and f.pk {sign} %s"
        return (f"(f.key is not null or {nulls})" if position.is_backward else nulls), [position.pk]
    values = f"(f.key, f.pk) {sign} (%s, %s)"
    passes = (
        f"f.key is not null and {values}"
        if position.is_backward
        else f"(f.key is null or {values})"
    )
    return passes, [position.value, position.pk]


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
        with patience(PATIENCE_MS):
            return list(rows)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
    return take_apart(rows)
