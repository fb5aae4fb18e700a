"""The mapping of one file for another with the same columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from imports.models import ImportJob
from imports.selectors.conventions import stored_conventions
from imports.services.mapping_rules import CONVENTIONS


def lent_mapping(*, job: ImportJob, mapping: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a mapping says of the columns of an import, without what only its own file could say.

    Those are the choices of a new field, and how dates and numbers are written where the import's file tells itself.
    """
    told = {index for index, each in stored_conventions(job.columns).items() if each.says}
    return [_lent(entry, is_told=entry["index"] in told) for entry in mapping]


def _lent(entry: Mapping[str, Any], *, is_told: bool) -> dict[str, Any]:
    own = {"new_choices", *(CONVENTIONS.values() if is_told else ())}
    return {name: value for name, value in entry.items() if name not in own}
