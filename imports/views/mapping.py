from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from imports.forms import (
    ColumnForm,
    FormatForm,
    MatchForm,
    adjusted_forms,
    column_forms,
    posted_forms,
)
from imports.models import ImportJob
from imports.selectors.first_rows import first_rows
from imports.selectors.import_list import import_with_same_header, imports_of_same_file
from imports.selectors.targets import Targets, mapping_targets
from imports.services.control import import_validate
from imports.services.uploads import REOPENABLE, import_map, import_reread
from imports.views.shared import found, place_errors
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(READ)
def import_mapping(request: Any, pk: int) -> HttpResponse:
    """What each column holds; once it has started, an import can't be mapped any more."""
    job = found(pk)
    if request.method == "POST":
        return _save(request, job)
    if not _is_open(job):
        return redirect("imports:detail", pk)
    targets = mapping_targets()
    columns = column_forms(job, targets, mapping=_borrowed(request, job))
    return _render(request, job, targets, columns=columns)


def _is_open(job: ImportJob) -> bool:
    return job.status in REOPENABLE and job.operation_id is None


def _borrowed(request: Any, job: ImportJob) -> list[dict[str, Any]] | None:
    """The mapping of the earlier import that the URL names, when its file has the same columns."""
    like = import_with_same_header(job=job) if "like" in request.GET else None
    return like.mapping if like else None


@role_required(EDIT)
def _save(request: Any, job: ImportJob) -> HttpResponse:
    targets = mapping_targets()
    if "accept" in request.POST:
        columns = adjusted_forms(request.POST, job, targets)
        return _render(request, job, targets, columns=columns, match=_match_form(job, request.POST))
    columns, match = posted_forms(request.POST, job, targets), MatchForm(request.POST)
    valid = [form.is_valid() for form in [match, *columns]]
    if all(valid) and _checked(request, job, columns, match):
        return redirect("imports:detail", job.pk)
    return _render(request, job, targets, columns=columns, match=match)


def _checked(request: Any, job: ImportJob, columns: list[ColumnForm], match: MatchForm) -> bool:
    """Store the mapping and queue the check of the file."""
    try:
        entries = [form.entry() for form in columns]
        import_validate(job=import_map(job=job, columns=entries, **match.cleaned_data))
    except ValidationError as error:
        _place(columns, match, error)
        return False
    return True


def _place(columns: list[ColumnForm], match: MatchForm, error: ValidationError) -> None:
    for path, errors in error.error_dict.items():
        name, _, position = path.partition(".")
        if name == "columns" and position:
            columns[int(position)].add_error("target", ValidationError(errors))
        else:
            match.add_error(None, ValidationError(errors))


def _match_form(job: ImportJob, values: Any = None) -> MatchForm:
    values = values or {}
    initial = {name: values.get(name) or getattr(job, name) for name in ("match", "mode")}
    return MatchForm(initial=initial)


@require_POST
@role_required(EDIT)
def import_format(request: Any, pk: int) -> HttpResponse:
    """Read the file anew, written as its owner says; for htmx the part of the page that shows it."""
    job = found(pk)
    form = FormatForm(request.POST, job=job)
    if form.is_valid():
        try:
            job = import_reread(job=job, **form.cleaned_data)
        except ValidationError as error:
            place_errors(form, error)
    if form.is_valid() and not request.htmx:
        return redirect("imports:map", pk)
    targets = mapping_targets()
    kept = None if form.is_valid() else form
    return _render(request, job, targets, columns=column_forms(job, targets), file_format=kept)


def _render(
    request: Any,
    job: ImportJob,
    targets: Targets,
    *,
    columns: list[ColumnForm],
    match: MatchForm | None = None,
    file_format: FormatForm | None = None,
) -> HttpResponse:
    context = {
        "job": job,
        "columns": columns,
        "targets": targets,
        "match": match or _match_form(job),
        "format": file_format or FormatForm(job=job),
        "rows": first_rows(job=job),
        "hidden_columns": max(0, len(job.columns) - 30),
        "error_count": sum(bool(form.errors) for form in columns if form.is_bound),
        "undecided_count": sum(not form.current_target for form in columns),
        "earlier": imports_of_same_file(job=job),
        "alike": import_with_same_header(job=job),
    }
    if request.htmx:
        return render_part(request, "imports/map.html#mapping", context)
    return render_screen(request, "imports/map.html", context, title="Match the columns")
