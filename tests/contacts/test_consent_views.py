"""The cards of consent, relations and further keys, and the screens of kinds and suppressions."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from contacts.models import (
    Contact,
    ContactHistory,
    EmailPreference,
    Identifier,
    PreferenceType,
    Relationship,
    RelationshipType,
    Suppression,
)
from contacts.services.consent import contact_pause, preferences_set
from contacts.services.contacts import contact_update
from organizations.models import Organization
from organizations.roles import Role
from tests.contacts.test_views import HTMX, _queries
from tests.factories import (
    SCREEN,
    make_contact,
    make_identifier,
    make_relationship,
    make_suppression,
)
from tests.screens import Screens

pytestmark = pytest.mark.django_db


@pytest.fixture
def screens(organization: Organization) -> Screens:
    return Screens(organization)


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, first_name="Ana", email="ana@example.org")


def card_of(screens: Screens, contact: Contact, name: str = "card-consent") -> str:
    page = unescape(screens.get(f"contacts/{contact.pk}/").content.decode())
    section = re.search(rf'<(section|div)[^>]* id="{name}".*?</\1>', page, re.DOTALL)
    assert section
    return " ".join(re.sub(r"<[^>]+>", " ", section[0]).split())


def said(contact: Contact) -> dict[str, bool]:
    rows = EmailPreference.objects.filter(contact=contact)
    return dict(rows.values_list("preference_type", "is_enabled"))


def test_the_card_says_what_is_received_and_why_nothing_is(screens: Screens, ana: Contact) -> None:
    assert "May receive: Marketing, Newsletter" in card_of(screens, ana)
    contact_pause(contact=ana, until=timezone.now() + timedelta(days=9), actor=SCREEN)
    assert "May receive: Transactional. The rest is paused" in card_of(screens, ana)
    contact_update(contact=ana, patch={"is_subscribed": False}, actor=SCREEN)
    assert "Unsubscribed from everything else" in card_of(screens, ana)
    make_suppression(screens.organization, "ana@example.org", source="Mailbox full")
    shown = card_of(screens, ana)
    assert "May receive: nothing." in shown
    assert "bounced" in shown
    assert "(Mailbox full)" in shown
    nobody = make_contact(screens.organization, email=None, first_name="Ben")
    assert "nothing. There is no e-mail address" in card_of(screens, nobody)


def test_what_was_said_is_shown_with_its_proof(screens: Screens, ana: Contact) -> None:
    proof = {"source": "Stand at the fair", "text": "Send me <b>all</b>.", "ip": "2001:db8::1"}
    preferences_set(
        contact=ana, preferences={"newsletter": True}, actor=SCREEN, reason="Asked", proof=proof
    )
    shown = card_of(screens, ana)
    assert "Yes, now · Screen : “Asked”" in shown
    assert "Where Stand at the fair" in shown
    assert "IP address 2001:db8::1" in shown
    assert b"Send me &lt;b&gt;" in screens.get(f"contacts/{ana.pk}/").content


def test_one_click_switches_with_a_reason_and_an_undo(screens: Screens, ana: Contact) -> None:
    path = f"contacts/{ana.pk}/consent/"
    answer = screens.post(path, {"switch": "newsletter:off", "reason": "Too many"}, **HTMX)
    page = answer.content.decode()
    assert said(ana) == {"newsletter": False}
    row = ContactHistory.objects.filter(contact_id=ana.pk).latest("pk")
    assert (row.notes, row.changed_by) == ("Too many", screens.user)
    assert f"operations/{row.operation_id}/#undo" in page
    assert 'hx-swap-oob="innerHTML"' in page
    assert "<dt>Newsletter mail</dt>" in page
    assert 'value="newsletter:on"' in page
    assert "<html" not in page


def test_it_works_without_scripts(screens: Screens, ana: Contact) -> None:
    path = f"contacts/{ana.pk}/consent/"
    answer = screens.post(path, {"pause": "on"})
    assert answer.status_code == 302
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert "#undo" in page
    assert "Resume mail" in page
    screens.post(path, {"pause": "off"})
    assert Contact.objects.get(pk=ana.pk).paused_until is None
    for values in (
        {},
        {"switch": "newsletter"},
        {"switch": "transactional:off"},
        {"switch": "x:on"},
    ):
        screens.post(path, values)
    assert said(ana) == {}


def test_a_switch_says_when_somebody_else_was_faster(screens: Screens, ana: Contact) -> None:
    path = f"contacts/{ana.pk}/consent/"
    seen = ana.updated_at.isoformat()
    preferences_set(contact=ana, preferences={"newsletter": True}, actor=SCREEN)
    late = screens.post(path, {"switch": "newsletter:off", "seen": seen}, **HTMX)
    assert b"Somebody changed this meanwhile" in late.content
    assert said(ana) == {"newsletter": True}
    other = screens.post(path, {"switch": "marketing:off", "seen": seen}, **HTMX)
    assert b"Somebody changed this meanwhile" not in other.content
    assert said(ana) == {"newsletter": True, "marketing": False}


def test_relations_are_added_from_either_end_and_ended(screens: Screens, ana: Contact) -> None:
    firm = make_contact(screens.organization, kind="company", company_name="Acme")
    found = screens.get(f"contacts/{firm.pk}/relationships/find/", {"find": "an"})
    assert b"ana@example.org" in found.content
    assert b"Acme" not in found.content
    path = f"contacts/{firm.pk}/relationships/"
    answer = screens.post(path, {"other": ana.pk, "kind": "company:from"}, **HTMX)
    assert b"Has the employee" in answer.content
    assert b"#undo" in answer.content
    row = Relationship.objects.get()
    assert (row.contact_id, row.related_contact_id) == (ana.pk, firm.pk)
    assert "Works at Acme" in card_of(screens, ana, "contact-relationships")
    assert "<dt>Works at</dt>" in screens.get(f"contacts/{ana.pk}/").content.decode()
    screens.post(path, {"remove": row.pk})
    assert not Relationship.objects.exists()
    assert b"gone already" in screens.post(path, {"remove": row.pk}, **HTMX).content


def test_looking_for_somebody_works_without_scripts(screens: Screens, ana: Contact) -> None:
    ben = make_contact(screens.organization, first_name="Ben")
    path = f"contacts/{ben.pk}/relationships/"
    answer = screens.post(path, {"find": "ana", "kind": "parent:to"})
    page = screens.client.get(answer.url).content.decode()
    assert f'name="other" value="{ana.pk}"' in page
    assert '<option value="parent:to" selected>' in page
    assert b"ana@example.org" in screens.post(path, {"find": "ana"}, **HTMX).content


def test_relations_that_are_none_are_refused(screens: Screens, ana: Contact) -> None:
    path = f"contacts/{ana.pk}/relationships/"
    for values in (
        {"other": ana.pk, "kind": "company:to"},
        {"other": "9" * 25, "kind": "company:to"},
        {"other": make_contact(screens.organization).pk, "kind": "friend:to"},
        {"other": make_contact(screens.organization).pk},
    ):
        assert b'role="alert"' in screens.post(path, values, **HTMX).content
    assert not Relationship.objects.exists()


def test_many_relations_come_in_pages(screens: Screens, ana: Contact) -> None:
    for number in range(25):
        make_relationship(make_contact(screens.organization, first_name=f"P{number}"), ana)
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert page.count('name="remove"') == 20
    more = re.search(r"more/\?cursor=([\w-]+)", page)
    assert more
    path = f"contacts/{ana.pk}/relationships/more/"
    rest = screens.get(path, {"cursor": more[1]}).content.decode()
    assert rest.count('name="remove"') == 5
    assert screens.get(path, {"cursor": "x"}).status_code == 404
    plain = screens.get(f"contacts/{ana.pk}/", {"related": more[1]}).content.decode()
    assert plain.count('name="remove"') == 5


def test_further_keys_are_added_refused_and_removed(screens: Screens, ana: Contact) -> None:
    ben = make_contact(screens.organization)
    path = f"contacts/{ana.pk}/identifiers/"
    added = screens.post(path, {"kind": "email", "value": "Ana@Home.example"}, **HTMX)
    assert b"Ana@Home.example" in added.content
    row = Identifier.objects.get(contact=ana)
    taken = screens.post(path, {"kind": "email", "value": ben.email}, **HTMX)
    assert b"Another contact has this further address" in taken.content
    assert f'value="{ben.email}"'.encode() in taken.content
    assert "Further e-mail" in screens.get(f"contacts/{ana.pk}/").content.decode()
    screens.post(path, {"remove": row.pk})
    assert not Identifier.objects.exists()


def test_a_contacts_page_asks_as_often_for_20_of_each_as_for_1(
    screens: Screens, ana: Contact
) -> None:
    path = f"contacts/{ana.pk}/"
    kinds = ["newsletter", "marketing", "product_updates"]

    def grow(times: int) -> None:
        for number in range(times):
            make_identifier(ana)
            make_relationship(ana, make_contact(screens.organization))
            said_now: dict[str, bool | None] = {kinds[number % 3]: number % 2 == 0}
            preferences_set(contact=ana, preferences=said_now, actor=SCREEN)

    grow(1)
    one = _queries(screens, path)
    grow(19)
    assert _queries(screens, path) == one


def test_a_viewer_sees_and_switches_nothing(organization: Organization, ana: Contact) -> None:
    make_relationship(ana, make_contact(organization))
    make_identifier(ana)
    page = Screens(organization, role=Role.VIEWER).get(f"contacts/{ana.pk}/").content.decode()
    assert "May receive" in page
    for control in ('role="switch"', 'name="remove"', 'name="pause"', 'name="find"'):
        assert control not in page


def test_kinds_of_mail_are_made_counted_and_changed(screens: Screens, ana: Contact) -> None:
    values = {"label": "Event invitations", "description": "When we meet."}
    assert screens.post("preference-types/new/", values).status_code == 302
    kind = PreferenceType.objects.get(key="event_invitations")
    assert not kind.is_enabled_by_default
    preferences_set(contact=ana, preferences={"event_invitations": False}, actor=SCREEN)
    listed = screens.get("preference-types/").context["kinds"]
    assert {each.key: count for each, count in listed}["event_invitations"] == 1
    path = f"preference-types/{kind.pk}/"
    screens.post(path, {"label": "Events", "key": "x", "is_enabled_by_default": "on"})
    kind.refresh_from_db()
    assert (kind.label, kind.key, kind.is_enabled_by_default) == (
        "Events",
        "event_invitations",
        True,
    )
    assert b"already" in screens.post("preference-types/new/", {"label": "Newsletter"}).content
    assert b"be blank" in screens.post("preference-types/new/", {"label": "123"}).content


def test_transactional_mail_has_no_switch(screens: Screens) -> None:
    kind = PreferenceType.objects.get(is_transactional=True)
    path = f"preference-types/{kind.pk}/"
    assert b"is_enabled_by_default" not in screens.get(path).content
    screens.post(path, {"label": "Receipts"})
    kind.refresh_from_db()
    assert (kind.label, kind.is_enabled_by_default) == ("Receipts", True)


def test_kinds_of_relationship_are_made_counted_and_changed(screens: Screens, ana: Contact) -> None:
    values = {"label": "Friend of", "inverse_label": "Friend of"}
    screens.post("relationship-types/new/", values)
    kind = RelationshipType.objects.get(key="friend_of")
    make_relationship(ana, make_contact(screens.organization), kind="friend_of")
    listed = screens.get("relationship-types/").context["kinds"]
    assert {each.key: count for each, count in listed}["friend_of"] == 1
    path = f"relationship-types/{kind.pk}/"
    screens.post(path, {"label": "Likes", "inverse_label": "Liked by"})
    kind.refresh_from_db()
    assert (kind.label, kind.inverse_label) == ("Likes", "Liked by")


def test_an_address_is_suppressed_looked_up_and_lifted(screens: Screens, ana: Contact) -> None:
    values = {"email": "Ana@example.org", "reason": "complained", "source": "By phone"}
    assert screens.post("suppressions/new/", values).status_code == 302
    kept = Suppression.objects.get()
    looked_up = screens.get("suppressions/", {"email": "ANA@example.org"}).content.decode()
    assert "Complained" in looked_up
    assert f"contacts/{ana.pk}/" in looked_up
    assert "Not suppressed" in screens.get("suppressions/", {"email": "b@x.org"}).content.decode()
    assert b"not an e-mail" in screens.get("suppressions/", {"email": "nobody"}).content
    path = f"suppressions/{kept.pk}/"
    assert b"ana@example.org" in screens.get(path).content
    screens.post(path, {"notes": " "})
    assert Suppression.objects.exists()
    screens.post(path, {"notes": "She wants it again"})
    assert not Suppression.objects.exists()
    page = screens.get(f"contacts/{ana.pk}/").content.decode()
    assert "“She wants it again”" in page
    assert "<dt>Suppressed</dt>" in page
    assert kept.address_hash not in page


def test_who_was_erased_is_not_lifted(screens: Screens) -> None:
    kept = make_suppression(screens.organization, reason="erased")
    path = f"suppressions/{kept.pk}/"
    assert b"Lift the suppression" not in screens.get(path).content
    assert b"stays suppressed" in screens.post(path, {"notes": "Please"}).content
    assert Suppression.objects.exists()
    refused = {"email": "b@example.org", "reason": "erased"}
    assert screens.post("suppressions/new/", refused).status_code == 200
    assert Suppression.objects.count() == 1


def test_suppressions_come_in_pages(screens: Screens) -> None:
    one = _queries(screens, "suppressions/")
    for _ in range(55):
        make_suppression(screens.organization)
    page = screens.get("suppressions/")
    assert len(page.context["suppressions"]) == 50
    rest = screens.get("suppressions/", {"cursor": page.context["next"]})
    assert len(rest.context["suppressions"]) == 5
    assert screens.get("suppressions/", {"cursor": "x"}).status_code == 404
    assert _queries(screens, "suppressions/") == one


def test_the_palette_goes_to_the_new_pages(screens: Screens) -> None:
    for term, path in (("kinds", "preference-types/"), ("supp", "suppressions/")):
        assert path in screens.get("admin/search/", {"s": term}).content.decode()
