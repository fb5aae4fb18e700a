"""The fields that an organization adds to its contacts."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.cleaning.texts import fold_key
from contacts.forms import ExistingFieldForm, FieldForm
from contacts.models import CustomFieldDefinition
from contacts.models.custom_field import SLOTS_OF_TYPE
from contacts.rules.usage import word_users
from contacts.selectors.field_usage import field_usage
from contacts.selectors.flat_view import flat_view_state
from contacts.selectors.slot_states import slot_state, with_slot_jobs
from contacts.services.custom_fields import (
    custom_field_create,
    custom_field_delete,
    custom_field_update,
)
from organizations.admin_base import form_errors_add
from organizations.roles import CONFIGURE, READ
from organizations.screens import render_part, render_screen, role_required


def field_or_404(pk: int) -> CustomFieldDefinition:
    definition = CustomFieldDefinition.objects.filter(pk=pk).first()
    if definition is None:
        raise Http404("There is no such field.")
    return definition


@require_safe
@role_required(READ)
def fields_list(request: Any) -> HttpResponse:
    # Of the table: the cache does not know how far an index is.
    definitions = list(with_slot_jobs(CustomFieldDefinition.objects.order_by("label", "pk")))
    total, used = field_usage(definitions=definitions)
    rows = [(each, used.get(each.key, 0), slot_state(each)) for each in definitions]
    context = {
        "rows": rows,
        "total": total,
        "is_live": any(state.is_live for *_, state in rows),
        "view": flat_view_state(definitions=definitions),
    }
    if request.htmx:
        return render_part(request, "contacts/fields.html#rows", context)
    return render_screen(request, "contacts/fields.html", context, title="Custom fields")


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def field_new(request: Any) -> HttpResponse:
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _created(request, form):
        return HttpResponseRedirect(reverse("contacts:fields"))
    return render_screen(request, "contacts/field.html", {"form": form}, title="New custom field")


def _created(request: Any, form: FieldForm) -> bool:
    values = dict(form.cleaned_data)
    values["key"] = values["key"] or key_of(values["label"])
    try:
        definition = custom_field_create(**values)
    except ValidationError as error:
        form_errors_add(form, error)
        return False
    messages.success(request, f"The field {definition.label} was made.")
    return True


def key_of(label: str) -> str:
    """A key made from a label: a–z, 0–9 and _."""
    return re.sub(r"[^a-z0-9]+", "_", fold_key(label)).strip("_").lstrip("0123456789_")[:63]


@require_http_methods(["GET", "POST"])
@role_required(CONFIGURE)
def field_edit(request: Any, pk: int) -> HttpResponse:
    definition = field_or_404(pk)
    initial = {
        "label": definition.label,
        "choices": "\n".join(definition.choices),
        "is_required": definition.is_required,
        "is_indexed": definition.is_indexed,
    }
    form = ExistingFieldForm(request.POST or None, initial=initial)
    if definition.type not in SLOTS_OF_TYPE:
        del form.fields["is_indexed"]
    if request.method == "POST" and form.is_valid():
        try:
            custom_field_update(definition=definition, **form.cleaned_data)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, f"The field {definition.label} was changed.")
            return HttpResponseRedirect(reverse("contacts:fields"))
    context = {"form": form, "definition": definition_facts(definition)}
    return render_screen(request, "contacts/field.html", context, title=definition.label)


def definition_facts(definition: CustomFieldDefinition) -> dict[str, Any]:
    total, used = field_usage(definitions=[definition])
    facts = {"field": definition, "used": used[definition.key], "total": total}
    users = word_users("custom_field", definition.key)
    return facts | {"index": slot_state(definition), "users": users}


@require_POST
@role_required(CONFIGURE)
def field_delete(request: Any, pk: int) -> HttpResponse:
    definition = field_or_404(pk)
    try:
        custom_field_delete(definition=definition)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("contacts:field", args=[pk]))
    text = f"The field {definition.label} was deleted. Its values are back when a field has the key {definition.key} again."
    messages.success(request, text)
    return HttpResponseRedirect(reverse("contacts:fields"))
