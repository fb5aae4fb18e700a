"""Telling whoever started an import how it ended, and of an export that it is given up."""

from collections.abc import Mapping

from contacts.models import ContactOperation
from imports.models import ExportJob, ImportJob, ImportStatus, Outcome
from organizations.models import User
from organizations.models.notice import Tone
from organizations.services.leases import failure_reason
from organizations.services.notices import notice_give, notice_link, notices_read

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
EXPORT_WAY_OUT = "There is no file. Start it once more with “Export them again” on its page."
UNDO_WORDS = {"reverted": "taken back", "kept": "kept, edited since", "blocked": "blocked"}


def import_told(*, job: ImportJob) -> None:
    """Give a notice about an import that has come to its end; programs are not told."""
    title, tone = TITLES[ImportStatus(job.status)]
    _tell(job.created_by, job, title, _text(job), tone)


def import_given_up(*, job: ImportJob) -> None:
    """Give a notice about an import that is given up: why, and what can be done."""
    title, tone = TITLES[ImportStatus.FAILED]
    _tell(job.created_by, job, title, f"{failure_reason(job)} {_way_out(job)}", tone)


def _way_out(job: ImportJob) -> str:
    if job.operation_id:
        return "What is imported stays so. Resume it on its page, or give up on the rest and undo what was done."
    if job.format:
        return "Nothing is imported yet. Check it once more on its page."
    return "Nothing is imported yet. Have the file read again on its page, or upload it once more."


def export_stopped(*, job: ExportJob) -> None:
    """Give whoever started an export a notice that it has failed; programs are not told."""
    text = f"{failure_reason(job)} {EXPORT_WAY_OUT}"
    title, link = f"The export {job.file_name} stopped", _export_link(job)
    notice_give(user=job.started_by, title=title, text=text, link=link, tone=Tone.BAD)


def export_notices_read(*, job: ExportJob, user: User) -> int:
    """Mark as read what a user was told of an export that they look at; returns how many notices that were."""
    return notices_read(user=user, link=_export_link(job))


def _export_link(job: ExportJob) -> str:
    return notice_link("exports:detail", job.pk)


def import_notices_read(*, job: ImportJob, user: User) -> int:
    """Mark as read what a user was told of an import that they look at; returns how many notices that were."""
    return notices_read(user=user, link=_link(job))


def _link(job: ImportJob) -> str:
    return notice_link("imports:detail", job.pk)


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
