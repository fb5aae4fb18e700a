"""How many contacts a rule means: counted while there is time, estimated after that."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from contacts.models import Contact
from contacts.rules.compiler import contacts_of
from contacts.rules.nodes import Node
from contacts.rules.world import World
from contacts.selectors.totals import contact_totals
from organizations.patience import patience
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

BUDGET_MS = 2_000
SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """A number of contacts: counted, or estimated from some of them; None where even that took too long."""

    count: int | None
    is_exact: bool


def rule_size(*, node: Node, world: World, budget_ms: int = BUDGET_MS) -> Size:
    """How many living contacts a rule holds of, in about twice the budget at most."""
    return size(lambda among: contacts_of(node, world.of(among)), budget_ms=budget_ms)


def size(rows: Any, *, budget_ms: int = BUDGET_MS) -> Size:
    """How many contacts `rows(None)` are; where to count them takes too long, as many as `rows(sample)` let guess."""
    counted = _counted(rows(None), budget_ms)
    if counted is not None:
        return Size(counted, True)
    sample, total = _sample()
    met = _counted(rows(sample), budget_ms) if sample else 0
    return Size(None if met is None else round(total * met / max(len(sample), 1)), False)


def some_of(rows: Any, amount: int, *, budget_ms: int = BUDGET_MS) -> list[Any]:
    """The first few rows of a queryset; none where to find them takes too long."""
    return _in_time(lambda: list(rows[:amount]), budget_ms) or []


def _counted(rows: Any, budget_ms: int) -> int | None:
    return _in_time(rows.count, budget_ms)


def _in_time[T](ask: Callable[[], T], budget_ms: int) -> T | None:
    """What a query answers; None where that takes too long."""
    try:
        with patience(budget_ms):
            return ask()
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return None


def _sample() -> tuple[list[int], int]:
    """Contacts taken at random, by places between the first and the last id, and about how many there are."""
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ids.first(), ids.last()
    if first is None or last is None:
        return [], 0
    places = [random.randint(first, last) for _ in range(SAMPLE)]
    params = {"organization_id": current_organization_id(), "places": places}
    rows = fetch_all(statement("segments", "sample"), params)
    return [pk for (pk,) in rows], contact_totals().contacts
