"""Taking in a file whose mapping is known at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File

from contacts.actors import Actor
from imports.models import ImportJob, ImportStatus
from imports.services.uploads import import_create, import_files_delete, import_map


def import_receive(
    *, file: File, actor: Actor, mapping: Sequence[Mapping[str, Any]] | None = None, **options: Any
) -> ImportJob:
    """As import_create, and map its columns. Raises ValidationError with paths below `mapping`; then nothing is kept.

    Of a file that a worker reads, the worker maps the columns; a mapping that doesn't fit fails the import then.
    """
    job = import_create(file=file, actor=actor, mapping=mapping, **options)
    if mapping is None or job.status == ImportStatus.READING:
        return job
    try:
        return import_map(job=job, columns=mapping)
    except ValidationError as error:
        import_files_delete(job=job)
        job.delete()
        raise _below_mapping(error) from error


def _below_mapping(error: ValidationError) -> ValidationError:
    errors = error.update_error_dict({})
    return ValidationError({f"mapping.{name}": part for name, part in errors.items()})
