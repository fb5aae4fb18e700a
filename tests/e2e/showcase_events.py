"""What one contact did in the last months, and what people noted about them."""

from datetime import UTC, timedelta
from itertools import product
from typing import Any

from django.utils import timezone

from contacts.engagement import Level
from contacts.models import Contact, EngagementDay
from contacts.services.activities import activity_add
from contacts.services.engagement_summary import engagement_summary_refresh
from contacts.services.events import events_record
from contacts.services.websites import website_create
from tests.e2e.screen import Screen
from tests.factories import SCREEN

SUBJECT = "Spring programme: 40 tours, from an afternoon by the sea to a week in the mountains"


def make_events(rosa: Contact) -> None:
    """Mails, visits, a machine, a form, names of one's own; notes, one of them long and pinned, a call, a task."""
    site = website_create(name="Kristiansund Friluftsliv", domain="friluftsliv.example.no")
    events_record(events=_events(rosa.pk, site.pk), actor=SCREEN)
    _days(rosa)
    now = timezone.now()
    for kind, text, days in (
        ("note", "Allergic to nuts; never to be put on the boat with the buffet. " * 3, 20),
        ("call", "Wants to know whether the dog may come along. It may.", 2),
        ("meeting", "", 9),
        ("task", f"Send her https://example.com/{'long' * 40}", -3),
    ):
        activity_add(
            contact=rosa,
            activity_type=kind,
            data={"text": text} if text else {},
            occurred_at=now - timedelta(days=days),
            is_pinned=days == 20,
            actor=SCREEN,
        )


def _days(rosa: Contact) -> None:
    """A month of levels of engagement, as the home page shows them."""
    today = timezone.now().astimezone(UTC).date()
    for back, level in product(range(1, 30), Level):
        EngagementDay.objects.create(
            day=today - timedelta(days=back),
            level=level,
            contacts=(30 - back) * (2 + len(level) % 5),
        )
    engagement_summary_refresh()


def _events(pk: int, website: int) -> list[Any]:
    now, mail = timezone.now(), {"subject": SUBJECT}
    rows = [
        ("email_sent", 5.0, mail),
        *(("email_opened", 4.9 - n / 100, mail) for n in range(6)),
        ("email_clicked", 4.8, {"url": "/tours/" + "fjord-and-mountain-" * 8}),
        ("email_opened", 4.7, mail | {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("form_submitted", 4.5, {"form": "Booking"}),
        ("webinar_attended_until_the_very_end_and_rated_with_five_stars", 30, {}),
        ("email_bounced", 60, {}),
    ]
    rows += [
        ("page_visited", 10 + day + n / 90, {"url": f"/t/{day}"})
        for day, n in product(range(25), range(3))
    ]
    return [
        {
            "message_id": f"showcase-{pk}-{number}",
            "event_type": name,
            "contact": {"id": pk},
            "occurred_at": now - timedelta(days=days),
            "data": told,
            "source_id": "spring" if name.startswith("email") else "",
            "website": website if name == "page_visited" else None,
        }
        for number, (name, days, told) in enumerate(rows)
    ]


def event_screens(contact: Contact) -> list[Screen]:
    person = f"contacts/{contact.pk}/"
    return [
        Screen("home-levels", "", lambda page: page.locator("#levels-table").click()),
        Screen("contact-mails", f"{person}?show=emails"),
        Screen("contact-none-of-a-kind", f"contacts/{contact.pk + 1}/?show=events"),
        Screen(
            "contact-score",
            person,
            lambda page: page.locator("#score-why").click(),
        ),
        Screen(
            "contact-note-refused",
            person,
            lambda page: page.locator("#activity-add").click(),
        ),
        Screen(
            "contact-note-deleting",
            person,
            lambda page: page.locator("summary[id^=delete-top]").click(),
        ),
    ]
