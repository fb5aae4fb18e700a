"""Who may get which mail, and what they said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL
from django.utils import timezone

from contacts.models import Contact, EmailPreference, PreferenceType
from contacts.querysets import ContactQuerySet
from organizations.scope import current_organization_id
from organizations.statements import positional, statement


@dataclass(frozen=True, slots=True)
class Consent:
    """One kind of mail for one contact: what they said (None: nothing), and what holds then."""

    type: PreferenceType
    preference: EmailPreference | None

    @property
    def is_enabled(self) -> bool:
        return self.preference.is_enabled if self.preference else self.type.is_enabled_by_default


def may_receive(*, preference_type: str, now: datetime | None = None) -> ContactQuerySet:
    """The contacts of the organization in scope that may get a kind of mail now.

    The one place that says so; statements use `contacts/sql/may_receive.sql` itself.
    """
    params: dict[str, Any] = {
        "organization_id": current_organization_id(),
        "preference_type": preference_type,
        "now": now or timezone.now(),
    }
    sql, values = positional(statement("contacts", "may_receive"), params)
    return Contact.objects.filter(pk__in=RawSQL(sql, values))


def consents(*, contact: Contact) -> list[Consent]:
    """Every kind of mail with what a contact said of it, in order of their making. Two queries."""
    said = {each.preference_type: each for each in EmailPreference.objects.filter(contact=contact)}
    kinds = PreferenceType.objects.order_by("id")
    return [Consent(kind, said.get(kind.key)) for kind in kinds]
