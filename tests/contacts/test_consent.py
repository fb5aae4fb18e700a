"""What people said of mail, what proves it, and who may get which."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    Door,
    EmailPreference,
    PreferenceType,
)
from contacts.selectors.consent import consents, kinds_received, may_receive
from contacts.services.consent import contact_pause, preferences_set
from contacts.services.contacts import contact_update, contacts_delete
from contacts.services.kinds import preference_type_create
from contacts.services.suppressions import suppression_add
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import make_contact, make_organization, undone

pytestmark = pytest.mark.django_db
ACTOR = Actor(door=Door.SCREEN)
PROOF = {"source": "Stand at the fair", "text": "Send me the newsletter.", "text_version": "3"}


@pytest.fixture(autouse=True)
def scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization):
        yield


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, email="Ana@example.org")


def said(contact: Contact) -> dict[str, bool]:
    rows = EmailPreference.objects.filter(contact=contact)
    return dict(rows.values_list("preference_type", "is_enabled"))


def undo_last() -> None:
    undone(ContactOperation.objects.latest("pk"))


def receivers(kind: str = "newsletter", **kwargs: Any) -> set[int]:
    return set(may_receive(preference_type=kind, **kwargs).values_list("pk", flat=True))


def test_every_organization_begins_with_kinds_of_mail() -> None:
    keys = set(PreferenceType.objects.values_list("key", flat=True))
    assert keys == {"marketing", "newsletter", "product_updates", "transactional"}


def test_what_is_said_is_kept_with_reason_and_proof(ana: Contact) -> None:
    preferences_set(
        contact=ana, preferences={"newsletter": False}, actor=ACTOR, reason="Too many", proof=PROOF
    )
    kept = EmailPreference.objects.get(contact=ana)
    assert (kept.is_enabled, kept.reason, kept.proof) == (False, "Too many", PROOF)
    row = ContactHistory.objects.filter(contact_id=ana.pk).latest("pk")
    assert row.new_value == {"preference:newsletter": False}
    assert row.old_value == {"preference:newsletter": None}
    assert (row.notes, row.proof) == ("Too many", PROOF)
    assert ContactChange.objects.filter(contact_id=ana.pk, kind="preferences").exists()


def test_saying_the_same_again_leaves_no_trace(ana: Contact) -> None:
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR)
    operations = ContactOperation.objects.count()
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR)
    assert ContactOperation.objects.count() == operations


def test_an_undo_puts_back_what_was_said_with_its_proof(ana: Contact) -> None:
    preferences_set(
        contact=ana, preferences={"newsletter": True}, actor=ACTOR, reason="Fair", proof=PROOF
    )
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR, reason="Enough")
    undo_last()
    kept = EmailPreference.objects.get(contact=ana)
    assert (kept.is_enabled, kept.reason, kept.proof) == (True, "Fair", PROOF)


def test_a_proof_that_was_taken_back_proves_nothing(ana: Contact) -> None:
    for is_on, proof in ((True, {"source": "first"}), (False, None), (True, {"source": "third"})):
        preferences_set(contact=ana, preferences={"newsletter": is_on}, actor=ACTOR, proof=proof)
    operations = ContactOperation.objects.filter(history__contact_id=ana.pk).order_by("-pk")
    third, second = operations[:2]
    undone(third)
    undone(second)
    assert EmailPreference.objects.get(contact=ana).proof == {"source": "first"}


def test_an_undo_of_the_first_word_leaves_none(ana: Contact) -> None:
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR)
    undo_last()
    assert said(ana) == {}
    undo_last()
    assert said(ana) == {"newsletter": False}


def test_kinds_that_are_none_and_mail_that_stays_on_are_refused(ana: Contact) -> None:
    with pytest.raises(ValidationError) as caught:
        preferences_set(
            contact=ana, preferences={"gossip": True, "transactional": False}, actor=ACTOR
        )
    codes = {key: errors[0].code for key, errors in caught.value.error_dict.items()}
    assert codes == {"gossip": "unknown_type", "transactional": "transactional"}
    assert said(ana) == {}


def test_who_may_receive(organization: Organization, ana: Contact) -> None:
    others = {
        "no address": make_contact(organization, email=None, first_name="Ben"),
        "inactive": make_contact(organization, email="c@example.org", is_active=False),
        "unsubscribed": make_contact(organization, email="d@example.org", is_subscribed=False),
        "against it": make_contact(organization, email="e@example.org"),
        "paused": make_contact(organization, email="f@example.org"),
        "suppressed": make_contact(organization, email="G@example.org"),
        "deleted": make_contact(organization, email="h@example.org"),
    }
    now = timezone.now()
    preferences_set(contact=others["against it"], preferences={"newsletter": False}, actor=ACTOR)
    contact_pause(contact=others["paused"], until=now + timedelta(days=30), actor=ACTOR)
    suppression_add(email="g@EXAMPLE.org", reason="bounced", source="provider")
    contacts_delete(ids=[others["deleted"].pk], actor=ACTOR)
    assert receivers() == {ana.pk}
    assert receivers("marketing") == {ana.pk, others["against it"].pk}
    # Transactional mail goes to everybody who can get any.
    names = {
        pk
        for name, each in others.items()
        if name in ("unsubscribed", "against it", "paused")
        for pk in [each.pk]
    }
    assert receivers("transactional") == {ana.pk} | names
    assert receivers(now=now + timedelta(days=31)) == {ana.pk, others["paused"].pk}
    assert receivers("gossip") == set()
    for contact in Contact.with_deleted.all():
        kinds = PreferenceType.objects.values_list("key", flat=True)
        expected = {kind for kind in kinds if contact.pk in receivers(kind)}
        assert kinds_received(contact=contact) == expected


def test_a_kind_that_is_off_by_default_needs_a_yes(
    organization: Organization, ana: Contact
) -> None:
    preference_type_create(key="partners", label="Partners", is_enabled_by_default=False)
    assert receivers("partners") == set()
    preferences_set(contact=ana, preferences={"partners": True}, actor=ACTOR)
    assert receivers("partners") == {ana.pk}


def test_consents_name_every_kind(ana: Contact) -> None:
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR)
    assert {each.type.key: each.is_enabled for each in consents(contact=ana)} == {
        "marketing": True,
        "newsletter": False,
        "product_updates": True,
        "transactional": True,
    }


def test_consents_say_by_which_change_and_whether_it_is_sent(ana: Contact) -> None:
    preferences_set(contact=ana, preferences={"newsletter": False}, actor=ACTOR, reason="Enough")
    contact_update(contact=ana, patch={"is_active": False}, actor=ACTOR)
    found = {each.type.key: each for each in consents(contact=ana)}
    assert found["newsletter"].change is not None
    assert found["newsletter"].change.operation.label == "Switched off Newsletter"
    assert found["marketing"].change is None
    assert not any(each.may_receive for each in found.values())


def test_a_pause_ends_in_the_future_and_leaves_one_trace(ana: Contact) -> None:
    until = timezone.now() + timedelta(days=30, microseconds=7)
    assert contact_pause(contact=ana, until=until, actor=ACTOR).pk
    assert contact_pause(contact=ana, until=until, actor=ACTOR).pk is None
    with pytest.raises(ValidationError):
        contact_pause(contact=ana, until=timezone.now(), actor=ACTOR)
    undo_last()
    ana.refresh_from_db()
    assert ana.paused_until is None


def test_other_organizations_say_nothing_here(ana: Contact) -> None:
    with organization_scope(make_organization()):
        suppression_add(email="ana@example.org", reason="bounced")
    assert receivers() == {ana.pk}


def test_a_kind_that_went_is_left_out_of_an_undo(ana: Contact) -> None:
    preference_type_create(key="partners", label="Partners")
    preferences_set(contact=ana, preferences={"partners": False}, actor=ACTOR)
    contact_update(contact=ana, patch={"preference:partners": None}, actor=ACTOR)
    PreferenceType.objects.filter(key="partners").delete()
    undo_last()
    assert said(ana) == {}
