"""Keeping what the columns of a kind of file hold, for the next file with the same header."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from contacts.actors import Actor
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.texts import clean_text, fold_key
from imports.models import ImportJob, ImportMapping
from imports.models.mapping import KEY_LENGTH, NAME_LENGTH
from imports.services.own_files import original_names


def header_signature(columns: Sequence[Mapping[str, Any]]) -> str:
    """What files with the same columns in the same order have in common, and the error files of both."""
    names = original_names([column["name"] for column in columns])
    return hashlib.sha256(json.dumps(names, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def mapping_save(*, job: ImportJob, name: str, actor: Actor) -> ImportMapping:
    """Keep the mapping of an import under a name; one of that name is replaced.

    Raises ValidationError (`name`) for a name that is blank or too long, (`import_job`) for a file that is not read.
    """
    cleaned, key = _named(name)
    kept, _ = ImportMapping.objects.update_or_create(
        name_key=key,
        defaults={
            "name": cleaned,
            "signature": header_signature(_known_columns(job)),
            "columns": [column["name"] for column in job.columns],
            "mapping": job.mapping,
            "match": job.match,
            "mode": job.mode,
            "created_by": actor.user,
        },
    )
    return kept


def _named(name: str) -> tuple[str, str]:
    """A name as it is kept, and what makes two names one. Raises ValidationError."""
    try:
        cleaned = clean_text(name, NAME_LENGTH)
    except CleaningError as error:
        raise _refused(error.message, error.code) from error
    key = fold_key(cleaned)[:KEY_LENGTH]
    if not key:
        raise _refused(f"Give the mapping a name of at most {NAME_LENGTH} characters.", "required")
    return cleaned, key


def _refused(message: str, code: str) -> ValidationError:
    return ValidationError({"name": ValidationError(message, code=code)})


@transaction.atomic
def mapping_rename(*, mapping: ImportMapping, name: str) -> ImportMapping:
    """Give a saved mapping another name.

    Raises ValidationError (`name`) for one that is blank, too long or another mapping's. Locks its row.
    """
    cleaned, key = _named(name)
    locked = ImportMapping.objects.select_for_update().filter(pk=mapping.pk).first()
    if locked is None:
        raise ValidationError("Somebody deleted this mapping meanwhile.", code="gone")
    twin = ImportMapping.objects.filter(~Q(pk=locked.pk), name_key=key).first()
    if twin is not None:
        raise _refused(f"There is a mapping “{twin.name}” already.", "unique")
    locked.name, locked.name_key = cleaned, key
    locked.save(update_fields=["name", "name_key"])
    return locked


def _known_columns(job: ImportJob) -> list[dict[str, Any]]:
    if not job.columns:
        message = "The file of this import has not been read yet: it has no columns to map."
        raise ValidationError({"import_job": ValidationError(message, code="wrong_status")})
    return list(job.columns)


def mapping_delete(*, mapping: ImportMapping) -> None:
    """Forget a saved mapping; imports that were made with it stay as they are."""
    mapping.delete()
