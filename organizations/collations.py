"""How the database puts texts in order."""

from functools import cache

from django.db import connection


@cache
def sorts_by_code_point() -> bool:
    """Whether texts that begin alike are one stretch of an index. One query, once a process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select datlocprovider = 'b' or datlocprovider = 'c' and datcollate in ('C', 'POSIX') "
            "from pg_database where datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
