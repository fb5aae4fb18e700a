"""What a column of a file can be mapped to, as people choose it."""

from dataclasses import dataclass

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import CustomFieldDefinition, PreferenceType
from imports.services.mapping_rules import CUSTOM, PREFERENCE

NEW, IGNORE, UNDECIDED = "new", "-", ""
# Attributes first that nearly every file has; a name in one column comes right behind its parts.
_ORDER = (
    "email", "first_name", "last_name", "full_name", "phone", "company_name", "job_title",
    "external_id", "is_subscribed", "opted_out", "city", "country", "language", "timezone", "source", "kind",
    "is_active",
)  # fmt: skip
LABELS = ATTRIBUTE_LABELS | {
    "full_name": "Full name (first and last in one)",
    "opted_out": "Unsubscribed (yes, or a date, means no mail)",
    "tags": "Tags",
    "further_email": "Further e-mail address",
    "further_phone": "Further phone number",
}
# Targets that several columns may have.
_SEVERAL = ("tags", "further_email", "further_phone")


@dataclass(frozen=True, slots=True)
class Targets:
    """The choices of a mapping select, grouped, and the label of each; the type of custom fields, and their choices."""

    groups: list[tuple[str, list[tuple[str, str]]]]
    labels: dict[str, str]
    types: dict[str, str]
    choices: dict[str, list[str]]


def mapping_targets() -> Targets:
    """Attributes, tags, kinds of mail and the organization's custom fields. Two queries."""
    fields = list(CustomFieldDefinition.objects.order_by("label", "key"))
    custom = [(f"{CUSTOM}{field.key}", _shown(field)) for field in fields]
    groups = [
        ("Contact", [(name, LABELS[name]) for name in _ORDER]),
        ("In several columns", [(name, LABELS[name]) for name in _SEVERAL]),
        ("Agreed to mail (yes or no)", _preferences()),
        ("Custom fields", custom),
    ]
    return Targets(
        groups=[(name, choices) for name, choices in groups if choices],
        labels={value: label for _, choices in groups for value, label in choices},
        types={f"{CUSTOM}{field.key}": field.type for field in fields},
        choices={f"{CUSTOM}{field.key}": field.choices for field in fields},
    )


def _preferences() -> list[tuple[str, str]]:
    kinds = PreferenceType.objects.filter(is_transactional=False).order_by("label", "key")
    return [(f"{PREFERENCE}{kind.key}", kind.label) for kind in kinds]


def _shown(field: CustomFieldDefinition) -> str:
    return f"{field.label} ({field.get_type_display().lower()})"
