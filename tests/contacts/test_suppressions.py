"""Addresses that get no mail: whoever has them, in whose history, and what an undo makes of it."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.actors import Actor
from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    Door,
    Suppression,
)
from contacts.patches import patch_maker
from contacts.selectors.consent import kinds_received
from contacts.selectors.suppressions import contact_of, suppression_of
from contacts.services.contacts import contact_update
from contacts.services.suppressions import suppression_add, suppression_lift
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.contacts.test_consent import undo_last
from tests.factories import make_contact, make_organization, undone

pytestmark = pytest.mark.django_db
ACTOR = Actor(door=Door.SCREEN)


@pytest.fixture(autouse=True)
def scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization):
        yield


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, email="Ana@Example.org")


def suppressed(contact: Contact) -> str | None:
    found = suppression_of(contact=contact)
    return found and found.reason


def moved(contact: Contact, email: str) -> None:
    contact_update(contact=contact, patch=patch_maker().make({"email": email}), actor=ACTOR)
    contact.refresh_from_db()


def test_an_address_keeps_its_first_reason_and_only_its_hash() -> None:
    suppression_add(email="a@example.org", reason="complained")
    kept = suppression_add(email="A@example.org", reason="bounced")
    assert kept.reason == "complained"
    assert "example" not in kept.address_hash


def test_it_is_in_the_history_of_whoever_has_the_address(ana: Contact) -> None:
    kept = suppression_add(
        email="ana@example.org", reason="bounced", source="Mailbox full", actor=ACTOR
    )
    assert contact_of(suppression=kept) == ana
    assert kinds_received(contact=ana) == set()
    row = ContactHistory.objects.filter(contact_id=ana.pk).latest("pk")
    (value,) = row.new_value.values()
    assert (value["reason"], row.notes) == ("bounced", "Mailbox full")
    assert ContactChange.objects.filter(contact_id=ana.pk, kind="suppressions").exists()
    operations = ContactOperation.objects.count()
    suppression_add(email="ana@example.org", reason="bounced", actor=ACTOR)
    assert ContactOperation.objects.count() == operations


def test_lifting_takes_a_note_and_undoing_it_gives_back_the_same(ana: Contact) -> None:
    kept = suppression_add(email="ana@example.org", reason="bounced", source="x", actor=ACTOR)
    with pytest.raises(ValidationError):
        suppression_lift(suppression=kept, actor=ACTOR, notes=" ")
    suppression_lift(suppression=kept, actor=ACTOR, notes="Mailbox emptied")
    assert suppressed(ana) is None
    assert ContactHistory.objects.latest("pk").notes == "Mailbox emptied"
    undo_last()
    again = Suppression.objects.get()
    assert (again.reason, again.since, again.source) == ("bounced", kept.since, "x")


def test_an_undo_is_about_the_address_not_about_who_has_it_now(ana: Contact) -> None:
    suppression_add(email="ana@example.org", reason="bounced", actor=ACTOR)
    added = ContactOperation.objects.latest("pk")
    moved(ana, "ana@elsewhere.example")
    assert suppressed(ana) is None
    suppression_add(email="ana@elsewhere.example", reason="complained", actor=ACTOR)
    undone(added)
    assert suppressed(ana) == "complained"
    moved(ana, "ana@example.org")
    assert suppressed(ana) is None


def test_nobodys_address_is_lifted_with_who_and_why() -> None:
    kept = suppression_add(email="nobody@example.org", reason="bounced", actor=ACTOR)
    assert not ContactOperation.objects.exists()
    operation = suppression_lift(suppression=kept, actor=ACTOR, notes="New provider")
    assert "New provider" in operation.label
    assert not Suppression.objects.exists()


def test_who_was_erased_stays_suppressed(ana: Contact) -> None:
    kept = suppression_add(email="ana@example.org", reason="erased", actor=ACTOR)
    assert not ContactHistory.objects.filter(
        new_value__has_key=f"suppression:{kept.address_hash}"
    ).exists()
    with pytest.raises(ValidationError):
        suppression_lift(suppression=kept, actor=ACTOR, notes="Please")
    patch = {f"suppression:{kept.address_hash}": None}
    contact_update(contact=ana, patch=patch, actor=ACTOR)
    assert suppressed(ana) == "erased"


def test_what_is_no_address_or_no_reason_is_refused() -> None:
    for email, reason in (("a@example.org", "bored"), ("nobody", "bounced")):
        with pytest.raises(ValidationError):
            suppression_add(email=email, reason=reason)
    assert not Suppression.objects.exists()


def test_other_organizations_lift_and_suppress_for_themselves(ana: Contact) -> None:
    kept = suppression_add(email="ana@example.org", reason="bounced", actor=ACTOR)
    with organization_scope(make_organization()):
        theirs = suppression_add(email="ana@example.org", reason="complained", actor=ACTOR)
        assert contact_of(suppression=theirs) is None
        suppression_lift(suppression=theirs, actor=ACTOR, notes="Ours")
    assert suppressed(ana) == kept.reason


@given(st.lists(st.sampled_from(["bounced", "complained", "lift", "undo"]), max_size=7))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_undoing_all_that_was_done_leaves_the_address_as_it_was(
    organization: Organization, acts: list[str]
) -> None:
    ana = make_contact(organization)
    before = list(ContactOperation.objects.values_list("pk", flat=True))
    ours = ContactOperation.objects.exclude(pk__in=before).exclude(kind="undo")
    for act in acts:
        found = suppression_of(contact=ana)
        standing = ours.filter(undone_at=None).order_by("-pk")
        if act == "lift" and found:
            suppression_lift(suppression=found, actor=ACTOR, notes="Because")
        elif act == "undo" and standing:
            undone(standing[len(standing) // 2])
        elif act in ("bounced", "complained"):
            suppression_add(email=ana.email, reason=act, actor=ACTOR)
    for operation in ours.filter(undone_at=None).order_by("-pk"):
        undone(operation)
    assert suppressed(ana) is None
