"""How many contacts kinds of mail and of relationships are about."""

from collections.abc import Callable

from django.core.cache import cache
from django.db.models import Count

from contacts.models import EmailPreference, Relationship
from organizations.scope import current_organization_id

SECONDS = 300
MANY = 20_000


def opted_out() -> dict[str, int]:
    """How many living contacts said no to each kind of mail, by its key; none is left out."""
    rows = EmailPreference.objects.filter(is_enabled=False, contact__deleted_at=None)
    return _kept(
        "opted-out",
        lambda: dict(
            rows.values_list("preference_type").annotate(Count("pk")).order_by("preference_type")
        ),
    )


def related() -> dict[str, int]:
    """How many relations there are of each kind, by its key; none is left out."""
    rows = Relationship.objects.filter(contact__deleted_at=None, related_contact__deleted_at=None)
    return _kept(
        "related",
        lambda: dict(
            rows.values_list("relationship_type")
            .annotate(Count("pk"))
            .order_by("relationship_type")
        ),
    )


def _kept(name: str, count: Callable[[], dict[str, int]]) -> dict[str, int]:
    """One scan; kept five minutes where it is large."""
    cached = f"kind-usage:{current_organization_id()}:{name}"
    found: dict[str, int] | None = cache.get(cached)
    if found is None:
        found = count()
        if sum(found.values()) >= MANY:
            cache.set(cached, found, SECONDS)
    return found
