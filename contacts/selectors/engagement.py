"""What events add up to for contacts, as people and programs see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contacts.engagement import Level, level_of, score_at, weighing, weights_of
from contacts.models import ContactActivity, ContactEngagement
from contacts.models.activity import CONTACTING
from contacts.selectors.event_words import event_words
from contacts.selectors.latest_events import latest_events
from organizations.models import Organization
from organizations.scope import current_organization_id


@dataclass(frozen=True, slots=True)
class Engagement:
    """The sums of a contact, its score now and its level."""

    engagement_score: float = 0.0
    engagement_level: str = Level.NEVER
    total_emails_sent: int = 0
    total_emails_opened: int = 0
    total_emails_clicked: int = 0
    last_email_opened_at: datetime | None = None
    last_email_clicked_at: datetime | None = None
    last_engaged_at: datetime | None = None


NONE = Engagement()
REASONS = 5


def engagement_of(
    contact_ids: Iterable[int], *, now: datetime | None = None
) -> dict[int, Engagement]:
    """What there is of some contacts, by contact; who is missing has `NONE`. Two queries."""
    now = now or timezone.now()
    half_life = Organization.objects.get(pk=current_organization_id()).half_life
    rows = ContactEngagement.objects.filter(contact_id__in=list(contact_ids))
    return {
        row.contact_id: Engagement(
            engagement_score=round(score_at(row.engagement_score, now, half_life), 3),
            engagement_level=level_of(row.engagement_score, row.last_engaged_at, now, half_life),
            total_emails_sent=row.total_emails_sent,
            total_emails_opened=row.total_emails_opened,
            total_emails_clicked=row.total_emails_clicked,
            last_email_opened_at=row.last_email_opened_at,
            last_email_clicked_at=row.last_email_clicked_at,
            last_engaged_at=row.last_engaged_at,
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Reason:
    """An event that counts, in words, and what it is worth now."""

    words: str
    at: datetime
    worth: float


def score_reasons(*, contact_id: int, now: datetime, amount: int = REASONS) -> list[Reason]:
    """The last events that a score is made of, latest first. Three queries."""
    organization = Organization.objects.get(pk=current_organization_id())
    weights = weights_of(organization.engagement_in_force["weights"])
    weigh = weighing(organization)
    events = latest_events(
        contact_id=contact_id,
        amount=amount,
        without=[name for name, weight in weights.items() if weight == 0],
        is_of_people=True,
    )
    return [
        Reason(
            event_words(event.event_type),
            event.occurred_at,
            score_at(weigh(event.event_type, event.occurred_at), now, organization.half_life),
        )
        for event in events
    ]


def last_contacted(*, contact_id: int) -> datetime | None:
    """When somebody last called, met or wrote to a contact; None for never. One query. What is planned is not yet so."""
    spoken = ContactActivity.objects.filter(
        contact_id=contact_id, activity_type__in=CONTACTING, occurred_at__lte=timezone.now()
    )
    return spoken.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
