"""Keeping the view of engagement by day."""

from django.db import transaction

from organizations.models import MaterializedViewRefresh
from organizations.services.view_refresh import view_lock, view_refresh
from organizations.statements import execute, statement

SUMMARY = "contact_engagement_summary"


@transaction.atomic
def engagement_summary_refresh() -> MaterializedViewRefresh | None:
    """Keep what the view of all organizations says of today so far, and refresh it; None when somebody is at it.

    A day is kept as it was looked at last. Holds the view's lock; its readers see the old rows meanwhile.
    """
    if not view_lock(name=SUMMARY):
        return None
    execute(statement("contacts", "engagement_days_keep"), {})
    return view_refresh(name=SUMMARY)
