from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.actors import actor_of
from imports.forms import (
    ColumnForm,
    FormatForm,
    WholeFileForm,
    adjusted_forms,
    column_forms,
    posted_forms,
)
from imports.forms.whole_file import PLACES
from imports.models import ImportJob, ImportMapping, ImportStatus
from imports.selectors.first_rows import first_rows
from imports.selectors.import_list import import_with_same_header, imports_of_same_file
from imports.selectors.lent_mapping import lent_mapping
from imports.selectors.saved_mappings import mappings_that_fit
from imports.selectors.targets import Targets, mapping_targets
from imports.services.control import import_validate
from imports.services.questions import mapping_questions
from imports.services.saved_mappings import mapping_save
from imports.services.uploads import import_map, import_reread, is_open
from imports.views.shared import found, place_errors
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(READ)
def import_mapping(request: Any, pk: int) -> HttpResponse:
    """What each column holds; once it has started, an import can't be mapped any more."""
    job = found(pk)
    if not job.format or (request.method != "POST" and not is_open(job)):
        # It is being read, can't be read, or has started.
        return redirect("imports:detail", pk)
    if request.method == "POST":
        return _save(request, job)
    targets, lent = mapping_targets(), _lent(request, job)
    borrowed = lent_mapping(job=job, mapping=lent.mapping) if lent else None
    columns = column_forms(job, targets, mapping=borrowed)
    said = {"match": lent.match, "mode": lent.mode} if lent else {}
    whole = WholeFileForm(job=job, initial=said)
    return _render(request, job, targets, columns=columns, whole=whole, lent=lent)


def _lent(request: Any, job: ImportJob) -> ImportMapping | ImportJob | None:
    """The saved mapping, or the earlier import, that the URL names, when its file has the same columns."""
    if saved := request.GET.get("saved", ""):
        fitting = mappings_that_fit(job=job)
        return next((kept for kept in fitting if str(kept.pk) == saved), None)
    return import_with_same_header(job=job) if "like" in request.GET else None


@role_required(EDIT)
def _save(request: Any, job: ImportJob) -> HttpResponse:
    targets = mapping_targets()
    if "accept" in request.POST:
        columns = adjusted_forms(request.POST, job, targets)
        kept = WholeFileForm(job=job, initial=_said(request.POST))
        return _render(request, job, targets, columns=columns, whole=kept)
    columns, whole = posted_forms(request.POST, job, targets), WholeFileForm(request.POST, job=job)
    valid = [form.is_valid() for form in [whole, *columns]]
    if all(valid) and _checked(request, job, columns, whole):
        return redirect("imports:detail", job.pk)
    return _render(request, job, targets, columns=columns, whole=whole)


def _said(posted: Any) -> dict[str, Any]:
    several = {"consent_types": posted.getlist("consent_types")}
    return {name: posted[name] for name in WholeFileForm.base_fields if name in posted} | several


def _checked(request: Any, job: ImportJob, columns: list[ColumnForm], whole: WholeFileForm) -> bool:
    """Store the mapping and queue the check of the file, unless the file leaves something open.

    Where a second click finds it checked already, or at it, that is what it wanted.
    """
    try:
        mapped = import_map(job=job, columns=[form.entry() for form in columns], **whole.choices())
        if _is_asked(mapped, columns):
            return False
        if name := whole.cleaned_data["save_as"]:
            mapping_save(job=mapped, name=name, actor=actor_of(request))
        import_validate(job=mapped)
    except ValidationError as error:
        if "status" in error.error_dict:
            messages.warning(request, " ".join(error.messages))
            return True
        _place(columns, whole, error)
        return False
    return True


def _is_asked(job: ImportJob, columns: list[ColumnForm]) -> bool:
    questions = mapping_questions(job=job, mapping=job.mapping)
    for index, question in questions.items():
        columns[index].ask(question)
    return any(form.errors for form in columns)


def _place(columns: list[ColumnForm], whole: WholeFileForm, error: ValidationError) -> None:
    for path, errors in error.error_dict.items():
        name, _, position = path.partition(".")
        if name == "columns" and position:
            columns[int(position)].add_error("target", ValidationError(errors))
        else:
            whole.add_error(PLACES.get(path), ValidationError(errors))


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
    if job.status == ImportStatus.READING:
        return _wait(request, job)
    if form.is_valid() and not request.htmx:
        return redirect("imports:map", pk)
    targets = mapping_targets()
    kept = None if form.is_valid() else form
    return _render(request, job, targets, columns=column_forms(job, targets), file_format=kept)


def _wait(request: Any, job: ImportJob) -> HttpResponse:
    """To the page that says how far the reading of the file is."""
    address = reverse("imports:detail", args=[job.pk])
    return HttpResponse(headers={"HX-Redirect": address}) if request.htmx else redirect(address)


def _render(
    request: Any,
    job: ImportJob,
    targets: Targets,
    *,
    columns: list[ColumnForm],
    whole: WholeFileForm | None = None,
    file_format: FormatForm | None = None,
    lent: ImportMapping | ImportJob | None = None,
) -> HttpResponse:
    context = {
        "job": job,
        "columns": columns,
        "targets": targets,
        "whole": whole or WholeFileForm(job=job),
        "format": file_format or FormatForm(job=job),
        "rows": first_rows(job=job),
        "hidden_columns": max(0, len(job.columns) - 30),
        "error_count": sum(bool(form.errors) for form in columns if form.is_bound),
        "undecided_count": sum(not form.current_target for form in columns),
        "earlier": imports_of_same_file(job=job),
        "lent": lent,
        "saved": mappings_that_fit(job=job),
        "alike": import_with_same_header(job=job),
    }
    if request.htmx:
        return render_part(request, "imports/map.html#mapping", context)
    return render_screen(request, "imports/map.html", context, title="Match the columns")
