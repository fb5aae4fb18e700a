"""What PostgreSQL knows about tables, brought up to date before statements that depend on it.

It plans by statistics, and autovacuum comes only after a while. Right after a bulk load they may say that a table is
empty, or that an organization is not in it: then a join becomes a loop over all pairs, which takes hours.
"""

from collections.abc import Mapping

from organizations.statements import execute, fetch_all, statement


def statistics_renew(tables: Mapping[str, str]) -> list[str]:
    """Have those tables analyzed that have outgrown their statistics; returns which. One query where none has.

    `tables`: by name, the columns that statements join and filter by, such as `(organization_id, id)`, or nothing for
    all. Others can go on reading and writing; what somebody else is analyzing is left to them.
    """
    rows = fetch_all(statement("organizations", "tables_outgrown"), {"tables": list(tables)})
    outgrown = sorted(name for (name,) in rows)
    if outgrown:
        listed = ", ".join(f"{name} {tables[name]}" for name in outgrown)
        execute(f"analyze (skip_locked) {listed}", {})
    return outgrown
