"""Keeping what the columns of a kind of file hold, for the next file with the same header."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.cleaning.texts import clean_text, fold_key
from imports.models import ImportJob, ImportMapping
from imports.models.mapping import NAME_LENGTH
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
    cleaned = clean_text(name[: NAME_LENGTH + 1], NAME_LENGTH + 1)
    if not cleaned or len(cleaned) > NAME_LENGTH:
        message = f"Give the mapping a name of at most {NAME_LENGTH} characters."
        raise ValidationError({"name": ValidationError(message, code="invalid")})
    kept, _ = ImportMapping.objects.update_or_create(
        name_key=fold_key(cleaned),
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


def _known_columns(job: ImportJob) -> list[dict[str, Any]]:
    if not job.columns:
        message = "The file of this import has not been read yet: it has no columns to map."
        raise ValidationError({"import_job": ValidationError(message, code="wrong_status")})
    return list(job.columns)


def mapping_delete(*, mapping: ImportMapping) -> None:
    """Forget a saved mapping; imports that were made with it stay as they are."""
    mapping.delete()
