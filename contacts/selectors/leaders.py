"""Who is engaged most, from a cache in Redis.

The cache is named after a number that every change of scores counts up, behind its commit: what was read in front of a
change is kept under a name that nobody asks for any more.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.utils import timezone
from redis import RedisError

from contacts.engagement import score_at
from contacts.models import Contact, ContactEngagement
from organizations.cache import cache, cached
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import current_organization_id

AMOUNT = 10
# Invalidation is explicit; this bounds what a Redis does that came back with an old state.
KEPT_SECONDS = 300
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Leader:
    """A contact, and the score that people see."""

    contact: Contact
    score: float


def engagement_leaders(*, now: datetime | None = None) -> list[Leader]:
    """The contacts with the highest scores, the highest first. Two queries when cached, else three."""
    now = now or timezone.now()
    half_life = Organization.objects.get(pk=current_organization_id()).half_life
    scores = _scores()
    contacts = Contact.objects.defer("search_vector").in_bulk(list(scores))
    return [
        Leader(contacts[pk], score_at(stored, now, half_life))
        for pk, stored in scores.items()
        if pk in contacts
    ]


def _scores() -> dict[int, float]:
    """Stored scores of the leaders, by contact."""
    version = version_name(current_organization_id())
    name = f"{version}:{cached(version) or 0}"
    found = cached(name)
    if found is None:
        found = _read()
        cache(name, found, seconds=KEPT_SECONDS)
    return dict(found)


def _read() -> list[tuple[int, float]]:
    rows = ContactEngagement.objects.filter(
        engagement_score__isnull=False, contact__deleted_at=None
    )
    ordered = rows.order_by("-engagement_score", "-contact_id")
    return list(ordered.values_list("contact_id", "engagement_score")[:AMOUNT])


def version_name(organization_id: int) -> str:
    return f"kith:leaders:{organization_id}"


def leaders_forget(*, organization_id: int) -> None:
    """Have the leaders of an organization read anew. Call it behind the commit of what changed them."""
    try:
        redis_connection().incr(version_name(organization_id))
    except RedisError:
        log.warning("leaders_cache_unreachable", exc_info=True)


def leaders_follow(changes: object) -> None:
    """The subscriber of changes that can make others of the leaders."""
    leaders_forget(organization_id=current_organization_id())
