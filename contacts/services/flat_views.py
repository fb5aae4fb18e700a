"""Making, refreshing and removing the flat views of organizations (`contacts.flat_view`), in the background.

The schedule compares: whoever changes custom fields need not think of it, and a crash leaves nothing undone. A view's
advisory lock says who works on it, however long that takes; its lease, when somebody looks whether anybody does.
"""

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from contacts.flat_view import LAYOUT, PREFIX, SCHEMA, view_digest, view_name, view_query
from contacts.models import CustomFieldDefinition, FlatView, FlatViewStatus
from organizations.models import MaterializedViewRefresh, Organization
from organizations.scope import current_organization_id, organization_scope
from organizations.services.leases import Lease, lease_extend, lease_renew, work_enqueue
from organizations.services.view_refresh import (
    identifier,
    view_lock,
    view_refresh,
    view_refreshed_note,
)
from organizations.statements import fetch_all, statement

EVERY = timedelta(minutes=15)
# At most one part in so many of the time goes into refreshing a view.
SHARE = 50
AGAIN = timedelta(hours=1)
# Somebody reads the old view and does not let go of it: nobody else is to wait behind us for that.
LOCK_TIMEOUT = "10s"


def flat_views_sweep() -> int:
    """Queue the views that are to be made, made anew, refreshed or removed. Returns how many."""
    due = [
        organization_id
        for (organization_id,) in fetch_all(statement("contacts", "flat_views_due"), _due_params())
    ]
    for organization_id in due:
        with organization_scope(organization_id):
            flat_view_queue()
    return len(due)


def _due_params() -> dict[str, Any]:
    times = {"now": timezone.now(), "every": EVERY, "share": SHARE, "again": AGAIN}
    return {"layout": LAYOUT, "prefix": PREFIX} | times


@transaction.atomic
def flat_view_queue() -> FlatView | None:
    """Have the view of the organization in scope brought up to date; None when that is under way, or there is none."""
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    view, _ = FlatView.objects.get_or_create(defaults={"status": FlatViewStatus.DONE})
    if view.status in FlatView.LIVE_STATUSES:
        return None
    view.status, view.attempts, view.error = FlatViewStatus.PENDING, 0, ""
    view.save(update_fields=["status", "attempts", "error"])
    work_enqueue(work=view)
    return view


def flat_view_run(view: FlatView, *, lease: Lease) -> None:
    """Make, refresh or remove the view of the organization in scope, in one transaction. Raises LeaseLost."""
    lease_extend(lease=lease, status=FlatViewStatus.RUNNING, started_at=timezone.now())
    with transaction.atomic():
        if not view_lock(name=view_name(current_organization_id())):
            # Whoever is at it lives: look again when another lease has passed.
            lease_renew(lease=lease)
            return
        definitions = list(CustomFieldDefinition.objects.order_by("pk"))
        if definitions:
            _bring_up_to_date(view, definitions)
        else:
            flat_view_drop(organization_id=current_organization_id())
            view.delete()


def _bring_up_to_date(view: FlatView, definitions: list[CustomFieldDefinition]) -> None:
    organization_id, digest = current_organization_id(), view_digest(definitions)
    name = view_name(organization_id)
    view.refresh_from_db(fields=["digest"])
    if view.digest == digest and _exists(name):
        view_refresh(name=name, organization_id=organization_id)
    else:
        _make(organization_id, definitions)
    # Without a look at the lease: the work is done, and the view's lock has kept others from it.
    FlatView.objects.filter(pk=view.pk).update(
        digest=digest,
        status=FlatViewStatus.DONE,
        finished_at=timezone.now(),
        claim_token=None,
        lease_expires_at=None,
        attempts=0,
        error="",
    )


def _exists(name: str) -> bool:
    ((found,),) = fetch_all("select to_regclass(%(name)s) is not null", {"name": name})
    return bool(found)


def _make(organization_id: int, definitions: list[CustomFieldDefinition]) -> None:
    """Make the view beside the one that is there, and put it in its place with what was granted on that."""
    name, started = view_name(organization_id), time.monotonic()
    grants = fetch_all(statement("contacts", "view_grants"), {"name": name})
    parts = _names(name) | {
        "query": view_query(organization_id, definitions),
        "timeout": sql.Literal(LOCK_TIMEOUT),
    }
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(sql.SQL(step).format(**parts))  # type: ignore[arg-type]
        for role, privilege, is_grantable in grants:
            cursor.execute(_grant(name, role, privilege, is_grantable))
    took = time.monotonic() - started
    view_refreshed_note(name=name, organization_id=organization_id, took=took)


def _names(name: str) -> dict[str, Any]:
    plain = name.partition(".")[2]
    return {
        "view": identifier(name),
        "plain": sql.Identifier(plain),
        "next": identifier(f"{name}_next"),
        "key": sql.Identifier(f"{plain}_key"),
        "next_key": sql.Identifier(f"{plain}_next_key"),
        "schema": sql.Identifier(SCHEMA),
    }


# Readers of the old view wait from its drop to the commit, so that comes late.
STEPS = (
    "drop materialized view if exists {next}",
    "create materialized view {next} as {query}",
    # A view is refreshed beside its readers by a unique key.
    "create unique index {next_key} on {next} (contact_id)",
    "analyze {next}",
    "set local lock_timeout = {timeout}",
    "drop materialized view if exists {view}",
    "alter materialized view {next} rename to {plain}",
    "alter index {schema}.{next_key} rename to {key}",
)


def _grant(name: str, role: str | None, privilege: str, is_grantable: bool) -> sql.Composed:
    to = sql.SQL("public") if role is None else sql.Identifier(role)
    option = sql.SQL(" with grant option" if is_grantable else "")
    return sql.SQL("grant {} on {} to {}{}").format(
        sql.SQL(privilege),  # type: ignore[arg-type]
        identifier(name),
        to,
        option,
    )


@transaction.atomic
def flat_view_drop(*, organization_id: int) -> None:
    """Remove an organization's view, if there is one. Waits for who reads it, but not long."""
    name = view_name(organization_id)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
        cursor.execute(sql.SQL("drop materialized view if exists {}").format(identifier(name)))
    MaterializedViewRefresh.objects.filter(name=name).delete()


def flat_views_stray() -> list[int]:
    """The organizations that are gone, or have no custom field any more, whose view is still there."""
    params = {"schema": SCHEMA, "name": PREFIX.partition(".")[2]}
    return [found for (found,) in fetch_all(statement("contacts", "flat_views_stray"), params)]


@transaction.atomic
def flat_view_stray_drop(*, organization_id: int) -> None:
    """Remove the view of an organization that has no more use for it; nothing when it has, or somebody is at work on it."""
    if view_lock(name=view_name(organization_id)) and organization_id in flat_views_stray():
        flat_view_drop(organization_id=organization_id)
