"""Addresses that get no mail: looking one up, suppressing it, lifting it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from contacts.actors import actor_of
from contacts.cleaning.emails import email_key
from contacts.forms import LiftForm, SuppressionForm
from contacts.models import Contact, Suppression
from contacts.selectors.suppressions import contact_of, suppression_page, suppressions_of
from contacts.services.suppressions import suppression_add, suppression_lift
from organizations.admin_base import form_errors_add
from organizations.roles import EDIT, READ
from organizations.screens import render_screen, role_required


@require_safe
@role_required(READ)
def suppressions_list(request: Any) -> HttpResponse:
    try:
        page = suppression_page(cursor=request.GET.get("cursor"))
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    context = {"suppressions": page.rows, "next": page.next, "previous": page.previous}
    context |= _looked_up(request.GET.get("email", ""))
    return render_screen(request, "contacts/suppressions.html", context, title="Suppressions")


def _looked_up(typed: str) -> dict[str, Any]:
    """What is known of an address that somebody asks about."""
    email = typed.replace("\0", "").strip()[:1000]
    if not email:
        return {"email": ""}
    try:
        found = suppressions_of(email=email).first()
    except ValidationError as error:
        return {"email": email, "error": " ".join(error.messages)}
    contact = Contact.objects.filter(email_key=email_key(email)).first()
    return {"email": email, "found": found, "contact": contact}


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def suppression_new(request: Any) -> HttpResponse:
    initial = {"email": request.GET.get("email", "")[:1000]}
    form = SuppressionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = suppression_add(**form.cleaned_data, actor=actor_of(request))
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, "The address is suppressed: it gets no mail any more.")
            return HttpResponseRedirect(reverse("contacts:suppression", args=[kept.pk]))
    context = {"form": form}
    return render_screen(
        request, "contacts/suppression_new.html", context, title="Suppress an address"
    )


@require_http_methods(["GET", "POST"])
@role_required(READ)
def suppression_detail(request: Any, pk: int) -> HttpResponse:
    """One suppression; posting to it lifts it."""
    suppression = Suppression.objects.filter(pk=pk).first()
    if suppression is None:
        raise Http404("There is no such suppression. It may have been lifted.")
    if request.method == "POST":
        return _lifted(request, suppression)
    return _page(request, suppression, LiftForm())


@role_required(EDIT)
def _lifted(request: Any, suppression: Suppression) -> HttpResponse:
    form = LiftForm(request.POST)
    if not form.is_valid():
        return _page(request, suppression, form)
    notes = form.cleaned_data["notes"]
    try:
        operation = suppression_lift(suppression=suppression, actor=actor_of(request), notes=notes)
    except ValidationError as error:
        form_errors_add(form, error)
        return _page(request, suppression, form)
    text = "The address may get mail again."
    if operation.summary:
        address = reverse("contacts:operation", args=[operation.pk])
        text = format_html('{} <a href="{}#undo">Undo</a>', text, address)
    messages.success(request, text)
    return HttpResponseRedirect(reverse("contacts:suppressions"))


def _page(request: Any, suppression: Suppression, form: LiftForm) -> HttpResponse:
    context = {
        "suppression": suppression,
        "form": form,
        "contact": contact_of(suppression=suppression),
    }
    title = f"Suppressed: {suppression.get_reason_display().lower()}"
    return render_screen(request, "contacts/suppression.html", context, title=title)
