"""The card of a contact's engagement: the score, its level, and why."""

from typing import Any

from django.utils import timezone

from contacts.engagement import HIGHLY, Level
from contacts.models import Contact
from contacts.selectors.engagement import NONE, engagement_of, last_contacted, score_reasons

TONES = {
    Level.HIGHLY_ENGAGED: "good",
    Level.ENGAGED: "good",
    Level.COOLING: "warn",
    Level.INACTIVE: "bad",
}


def engagement_facts(contact: Contact) -> dict[str, Any]:
    """What the card shows."""
    now = timezone.now()
    engagement = engagement_of([contact.pk], now=now).get(contact.pk, NONE)
    level = Level(engagement.engagement_level)
    return {
        "engagement": engagement,
        "level": level,
        "level_tone": TONES.get(level, ""),
        "highly": HIGHLY,
        "reasons": score_reasons(contact_id=contact.pk, now=now) if engagement != NONE else [],
        "last_contacted": last_contacted(contact_id=contact.pk),
    }
