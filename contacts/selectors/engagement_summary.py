"""How many contacts were engaged how much, by day, and who is engaged most."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from contacts.engagement import Level
from organizations.models import MaterializedViewRefresh
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

SUMMARY = "contact_engagement_summary"


@dataclass(frozen=True, slots=True)
class EngagementSummary:
    """How many contacts were at each level on each day (UTC) that was looked at, the latest last, and as of when."""

    days: list[tuple[date, Mapping[Level, int]]]
    as_of: datetime | None


def engagement_summary(*, days: int = 30) -> EngagementSummary:
    """The last `days` days of the organization in scope. Two queries."""
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    params = {"organization_id": current_organization_id(), "first": first}
    counts: dict[date, dict[Level, int]] = defaultdict(lambda: dict.fromkeys(Level, 0))
    for day, level, contacts in fetch_all(statement("contacts", "engagement_summary"), params):
        counts[day][Level(level)] = contacts
    refreshes = MaterializedViewRefresh.objects.filter(name=SUMMARY, organization=None)
    return EngagementSummary(
        sorted(counts.items()), refreshes.values_list("refreshed_at", flat=True).first()
    )
