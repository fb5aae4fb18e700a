"""What the demo's people did in the last months: mails, visits, forms, orders. By chance, but by the same one each time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from contacts.models import Contact
from contacts.models.event import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_SENT,
    FORM_SUBMITTED,
    PAGE_VISITED,
)

SEED = 7
DAYS = 90
SITE = "https://www.example.com"
# How many days ago each was sent; the first so long that who opened nothing since counts as inactive.
MAILINGS = (
    (97, "Five tours for a long weekend", "/tours/long-weekend"),
    (75, "What our guides pack", "/journal/what-guides-pack"),
    (54, "Early bird: 15 % off until Sunday", "/offers/early-bird"),
    (33, "Your questions about the coast route", "/tours/coast"),
    (12, "New: walks after work", "/tours/after-work"),
    (3, "Last places on the fjord week", "/tours/fjord-week"),
)
PAGES = ("/", "/tours", "/tours/coast", "/tours/fjord-week", "/pricing", "/journal", "/contact")
FORMS = ("Ask a guide", "Brochure", "Call me back")
PRICES = (49.0, 99.5, 180.0, 349.0, 1290.0)
# What Apple's mail privacy calls itself: it fetches pictures whether anybody reads or not.
MACHINE = "Mozilla/5.0"

type Happened = tuple[str, datetime, dict[str, Any], str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo, how likely they are to do something (0 to 1), and the dice."""

    contact: Contact
    interest: float
    chance: Random

    def does(self, likelihood: float) -> bool:
        return self.chance.random() < likelihood


def demo_events(
    *, contacts: Sequence[Contact], website: int, now: datetime
) -> list[dict[str, Any]]:
    """Events of about three months up to `now`, as `events_record` takes them, with the same ids for the same contacts."""
    chance, numbers, orders = Random(SEED), count(1), count(1041)
    told = []
    for contact in contacts:
        person = Person(contact, chance.betavariate(0.8, 1.6), chance)
        for name, at, about, mailing in (*_mails(person, now), *_visits(person, now, orders)):
            told.append(
                {
                    "message_id": f"demo-{next(numbers)}",
                    "event_type": name,
                    "contact": {"id": contact.pk},
                    "occurred_at": min(at, now),
                    "data": about,
                    "source": "demo",
                    "source_id": mailing,
                    "website": website if name in (PAGE_VISITED, FORM_SUBMITTED) else None,
                }
            )
    return told


def _mails(person: Person, now: datetime) -> Iterator[Happened]:
    if not person.contact.is_subscribed:
        return
    for number, (days, subject, path) in enumerate(MAILINGS, 1):
        sent = (now - timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0)
        about, mailing = {"subject": subject}, f"mailing-{number}"
        yield EMAIL_SENT, sent, about, mailing
        if person.does(0.02):
            yield EMAIL_BOUNCED, sent + timedelta(seconds=40), about, mailing
            continue
        yield EMAIL_DELIVERED, sent + timedelta(seconds=5), about, mailing
        for name, at, more in _readings(person, sent, path):
            yield name, at, about | more, mailing


def _readings(
    person: Person, sent: datetime, path: str
) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """What becomes of a mail that came."""
    if person.does(0.06):
        yield EMAIL_OPENED, sent + timedelta(seconds=6), {"user_agent": MACHINE}
    opened = sent + timedelta(minutes=5 + person.chance.expovariate(1 / 300))
    if not person.does(person.interest):
        return
    for again in range(person.chance.choice((1, 1, 2, 3))):
        yield EMAIL_OPENED, opened + timedelta(minutes=9 * again), {}
    if person.does(0.4 * person.interest):
        yield EMAIL_CLICKED, opened + timedelta(seconds=48), {"url": SITE + path}


def _visits(person: Person, now: datetime, orders: Iterator[int]) -> Iterator[Happened]:
    """Some evenings on the site, each of some pages; a few end with a form or an order."""
    for _ in range(int(7 * person.interest**2 + person.chance.random() * 0.6)):
        at = waking_hour(person.chance, now)
        for path in person.chance.sample(PAGES, person.chance.choice((1, 2, 3))):
            yield PAGE_VISITED, at, {"url": SITE + path}, ""
            at += timedelta(seconds=person.chance.randrange(15, 240))
        if person.does(0.12):
            yield FORM_SUBMITTED, at, {"form": person.chance.choice(FORMS)}, ""
        if person.does(0.15):
            total = person.chance.choice(PRICES)
            order = {"number": next(orders), "total": total, "currency": "EUR"}
            yield "order_placed", at + timedelta(minutes=4), order, ""


def waking_hour(chance: Random, now: datetime) -> datetime:
    """Some minute of the last days at which people are up."""
    day = now - timedelta(days=chance.randrange(DAYS))
    at = day.replace(hour=chance.randrange(6, 21), minute=chance.randrange(60))
    return at if at < now else at - timedelta(days=1)
