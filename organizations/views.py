"""Choosing an organization, and its home page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from config.attention import attention_points, running_work
from contacts.selectors.totals import contact_totals
from imports.models import ImportJob
from organizations.roles import READ
from organizations.screens import render_part, render_screen, role_required
from organizations.selectors.access import organizations_of
from tags.models import Tag


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the one organization of a user; else a choice."""
    organizations = organizations_of(user=request.user)  # type: ignore[arg-type]
    if len(organizations) == 1:
        return redirect(f"/o/{organizations[0].slug}/")
    return render(request, "organizations/choose.html", {"organizations": organizations})


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
        "points": attention_points(),
    }
    return render_screen(request, "organizations/home.html", context, title="Home")
