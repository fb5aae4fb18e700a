"""The mappings that are kept for files with the same columns: looking at them, renaming and deleting them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from imports.forms import SavedMappingForm
from imports.models import ImportMapping
from imports.selectors.saved_mappings import kept_columns, mapping_list
from imports.services.saved_mappings import mapping_delete, mapping_rename
from imports.views.shared import page_of, place_errors
from organizations.keyset import Order
from organizations.roles import EDIT, READ
from organizations.screens import render_screen, role_required


def _found(pk: int) -> ImportMapping:
    """A saved mapping of the organization in scope, else 404."""
    return get_object_or_404(mapping_list(), pk=pk)


@require_safe
@role_required(READ)
def mapping_index(request: Any) -> HttpResponse:
    page = page_of(mapping_list(), request, Order("name_key"), size=50)
    return render_screen(request, "imports/mappings.html", {"page": page}, title="Saved mappings")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(READ)
def mapping_detail(request: Any, pk: int) -> HttpResponse:
    """What a mapping keeps; posting to it renames it."""
    mapping = _found(pk)
    if request.method == "POST":
        return _renamed(request, mapping)
    return _page(request, mapping, SavedMappingForm(initial={"name": mapping.name}))


@role_required(EDIT)
def _renamed(request: Any, mapping: ImportMapping) -> HttpResponse:
    form = SavedMappingForm(request.POST)
    if form.is_valid():
        try:
            renamed = mapping_rename(mapping=mapping, name=form.cleaned_data["name"])
        except ValidationError as error:
            place_errors(form, error)
        else:
            messages.success(request, f"The mapping is called “{renamed.name}” now.")
            return redirect("imports:mapping", mapping.pk)
    return _page(request, mapping, form)


def _page(request: Any, mapping: ImportMapping, form: SavedMappingForm) -> HttpResponse:
    context = {"mapping": mapping, "form": form, "columns": kept_columns(mapping=mapping)}
    status = 422 if form.errors else 200
    return render_screen(
        request, "imports/saved_mapping.html", context, title=mapping.name, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def mapping_remove(request: Any, pk: int) -> HttpResponse:
    """Ask, saying what it means; then delete a mapping."""
    mapping = _found(pk)
    if request.method == "POST":
        mapping_delete(mapping=mapping)
        messages.success(request, f"The mapping “{mapping.name}” was deleted.")
        return redirect("imports:mappings")
    return render_screen(
        request,
        "imports/saved_mapping_delete.html",
        {"mapping": mapping},
        title=f"Delete “{mapping.name}”?",
    )
