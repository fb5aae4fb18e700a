from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from imports.models import ImportJob, ImportStatus
from imports.services.error_file import error_file_lines
from imports.services.telling import import_notices_read
from imports.views.shared import found
from imports.views.stages import stage_context
from organizations.roles import READ
from organizations.scope import scoped_stream
from organizations.screens import render_part, render_screen, role_required


@require_safe
@role_required(READ)
def import_detail(request: Any, pk: int) -> HttpResponse:
    """An import at its stage: check, run, result. One that is not mapped yet leads to its columns."""
    job = found(pk)
    if job.status == ImportStatus.DRAFT:
        return redirect("imports:map", pk)
    context = _seen_context(request, job)
    if request.htmx:
        return render_part(request, "imports/detail.html#body", context)
    return render_screen(request, "imports/detail.html", context, title=job.file_name)


def _seen_context(request: Any, job: ImportJob) -> dict[str, Any]:
    """What the page shows. How the import ended is no news any more to who is looking at it."""
    context = stage_context(request, job)
    if not context["is_live"]:
        import_notices_read(job=job, user=request.user)
    return context


@require_safe
@role_required(READ)
def import_live(request: Any, pk: int) -> HttpResponse:
    """What moves on the page of an import; the whole page's body once the import is at another stage.

    A file that has been read leads on to its columns.
    """
    job = found(pk)
    if job.status == ImportStatus.DRAFT:
        return HttpResponse(headers={"HX-Redirect": reverse("imports:map", args=[pk])})
    context = _seen_context(request, job)
    if request.GET.get("seen") == context["live_key"]:
        return render_part(request, f"{context['stage_template']}#live", context)
    response = render_part(request, "imports/detail.html#body", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#import-body", "outerHTML"
    return response


@require_safe
@role_required(READ)
def import_errors(request: Any, pk: int) -> Any:
    """The lines that failed, with what is wrong with each: correct it and import it as it is."""
    job = found(pk)
    lines = scoped_stream(request.organization.pk, error_file_lines(job=job))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = quote(f"{job.file_name.rpartition('.')[0] or job.file_name}-errors.csv")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
