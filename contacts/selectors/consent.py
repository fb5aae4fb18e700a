"""Who may get which mail, and what they said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.expressions import RawSQL
from django.utils import timezone

from contacts.models import Contact, ContactHistory, EmailPreference, PreferenceType
from contacts.querysets import ContactQuerySet
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, positional, statement

# Changes of a contact's preferences in which the door of each is looked for.
CHANGES = 100


@dataclass(frozen=True, slots=True)
class Consent:
    """One kind of mail for one contact: what they said (None: nothing), by which change, and what holds then."""

    type: PreferenceType
    preference: EmailPreference | None
    change: ContactHistory | None
    may_receive: bool

    @property
    def is_enabled(self) -> bool:
        return self.preference.is_enabled if self.preference else self.type.is_enabled_by_default


def may_receive(*, preference_type: str, now: datetime | None = None) -> ContactQuerySet:
    """The contacts of the organization in scope that may get a kind of mail now.

    With `kinds_received`, the one place that says so; statements use `contacts/sql/may_receive.sql` itself.
    """
    pairs = statement("contacts", "may_receive")
    sql, values = positional(
        f"select m.contact_id from ({pairs}) m where m.preference_type = %(preference_type)s",
        _params(now) | {"preference_type": preference_type},
    )
    return Contact.objects.filter(pk__in=RawSQL(sql, values))


def kinds_received(*, contact: Contact, now: datetime | None = None) -> set[str]:
    """The keys of the kinds of mail that a contact may get now. One query."""
    pairs = statement("contacts", "may_receive")
    rows = fetch_all(
        f"select m.preference_type from ({pairs}) m where m.contact_id = %(contact_id)s",
        _params(now) | {"contact_id": contact.pk},
    )
    return {key for (key,) in rows}


def _params(now: datetime | None) -> dict[str, Any]:
    return {"organization_id": current_organization_id(), "now": now or timezone.now()}


def consents(*, contact: Contact) -> list[Consent]:
    """Every kind of mail with what a contact said of it, in order of their making. Four queries."""
    rows = EmailPreference.objects.filter(contact=contact).select_related("updated_by")
    said = {each.preference_type: each for each in rows}
    kinds = list(PreferenceType.objects.order_by("id"))
    changes = _last_changes(contact, kinds)
    received = kinds_received(contact=contact)
    return [
        Consent(
            type=kind,
            preference=said.get(kind.key),
            change=changes.get(f"preference:{kind.key}"),
            may_receive=kind.key in received,
        )
        for kind in kinds
    ]


def _last_changes(contact: Contact, kinds: list[PreferenceType]) -> dict[str, ContactHistory]:
    """The change that wrote each preference last, by key."""
    keys = [f"preference:{kind.key}" for kind in kinds]
    rows = ContactHistory.objects.filter(contact_id=contact.pk, new_value__has_any_keys=keys)
    newest = rows.select_related("operation", "operation__api_key").order_by("-pk")[:CHANGES]
    return {key: row for row in reversed(newest) for key in row.new_value}
