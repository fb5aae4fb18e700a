"""What can be done with an import. A step that is not possible any more shows the import as it now is."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from contacts.actors import actor_of
from contacts.models import ContactOperation
from contacts.selectors.undo_preview import undo_preview
from contacts.services.undo import operation_undo, undo_blocked_reason
from imports.models import ImportJob
from imports.selectors.import_list import latest_undo
from imports.selectors.left_behind import left_behind
from imports.services import control
from imports.services.uploads import import_leave_out, import_reread
from imports.views.shared import found
from organizations.roles import EDIT
from organizations.screens import render_part, render_screen, role_required

# What a larger import's undo would do takes seconds to find out: the page is there first.
COUNTED_AT_ONCE = 5000
Action = Callable[[Any, ImportJob], object]


def _act(request: Any, job: ImportJob, act: Action) -> HttpResponse:
    try:
        act(request, job)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("imports:detail", job.pk)


@require_POST
@role_required(EDIT)
def reread(request: Any, pk: int) -> HttpResponse:
    """Read the file again, as it was when it came."""
    return _act(request, found(pk), lambda request, job: import_reread(job=job))


@require_POST
@role_required(EDIT)
def validate(request: Any, pk: int) -> HttpResponse:
    """Check the file, again where it was checked before."""
    return _act(request, found(pk), lambda request, job: control.import_validate(job=job))


@require_POST
@role_required(EDIT)
def leave_out(request: Any, pk: int) -> HttpResponse:
    """Import lines without what can't be read in a column, and check the file again with that."""
    index = request.POST.get("column", "")
    if not index.isdecimal() or len(index) > 6:
        raise Http404("There is no such column.")
    return _act(request, found(pk), lambda _, job: _leave_out(job, int(index)))


def _leave_out(job: ImportJob, index: int) -> None:
    control.import_validate(job=import_leave_out(job=job, index=index))


@require_POST
@role_required(EDIT)
def start(request: Any, pk: int) -> HttpResponse:
    """Start the run. A second click finds it started and shows it."""
    job = found(pk)
    if job.operation_id is not None:
        return redirect("imports:detail", pk)
    return _act(request, job, _start)


def _start(request: Any, job: ImportJob) -> None:
    try:
        control.import_start(job=job, actor=actor_of(request))
    except ValidationError:
        job.refresh_from_db(fields=["operation"])
        if job.operation_id is None:
            raise


@require_POST
@role_required(EDIT)
def pause(request: Any, pk: int) -> HttpResponse:
    return _act(request, found(pk), lambda request, job: control.import_pause(job=job))


@require_POST
@role_required(EDIT)
def resume(request: Any, pk: int) -> HttpResponse:
    return _act(request, found(pk), lambda request, job: control.import_resume(job=job))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def cancel(request: Any, pk: int) -> HttpResponse:
    """Ask, saying what stays; then end the import, or discard what has not run."""
    job = found(pk)
    if request.method == "POST":
        return _act(request, job, lambda request, job: control.import_cancel(job=job))
    verb = "Cancel" if job.operation_id else "Discard"
    return render_screen(
        request,
        "imports/cancel.html",
        {"job": job, "verb": verb},
        title=f"{verb} “{job.file_name}”?",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def undo(request: Any, pk: int) -> HttpResponse:
    """Say what an undo will revert, keep and find blocked; then take the import back."""
    job = found(pk)
    if request.method == "POST":
        return _act(request, job, _undo)
    if job.operation is None:
        raise Http404("The import has not run.")
    return _confirm(request, job, job.operation, is_redo=False)


def _undo(request: Any, job: ImportJob) -> None:
    control.import_undo(job=job, actor=actor_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def redo(request: Any, pk: int) -> HttpResponse:
    """Undo the undo: say what comes back; then put it back."""
    job = found(pk)
    latest = latest_undo(job=job)
    if latest is None or latest.undoes_id != job.operation_id:
        raise Http404("There is no undo to take back.")
    if request.method == "POST":
        actor = actor_of(request)
        return _act(request, job, lambda *_: operation_undo(operation=latest, actor=actor))
    return _confirm(request, job, latest, is_redo=True)


def _confirm(
    request: Any, job: ImportJob, operation: ContactOperation, *, is_redo: bool
) -> HttpResponse:
    is_counted = job.total_records <= COUNTED_AT_ONCE or "count" in request.GET
    blocked = undo_blocked_reason(operation=operation)
    context = {
        "job": job,
        "is_redo": is_redo,
        "blocked_reason": blocked,
        "is_counted": is_counted,
        "effect": undo_preview(operation=operation) if is_counted and not blocked else None,
        "left": None if is_redo else left_behind(job=job),
    }
    if request.htmx:
        return render_part(request, "imports/undo.html#effect", context)
    verb = "Put back" if is_redo else "Undo"
    return render_screen(
        request, "imports/undo.html", context, title=f"{verb} the import of “{job.file_name}”?"
    )
