"""Telling whoever started an import how it ended."""

from collections.abc import Mapping

from django.conf import settings
from django.urls import get_script_prefix, reverse

from contacts.models import ContactOperation
from imports.models import ImportJob, ImportStatus, Outcome
from organizations.models import User
from organizations.models.notice import Tone
from organizations.services.notices import notice_give, notices_read

WORDS: dict[str, str] = {
    Outcome.CREATED: "created",
    Outcome.UPDATED: "updated",
    Outcome.PROTECTED: "protected",
    Outcome.UNCHANGED: "unchanged",
    Outcome.DUPLICATE: "duplicate",
    Outcome.SKIPPED: "skipped",
    Outcome.FAILED: "failed",
}
TITLES = {
    ImportStatus.COMPLETED: ("{} is imported", Tone.GOOD),
    ImportStatus.PARTIALLY_COMPLETED: ("{} is imported, but some rows failed", Tone.WARN),
    ImportStatus.FAILED: ("The import of {} stopped", Tone.BAD),
}
UNDO_WORDS = {"reverted": "taken back", "kept": "kept, edited since", "blocked": "blocked"}


def import_told(*, job: ImportJob) -> None:
    """Give a notice about an import that has come to its end; programs are not told."""
    title, tone = TITLES[ImportStatus(job.status)]
    _tell(job.created_by, job, title, _text(job), tone)


def import_notices_read(*, job: ImportJob, user: User) -> int:
    """Mark as read what a user was told of an import that they look at; returns how many notices that were."""
    return notices_read(user=user, link=_link(job))


def _link(job: ImportJob) -> str:
    """The address of an import's page below that of its organization, from wherever it is asked for."""
    link = reverse("imports:detail", args=[job.pk], urlconf=settings.ORGANIZATION_URLCONF)
    # A small file is run inside of a request, below the organization's own address.
    return "/" + link.removeprefix(get_script_prefix())


def _tell(user: User | None, job: ImportJob, title: str, text: str, tone: str) -> None:
    title = title.format(f"“{job.file_name}”")
    notice_give(user=user, title=title, text=text, link=_link(job), tone=tone)


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    said = [f"{counts[name]:,} {word}" for name, word in words.items() if counts.get(name)]
    return f"{', '.join(said)}." if said else ""


def _text(job: ImportJob) -> str:
    if job.status == ImportStatus.FAILED:
        return job.error
    text = _counted(job.counts, WORDS)
    repair = "The rows that failed can be downloaded, corrected and imported again."
    return f"{text} {repair}" if job.counts.get(Outcome.FAILED) else text


def undo_told(*, undo: ContactOperation, job: ImportJob) -> None:
    """Give whoever undid an import, or put it back, a notice that it is done."""
    tone = Tone.WARN if undo.summary.get("blocked") else Tone.GOOD
    is_undone = job.status == ImportStatus.UNDONE
    title = "The import of {} is undone" if is_undone else "The import of {} is put back"
    words = UNDO_WORDS if is_undone else UNDO_WORDS | {"reverted": "put back"}
    _tell(undo.actor, job, title, _counted(undo.summary, words), tone)
