"""Paging by key: as fast on the last page as on the first, and stable while rows come and go.

The cursor is (sort value, null flag, id). Rows without a value come last in both directions; they are a section of
their own, so that one index (organization, column, id) serves both sections and directions.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet

Take = Callable[[QuerySet[Any]], list[Any]]


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by, whether it can be NULL, and the unique number that tells ties apart.

    `expression`: what the column is, where it is not one of the table. `twin`: where rows are joined by the unique number,
    its name on the other side; a page begins in the indexes of both.
    """

    column: str
    is_nullable: bool = False
    tie: str = "pk"
    expression: Any = None
    twin: str = ""

    def prepared(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with the column that they are sorted by."""
        if self.expression is None or self.column in rows.query.annotations:
            return rows
        return rows.annotate(**{self.column: self.expression})

    @property
    def is_unique(self) -> bool:
        return self.column in ("id", "pk", self.tie)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursors of the pages around them (None where there is none)."""

    rows: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a cursor points to: behind a row (before it, when looking backward)."""

    value: Any
    is_null: bool
    pk: int
    is_backward: bool = False

    def encode(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        value = str(value) if isinstance(value, Decimal) else value
        document = json.dumps(
            [value, self.is_null, self.pk, self.is_backward], separators=(",", ":")
        )
        return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


_UNREADABLE = (
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    binascii.Error,
    ValidationError,
    FieldDoesNotExist,
)


def position_of(cursor: str, rows: QuerySet[Any], order: Order) -> Position:
    """What a cursor says. Raises ValidationError for one that was not given out."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, is_null, pk, is_backward = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(pk, int) or isinstance(pk, bool) or abs(pk) >= 2**63:
            raise ValueError
        if not is_null:
            value = _field(rows, order).to_python(value)
            if value is None or (isinstance(value, str) and b"\0" in value.encode()):
                raise ValueError
        return Position(value, bool(is_null), pk, bool(is_backward))
    except _UNREADABLE as error:
        raise ValidationError(
            {"cursor": "This cursor is not one that was given out. Start without a cursor."}
        ) from error


def _field(rows: QuerySet[Any], order: Order) -> Any:
    """The field that an order's values are of: a column's, or that of an annotation."""
    annotation = rows.query.annotations.get(order.column)
    field: Any = annotation or rows.model._meta.get_field(order.column)
    return getattr(field, "output_field", field)


def keyset_page(
    rows: QuerySet[Any],
    *,
    order: Order,
    is_descending: bool = False,
    cursor: str | None = None,
    size: int = 50,
    take: Take = list,
) -> Page:
    """A page of `rows` in an order, behind (or before) a cursor. At most two queries.

    `take` reads the rows of a query. Raises ValidationError for a cursor that was not given out.
    """
    rows = order.prepared(rows)
    position = position_of(cursor, rows, order) if cursor else None
    is_backward = position is not None and position.is_backward
    found = _fetch(rows, order, is_descending, position, size + 1, take)
    has_more, found = len(found) > size, found[:size]
    if is_backward:
        found.reverse()
    return page_around(found, order=order, has_more=has_more, position=position)


def page_around(
    found: list[Any], *, order: Order, has_more: bool, position: Position | None
) -> Page:
    """The page that some rows make, in their order: with more of them in the direction that was looked in or not."""
    if not found:
        return Page([], None, None)
    is_backward = position is not None and position.is_backward
    has_next = has_more if not is_backward else True
    has_previous = has_more if is_backward else position is not None
    return Page(
        rows=found,
        next=_position(found[-1], order, False).encode() if has_next else None,
        previous=_position(found[0], order, True).encode() if has_previous else None,
    )


def _position(row: Any, order: Order, is_backward: bool) -> Position:
    value = getattr(row, order.column)
    return Position(value, value is None, getattr(row, order.tie), is_backward)


def cursor_behind(number: int) -> str | None:
    """The cursor of the page, in the order of a unique number, that begins behind one; None for the first page."""
    return Position(number, False, number).encode() if number > 0 else None


def _fetch(
    rows: QuerySet[Any],
    order: Order,
    is_descending: bool,
    position: Position | None,
    limit: int,
    take: Take,
) -> list[Any]:
    """Up to `limit` rows behind the position (before it, when it looks backward), section by section."""
    is_backward = position is not None and position.is_backward
    sections = [False, True] if order.is_nullable else [False]
    if is_backward:
        sections.reverse()
    found: list[Any] = []
    for nulls in sections:
        passed = position is not None and position.is_null != nulls and nulls == is_backward
        if passed or len(found) >= limit:
            continue
        inside = position is not None and position.is_null == nulls
        section = _section(rows, order, is_descending != is_backward, nulls)
        if inside and position is not None:
            section = section.filter(_behind(order, is_descending != is_backward, position, nulls))
        found += take(section[: limit - len(found)])
    return found


def _section(rows: QuerySet[Any], order: Order, is_descending: bool, nulls: bool) -> QuerySet[Any]:
    sign = "-" if is_descending else ""
    if nulls:
        return rows.filter(**{f"{order.column}__isnull": True}).order_by(f"{sign}{order.tie}")
    if order.is_nullable:
        rows = rows.filter(**{f"{order.column}__isnull": False})
    keys = [order.tie] if order.is_unique else [order.column, order.tie]
    return rows.order_by(*(f"{sign}{key}" for key in keys))


def _behind(order: Order, is_descending: bool, position: Position, nulls: bool) -> Q:
    comparison = "lt" if is_descending else "gt"
    if nulls or order.is_unique:
        names = [order.tie, order.twin] if order.twin else [order.tie]
        return Q(**{f"{name}__{comparison}": position.pk for name in names})
    # The first condition is implied by the second; it lets PostgreSQL begin in the index where the page begins.
    return Q(**{f"{order.column}__{comparison}e": position.value}) & (
        Q(**{f"{order.column}__{comparison}": position.value})
        | Q(**{order.column: position.value, f"{order.tie}__{comparison}": position.pk})
    )


def capped_count(rows: QuerySet[Any], cap: int = 10_000) -> tuple[int, bool]:
    """How many rows there are, counting to `cap` at most; and whether there are more."""
    count = rows.order_by()[: cap + 1].count()
    return min(count, cap), count > cap
