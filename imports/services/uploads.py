"""Taking a file in, and looking at how it is written."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from contacts.actors import Actor
from imports.mapping.suggestions import suggest
from imports.models import ImportJob, ImportStatus, ProcessingMode, ValidationStatus
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.header import Column, read_header
from imports.reading.sources import describe, local_copy, make_source
from imports.selectors.conventions import column_conventions
from imports.selectors.import_list import import_with_same_header
from imports.services.columns import has_target
from imports.services.constants import (
    consent_declared,
    constants_of,
    country_of,
    unsubscribed_check,
)
from imports.services.mapping_rules import mapping_validate
from imports.services.own_files import export_suggestions, is_error_file, is_export
from imports.services.questions import mapping_completed

# What Kith adds to a file of lines that failed is not of the contacts.
LEFT_OUT = {
    "target": None,
    "confidence": 1.0,
    "reason": "Kith added it to the lines that failed.",
    "accepted": True,
    "type": None,
}
REOPENABLE = (ImportStatus.DRAFT, ImportStatus.VALIDATED, ImportStatus.FAILED)


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
) -> ImportJob:
    """Store a file and describe it: format, columns, suggestions. Nothing of it is imported yet.

    `source` and `tags` are given to every contact of the file; `consent` declares what they agreed to, and where
    (`constants.consent_declared`); `country` is that of telephone numbers without a code. How the file is written is found out where it is not said (`sheet` and what
    follows). Raises ValidationError on `file` for one that can't be read, with the place and the way out.
    """
    if file.size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // 1024**2
        raise _refused(FileError("too_large", f"The file is larger than {limit:,} MB. Split it."))
    options = {
        "constants": constants_of(source=source, tags=tags),
        "consent": consent_declared(consent),
        "country": country_of(country),
    }
    job = ImportJob(
        file_name=Path(file.name or "upload").name[:255],
        file_size=file.size,
        checksum=_checksum(file),
        match=match,
        mode=mode,
        batch_size=batch_size,
        processing_mode=_processing_mode(file.size),
        options=options,
        created_by=actor.user,
        api_key=actor.api_key,
    )
    chosen = {"match", "mode", "batch_size"}
    job.clean_fields(exclude={field.name for field in job._meta.fields} - chosen)
    job.file.save(f"{uuid.uuid4().hex}{_suffix(job.file_name)}", file, save=False)
    try:
        _describe(job, sheet=sheet, encoding=encoding, delimiter=delimiter, has_header=has_header)
        job.save()
    except BaseException:
        import_files_delete(job=job)
        raise
    return job


def _processing_mode(size: int) -> ProcessingMode:
    is_small = size <= settings.IMPORT_SYNC_BYTES
    return ProcessingMode.SYNC if is_small else ProcessingMode.ASYNC


def import_files_delete(*, job: ImportJob) -> None:
    """Delete what is stored of a file that is not to be kept; the import itself is the caller's to delete."""
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


def _describe(job: ImportJob, **chosen: Any) -> None:
    """Look at the file (as the user says it is written), make a table of it where needed, and propose a mapping."""
    try:
        with local_copy(job.file) as path, TemporaryDirectory(prefix="kith-") as folder:
            source = make_source(path, Path(folder), **chosen)
            columns = read_header(source.path, source.format)
            if source.is_made:
                _keep_converted(job, source.path)
    except FileError as error:
        raise _refused(error) from error
    _take_description(job, source.format, columns)
    _note_conventions(job)


def _keep_converted(job: ImportJob, path: Path) -> None:
    with path.open("rb") as converted:
        job.converted.save(f"{uuid.uuid4().hex}.csv", File(converted), save=False)


def _take_description(job: ImportJob, found: FileFormat, columns: Sequence[Column]) -> None:
    job.format = found.as_dict()
    job.columns = _described(columns)
    job.mapping = _mapping_of_original(job) or proposed_mapping(job.columns)


def _mapping_of_original(job: ImportJob) -> list[dict[str, Any]] | None:
    """Of lines that failed before: what their columns held then, where that fits."""
    if not is_error_file([column["name"] for column in job.columns]):
        return None
    earlier = import_with_same_header(job=job)
    if earlier is None or not has_target(earlier.mapping, job.match):
        return None
    known = {entry["index"]: entry for entry in earlier.mapping}
    return [known.get(at, {"index": at, "target": None}) for at in range(len(job.columns))]


def _note_conventions(job: ImportJob) -> None:
    """Keep how the columns of dates and numbers are written: the whole file is read for it."""
    kinds = {column["index"]: column["shape"] for column in job.columns}
    for index, convention in column_conventions(job=job, kinds=kinds).items():
        job.columns[index]["convention"] = convention.as_dict()


def _described(columns: Sequence[Column]) -> list[dict[str, Any]]:
    names = [column.name for column in columns]
    suggestions = [suggestion.as_dict() for suggestion in suggest(columns)]
    if is_export(names):
        suggestions = export_suggestions(names, suggestions)
    if is_error_file(names):
        suggestions[-2:] = [suggestion | LEFT_OUT for suggestion in suggestions[-2:]]
    return [
        column.as_dict() | {"suggestion": suggestion}
        for column, suggestion in zip(columns, suggestions, strict=True)
    ]


def proposed_mapping(columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The suggestions that may be taken without asking; other columns are left out."""
    return [{"index": column["index"]} | _accepted(column["suggestion"]) for column in columns]


def _accepted(suggestion: Mapping[str, Any]) -> dict[str, Any]:
    target = suggestion["target"] if suggestion["accepted"] else None
    if target == "tags":
        return {"target": target, "separator": ",;|"}
    kind = suggestion["type"] if str(target).startswith("custom:") else None
    return {"target": target} | ({"type": kind} if kind else {})


def import_reread(
    *,
    job: ImportJob,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
    sheet: str | None = None,
) -> ImportJob:
    """Describe the file anew, with what the user says of it taken as given. Another sheet becomes the table."""
    chosen = {"encoding": encoding, "delimiter": delimiter, "has_header": has_header}
    with transaction.atomic():
        locked = _reopened(job)
        if sheet is None or sheet == locked.format.get("sheet"):
            _describe_again(locked, **chosen)
        else:
            _change_sheet(locked, sheet=sheet, **chosen)
        locked.save()
    return locked


def _describe_again(job: ImportJob, **chosen: Any) -> None:
    try:
        with local_copy(job.readable) as path:
            found = describe(path, FileFormat.from_dict(job.format), **chosen)
            columns = read_header(path, found)
    except FileError as error:
        raise _refused(error) from error
    _take_description(job, found, columns)
    _note_conventions(job)


def _change_sheet(job: ImportJob, **chosen: Any) -> None:
    """Make a table of another sheet; the one before is deleted once nothing refers to it any more."""
    storage, former = job.converted.storage, job.converted.name
    _describe(job, **chosen)
    if former and former != job.converted.name:
        transaction.on_commit(lambda: storage.delete(former))


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
    mapping = mapping_validate(mapping=columns, columns=locked.columns, match=locked.match)
    locked.mapping = mapping_completed(job=locked, mapping=mapping)
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
    is_open = locked.status in REOPENABLE and locked.operation_id is None
    if not is_open:
        message = (
            f"The import is {locked.get_status_display().lower()}; it can't be changed any more."
        )
        raise ValidationError({"status": ValidationError(message, code="wrong_status")})
    locked.status = ImportStatus.DRAFT
    locked.validation_status = ValidationStatus.PENDING
    locked.error = ""
    return locked
