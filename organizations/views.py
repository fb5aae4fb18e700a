"""Choosing an organization."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from organizations.selectors.access import organizations_of


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the one organization of a user; else a choice."""
    organizations = organizations_of(user=request.user)  # type: ignore[arg-type]
    if len(organizations) == 1:
        return redirect(f"/o/{organizations[0].slug}/")
    return render(request, "organizations/choose.html", {"organizations": organizations})
