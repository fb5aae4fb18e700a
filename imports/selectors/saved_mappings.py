"""The mappings that an organization keeps, and what they say."""

from dataclasses import dataclass

from django.db.models import QuerySet

from imports.models import ImportJob, ImportMapping
from imports.selectors.targets import mapping_targets
from imports.services.saved_mappings import header_signature


def mappings_that_fit(*, job: ImportJob) -> list[ImportMapping]:
    """The saved mappings of files with the same columns, the newest first."""
    alike = ImportMapping.objects.filter(signature=header_signature(job.columns))
    return list(alike.order_by("-updated_at", "-pk")[:5])


def mapping_list() -> QuerySet[ImportMapping]:
    """Every saved mapping with who made it."""
    return ImportMapping.objects.select_related("created_by")


@dataclass(frozen=True, slots=True)
class KeptColumn:
    """A column of the files that a mapping is for, and what it is said to hold; blank for what is left out."""

    name: str
    target: str


def kept_columns(*, mapping: ImportMapping) -> list[KeptColumn]:
    """What a saved mapping says of each column, in the order of the file. Two queries."""
    labels = mapping_targets().labels
    targets = {entry["index"]: entry["target"] or "" for entry in mapping.mapping}
    return [
        KeptColumn(name, _said(targets.get(index, ""), labels))
        for index, name in enumerate(mapping.columns)
    ]


def _said(target: str, labels: dict[str, str]) -> str:
    """The label of a target; its key where the field or the kind of mail is gone, or not made yet."""
    return labels.get(target) or target.partition(":")[2] or target
