"""The months before the demo's first day: what its people did, and what was noted about them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from random import Random

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.demo.events import SEED, demo_events, waking_hour
from contacts.actors import Actor
from contacts.models import ActivityType, Contact, ContactEvent, Website
from contacts.services.activities import activity_add
from contacts.services.events import MOST, events_record
from contacts.services.websites import website_create

DOMAIN = "www.example.com"
NOTED = (
    (ActivityType.NOTE, "Travels with a dog. Prefers the train to the boat."),
    (ActivityType.NOTE, "Wants offers for groups of ten and more; decides in autumn."),
    (ActivityType.NOTE, "Met us at the trade fair, asked for the brochure."),
    (ActivityType.CALL, "Asked about the coast route. Calls back next week."),
    (ActivityType.CALL, "Nobody answered; left a message."),
    (ActivityType.CALL, "Very happy with the fjord week. Would recommend us."),
    (ActivityType.MEETING, "Went through next year's programme together."),
    (ActivityType.EMAIL, "Sent the offer for twelve people."),
)
ACTIVITIES, ENGAGED = 36, 20


@transaction.atomic
def demo_history_make(*, people: Sequence[Contact], actor: Actor) -> bool:
    """Record some months of events and activities of people; False where the organization has events already, or nobody
    is given.

    All or nothing, so that the next start makes what a broken one did not. Locks the organization's contacts.
    """
    if not people or ContactEvent.objects.exists():
        return False
    now = timezone.now()
    events = demo_events(contacts=people, website=_website().pk, now=now)
    for batch in batched(events, MOST):
        events_record(events=batch, actor=actor, now=now)
    _note(actor, now)
    return True


def _website() -> Website:
    found = Website.objects.filter(domain=DOMAIN).first()
    return found or website_create(name="Our site", domain=DOMAIN)


def _note(actor: Actor, now: datetime) -> None:
    """A few notes, calls and meetings with those who were engaged most, whom people look at first; one note is pinned."""
    chance, score = Random(SEED), F("engagement__engagement_score")
    engaged = list(Contact.objects.order_by(score.desc(nulls_last=True), "pk")[:ENGAGED])
    for number in range(ACTIVITIES):
        kind, text = NOTED[number % len(NOTED)]
        activity_add(
            contact=engaged[number % len(engaged)],
            activity_type=kind,
            data={"text": text},
            occurred_at=waking_hour(chance, now),
            is_pinned=number == 0,
            actor=actor,
        )
