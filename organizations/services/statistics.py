"""What PostgreSQL knows about tables, brought up to date before statements that depend on it.

It plans by statistics, and autovacuum comes only after a while. Right after a bulk load they may say that a table is
empty, or that an organization is not in it: then a join becomes a loop over all pairs, which takes hours.
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta

from django.db import connection

from organizations.statements import fetch_all, statement

# Some columns' statistics do not set PostgreSQL's counter of writes back, so it counts after this time only: mostly
# autovacuum has come by then.
COUNTER_RESTS = timedelta(minutes=1)


def statistics_renew(tables: Mapping[str, str]) -> list[str]:
    """Have those tables analyzed that have outgrown their statistics; returns which. One query where none has.

    `tables`: by name, the columns that statements join and filter by, such as `(organization_id, id)`, or nothing for
    all. Others can go on reading and writing; what somebody else is analyzing is left to them.
    """
    params = {"tables": list(tables), "counter_rests": COUNTER_RESTS}
    rows = fetch_all(statement("organizations", "tables_outgrown"), params)
    outgrown = sorted(name for (name,) in rows)
    if outgrown:
        _analyze(", ".join(f"{name} {tables[name]}" for name in outgrown))
    return outgrown


def _analyze(tables: str) -> None:
    """In a connection of its own: what a transaction that is rolled back has analyzed is lost, but counts as analyzed."""
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute(f"analyze (skip_locked) {tables}")
