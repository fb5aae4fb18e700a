"""Exports on screens: what to export, how far it is, and the file."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.actors import actor_of
from contacts.models import CustomFieldDefinition
from contacts.selectors.contact_list import contact_list, filter_names
from contacts.selectors.filter_words import filter_label, filter_said
from imports.downloads import file_response
from imports.models import ExportFormat, ExportJob
from imports.selectors.export_columns import (
    ExportColumn,
    columns_of_list,
    export_columns,
    stored_columns,
)
from imports.selectors.export_list import export_filters, export_list
from imports.selectors.export_progress import export_progress
from imports.services.exporting import export_cancel, export_start
from imports.services.telling import export_notices_read
from imports.views.shared import page_of
from organizations.keyset import Order, capped_count
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required
from organizations.selectors.waiting import work_waiting

SAID_AT_MOST = 60


@require_safe
@role_required(READ)
def export_index(request: Any) -> HttpResponse:
    """The exports, newest first; for htmx the table alone, which live ones ask for again."""
    page = page_of(export_list(), request, Order("id"), is_descending=True, size=25)
    rows = [_row(job) for job in page.rows]
    context = {"page": page, "rows": rows, "is_live": any(row["is_live"] for row in rows)}
    if request.htmx:
        return render_part(request, "exports/list.html#rows", context)
    return render_screen(request, "exports/list.html", context, title="Exports")


def _row(job: ExportJob) -> dict[str, Any]:
    return {
        "job": job,
        "progress": export_progress(job),
        "is_live": job.status in ExportJob.LIVE_STATUSES,
        "whom": _facts(export_filters(job)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(EDIT)
def export_new(request: Any) -> HttpResponse:
    """Choose format and columns for the contacts that the address says, as that of the list does."""
    known = set(filter_names())
    filters = {name: value for name, value in request.GET.items() if name in known and value}
    chosen = {"columns": request.POST.getlist("columns"), "format": request.POST.get("format", "")}
    error = None
    if request.method == "POST":
        try:
            job = export_start(filters=filters, actor=actor_of(request), **chosen)
        except ValidationError as refused:
            error = refused
        else:
            return redirect("exports:detail", job.pk)
    return _choose(request, filters, chosen if error else None, error)


def _choose(
    request: Any,
    filters: dict[str, str],
    chosen: Mapping[str, Any] | None,
    error: ValidationError | None,
) -> HttpResponse:
    columns = export_columns(CustomFieldDefinition.objects.order_by("label", "key"))
    listed = [name for name in request.GET.get("columns", "").split(",") if name]
    of_list = columns_of_list(listed, columns)
    checked = list(columns) if "all" in request.GET else of_list
    checked = [name for name in chosen["columns"] if name in columns] if chosen else checked
    context = _whom(filters) | {
        "error": " ".join(error.messages) if error else "",
        "formats": ExportFormat.choices,
        "format": chosen["format"] if chosen else ExportFormat.CSV,
        "columns": _in_order(columns, checked),
        "count_checked": len(checked),
        "is_all": len(checked) == len(columns),
        "all_link": _link(filters, listed) + "&all=1",
        "list_link": _link(filters, listed),
        "back": f"{reverse('contacts:list')}?{urlencode(filters)}",
    }
    status = 422 if error else 200
    return render_screen(
        request, "exports/new.html", context, title="Export contacts", status=status
    )


def _whom(filters: dict[str, str]) -> dict[str, Any]:
    """Who will be in the file; counted to a limit."""
    try:
        count, is_capped = capped_count(contact_list(filters=filters))
    except ValidationError as error:
        return {"wrong": " ".join(error.messages)}
    return {"count": count, "is_capped": is_capped, "whom": _facts(filters)}


def _in_order(
    columns: Mapping[str, ExportColumn], checked: list[str]
) -> list[tuple[ExportColumn, bool]]:
    """Those that are checked first: the order here is that of the file."""
    names = dict.fromkeys([*checked, *columns])
    return [(columns[name], name in checked) for name in names]


def _link(filters: Mapping[str, str], columns: list[str]) -> str:
    said = dict(filters) | {"columns": ",".join(columns)}
    return f"{reverse('exports:new')}?{urlencode(said, safe=',:')}"


def _facts(filters: Mapping[str, str]) -> list[str]:
    """Whom filters let through, in words; everybody for none."""
    return [_fact(name, value) for name, value in filters.items()] or ["All contacts"]


def _fact(name: str, value: str) -> str:
    if name == "id":
        count = value.count(",") + 1
        return f"{count:,} selected contact{'' if count == 1 else 's'}"
    said = filter_said(name, value)
    shortened = said if len(said) <= SAID_AT_MOST else said[:SAID_AT_MOST] + "…"
    return f"{filter_label(name)}: {shortened}"


def _found(pk: int) -> ExportJob:
    """An export of the organization in scope, else 404."""
    return get_object_or_404(export_list(), pk=pk)


@require_safe
@role_required(READ)
def export_detail(request: Any, pk: int) -> HttpResponse:
    """An export while it runs, and the way to its file; for htmx what moves."""
    job = _found(pk)
    if job.status not in ExportJob.LIVE_STATUSES:
        export_notices_read(job=job, user=request.user)
    columns = stored_columns(job.columns)
    progress = export_progress(job)
    context = _row(job) | {
        "waiting": work_waiting(job),
        "milestone": None if progress.percent is None else progress.percent // 10 * 10,
        "headers": [column.header for column in columns],
        "again": _link(export_filters(job), [each["name"] for each in job.columns]),
    }
    if request.htmx:
        return render_part(request, "exports/detail.html#state", context)
    return render_screen(request, "exports/detail.html", context, title=job.file_name)


@require_safe
@role_required(EDIT)
def export_file(request: Any, pk: int) -> Any:
    """The file, straight from where it is stored."""
    return file_response(_found(pk))


@require_POST
@role_required(EDIT)
def export_cancel_now(request: Any, pk: int) -> HttpResponse:
    """End a running export. It changed nothing, so nobody is asked."""
    try:
        export_cancel(job=_found(pk))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect("exports:detail", pk)
