"""An organization's home page, which looks into every app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.attention import attention_points, running_work
from contacts.engagement import Level
from contacts.selectors.engagement_summary import engagement_summary
from contacts.selectors.leaders import engagement_leaders
from contacts.selectors.totals import contact_totals
from imports.models import ImportJob
from organizations.roles import EDIT, READ
from organizations.screens import may, render_part, render_screen, role_required
from segments.models import Segment
from tags.models import Tag

LEADERS = 5
DAYS = 30
WIDE, HIGH = 100, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A level's part of a day's column: its place and size in a drawing 100 wide and 24 high."""

    level: Level
    x: float
    y: float
    width: float
    height: float


def _engagement() -> dict[str, Any]:
    """Levels of engagement now and by day, with the columns of their chart."""
    last = timezone.now().astimezone(UTC).date()
    first = last - timedelta(days=DAYS - 1)
    summary = engagement_summary(days=DAYS)
    latest = summary.days[-1][1] if summary.days else {}
    top = max((sum(counts.values()) for _, counts in summary.days), default=0)
    return {
        "engagement_days": summary.days,
        "engagement_as_of": summary.as_of,
        "engagement_levels": [(level, latest[level]) for level in Level] if top else [],
        "engagement_bars": _bars(summary.days, first=first, top=top or 1),
        "engagement_axes": {"first": first, "last": last, "top": top},
    }


def _bars(days: Sequence[tuple[date, Mapping[Level, int]]], *, first: date, top: int) -> list[Bar]:
    """A column a day, where it lies among the days from `first` on, the most engaged at the bottom."""
    width, bars = WIDE / DAYS, []
    for day, counts in days:
        x, y = (day - first).days * width, float(HIGH)
        for level in Level:
            height = HIGH * counts[level] / top
            y -= height
            bars.append(Bar(level, x + width * 0.1, y, width * 0.8, height))
    return bars


@require_safe
@role_required(READ)
def dashboard(request: Any) -> HttpResponse:
    """An organization's home page: how many, what runs, what needs somebody."""
    if request.htmx:
        return render_part(request, "organizations/home.html#running", {"running": running_work()})
    context = {
        "totals": contact_totals(),
        "tag_count": Tag.objects.count(),
        "segment_count": Segment.objects.count(),
        "latest_imports": list(ImportJob.objects.order_by("-pk")[:5]),
        "running": running_work(),
        "leaders": engagement_leaders()[:LEADERS],
        **_engagement(),
        "points": attention_points(may_edit=may(request, EDIT)),
    }
    return render_screen(request, "organizations/home.html", context, title="Home")
