"""The tables that rules look at, and their statistics."""

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import Contact
from contacts.models.contact import SLOTS
from organizations.services.statistics import statistics_renew


def _columns() -> str:
    """What rules compare; statistics of documents and search vectors take ten times as long."""
    known = {field.column for field in Contact._meta.fields}
    compared = [name for name in ATTRIBUTE_LABELS if name in known]
    names = ["organization_id", "id", "deleted_at", "created_at", *compared, *SLOTS]
    return f"({', '.join(names)})"


TABLES = {
    "contacts": _columns(),
    "contact_activities": "(organization_id, contact_id, activity_type, occurred_at)",
    "contact_email_preferences": "",
    "contact_engagement": "",
    "contact_events": "(organization_id, contact_id, event_type, occurred_at, is_machine)",
    "contact_relationships": "",
    "contact_segment_memberships": "(organization_id, segment_id, contact_id)",
    "contact_segment_pins": "(organization_id, segment_id, contact_id, is_in)",
    "contact_tag_assignments": "(organization_id, contact_id, tag_id)",
}


def rules_know_sizes() -> list[str]:
    """Let PostgreSQL know how large the tables are that rules look at; returns those that had outgrown it.

    One query where none has. Right after a bulk load rules took five hundred times as long without.
    """
    return statistics_renew(TABLES)
