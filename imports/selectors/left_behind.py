"""What an import made besides contacts, and an undo of it leaves."""

from dataclasses import dataclass

from contacts.models import CustomFieldDefinition
from imports.models import ImportJob
from imports.services.running import MADE
from tags.models import Tag

LISTED = 20


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """How many tags and custom fields there are, and the first of each."""

    tag_count: int
    field_count: int
    tags: list[Tag]
    fields: list[CustomFieldDefinition]


def left_behind(*, job: ImportJob) -> LeftBehind | None:
    """The tags and custom fields that an import made and that are still there; None where there are none.

    None too for imports of before this was kept. Four queries at most.
    """
    made = job.options.get(MADE)
    if not made:
        return None
    tags = Tag.objects.filter(pk__in=made["tags"]).order_by("name_key")
    fields = CustomFieldDefinition.objects.filter(pk__in=made["fields"]).order_by("label", "pk")
    found = LeftBehind(tags.count(), fields.count(), list(tags[:LISTED]), list(fields[:LISTED]))
    return found if found.tags or found.fields else None
