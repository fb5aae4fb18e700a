"""Taking a file in, and reading it anew: at once, or, where that would keep people waiting, in a worker."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from contacts.actors import Actor
from imports.models import ImportJob, ImportStatus, ValidationStatus
from imports.reading.conversion import OutOfTime
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.signatures import SIGNATURE_BYTES, container_of
from imports.services.constants import (
    consent_declared,
    constants_of,
    country_of,
    unsubscribed_check,
)
from imports.services.describing import (
    file_describe,
    processing_mode,
    table_describe,
    table_forget,
)
from imports.services.mapping_rules import mapping_validate
from imports.services.questions import mapping_completed
from organizations.services.leases import work_enqueue

REOPENABLE = (ImportStatus.DRAFT, ImportStatus.VALIDATED, ImportStatus.FAILED)
# In the options of an import that a worker reads: what was said of the file, and how far its table is.
READING = "reading"


def import_create(
    *,
    file: File,
    actor: Actor,
    match: str = "email",
    mode: str = "upsert",
    source: str = "",
    tags: Sequence[str] = (),
    consent: Mapping[str, Any] | None = None,
    country: str = "",
    batch_size: int = 1000,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    mapping: Sequence[Mapping[str, Any]] | None = None,
) -> ImportJob:
    """Store a file and describe it: format, columns, suggestions. Nothing of it is imported yet.

    A large file that is no text is only stored: a worker reads it (status `reading`), and takes `mapping` for its
    columns then. Without a worker's help `mapping` is for the caller to apply.

    `source` and `tags` are given to every contact of the file; `consent` declares what they agreed to, and where
    (`constants.consent_declared`); `country` is that of telephone numbers without a code. How the file is written is
    found out where it is not said (`sheet` and what follows). Raises ValidationError on `file` for one that can't be
    read, with the place and the way out.
    """
    options = {
        "constants": constants_of(source=source, tags=tags),
        "consent": consent_declared(consent),
        "country": country_of(country),
    }
    job = _new_job(file, actor, match=match, mode=mode, batch_size=batch_size, options=options)
    said = {"encoding": encoding, "delimiter": delimiter, "has_header": has_header, "sheet": sheet}
    is_text = _is_text(file)
    job.file.save(f"{uuid.uuid4().hex}{_suffix(job.file_name)}", file, save=False)
    try:
        if not _read_at_once(job, is_text=is_text, **said):
            _leave_to_worker(job, said | {"mapping": mapping})
        else:
            job.save()
    except BaseException:
        import_files_delete(job=job)
        raise
    return job


def _new_job(file: File, actor: Actor, **chosen: Any) -> ImportJob:
    """An import of a file that is not stored yet. Raises ValidationError for one that is too large, or a bad choice."""
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024**2
        raise _refused(FileError("too_large", f"The file is larger than {limit:,} MB. Split it."))
    job = ImportJob(
        file_name=Path(file.name or "upload").name[:255],
        file_size=file.size,
        checksum=_checksum(file),
        processing_mode=processing_mode(file.size),
        created_by=actor.user,
        api_key=actor.api_key,
        **chosen,
    )
    job.clean_fields(exclude={field.name for field in job._meta.fields} - chosen.keys())
    return job


def _is_text(file: File) -> bool:
    """Whether a file is read as it is. Raises ValidationError for what holds no table."""
    try:
        container = container_of(file.read(SIGNATURE_BYTES))
    except FileError as error:
        raise _refused(error) from error
    file.seek(0)
    return container == "csv"


def _read_at_once(job: ImportJob, *, is_text: bool, **said: Any) -> bool:
    """Describe a file, if that takes no longer than people wait. Raises ValidationError for one that can't be read."""
    if not is_text and job.file_size > settings.IMPORT_CONVERT_AT_ONCE_BYTES:
        return False
    try:
        file_describe(job, **said)
    except OutOfTime:
        return False
    except FileError as error:
        raise _refused(error) from error
    return True


@transaction.atomic
def _leave_to_worker(job: ImportJob, said: Mapping[str, Any]) -> None:
    """Save an import as one whose file is to be read, as it is said to be written."""
    order = {name: value for name, value in said.items() if value is not None}
    job.status, job.phase = ImportStatus.READING, "convert"
    job.cursor = job.progress_done = job.progress_total = job.attempts = 0
    job.error, job.finished_at = "", None
    job.options = job.options | {READING: order}
    job.save()
    work_enqueue(work=job)


def import_files_delete(*, job: ImportJob) -> None:
    """Delete what is stored of a file that is not to be kept; the import itself is the caller's to delete."""
    unfinished = job.options.get(READING, {}).get("table")
    if unfinished:
        job.converted.storage.delete(unfinished)
    for stored in (job.file, job.converted):
        if stored:
            stored.delete(save=False)


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix.isascii() and suffix[1:].isalnum() else ""


