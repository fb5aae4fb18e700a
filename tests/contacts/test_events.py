"""Recording events: who they are of, what is kept once, what is refused, and what they add up to."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactChange, ContactEvent, ContactHistory, Website
from contacts.services.contacts import contacts_delete
from contacts.services.events import Recorded, events_record
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.contacts.events import NOW, ago, engagement, event, record
from tests.factories import SCREEN, make_contact, make_identifier, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, email="Ana@Example.org", external_id="A-1")


@pytest.fixture
def stranger(organization: Organization) -> Contact:
    """Somebody of another organization, with an address that nobody has here."""
    elsewhere = make_organization()
    return make_contact(elsewhere, email="far@example.org", external_id="F-1")


def refused(recorded: Recorded) -> dict[int, tuple[str, str]]:
    """Path and code of the first error of each refused event."""
    found = {}
    for index, error in recorded.rejected:
        ((path, (first, *_)),) = error.error_dict.items()
        found[index] = (path, first.code)
    return found


def stored() -> Any:
    return ContactEvent.objects.order_by("pk")


def test_what_was_sent_is_stored(ana: Contact) -> None:
    site = Website.objects.create(name="Shop", domain="shop.example.org")
    sent = event(
        ana,
        "form_submitted",
        occurred_at="2026-02-28T13:00:00+01:00",
        data={"form": "contact", "answers": ["ä", None, 1.5]},
        source="crm",
        source_id="form-7",
        campaign=11,
        automation=12,
        website=site.pk,
    )
    assert record(sent).accepted == 1
    kept = stored().get()
    assert kept.contact_id == ana.pk
    assert (kept.event_type, kept.message_id) == ("form_submitted", sent["message_id"])
    assert kept.event_data == sent["data"]
    assert (kept.source, kept.source_id) == ("crm", "form-7")
    assert (kept.campaign_id, kept.automation_id, kept.website_id) == (11, 12, site.pk)
    assert kept.occurred_at == NOW - timedelta(days=1)
    assert kept.received_at == NOW
    assert not kept.is_machine


@pytest.mark.parametrize(
    "who",
    [
        {"external_id": "A-1"},
        {"email": "ana@example.org"},
        {"email": " ANA@example.org "},
        {"email": "a.further@example.org"},
        {"external_id": "A-0"},
    ],
)
def test_contacts_are_found_by_every_key(ana: Contact, who: dict[str, Any]) -> None:
    make_identifier(ana, "a.further@example.org")
    make_identifier(ana, "A-0", kind="external_id")
    if who.get("email", "").startswith(" "):
        assert refused(record(event(contact=None) | {"contact": who})) == {
            0: ("contact.email", "wrong_type")
        }
        return
    assert record(event() | {"contact": who}).accepted == 1
    assert stored().get().contact_id == ana.pk


def test_events_of_nobody_are_kept_and_count_for_nobody(ana: Contact) -> None:
    assert record(event()).accepted == 1
    assert stored().get().contact_id is None
    assert engagement(ana) is None
    assert not ContactChange.objects.filter(kind__startswith="event:").exists()


def test_unknown_contacts_are_refused_and_the_others_kept(
    organization: Organization, ana: Contact, stranger: Contact
) -> None:
    gone = make_contact(organization, email="gone@example.org")
    contacts_delete(ids=[gone.pk], actor=SCREEN)
    recorded = record(
        event() | {"contact": {"id": stranger.pk}},
        event(ana),
        event() | {"contact": {"email": "far@example.org"}},
        event() | {"contact": {"external_id": "F-1"}},
        event() | {"contact": {"email": "gone@example.org"}},
        event() | {"contact": {"id": gone.pk}},
    )
    assert recorded.accepted == 1
    unknown = ("contact", "unknown_contact")
    assert refused(recorded) == dict.fromkeys([0, 2, 3, 4, 5], unknown)
    assert {each.contact_id for each in stored()} == {ana.pk}


def test_unknown_people_are_made_when_asked_to(ana: Contact, stranger: Contact) -> None:
    recorded = record(
        event() | {"contact": {"email": "New@Example.org"}},
        event() | {"contact": {"email": "new@example.org"}},
        event() | {"contact": {"external_id": "N-2"}},
        event() | {"contact": {"email": "far@example.org"}},
        event() | {"contact": {"email": "ana@example.org"}},
        event() | {"contact": {"id": stranger.pk}},
        create_unknown=True,
    )
    assert recorded.accepted == 5
    assert refused(recorded) == {5: ("contact", "unknown_contact")}
    made = Contact.objects.exclude(pk=ana.pk)
    assert set(made.values_list("email", "external_id")) == {
        ("New@Example.org", None),
        ("far@example.org", None),
        (None, "N-2"),
    }
    assert ContactHistory.objects.filter(contact_id__in=made.values("pk")).count() == 3
    assert stored().filter(contact__email_key="new@example.org").count() == 2
    assert Contact.objects.get(pk=ana.pk).email == "Ana@Example.org"


def test_repeats_are_kept_once(organization: Organization, ana: Contact) -> None:
    first, second = event(ana, "email_opened"), event(ana, "email_opened")
    recorded = record(first, second, first | {"event_type": "email_clicked"})
    assert (recorded.accepted, recorded.duplicates) == (2, 1)
    again = record(second, event(ana, "email_opened"), first)
    assert (again.accepted, again.duplicates) == (1, 2)
    assert stored().count() == 3
    assert engagement(ana).total_emails_opened == 3
    assert engagement(ana).total_emails_clicked == 0
    # A message id is an organization's own.
    with organization_scope(make_organization()):
        assert record(event(message_id=first["message_id"])).accepted == 1


def test_what_repeats_a_refused_event_is_refused_too(ana: Contact) -> None:
    """Its sender would take it for stored otherwise."""
    unknown = event(message_id="m-1") | {"contact": {"email": "nobody@example.org"}}
    recorded = record(unknown, event(ana, message_id="m-1"))
    assert (recorded.accepted, recorded.duplicates) == (0, 0)
    assert refused(recorded) == {number: ("contact", "unknown_contact") for number in (0, 1)}
    assert record(event(ana, message_id="m-1")).accepted == 1


def test_sending_again_brings_nobody_back_who_was_deleted(organization: Organization) -> None:
    sent = [event(message_id="m-1") | {"contact": {"email": "new@example.org"}}]
    record(*sent, create_unknown=True)
    contacts_delete(ids=[Contact.objects.get().pk], actor=SCREEN)
    record(*sent, create_unknown=True)
    assert not Contact.objects.exists()
    # What is new is of somebody new.
    later = event(message_id="m-2") | {"contact": {"email": "new@example.org"}}
    assert record(*sent, later, create_unknown=True).accepted == 1
    assert Contact.objects.count() == 1


def test_nothing_happens_in_the_future(ana: Contact) -> None:
    record(event(ana, "email_opened", occurred_at=ago(days=-3)))
    assert stored().get().occurred_at == NOW
    assert engagement(ana).last_email_opened_at == NOW


def test_sums_and_last_times_are_right_whatever_the_order(ana: Contact) -> None:
    record(
        event(ana, "email_opened", occurred_at=ago(days=2)),
        event(ana, "email_sent", occurred_at=ago(days=4)),
        event(ana, "email_opened", occurred_at=ago(days=3)),
    )
    record(
        event(ana, "email_clicked", occurred_at=ago(days=9)),
        event(ana, "email_opened", occurred_at=ago(days=8)),
        event(ana, "email_bounced", occurred_at=ago(days=1)),
    )
    sums = engagement(ana)
    assert (sums.total_emails_sent, sums.total_emails_opened, sums.total_emails_clicked) == (
        1,
        3,
        1,
    )
    assert sums.last_email_opened_at == NOW - timedelta(days=2)
    assert sums.last_email_clicked_at == NOW - timedelta(days=9)
    # A bounce is nobody's interest.
    assert sums.last_engaged_at == NOW - timedelta(days=2)


def test_changes_tell_what_happened(ana: Contact) -> None:
    ContactChange.objects.all().delete()
    record(event(ana, "email_opened"), event(ana, "webinar_attended"))
    kinds = ["event:email_opened", "event:webinar_attended"]
    rows = ContactChange.objects.order_by("pk").values_list("contact_id", "kind", "reference")
    assert list(rows) == [
        (ana.pk, kind, each.pk) for kind, each in zip(kinds, stored(), strict=True)
    ]


SCANNER = {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
PERSON = {"user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko Firefox/130.0"}
GMAIL = {
    "user_agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
}


def of_machines() -> list[bool]:
    return list(stored().values_list("is_machine", flat=True))


def test_machines_are_known_by_their_name(ana: Contact) -> None:
    record(
        event(ana, "email_opened", data=SCANNER),
        event(ana, "email_opened", data={"user_agent": "Mozilla/5.0"}),
        event(ana, "email_opened", data=PERSON),
        event(ana, "email_opened", data=GMAIL),
        event(ana, "page_visited", data=SCANNER),
        event(ana, "email_opened", data={"user_agent": 7}),
    )
    assert of_machines() == [True, True, False, False, False, False]
    assert engagement(ana).total_emails_opened == 3


@pytest.mark.parametrize("batches", [1, 2])
def test_machines_open_what_was_just_sent(ana: Contact, batches: int) -> None:
    sent = event(ana, "email_sent", source_id="mail-1", occurred_at=ago(seconds=100))
    opened = [
        event(ana, "email_opened", source_id=source_id, occurred_at=ago(seconds=seconds))
        for source_id, seconds in (("mail-1", 99), ("mail-1", 97), ("mail-2", 99), ("mail-1", 101))
    ]
    if batches == 1:
        record(sent, *opened)
    else:
        record(sent)
        record(*opened)
    assert of_machines() == [False, True, False, False, False]
    assert engagement(ana).total_emails_opened == 3


@pytest.mark.parametrize("batches", [1, 2])
def test_machines_click_several_links_at_once(ana: Contact, batches: int) -> None:
    clicks = [
        event(ana, "email_clicked", source_id="m", occurred_at=ago(seconds=at), data={"url": url})
        for at, url in ((60.0, "/a"), (60.4, "/b"), (60.2, "/c"), (80, "/a"), (80.1, "/b"))
    ]
    if batches == 1:
        record(*clicks)
        assert of_machines() == [True, True, True, False, False]
        assert engagement(ana).total_emails_clicked == 2
    else:
        # What has been counted stays so: only what comes when it shows is marked.
        record(*clicks[:2])
        record(*clicks[2:])
        assert of_machines() == [False, False, True, False, False]
        assert engagement(ana).total_emails_clicked == 4


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"message_id": None}, "message_id", "required"),
        ({"message_id": 7}, "message_id", "wrong_type"),
        ({"message_id": "x" * 201}, "message_id", "too_long"),
        ({"event_type": ""}, "event_type", "required"),
        ({"event_type": "a\nb"}, "event_type", "wrong_type"),
        ({"event_type": "a" * 91}, "event_type", "too_long"),
        ({"occurred_at": "yesterday"}, "occurred_at", "date"),
        ({"occurred_at": 5}, "occurred_at", "date"),
        ({"occurred_at": "1969-12-31"}, "occurred_at", "date"),
        ({"data": [1]}, "data", "wrong_type"),
        ({"data": {"a": float("nan")}}, "data", "wrong_type"),
        ({"data": {"a": "\x00"}}, "data", "wrong_type"),
        ({"data": {"a": "\ud800"}}, "data", "wrong_type"),
        ({"data": {"a": "x" * 40_000}}, "data", "too_long"),
        ({"website": 999_999}, "website", "unknown_id"),
        ({"campaign": "x"}, "campaign", "wrong_type"),
        ({"campaign": 0}, "campaign", "wrong_type"),
        ({"contact": 5}, "contact", "wrong_type"),
        ({"contact": {"id": 1, "email": "a@example.org"}}, "contact", "wrong_type"),
        ({"contact": {"id": "x"}}, "contact.id", "wrong_type"),
        ({"contact": {"id": None}}, "contact.id", "required"),
        ({"contact": {"email": "nobody"}}, "contact.email", "invalid_email"),
        ({"contact": {"external_id": ""}}, "contact.external_id", "required"),
        ({"nonsense": 1}, "nonsense", "unknown_field"),
    ],
)
def test_invalid_events_are_refused_with_their_place(
    ana: Contact, change: dict[str, Any], path: str, code: str
) -> None:
    recorded = record(event(ana), event(ana) | change, event(ana))
    assert recorded.accepted == 2
    assert refused(recorded) == {1: (path, code)}


def test_what_is_no_object_is_refused(ana: Contact) -> None:
    recorded = record(event(ana), "nonsense", None)
    assert refused(recorded) == {1: ("event", "wrong_type"), 2: ("event", "wrong_type")}


def test_a_batch_has_a_limit(organization: Organization) -> None:
    with pytest.raises(ValidationError):
        events_record(events=[{}] * 10_001, actor=SCREEN)


def test_texts_and_numbers_at_their_limits_are_stored(ana: Contact) -> None:
    edge = event(ana, "ä" * 90, message_id="名" * 200, campaign=2**63 - 1, data={"n": 10**40})
    assert record(edge).accepted == 1
    assert stored().get().campaign_id == 2**63 - 1


def statements(people: list[Contact], count: int, **options: Any) -> int:
    """How many it takes to record some events of known people, and one of somebody unknown for each."""
    events = [event(people[n % len(people)], "email_opened") for n in range(count)]
    unknown = [
        event() | {"contact": {"email": f"{each['message_id']}@example.org"}} for each in events
    ]
    with CaptureQueriesContext(connection) as queries:
        recorded = record(*events, *unknown, **options)
    assert recorded.accepted == count * (2 if options else 1)
    return len(queries)


@pytest.mark.parametrize("options", [{}, {"create_unknown": True}])
def test_as_many_statements_for_one_event_as_for_many(
    organization: Organization, options: dict[str, Any]
) -> None:
    people = [make_contact(organization) for _ in range(5)]
    assert statements(people, 1, **options) == statements(people, 200, **options)
