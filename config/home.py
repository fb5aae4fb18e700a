"""An organization's home page, which looks into every app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from config.attention import attention_points, running_work
from contacts.engagement import Level
from contacts.selectors.engagement_summary import engagement_summary
from contacts.selectors.leaders import engagement_leaders
from contacts.selectors.totals import contact_totals
from imports.models import ImportJob
from organizations.roles import EDIT, READ
from organizations.screens import may, render_part, render_screen, role_required
from tags.models import Tag

LEADERS = 5
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
    summary = engagement_summary()
    latest = summary.days[-1][1] if summary.days else {}
    total = sum(latest.values())
    return {
        "engagement_days": summary.days,
        "engagement_as_of": summary.as_of,
        "engagement_levels": [(level, latest.get(level, 0)) for level in Level] if total else [],
        "engagement_bars": _bars(summary.days),
    }


def _bars(days: Sequence[tuple[date, Mapping[Level, int]]]) -> list[Bar]:
    """A column a day, all as high as the largest, the most engaged at the bottom."""
    top = max((sum(counts.values()) for _, counts in days), default=0) or 1
    width, bars = WIDE / max(len(days), 1), []
    for number, (_, counts) in enumerate(days):
        y = float(HIGH)
        for level in Level:
            height = HIGH * counts[level] / top
            y -= height
            bars.append(Bar(level, number * width, y, width * 0.8, height))
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
        "latest_imports": list(ImportJob.objects.order_by("-pk")[:5]),
        "running": running_work(),
        "leaders": engagement_leaders()[:LEADERS],
        **_engagement(),
        "points": attention_points(may_edit=may(request, EDIT)),
    }
    return render_screen(request, "organizations/home.html", context, title="Home")
