"""Saving what the list of contacts shows as a view, and changing and deleting views."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms import SavedViewForm
from contacts.models import SavedView
from contacts.selectors.contact_columns import columns_named, contact_columns
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.filter_words import filter_label, filter_said
from contacts.selectors.saved_views import may_change_view, saved_views_seen
from contacts.services.saved_views import (
    saved_view_create,
    saved_view_delete,
    saved_view_update,
)
from contacts.views.asked import SORT_LABELS, Request, view_asked
from organizations.admin_base import form_errors_add
from organizations.roles import EDIT, READ, Role
from organizations.screens import may, render_forbidden, render_screen, role_required


def view_or_404(request: Any, pk: int) -> SavedView:
    """A view that the reader sees: other people's private ones are not there."""
    view = saved_views_seen(user=request.user).select_related("owner").filter(pk=pk).first()
    if view is None:
        raise Http404("There is no such view.")
    return view


def _asked(request: Any) -> Request:
    """What the address, which is that of the list behind another path, shows."""
    try:
        view = view_asked(request.GET, saved_views_seen(user=request.user))
    except ValidationError as error:
        raise Http404("There is no such view.") from error
    return Request.of(request.GET, view)


def _shown(asked: Request) -> dict[str, Any]:
    """What a view of this keeps; columns of fields that are gone stay out."""
    columns = columns_named(asked.columns, contact_columns(custom_field_definitions()))
    return {
        "columns": [column.name for column in columns],
        "sort": asked.sort,
        "filters": asked.filters,
    }


def _who(request: Any) -> dict[str, Any]:
    return {"user": request.user, "role": Role(request.role)}


def _address(view: SavedView) -> str:
    return f"{reverse('contacts:list')}?view={view.pk}"


@require_http_methods(["GET", "POST"])
@role_required(READ)
def view_new(request: Any) -> HttpResponse:
    """Save what the address shows."""
    asked = _asked(request)
    form = SavedViewForm(request.POST or None, may_share=may(request, EDIT))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | _shown(asked) | _who(request)
        try:
            view = saved_view_create(**values)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            whose = "for everybody" if view.is_shared else "for you alone"
            messages.success(request, f"The view “{view.name}” was saved {whose}.")
            return HttpResponseRedirect(_address(view))
    context = {"form": form, "back": asked.link(), "facts": _facts(_shown(asked))}
    status = 422 if form.errors else 200
    return render_screen(request, "contacts/view.html", context, title="Save view", status=status)


@require_http_methods(["GET", "POST"])
@role_required(READ)
def view_edit(request: Any, pk: int) -> HttpResponse:
    """Rename a view, share it or not."""
    view = view_or_404(request, pk)
    if not may_change_view(view=view, **_who(request)):
        return render_forbidden(request, EDIT)
    may_share = may(request, EDIT) and view.owner_id == request.user.pk
    initial = {"name": view.name, "is_shared": view.is_shared}
    form = SavedViewForm(request.POST or None, initial=initial, may_share=may_share)
    if request.method == "POST" and form.is_valid():
        try:
            view = saved_view_update(view=view, **form.cleaned_data, **_who(request))
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, f"The view “{view.name}” was changed.")
            return HttpResponseRedirect(_address(view))
    shown = {"columns": view.columns, "sort": view.sort, "filters": view.filters}
    context = {"form": form, "view": view, "back": _address(view), "facts": _facts(shown)}
    title, status = f"View “{initial['name']}”", 422 if form.errors else 200
    return render_screen(request, "contacts/view.html", context, title=title, status=status)


def _facts(shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a view keeps, in words."""
    columns = columns_named(shown["columns"], contact_columns(custom_field_definitions()))
    filters = [
        f"{filter_label(name)}: {filter_said(name, value)}"
        for name, value in shown["filters"].items()
    ]
    name = shown["sort"].removeprefix("-")
    turned = ", descending" if shown["sort"].startswith("-") else ""
    return [
        ("Filters", " · ".join(filters) or "None: everybody is shown"),
        ("Sorted by", SORT_LABELS.get(name, name.replace("_", " ").capitalize()) + turned),
        ("Columns", ", ".join(["Name and e-mail", *(column.label for column in columns)])),
    ]


@require_POST
@role_required(READ)
def view_update(request: Any, pk: int) -> HttpResponse:
    """Let a view show from now on what the address shows."""
    view = view_or_404(request, pk)
    if not may_change_view(view=view, **_who(request)):
        return render_forbidden(request, EDIT)
    asked = _asked(request)
    try:
        saved_view_update(view=view, **_shown(asked), **_who(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(asked.link())
    for_whom = ", for everybody who opens it" if view.is_shared else ""
    messages.success(request, f"The view “{view.name}” shows this from now on{for_whom}.")
    return HttpResponseRedirect(_address(view))


@require_POST
@role_required(READ)
def view_delete(request: Any, pk: int) -> HttpResponse:
    """Delete a view, and offer what it showed, so that it can be saved again."""
    view = view_or_404(request, pk)
    if not may_change_view(view=view, **_who(request)):
        return render_forbidden(request, EDIT)
    shown = Request.of(QueryDict(), view)
    saved_view_delete(view=view, **_who(request))
    address = Request(shown.filters, shown.sort, shown.columns, None, None).link()
    text = 'The view “{}” was deleted; no contact was touched. <a href="{}">Show what it showed</a>, to save it again.'
    messages.success(request, format_html(text, view.name, address))
    return HttpResponseRedirect(reverse("contacts:list"))
