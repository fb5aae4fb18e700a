from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from imports.models import ImportJob, ImportStatus
from imports.selectors.import_list import import_list, undos_of
from imports.selectors.progress import import_progress
from imports.views.shared import page_of
from organizations.keyset import Order
from organizations.roles import READ
from organizations.screens import render_part, render_screen, role_required

LIVE = (*ImportJob.LIVE_STATUSES, ImportStatus.UNDOING)

# Begun, and not run: what may be discarded.
WAITING = (ImportStatus.DRAFT, ImportStatus.VALIDATED)


@require_safe
@role_required(READ)
def import_index(request: Any) -> HttpResponse:
    """The imports, newest first; for htmx the table alone, which live ones ask for again."""
    page = page_of(import_list(), request, Order("id"), is_descending=True, size=25)
    undos = undos_of(jobs=page.rows)
    rows = [
        {
            "job": job,
            "undo": undos.get(job.pk),
            "progress": import_progress(job, undo=undos.get(job.pk)),
            "is_live": job.status in LIVE,
        }
        for job in page.rows
    ]
    context = {
        "page": page,
        "rows": rows,
        "is_live": any(row["is_live"] for row in rows),
        "waiting": WAITING,
    }
    if request.htmx:
        return render_part(request, "imports/list.html#rows", context)
    return render_screen(request, "imports/list.html", context, title="Imports")
