"""Events for tests, and what they add up to, written without the product's arithmetic."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from contacts.actors import Actor
from contacts.models import Contact, ContactActivity, ContactEngagement, ContactEvent
from contacts.services.activities import activity_add
from contacts.services.events import Recorded, events_record
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import SCREEN

_numbers = count(1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEIGHTS = {
    "email_sent": 0,
    "email_delivered": 0,
    "email_bounced": 0,
    "email_opened": 1,
    "email_clicked": 3,
    "form_submitted": 5,
    "page_visited": 1,
}


def event(contact: Contact | None = None, event_type: str = "page_visited", **fields: Any) -> Any:
    """An event as programs send them, an hour before `NOW` unless `occurred_at` says otherwise."""
    usual: dict[str, Any] = {
        "message_id": f"m{next(_numbers)}",
        "event_type": event_type,
        "occurred_at": ago(hours=1),
    }
    if contact is not None:
        usual["contact"] = {"id": contact.pk}
    return usual | fields


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


def record(*events: Any, **options: Any) -> Recorded:
    """Record events at `NOW`, in the organization in scope."""
    return events_record(events=events, actor=SCREEN, **{"now": NOW} | options)


def make_event(contact: Contact, event_type: str = "page_visited", **fields: Any) -> ContactEvent:
    """A stored event of a contact."""
    with organization_scope(contact.organization_id):
        document = event(contact, event_type, **fields)
        assert record(document).accepted == 1
        return ContactEvent.objects.get(message_id=document["message_id"])


def make_activity(
    contact: Contact, activity_type: str = "note", *, actor: Actor = SCREEN, **fields: Any
) -> ContactActivity:
    """An activity, of `NOW` unless `occurred_at` says otherwise."""
    usual: dict[str, Any] = {"occurred_at": NOW, "data": {"text": "Words"}}
    with organization_scope(contact.organization_id):
        return activity_add(
            contact=contact, activity_type=activity_type, actor=actor, **usual | fields
        )


def engagement(contact: Contact) -> ContactEngagement | None:
    with organization_scope(contact.organization_id):
        return ContactEngagement.objects.filter(contact=contact).first()


def direct_score(
    events: Sequence[tuple[str, datetime]],
    *,
    now: datetime,
    half_life_days: float = 30,
    weights: Mapping[str, float] = WEIGHTS,
) -> float:
    """What every event is worth now, summed up."""
    return sum(
        weights.get(name, 1) * 0.5 ** ((now - at) / timedelta(days=half_life_days))
        for name, at in events
    )


def set_engagement(organization: Organization, **settings: Any) -> None:
    """Give an organization another half-life (`engagement_half_life_days`) or other weights."""
    Organization.objects.filter(pk=organization.pk).update(**settings)
