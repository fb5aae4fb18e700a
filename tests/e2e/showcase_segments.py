"""Segments of each kind and state, and every screen of them."""

from django.utils import timezone
from playwright.sync_api import Page

from contacts.models import Contact
from organizations.models import Organization
from segments.models import Segment, SegmentStatus
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_start
from segments.services.segments import segment_create
from tests.e2e.screen import Screen, submit
from tests.factories import SCREEN
from tests.segments.making import IN_OSLO, follow, make_segment

NESTED = {
    "all": [
        IN_OSLO,
        {
            "any": [
                {"type": "tag", "operator": "has_any", "values": ["VIP"]},
                {
                    "not": {
                        "type": "event",
                        "event_type": "email_opened",
                        "count": {"operator": "gte", "value": 3},
                        "within": {"last": "30d"},
                        "where": [{"path": "url", "operator": "contains", "value": "/pricing"}],
                    }
                },
            ]
        },
        {
            "type": "relationship",
            "relationship_type": "company",
            "related": {"type": "attribute", "field": "country", "operator": "is_not_set"},
        },
    ]
}
UNDRAWN = {
    "type": "event",
    "event_type": "page_visited",
    "where": [
        {"path": "url", "operator": "contains", "value": "/a"},
        {"path": "amount", "operator": "gt", "value": 7},
    ],
}


def make_segments(organization: Organization, contact: Contact) -> list[Screen]:
    """Segments that are ready, kept by hand, waiting and failed; returns the screens of all that."""
    nested = make_segment(organization, NESTED, name="Oslo: VIPs, or quiet people " * 3)
    everybody = {"not": {"type": "attribute", "field": "city", "operator": "equals", "value": "x"}}
    ready = make_segment(organization, everybody, name="Everybody, really")
    member = {"type": "segment", "operator": "member_of", "segment": ready.pk}
    make_segment(organization, member, name="Looks at everybody")
    undrawn = make_segment(organization, UNDRAWN, name="Said in JSON")
    by_hand = make_segment(organization, name="Kept by hand", kind="static")
    for segment, is_in in ((by_hand, True), (nested, True), (ready, False)):
        contacts_pin(segment=segment, selection={"ids": [contact.pk]}, is_in=is_in, actor=SCREEN)
    follow(organization)
    waiting = segment_create(name="Waiting", rules=IN_OSLO)
    failed = segment_create(name="Failed", rules=IN_OSLO)
    Segment.objects.filter(pk=failed.pk).update(
        status=SegmentStatus.FAILED, error="There is no custom field “age”: give one of none. " * 3
    )
    segment_refresh_start(segment=waiting, reason="data")
    return _screens(nested, ready, undrawn, by_hand, waiting, failed, contact)


def _screens(
    nested: Segment,
    ready: Segment,
    undrawn: Segment,
    by_hand: Segment,
    waiting: Segment,
    failed: Segment,
    contact: Contact,
) -> list[Screen]:
    today = timezone.now().date().isoformat()
    return [
        Screen("segments", "segments/"),
        Screen("segments-none", "segments/?q=nothingofthatname"),
        Screen("segment-new", "segments/new/?city=Oslo&tag=VIP"),
        Screen("segment-new-errors", "segments/new/", submit("Save")),
        Screen("segment-new-static", "segments/new/static/"),
        Screen("segment", f"segments/{ready.pk}/"),
        Screen("segment-past", f"segments/{ready.pk}/?at={today}"),
        Screen("segment-delete", f"segments/{by_hand.pk}/", _ask_delete),
        Screen("segment-waiting", f"segments/{waiting.pk}/"),
        Screen("segment-failed", f"segments/{failed.pk}/"),
        Screen("segment-edit", f"segments/{nested.pk}/edit/", _try),
        Screen("segment-edit-json", f"segments/{undrawn.pk}/edit/"),
        Screen("segment-review", f"segments/{nested.pk}/edit/", _review),
        Screen("segment-rename", f"segments/{ready.pk}/rename/"),
        Screen("segment-history", f"segments/{ready.pk}/history/"),
        Screen("segment-history-none", f"segments/{by_hand.pk}/history/?action=left"),
        Screen("segment-why", f"segments/{nested.pk}/why/{contact.pk}/"),
        Screen("segment-why-static", f"segments/{by_hand.pk}/why/{contact.pk}/"),
    ]


def _ask_delete(page: Page) -> None:
    page.get_by_role("button", name="Delete…").click()


def _try(page: Page) -> None:
    page.locator("#try").fill("rosa")
    page.locator("#tried .k-whys").wait_for()


def _review(page: Page) -> None:
    page.locator("input[id$=-value]").first.fill("Bergen")
    page.locator("#save").click()
    page.locator("#review").wait_for()
