"""The demo: what its people did, made once, and the same each time."""

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from config.demo.events import DAYS, demo_events
from config.demo.history import demo_history_make
from config.management.commands.seed_demo import SAMPLE
from contacts.actors import Actor
from contacts.engagement import Level
from contacts.models import Contact, ContactActivity, ContactEvent, Door
from contacts.models.event import KNOWN_EVENTS
from contacts.services.engagement_summary import engagement_summary_refresh
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import imported, make_import
from tests.screens import Screens

COMMAND = Actor(door=Door.COMMAND)


def test_the_demo_has_events_of_every_kind_and_no_second_time(organization: Organization) -> None:
    imported(make_import(organization, SAMPLE.read_bytes()))
    with organization_scope(organization):
        people = list(Contact.objects.order_by("pk"))
        assert demo_history_make(people=people, actor=COMMAND)
        engagement_summary_refresh()
        kinds = ContactEvent.objects.values_list("event_type").annotate(Count("pk"))
        counts = dict(kinds.order_by())
        assert counts.keys() == {*KNOWN_EVENTS, "order_placed"}
        assert min(counts.values()) > 10
        assert ContactEvent.objects.filter(is_machine=True).count() > 10
        assert ContactActivity.objects.count() > 20
        assert not demo_history_make(people=people, actor=COMMAND)
        assert ContactEvent.objects.count() == sum(counts.values())
    levels = dict(Screens(organization).get("").context["engagement_levels"])
    assert all(levels[level] > 3 for level in Level)


def test_the_same_people_have_always_done_the_same(organization: Organization) -> None:
    imported(make_import(organization, SAMPLE.read_bytes()))
    now = timezone.now()
    with organization_scope(organization):
        people = list(Contact.objects.order_by("pk")[:50])
    first = demo_events(contacts=people, website=1, now=now)
    assert first == demo_events(contacts=people, website=1, now=now)
    assert all(now - timedelta(days=DAYS + 10) < each["occurred_at"] <= now for each in first)
