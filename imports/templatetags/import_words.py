"""What the wizard's pages say in words: durations, values, fields, statuses."""

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html

from contacts.models import ContactOperation
from contacts.selectors.key_labels import moment_said
from imports.models import ExportJob, ExportStatus, ImportJob, ImportStatus, Outcome
from imports.services.telling import UNDO_WORDS

register = template.Library()

_LEVELS = {
    ImportStatus.READING: "accent",
    ImportStatus.DRAFT: "",
    ImportStatus.VALIDATING: "accent",
    ImportStatus.VALIDATED: "accent",
    ImportStatus.RUNNING: "accent",
    ImportStatus.PAUSED: "warn",
    ImportStatus.COMPLETED: "good",
    ImportStatus.PARTIALLY_COMPLETED: "warn",
    ImportStatus.FAILED: "bad",
    ImportStatus.CANCELLED: "",
    ImportStatus.UNDOING: "accent",
    ImportStatus.UNDONE: "",
}
_EXPORT_LEVELS = {
    ExportStatus.RUNNING: "accent",
    ExportStatus.COMPLETED: "good",
    ExportStatus.FAILED: "bad",
}
_OUTCOMES = {
    Outcome.CREATED: "good",
    Outcome.UPDATED: "accent",
    Outcome.PROTECTED: "warn",
    Outcome.FAILED: "bad",
}
# As error_messages.sql ends what it says of a key that somebody has.
_OWNER = re.compile(r"\(contact (\d{1,18})\)\.\Z", re.ASCII)
_TAKEN = ("email_taken", "external_id_taken", "identifier_taken")
_COUNTED = (
    (Outcome.CREATED, "created"),
    (Outcome.UPDATED, "updated"),
    (Outcome.PROTECTED, "protected"),
    (Outcome.UNCHANGED, "unchanged"),
    (Outcome.FAILED, "failed"),
)


@register.filter
def pill(job: ImportJob) -> str:
    """The modifier of a status pill."""
    level = _LEVELS[ImportStatus(job.status)]
    return f"k-pill-{level}" if level else ""


@register.filter
def export_pill(job: ExportJob) -> str:
    has_gone = job.removed_at is not None and job.status == ExportStatus.COMPLETED
    level = None if has_gone else _EXPORT_LEVELS.get(ExportStatus(job.status))
    return f"k-pill-{level}" if level else ""


@register.filter
def outcome_pill(outcome: str) -> str:
    level = _OUTCOMES.get(Outcome(outcome)) if outcome else None
    return f"k-pill-{level}" if level else ""


@register.filter
def duration(seconds: int | None) -> str:
    """“about 3 minutes”, as long as something will take."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {round(seconds, -1)} seconds"
    minutes = round(seconds / 60)
    return f"about {minutes} minutes" if minutes < 90 else f"about {round(minutes / 60)} hours"


@register.filter
def counts_sentence(job: ImportJob, undo: ContactOperation | None) -> list[str]:
    """The buckets of a run that aren't empty, or of what undid it; before a run, nothing."""
    if undo is not None and job.status == ImportStatus.UNDONE:
        said = UNDO_WORDS.items()
        return [f"{undo.summary[name]:,} {word}" for name, word in said if undo.summary.get(name)]
    return [f"{job.counts[name]:,} {word}" for name, word in _COUNTED if job.counts.get(name)]


@register.filter
def label_of(labels: Mapping[str, str], key: str) -> str:
    """The label of a changed field."""
    if key.startswith("identifier:"):
        return f"Further {key.split(':')[1]}".replace("email", "e-mail address")
    return labels.get(key) or key.removeprefix("custom:").replace("_", " ").capitalize()


@register.filter
def item(values: Mapping[str, str], key: str) -> str:
    return values.get(key, "")


@register.filter
def shown(value: Any) -> str:
    """A value of any type, as people write it; blank for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return moment_said(value) if isinstance(value, str) else str(value)


@register.filter
def with_owner_link(message: str, code: str) -> str:
    """What is wrong with a line, with a link to the contact that it names at its end: who has the key already."""
    named = _OWNER.search(message) if code in _TAKEN else None
    if named is None:
        return message
    address = reverse("contacts:detail", args=[int(named[1])])
    said = message[: named.start()]
    return format_html('{}(<a class="k-link" href="{}">contact {}</a>).', said, address, named[1])


@register.filter
def cells(raw: list[str]) -> str:
    """A line as it was read, on one line."""
    text = " · ".join(cell.strip() for cell in raw if cell.strip())
    return text if len(text) <= 160 else text[:160] + "…"
