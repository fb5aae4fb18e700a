import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from contacts.actors import actor_of
from contacts.models import CustomFieldDefinition
from imports.forms import UploadForm, upload_limits
from imports.models import ImportJob, ImportStatus
from imports.services.uploads import import_create
from imports.views.shared import place_errors
from organizations.roles import EDIT, READ
from organizations.screens import render_screen, role_required

TEMPLATE_HEADER = [
    "email", "first_name", "last_name", "phone", "company_name", "job_title", "city", "country",
    "language", "external_id", "is_subscribed", "tags",
]  # fmt: skip
SAMPLE = [
    ["email", "first_name", "last_name", "company_name", "city", "tags"],
    ["ana.silva@example.com", "Ana", "Silva", "Padaria Silva", "Lisboa", "Newsletter; VIP"],
    ["bjørn@example.no", "Bjørn", "Hansen", "Fjord AS", "Bergen", "Newsletter"],
    ["chidi@example.com", "Chidi", "Okafor", "", "Lagos", "VIP"],
    ["dana.lee@example.com", "Dana", "Lee", "Lee & Sons", "Seoul", ""],
    ["emma@example.org", "Emma", "Ó Briain", "", "Galway", "Newsletter; Supplier"],
]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def import_new(request: Any) -> HttpResponse:
    """Choose a file or paste rows, and say who they are."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid() and (job := _created(request, form)):
        return redirect(
            "imports:detail" if job.status == ImportStatus.READING else "imports:map", job.pk
        )
    context = {"form": form, "limits": upload_limits()}
    return render_screen(request, "imports/upload.html", context, title="New import")


def _created(request: Any, form: UploadForm) -> ImportJob | None:
    try:
        return import_create(actor=actor_of(request), **form.cleaned_data)
    except ValidationError as error:
        has_file = "file" in request.FILES
        place_errors(form, error, {"name": "tags", "file": "file" if has_file else "text"})
        return None


@require_safe
@role_required(READ)
def template_csv(request: Any) -> HttpResponse:
    """An empty file with every column that is recognised by itself, the organization's own fields included."""
    custom = CustomFieldDefinition.objects.order_by("key").values_list("key", flat=True)
    return _csv("import-template.csv", [[*TEMPLATE_HEADER, *custom]])


@require_safe
@role_required(READ)
def sample_csv(request: Any) -> HttpResponse:
    """Five people, to try an import with."""
    return _csv("sample-people.csv", SAMPLE)


def _csv(name: str, rows: Iterable[Iterable[str]]) -> HttpResponse:
    text = StringIO()
    csv.writer(text).writerows(rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
