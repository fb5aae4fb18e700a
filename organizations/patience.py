"""A limit to how long a statement may take, in a savepoint of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def patience(milliseconds: int) -> Iterator[None]:
    """Let each statement of the block take so long. One that takes longer raises OperationalError (from psycopg's
    QueryCanceled), and the transaction around goes on.
    """
    with transaction.atomic():
        before = set_timeout(f"{milliseconds}ms")
        yield
        set_timeout(before)


def set_timeout(value: str) -> str:
    """Set how long the statements of this transaction may take; returns what held before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('statement_timeout'), set_config('statement_timeout', %s, true)",
            [value],
        )
        return str(cursor.fetchone()[0])
