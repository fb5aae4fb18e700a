"""Choosing an organization, and what it has to tell."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.defaults import page_not_found, permission_denied

from organizations.ids import id_of
from organizations.keyset import Order, keyset_page
from organizations.roles import READ, Role
from organizations.screens import render_screen, role_required
from organizations.selectors.access import organizations_of
from organizations.selectors.notices import notices_of
from organizations.services.notices import mail_wanted_set, notices_read


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Straight into the one organization of a user; else a choice."""
    organizations = organizations_of(user=request.user)  # type: ignore[arg-type]
    if len(organizations) == 1:
        return redirect(f"/o/{organizations[0].slug}/")
    return render(request, "organizations/choose.html", {"organizations": organizations})


@require_safe
@role_required(READ)
def notices(request: Any) -> HttpResponse:
    """What the reader was told, newest first; unread ones are marked."""
    rows = notices_of(user=request.user)
    try:
        page = keyset_page(
            rows, order=Order("id"), is_descending=True, cursor=request.GET.get("cursor")
        )
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    newest = rows.order_by("-pk").values_list("pk", flat=True).first()
    context = {"page": page, "newest": newest}
    return render_screen(request, "organizations/notices.html", context, title="Notices")


@require_POST
@role_required(READ)
def notices_seen(request: Any) -> HttpResponse:
    """Mark what the page showed: what came since is still to be seen."""
    notices_read(user=request.user, until=id_of(request.POST.get("until", "")))
    return redirect("notices")


@require_POST
@role_required(READ)
def notices_mailed(request: Any) -> HttpResponse:
    mail_wanted_set(user=request.user, is_wanted="wanted" in request.POST)
    return redirect("notices")


def not_found(request: Any, exception: Exception) -> HttpResponse:
    """A page that there is not, in the frame of the organization."""
    if request.role is None:
        return page_not_found(request, exception)
    return render_screen(request, "organizations/not_found.html", title="Not found", status=404)


def not_allowed(request: Any, exception: Exception) -> HttpResponse:
    """A page that a member may not see, in the frame of the organization."""
    if request.role is None:
        return permission_denied(request, exception)
    context = {"has": Role(request.role).label}
    return render_screen(
        request, "organizations/not_allowed.html", context, title="Not allowed", status=403
    )
