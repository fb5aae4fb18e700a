"""What a column of a file can be mapped to, as people choose it."""

from dataclasses import dataclass

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import CustomFieldDefinition

NEW, IGNORE, UNDECIDED = "new", "-", ""
# Attributes first that nearly every file has; a name in one column comes right behind its parts.
_ORDER = (
    "email", "first_name", "last_name", "full_name", "phone", "company_name", "job_title",
    "external_id", "is_subscribed", "city", "country", "language", "timezone", "source", "kind",
    "is_active",
)  # fmt: skip
LABELS = ATTRIBUTE_LABELS | {"full_name": "Full name (first and last in one)", "tags": "Tags"}


@dataclass(frozen=True, slots=True)
class Targets:
    """The choices of a mapping select, grouped, and the label of each."""

    groups: list[tuple[str, list[tuple[str, str]]]]
    labels: dict[str, str]
    types: dict[str, str]


def mapping_targets() -> Targets:
    """Attributes, tags and the organization's custom fields. One query."""
    fields = list(CustomFieldDefinition.objects.order_by("label", "key"))
    custom = [(f"custom:{field.key}", _shown(field)) for field in fields]
    contact = [(name, LABELS[name]) for name in _ORDER]
    groups = [("Contact", contact), ("Tags", [("tags", LABELS["tags"])])]
    if custom:
        groups.append(("Custom fields", custom))
    labels = dict([*contact, *custom]) | {"tags": LABELS["tags"]}
    return Targets(groups, labels, {f"custom:{field.key}": field.type for field in fields})


def _shown(field: CustomFieldDefinition) -> str:
    return f"{field.label} ({field.get_type_display().lower()})"
