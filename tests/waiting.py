"""Awaiting what others do, and holding them up."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection

# Seconds that a condition is awaited, on a machine however busy.
PATIENCE = 120.0


def await_(condition: Callable[[], Any], what: str, and_say: Callable[[], str] = str) -> Any:
    """What the condition answers once it holds; fails when patience ends, and says more then."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}: {and_say()}"
        time.sleep(0.01)
    return answer


@contextmanager
def blocked(sql: str, *params: Any) -> Iterator[None]:
    """Hold a lock in a connection of its own for the block; the test itself waits for none of it for long.

    Whoever is to come upon it has to be started in the block: a worker started before may be done by then.
    """
    with closing(connection.copy()) as other, other.cursor() as cursor, connection.cursor() as own:
        cursor.execute("begin")
        cursor.execute(sql, params)
        own.execute("set lock_timeout = '30s'")
        try:
            yield
        finally:
            cursor.execute("rollback")
            own.execute("reset lock_timeout")


def waiting_for(kind: str) -> Callable[[], bool]:
    """Whether somebody waits for a lock: `advisory`, `relation` of a table, or `transactionid` for one of a row."""

    def asked() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and wait_event_type = 'Lock' and wait_event = %s",
                [kind],
            )
            return bool(cursor.fetchone()[0])

    return asked