def _checksum(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _refused(error: FileError) -> ValidationError:
    return ValidationError({"file": ValidationError(error.message, code=error.code)})


def import_reread(
    *,
    job: ImportJob,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    sheet: str | None = None,
) -> ImportJob:
    """Describe the file anew, with what the user says of it taken as given. Another sheet becomes the table, in a
    worker where the workbook is large.

    Raises ValidationError: on `file` when it can't be read so, on `status` when the import is past that or was
    read anew by somebody else meanwhile.
    """
    said = {"encoding": encoding, "delimiter": delimiter, "has_header": has_header}
    seen = ImportJob.objects.get(pk=job.pk)
    _require_open(seen)
    read = ImportJob.objects.get(pk=job.pk)
    if not _is_other_table(seen, sheet):
        _describe_again(read, **said)
    elif not _read_at_once(read, is_text=False, sheet=sheet, **said):
        return _reread_by_worker(seen, said | {"sheet": sheet})
    return _take_reading(seen, read)


def _is_other_table(job: ImportJob, sheet: str | None) -> bool:
    """Whether a table has to be made: of another sheet, or because there is none yet."""
    found = job.format
    return not found or bool(sheet and found.get("sheets") and sheet != found["sheet"])


def _describe_again(job: ImportJob, **said: Any) -> None:
    try:
        table_describe(job, FileFormat.from_dict(job.format), **said)
    except FileError as error:
        raise _refused(error) from error


@transaction.atomic
def _reread_by_worker(seen: ImportJob, said: Mapping[str, Any]) -> ImportJob:
    locked = _reopened(seen)
    table_forget(locked, locked.options.get(READING, {}).get("table"))
    _leave_to_worker(locked, said)
    return locked


def _take_reading(seen: ImportJob, read: ImportJob) -> ImportJob:
    """Write down what was read, outside of any lock, unless the table has become another one meanwhile."""
    is_other = read.converted.name != seen.converted.name
    try:
        with transaction.atomic():
            locked = _reopened(seen)
            if locked.converted.name != seen.converted.name:
                raise _wrong_status("Somebody else has chosen another sheet just now. Look again.")
            for name in ("format", "columns", "mapping", "converted", "processing_mode"):
                setattr(locked, name, getattr(read, name))
            table_forget(locked, locked.options.pop(READING, {}).get("table"))
            locked.save()
            if is_other:
                table_forget(locked, seen.converted.name)
    except BaseException:
        if is_other:
            read.converted.delete(save=False)
        raise
    return locked


@transaction.atomic
def import_map(
    *,
    job: ImportJob,
    columns: Sequence[Mapping[str, Any]],
    match: str | None = None,
    mode: str | None = None,
    source: str | None = None,
    tags: Sequence[str] | None = None,
    consent: Mapping[str, Any] | None = None,
    country: str | None = None,
    subscribes_new: bool | None = None,
) -> ImportJob:
    """Say what each column holds, and what holds for all; unnamed columns are left out. An earlier check no longer counts.

    None leaves what was said before; an empty text, list or document takes it back. With `subscribes_new` false, new
    people get no mail until they agree. Raises ValidationError by path; on `status` when the import has started.
    """
    locked = _reopened(job)
    locked.match, locked.mode = match or locked.match, mode or locked.mode
    mapping_take(locked, columns)
    constants = dict(locked.options.get("constants", {}))
    if source is not None:
        constants = _without(constants, "source") | constants_of(source=source)
    if tags is not None:
        constants = _without(constants, "tags") | constants_of(tags=tags)
    locked.options |= {"constants": constants}
    if consent is not None:
        locked.options |= {"consent": consent_declared(consent)}
    if country is not None:
        locked.options |= {"country": country_of(country)}
    if subscribes_new is not None:
        locked.options |= {"new_unsubscribed": not subscribes_new}
    unsubscribed_check(options=locked.options, mapping=locked.mapping)
    locked.save()
    return locked


def mapping_take(job: ImportJob, columns: Sequence[Mapping[str, Any]]) -> None:
    """Give an import its mapping, completed by what its columns tell. Raises ValidationError by path."""
    mapping = mapping_validate(mapping=columns, columns=job.columns, match=job.match)
    job.mapping = mapping_completed(job=job, mapping=mapping)


@transaction.atomic
def import_leave_out(*, job: ImportJob, index: int) -> ImportJob:
    """Let lines be imported without what can't be read in a column; the file has to be checked again.

    Raises ValidationError for a column that finds the contacts or is not imported, and when the import has started.
    """
    columns = [
        dict(entry) | ({"leave_out": True} if entry["index"] == index else {})
        for entry in job.mapping
    ]
    if not any(entry.get("leave_out") and entry["target"] for entry in columns):
        raise ValidationError({"columns": ValidationError("That column is not imported.")})
    return import_map(job=job, columns=columns)


def _without(constants: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in constants.items() if key != name}


def _reopened(job: ImportJob) -> ImportJob:
    """The import, locked and back at the draft. Raises ValidationError when it is past that."""
    locked = ImportJob.objects.select_for_update().get(pk=job.pk)
    _require_open(locked)
    locked.status = ImportStatus.DRAFT
    locked.validation_status = ValidationStatus.PENDING
    locked.error, locked.finished_at = "", None
    return locked


def is_open(job: ImportJob) -> bool:
    """Whether an import can be read anew and mapped: its file is read, and it has not been started."""
    return job.status in REOPENABLE and job.operation_id is None


def _require_open(job: ImportJob) -> None:
    if job.status == ImportStatus.READING:
        raise _wrong_status("The file is still being read: wait until it is.")
    if not is_open(job):
        state = job.get_status_display().lower()
        raise _wrong_status(f"The import is {state}; it can't be changed any more.")


def _wrong_status(message: str) -> ValidationError:
    return ValidationError({"status": ValidationError(message, code="wrong_status")})
