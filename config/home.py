"""An organization's home page, which looks into every app."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from config.attention import attention_points, running_work
from contacts.selectors.totals import contact_totals
from imports.models import ImportJob
from organizations.roles import EDIT, READ
from organizations.screens import may, render_part, render_screen, role_required
from tags.models import Tag


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
        "points": attention_points(may_edit=may(request, EDIT)),
    }
    return render_screen(request, "organizations/home.html", context, title="Home")
