"""The columns that the list of contacts can have, by name; name and e-mail always come first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import Contact, CustomFieldDefinition, FieldType
from contacts.selectors.engagement import Engagement

DEFAULT_COLUMNS = ("status", "tags", "place", "created_at")
CUSTOM = "custom:"
COMPOSED = {
    "status": "Status",
    "tags": "Tags",
    "place": "Company and place",
    "engagement_score": "Engagement",
}
MOMENTS = {"created_at": "Added", "updated_at": "Changed"}
# What events add up to.
SUMS = {
    "total_emails_sent": "E-mails sent",
    "total_emails_opened": "E-mails opened",
    "total_emails_clicked": "E-mails clicked",
}
LAST_TIMES = {
    "last_engaged_at": "Last engaged",
    "last_email_opened_at": "Last opened",
    "last_email_clicked_at": "Last clicked",
}
# Shown in the first cell and as status.
SHOWN_ELSEWHERE = {"email", "kind", "is_active", "is_subscribed"}
PLAIN = {name: label for name, label in ATTRIBUTE_LABELS.items() if name not in SHOWN_ELSEWHERE}
BUILT_IN = COMPOSED | MOMENTS | PLAIN | LAST_TIMES | SUMS


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be shown: its name, its head, and what kind of value its cells hold."""

    name: str
    label: str
    kind: str

    @property
    def is_engagement(self) -> bool:
        """Whether its cells hold what events add up to."""
        return self.name == "engagement_score" or self.name in SUMS or self.name in LAST_TIMES

    def value(self, contact: Contact, engagement: Engagement) -> Any:
        """What a contact has here; None where it has nothing. Composed columns are for who shows them."""
        if self.name in COMPOSED:
            return None
        if self.is_engagement:
            return getattr(engagement, self.name)
        if not self.name.startswith(CUSTOM):
            return getattr(contact, self.name)
        held = contact.custom_fields.get(self.name.removeprefix(CUSTOM))
        return _moment(held) if self.kind == FieldType.DATETIME else held


def _moment(held: Any) -> datetime | Any:
    return (parse_datetime(held) or held) if isinstance(held, str) else held


def contact_columns(definitions: Iterable[CustomFieldDefinition]) -> dict[str, Column]:
    """Every column that there is, by name: what every contact has, then the organization's own fields."""
    columns = [Column(name, label, _kind(name)) for name, label in BUILT_IN.items()]
    columns += [Column(f"{CUSTOM}{each.key}", each.label, each.type) for each in definitions]
    return {column.name: column for column in columns}


def _kind(name: str) -> str:
    if name in COMPOSED:
        return name
    if name in SUMS:
        return FieldType.NUMBER
    return FieldType.DATETIME if name in MOMENTS | LAST_TIMES else FieldType.TEXT


def columns_named(names: Iterable[str], known: Mapping[str, Column]) -> list[Column]:
    """The columns with these names, each once. Names of fields that are gone are left out."""
    return [known[name] for name in dict.fromkeys(names) if name in known]
