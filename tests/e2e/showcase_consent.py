"""What one contact said of mail, whom it is related to, addresses that get no mail; and the screens of all that."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from contacts.models import Contact, PreferenceType, RelationshipType, Suppression
from contacts.services.consent import contact_pause, preferences_set
from tests.e2e.screen import Screen, submit
from tests.factories import SCREEN, make_identifier, make_relationship, make_suppression

PROOF = {
    "source": "Sign-up form at the trade fair in Hannover",
    "text": "Yes, send me the newsletter of the tourist association, once a month, until I say otherwise. "
    * 2,
    "text_version": "2026-03",
    "given_at": "2026-03-01T12:00:00Z",
    "ip": "2001:db8:85a3::8a2e:370:7334",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0",
}


def make_consent(rosa: Contact) -> None:
    """What she said of mail and why, a pause, relations, further keys; others whose addresses are suppressed."""
    yes: dict[str, bool | None] = {"newsletter": True}
    preferences_set(contact=rosa, preferences=yes, actor=SCREEN, reason="Asked", proof=PROOF)
    no: dict[str, bool | None] = {"marketing": False}
    preferences_set(contact=rosa, preferences=no, actor=SCREEN, reason="Too many, too long " * 5)
    contact_pause(contact=rosa, until=timezone.now() + timedelta(days=30), actor=SCREEN)
    make_relationship(rosa, Contact.objects.get(kind="company"))
    make_relationship(Contact.objects.get(email="zoe@example.org"), rosa, "referral_source")
    make_identifier(rosa, "rosa.van.der.berg-smigly-rydz@subsidiary.example-corporation.com")
    make_identifier(rosa, "+47 22 86 44 00", "phone")
    for email, reason in (("oskar@example.org", "bounced"), ("gone@example.org", "erased")):
        make_suppression(rosa.organization, email, reason, source="Mailbox unavailable " * 5)
    make_suppression(rosa.organization, "angry@example.org", "complained")


def consent_screens(contact: Contact) -> list[Screen]:
    suppressed = Contact.objects.get(email="oskar@example.org")
    lifted, erased = (Suppression.objects.get(reason=each) for each in ("bounced", "erased"))
    kind = PreferenceType.objects.get(key="marketing")
    relation = RelationshipType.objects.get(key="company")
    person = f"contacts/{contact.pk}/"
    return [
        Screen("contact-switched", person, lambda page: page.locator("#switch-marketing").click()),
        Screen("contact-unfolded", f"{person}?find=example", _unfold),
        Screen("contact-suppressed", f"contacts/{suppressed.pk}/"),
        Screen("preference-types", "preference-types/"),
        Screen("preference-type-new", "preference-types/new/"),
        Screen("preference-type", f"preference-types/{kind.pk}/"),
        Screen("relationship-types", "relationship-types/"),
        Screen("relationship-type", f"relationship-types/{relation.pk}/"),
        Screen("suppressions", "suppressions/"),
        Screen("suppressions-found", "suppressions/?email=Oskar@example.org"),
        Screen("suppressions-none", "suppressions/?email=nobody@example.org"),
        Screen("suppression", f"suppressions/{lifted.pk}/"),
        Screen("suppression-errors", f"suppressions/{lifted.pk}/", submit("Lift")),
        Screen("suppression-erased", f"suppressions/{erased.pk}/"),
        Screen("suppression-new", "suppressions/new/", submit("Suppress the address")),
    ]


def _unfold(page: Page) -> None:
    """All but menus, which would cover each other."""
    page.evaluate(
        "document.querySelectorAll('main details:not([data-menu])').forEach((each) => { each.open = true; })"
    )
