"""What an import makes besides contacts, before it does."""

from dataclasses import dataclass

from contacts.models import CustomFieldDefinition
from contacts.services.custom_fields import NewField
from imports.models import ImportJob
from imports.services.mapping_rules import CUSTOM
from imports.services.new_fields import mapped_fields
from tags.models import Tag


@dataclass(frozen=True, slots=True)
class NewThings:
    """The custom fields that will be made, and how many tags."""

    fields: list[NewField]
    tag_count: int

    @property
    def labels(self) -> dict[str, str]:
        return {f"{CUSTOM}{field.key}": field.label for field in self.fields}


def new_things(*, job: ImportJob) -> NewThings:
    """What the run of a checked import will make that is not there yet. Two queries."""
    fields = mapped_fields(job)
    keys = [field.key for field in fields]
    known = set(CustomFieldDefinition.objects.filter(key__in=keys).values_list("key", flat=True))
    names = job.options.get("tag_names", {})
    tag_count = len(names) - Tag.objects.filter(name_key__in=names).count()
    return NewThings([field for field in fields if field.key not in known], tag_count)
