"""How many contacts there are: counted at most once a minute where there are many."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from contacts.models import Contact
from organizations.scope import current_organization_id

SECONDS = 60
MANY = 20_000


@dataclass(frozen=True, slots=True)
class Totals:
    contacts: int
    subscribed: int
    added: int
    as_of: datetime


def contact_totals() -> Totals:
    """Contacts, subscribed ones and those added in the last 30 days. One query, or none when it was just asked.

    Small organizations are counted each time, so that nobody misses their first contacts.
    """
    key = f"contact-totals:{current_organization_id()}"
    found: Totals | None = cache.get(key)
    if found is None:
        found = _count()
        if found.contacts >= MANY:
            cache.set(key, found, SECONDS)
    return found


def _count() -> Totals:
    now = timezone.now()
    counts = Contact.objects.aggregate(
        contacts=Count("pk"),
        subscribed=Count("pk", filter=Q(is_subscribed=True, is_active=True)),
        added=Count("pk", filter=Q(created_at__gte=now - timedelta(days=30))),
    )
    return Totals(**counts, as_of=now)
