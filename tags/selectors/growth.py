"""How a tag grew over time."""

from datetime import date, timedelta
from itertools import accumulate

from django.utils import timezone

from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement
from tags.models import Tag


def tag_growth(*, tag: Tag, days: int = 30) -> list[tuple[date, int]]:
    """For each of the last `days` days (UTC), today last: how many of those who have the tag now had it then."""
    params = {"organization_id": current_organization_id(), "tag_id": tag.pk}
    gained: dict[date, int] = dict(fetch_all(statement("tags", "growth"), params))
    first = timezone.now().date() - timedelta(days=days - 1)
    before = sum(count for day, count in gained.items() if day < first)
    shown = [first + timedelta(days=number) for number in range(days)]
    totals = accumulate((gained.get(day, 0) for day in shown), initial=before)
    return list(zip(shown, list(totals)[1:], strict=True))
