"""Where an import stands, as its page shows it: one stage, one template, one set of reads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contacts.models import ContactOperation, OperationKind, OperationStatus
from contacts.services.undo import undo_blocked_reason
from imports.models import ImportJob, ImportStatus, Outcome
from imports.selectors.error_groups import ErrorGroup, error_groups
from imports.selectors.import_list import imports_of_same_file, latest_undo
from imports.selectors.left_behind import left_behind
from imports.selectors.new_things import new_things
from imports.selectors.preview import full_counts, import_preview
from imports.selectors.progress import import_progress
from imports.selectors.record_list import NOT_REACHED, people_of, record_list
from imports.selectors.targets import mapping_targets
from imports.services.running import DIFFERING
from imports.views.shared import page_of
from organizations.ids import id_of
from organizations.keyset import Order, cursor_behind
from organizations.selectors.waiting import work_waiting

TILES = (
    (Outcome.CREATED, "Create", "Created", "person_add"),
    (Outcome.UPDATED, "Update", "Updated", "edit"),
    (Outcome.UNCHANGED, "Unchanged", "Unchanged", "check"),
    (Outcome.PROTECTED, "Protected opt-outs", "Protected opt-outs", "shield"),
    (Outcome.DUPLICATE, "Duplicates in the file", "Duplicates in the file", "content_copy"),
    (Outcome.SKIPPED, "Skipped", "Skipped", "redo"),
    (Outcome.FAILED, "Errors", "Errors", "error"),
)
MEANINGS = {
    Outcome.CREATED: "New contacts.",
    Outcome.UPDATED: "Contacts that are known already and get other values.",
    Outcome.UNCHANGED: "Contacts that have all of it already: nothing is written.",
    Outcome.PROTECTED: "These people opted out, and the file would subscribe them again. They stay opted out; "
    "their other values are written.",
    Outcome.DUPLICATE: "The same contact stands on an earlier line, which is the one that counts.",
    Outcome.SKIPPED: "Blank lines, and lines that the chosen mode leaves out.",
    Outcome.FAILED: "Lines that can’t be imported as they are. All others are.",
}
UNREACHED = (NOT_REACHED, "Not reached", "block", "The import was ended before it came to these.")
REACHING_CONTACTS = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.PROTECTED)
RECORDS = 50
# How many lines are shown above one that was asked for.
ABOVE = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """One bucket with its count; `has_contacts` when its lines can be opened as a list of contacts."""

    outcome: str
    label: str
    icon: str
    count: int
    meaning: str
    has_contacts: bool


def tiles(counts: dict[str, int], *, is_over: bool) -> list[Tile]:
    full = full_counts(counts)
    return [
        Tile(
            outcome,
            after if is_over else before,
            icon,
            full[outcome],
            MEANINGS[outcome],
            outcome in REACHING_CONTACTS,
        )
        for outcome, before, after, icon in TILES
    ]


def effect_sentence(counts: dict[str, int], *, companies: int = 0) -> str:
    """What the start button does, such as “Create 8,120 and update 1,944 contacts, make 12 companies”."""
    create, update = counts.get(Outcome.CREATED, 0), counts.get(Outcome.UPDATED, 0)
    parts = [f"{verb} {n:,}" for verb, n in (("create", create), ("update", update)) if n]
    noun = "contact" if (update or create) == 1 else "contacts"
    protected = counts.get(Outcome.PROTECTED, 0)
    kept = f"keep {protected:,} opt-out{'' if protected == 1 else 's'}" if protected else ""
    sentence = " and ".join(parts) + (f" {noun}" if parts else "")
    made = f"make {companies:,} {'company' if companies == 1 else 'companies'}" if companies else ""
    sentence = ", ".join(part for part in (sentence, made, kept) if part)
    return sentence[:1].upper() + sentence[1:] if sentence else "Finish: nothing will change"


def stage_of(job: ImportJob) -> str:
    """The name of the template in `imports/stages/`."""
    if job.status == ImportStatus.FAILED:
        return "stopped" if job.operation_id else "refused" if job.format else "unread"
    named = {
        ImportStatus.READING: "reading",
        ImportStatus.VALIDATING: "checking",
        ImportStatus.VALIDATED: "checked",
        ImportStatus.RUNNING: "running",
        ImportStatus.PAUSED: "running",
        ImportStatus.UNDOING: "undoing",
    }
    return named.get(ImportStatus(job.status), "result")


def live_key(job: ImportJob, undo: ContactOperation | None) -> str:
    """What the page was made for: when it differs from what is now, the whole of it is sent anew."""
    stuck = (OperationStatus.FAILED, OperationStatus.PAUSED)
    is_stuck = undo is not None and undo.status in stuck
    return f"{job.status}-{undo.status}" if undo and is_stuck else job.status


def stage_context(request: Any, job: ImportJob) -> dict[str, Any]:
    """Everything that the page of an import shows at its stage. A constant number of queries."""
    stage = stage_of(job)
    undo = latest_undo(job=job) if stage in ("undoing", "result") else None
    key = live_key(job, undo)
    context = {
        "job": job,
        "stage": stage,
        "stage_template": f"imports/stages/{stage}.html",
        "undo": undo,
        "is_redo": undo is not None
        and undo.undoes is not None
        and undo.undoes.kind == OperationKind.UNDO,
        "live_key": key,
        "is_live": key in (*ImportJob.LIVE_STATUSES, ImportStatus.UNDOING),
    }
    return context | _READS[stage](request, job, context)


def _progress(request: Any, job: ImportJob, context: dict[str, Any]) -> dict[str, Any]:
    progress = import_progress(job=job)
    return {
        "progress": progress,
        "waiting": work_waiting(job),
        "tiles": [tile for tile in tiles(job.counts, is_over=True) if tile.count],
        "milestone": None if progress.percent is None else progress.percent // 10 * 10,
    }


def _checked(request: Any, job: ImportJob, context: dict[str, Any]) -> dict[str, Any]:
    preview = import_preview(job=job)
    shown = tiles(preview.counts, is_over=False)
    targets = mapping_targets()
    new = new_things(job=job)
    bucket = _bucket(request, preview.counts)
    return {
        "tiles": shown,
        "bucket": next((tile for tile in shown if tile.outcome == bucket), None),
        "samples": preview.samples.get(bucket, []),
        "groups": error_groups(job=job) if preview.counts[Outcome.FAILED] else [],
        "failed": preview.counts[Outcome.FAILED],
        "left_out": _left_out(job),
        "newly_subscribed": job.options.get("newly_subscribed", 0),
        "effect": effect_sentence(preview.counts, companies=job.options.get("new_companies", 0)),
        "labels": targets.labels | new.labels | {"related:company": "Works at"},
        "new": new,
        "earlier": imports_of_same_file(job=job),
    }


def _left_out(job: ImportJob) -> list[ErrorGroup]:
    """What lines are imported without."""
    is_asked = any(entry.get("leave_out") for entry in job.mapping)
    return error_groups(job=job, is_left_out=True) if is_asked else []


def _bucket(request: Any, counts: dict[str, int]) -> str:
    asked = request.GET.get("bucket", "")
    if counts.get(asked):
        return str(asked)
    return next((str(outcome) for outcome, *_ in TILES if counts[outcome]), "")


def _undoing(request: Any, job: ImportJob, context: dict[str, Any]) -> dict[str, Any]:
    undo = context["undo"]
    percent = import_progress(job, undo=undo).percent
    return {
        "percent": percent,
        "waiting": work_waiting(undo) if undo else "",
        "milestone": None if percent is None else percent // 10 * 10,
    }


def _result(request: Any, job: ImportJob, context: dict[str, Any]) -> dict[str, Any]:
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in (*Outcome.values, DIFFERING, NOT_REACHED) else ""
    records, row = record_list(job=job, outcome=outcome), _row(request, job)
    order, start = Order("row_number", tie="row_number"), cursor_behind(row - ABOVE - 1)
    page = page_of(records, request, order, start=start, size=RECORDS)
    people = people_of(records=page.rows)
    failed = job.counts.get(Outcome.FAILED, 0)
    return {
        "tiles": tiles(job.counts, is_over=True) + _unreached(job),
        "progress": import_progress(job=job),
        "outcome": outcome,
        "row": row,
        "page": page,
        "lines": [(record, people.get(record.contact_id or 0)) for record in page.rows],
        "groups": error_groups(job=job) if failed else [],
        "failed": failed,
        "left_out": _left_out(job),
        "differing": job.options.get(DIFFERING, 0),
        "undo_blocked": undo_blocked_reason(operation=job.operation) if job.operation else "",
        "left": left_behind(job=job) if job.status == ImportStatus.UNDONE else None,
        "was_cancelled": job.status == ImportStatus.CANCELLED,
    }


def _row(request: Any, job: ImportJob) -> int:
    """The number of the row that the address asks for, 0 for none: values of contacts lead to where they come from."""
    row = id_of(request.GET.get("row", "")) or 0
    return row if row <= job.total_records else 0


def _unreached(job: ImportJob) -> list[Tile]:
    outcome, label, icon, meaning = UNREACHED
    count = job.not_reached
    return [Tile(outcome, label, icon, count, meaning, has_contacts=False)] if count else []


_READS: dict[str, Callable[[Any, ImportJob, dict[str, Any]], dict[str, Any]]] = {
    "reading": _progress,
    "unread": lambda request, job, context: {},
    "checking": _progress,
    "checked": _checked,
    "refused": lambda request, job, context: {},
    "running": _progress,
    "stopped": _progress,
    "undoing": _undoing,
    "result": _result,
}
