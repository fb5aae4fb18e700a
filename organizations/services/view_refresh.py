"""Refreshing materialised views, one at a time each, with the time of it kept."""

import time
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from organizations.locks import LockSpace, try_lock_name
from organizations.models import MaterializedViewRefresh
from organizations.statements import fetch_all


@transaction.atomic
def view_refresh(
    *, name: str, organization_id: int | None = None
) -> MaterializedViewRefresh | None:
    """Refresh a materialised view (`name`, or `schema.name`) without keeping its readers out, and note when.

    None when somebody else is at it. The view needs a unique index. Holds the view's lock until the transaction ends,
    which may be long: the statement takes as long as the view's query, and readers see the old rows meanwhile.
    """
    if not view_lock(name=name):
        return None
    started = time.monotonic()
    # One that has never been filled has no readers to keep, and can't be refreshed beside them.
    how = sql.SQL("concurrently ") if _is_populated(name) else sql.SQL("")
    refresh = sql.SQL("refresh materialized view {}{}").format(how, identifier(name))
    with connection.cursor() as cursor:
        cursor.execute(refresh)
    return view_refreshed_note(
        name=name, organization_id=organization_id, took=time.monotonic() - started
    )


def view_lock(*, name: str) -> bool:
    """Hold a view for the transaction, so that nobody else refreshes or makes it; False when somebody does."""
    return try_lock_name(LockSpace.VIEWS, name)


def view_refreshed_note(
    *, name: str, organization_id: int | None, took: float
) -> MaterializedViewRefresh:
    """Note that a view is as of now, less the seconds that it took: it shows what there was when it was begun."""
    duration = timedelta(seconds=took)
    values = {"refreshed_at": timezone.now() - duration, "took": duration}
    noted, _ = MaterializedViewRefresh.objects.update_or_create(  # type: ignore[misc]
        name=name, organization_id=organization_id, defaults=values
    )
    return noted


def identifier(name: str) -> sql.Identifier:
    """`name` or `schema.name`, quoted."""
    return sql.Identifier(*name.split("."))


def _is_populated(name: str) -> bool:
    rows = fetch_all(
        "select relispopulated from pg_class where oid = to_regclass(%(name)s)", {"name": name}
    )
    return bool(rows and rows[0][0])
