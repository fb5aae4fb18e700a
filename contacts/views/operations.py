"""Operations: what was done, how far it is, and taking it back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from contacts.actors import actor_of
from contacts.models import ContactOperation, OperationKind
from contacts.selectors.operations import operation_page, outcome_counts, touched_contacts
from contacts.selectors.undo_preview import undo_preview
from contacts.services.operations import PAUSABLE, operation_pause, operation_resume
from contacts.services.telling import operation_notices_read, operation_way_out
from contacts.services.undo import operation_undo, undo_blocked_reason, undo_meant
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required
from organizations.selectors.waiting import work_waiting


def operation_or_404(pk: int) -> ContactOperation:
    rows = ContactOperation.objects.select_related("actor", "api_key", "undoes")
    operation = rows.filter(pk=pk).first()
    if operation is None:
        raise Http404("There is no such operation.")
    return operation


@require_safe
@role_required(READ)
def operations_list(request: Any) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in OperationKind.values else ""
    try:
        page = operation_page(kind=kind, cursor=request.GET.get("cursor"))
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    context = {
        "operations": [(each, outcome_counts(operation=each)) for each in page.rows],
        "kind": kind,
        "kinds": OperationKind.choices,
        "next": page.next,
        "previous": page.previous,
    }
    return render_screen(request, "contacts/operations.html", context, title="Operations")


@require_safe
@role_required(READ)
def operation_detail(request: Any, pk: int) -> HttpResponse:
    operation = operation_or_404(pk)
    context = _state(operation)
    if not context["is_live"]:
        operation_notices_read(operation=operation, user=request.user)
    if request.htmx:
        return render_part(request, "contacts/operation.html#state", context)
    return render_screen(request, "contacts/operation.html", context, title=str(operation))


def _state(operation: ContactOperation) -> dict[str, Any]:
    is_live = operation.status in ContactOperation.LIVE_STATUSES
    undo = operation.undos.order_by("-pk").first()
    return {
        "operation": operation,
        "counts": outcome_counts(operation=operation),
        "is_live": is_live,
        "waiting": work_waiting(operation),
        "way_out": operation_way_out(operation),
        "may_pause": is_live and operation.kind in PAUSABLE,
        "blocked": undo_blocked_reason(operation=operation),
        "last_undo": undo,
        "meant": undo_meant(operation),
        "people": touched_contacts(operation=operation),
    }


@require_safe
@role_required(READ)
def operation_preview(request: Any, pk: int) -> HttpResponse:
    """What an undo would take back, keep and find blocked; asked for once the page is there."""
    operation = operation_or_404(pk)
    context = {"operation": operation, "preview": undo_preview(operation=operation)}
    return render_part(request, "contacts/operation.html#preview", context)


@require_POST
@role_required(EDIT)
def operation_paused(request: Any, pk: int) -> HttpResponse:
    return _stepped(request, pk, operation_pause)


@require_POST
@role_required(EDIT)
def operation_resumed(request: Any, pk: int) -> HttpResponse:
    return _stepped(request, pk, operation_resume)


def _stepped(request: Any, pk: int, step: Callable[..., ContactOperation]) -> HttpResponse:
    """Take a step, and go back to where it was asked for: the operation's page, or that of the import it undoes."""
    try:
        step(operation=operation_or_404(pk))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    back = request.POST.get("back", "")
    is_here = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if is_here else reverse("contacts:operation", args=[pk]))


@require_POST
@role_required(EDIT)
def operation_undo_start(request: Any, pk: int) -> HttpResponse:
    operation = operation_or_404(pk)
    try:
        undo = operation_undo(operation=operation, actor=actor_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("contacts:operation", args=[pk]))
    return HttpResponseRedirect(reverse("contacts:operation", args=[undo.pk]))
