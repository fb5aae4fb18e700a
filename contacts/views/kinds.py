"""Kinds of mail and of relationships: what there is, how much it is used, and changing it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.forms import (
    ExistingPreferenceTypeForm,
    ExistingRelationshipTypeForm,
    PreferenceTypeForm,
    RelationshipTypeForm,
)
from contacts.models import PreferenceType, RelationshipType
from contacts.selectors.kind_usage import opted_out, related
from contacts.services.kinds import (
    preference_type_create,
    preference_type_update,
    relationship_type_create,
    relationship_type_update,
)
from contacts.views.fields import key_of
from organizations.admin_base import form_errors_add
from organizations.roles import CONFIGURE, READ
from organizations.screens import render_screen, role_required


@require_safe
@role_required(READ)
def preference_types_list(request: Any) -> HttpResponse:
    counts = opted_out()
    kinds = [(kind, counts.get(kind.key, 0)) for kind in PreferenceType.objects.order_by("id")]
    context = {"kinds": kinds}
    return render_screen(request, "contacts/preference_types.html", context, title="Kinds of mail")


@require_safe
@role_required(READ)
def relationship_types_list(request: Any) -> HttpResponse:
    counts = related()
    kinds = [(kind, counts.get(kind.key, 0)) for kind in RelationshipType.objects.order_by("id")]
    return render_screen(
        request, "contacts/relationship_types.html", {"kinds": kinds}, title="Relationships"
    )


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def preference_type_new(request: Any) -> HttpResponse:
    form = PreferenceTypeForm(request.POST or None)
    return _form(
        request, form, _made(preference_type_create), "preference_types", "New kind of mail"
    )


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def preference_type_edit(request: Any, pk: int) -> HttpResponse:
    kind = _kind_or_404(PreferenceType, pk)
    initial = {
        name: getattr(kind, name) for name in ("label", "description", "is_enabled_by_default")
    }
    form = ExistingPreferenceTypeForm(request.POST or None, initial=initial)
    if kind.is_transactional:
        del form.fields["is_enabled_by_default"]

    def act(**values: Any) -> PreferenceType:
        return preference_type_update(kind=kind, **{"is_enabled_by_default": True} | values)

    context = {"kind": kind, "opted_out": opted_out().get(kind.key, 0)}
    return _form(request, form, act, "preference_types", kind.label, context)


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def relationship_type_new(request: Any) -> HttpResponse:
    form = RelationshipTypeForm(request.POST or None)
    act = _made(relationship_type_create)
    return _form(request, form, act, "relationship_types", "New kind of relationship")


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def relationship_type_edit(request: Any, pk: int) -> HttpResponse:
    kind = _kind_or_404(RelationshipType, pk)
    initial = {"label": kind.label, "inverse_label": kind.inverse_label}
    form = ExistingRelationshipTypeForm(request.POST or None, initial=initial)

    def act(**values: Any) -> RelationshipType:
        return relationship_type_update(kind=kind, **values)

    return _form(request, form, act, "relationship_types", kind.label, {"kind": kind})


def _kind_or_404(model: type[PreferenceType] | type[RelationshipType], pk: int) -> Any:
    kind = model.objects.filter(pk=pk).first()
    if kind is None:
        raise Http404("There is no such kind.")
    return kind


def _made(create: Callable[..., Any]) -> Callable[..., Any]:
    """As a service that makes a kind, with a key made from the label where none was given."""

    def act(*, key: str, label: str, **values: Any) -> Any:
        return create(key=key or key_of(label)[:40], label=label, **values)

    return act


def _form(
    request: Any,
    form: forms.Form,
    act: Callable[..., Any],
    name: str,
    title: str,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The form of a kind; what was posted is saved by `act`, and the list of kinds comes back."""
    back = reverse(f"contacts:{name}")
    if request.method == "POST" and form.is_valid():
        try:
            saved = act(**form.cleaned_data)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, f"“{saved.label}” was saved.")
            return HttpResponseRedirect(back)
    context = {"form": form, "back": back} | (more or {})
    return render_screen(request, "contacts/kind.html", context, title=title)
