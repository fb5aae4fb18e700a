"""How contacts are related, and what else finds them."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from contacts.actors import Actor
from contacts.models import (
    Contact,
    ContactHistory,
    ContactOperation,
    Door,
    Identifier,
    Relationship,
)
from contacts.services.contacts import contact_create, contacts_delete, contacts_upsert
from contacts.services.relations import (
    identifier_add,
    identifier_remove,
    relationship_add,
    relationship_remove,
)
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import make_contact, make_organization, undone

pytestmark = pytest.mark.django_db
ACTOR = Actor(door=Door.SCREEN)


@pytest.fixture(autouse=True)
def scope(organization: Organization) -> Iterator[None]:
    with organization_scope(organization):
        yield


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization, email="ana@example.org")


@pytest.fixture
def ben(organization: Organization) -> Contact:
    return make_contact(organization, email="ben@example.org")


def undo_last() -> None:
    undone(ContactOperation.objects.latest("pk"))


def related(contact: Contact) -> set[tuple[str, int]]:
    rows = Relationship.objects.filter(contact=contact)
    return set(rows.values_list("relationship_type", "related_contact_id"))


def further(contact: Contact) -> set[tuple[str, str]]:
    return set(Identifier.objects.filter(contact=contact).values_list("kind", "value"))


def test_a_relation_is_kept_ended_and_undone(ana: Contact, ben: Contact) -> None:
    relationship_add(contact=ana, related=ben, relationship_type="referral_source", actor=ACTOR)
    assert related(ana) == {("referral_source", ben.pk)}
    row = ContactHistory.objects.filter(contact_id=ana.pk).latest("pk")
    assert row.new_value == {f"related:referral_source:{ben.pk}": True}
    relationship_remove(
        contact=ana, related_id=ben.pk, relationship_type="referral_source", actor=ACTOR
    )
    assert related(ana) == set()
    undo_last()
    assert related(ana) == {("referral_source", ben.pk)}


def test_relations_that_make_no_sense_are_refused(ana: Contact, ben: Contact) -> None:
    for kind, other in (("friend", ben), ("company", ana)):
        with pytest.raises(ValidationError):
            relationship_add(contact=ana, related=other, relationship_type=kind, actor=ACTOR)


def test_nobody_is_related_to_another_organizations_contact(ana: Contact) -> None:
    theirs = make_contact(make_organization(), email="x@example.org")
    relationship_add(contact=ana, related=theirs, relationship_type="company", actor=ACTOR)
    assert related(ana) == set()


def test_a_further_address_finds_its_contact(ana: Contact) -> None:
    identifier_add(contact=ana, kind="email", value="Ana@Home.example", actor=ACTOR)
    patch = {"email": "ana@home.example", "email_key": "ana@home.example", "city": "Oslo"}
    _, (outcome,) = contacts_upsert(
        rows=[("ana@home.example", patch)], match="email", mode="upsert", actor=ACTOR
    )
    ana.refresh_from_db()
    assert (outcome.outcome, outcome.contact_id) == ("updated", ana.pk)
    assert (ana.email, ana.city) == ("ana@example.org", "Oslo")
    assert further(ana) == {("email", "Ana@Home.example")}


def test_a_further_address_is_nobody_elses(ana: Contact, ben: Contact) -> None:
    identifier_add(contact=ana, kind="email", value="ana@home.example", actor=ACTOR)
    with pytest.raises(ValidationError, match=f"contact {ana.pk}"):
        identifier_add(contact=ben, kind="email", value="ANA@home.example", actor=ACTOR)
    with pytest.raises(ValidationError, match=f"contact {ana.pk}"):
        identifier_add(contact=ben, kind="email", value="ana@example.org", actor=ACTOR)
    with pytest.raises(ValidationError, match=f"contact {ana.pk}"):
        patch = {"email": "ana@home.example", "email_key": "ana@home.example"}
        contact_create(patch=patch, actor=ACTOR)
    assert further(ben) == set()


def test_a_telephone_may_be_shared(ana: Contact, ben: Contact) -> None:
    for contact in (ana, ben):
        identifier_add(contact=contact, kind="phone", value="+47 22 86 44 00", actor=ACTOR)
    assert further(ana) == further(ben) == {("phone", "+4722864400")}


def test_what_is_its_own_already_or_none_is_refused(ana: Contact) -> None:
    for kind, value in (("email", "ANA@example.org"), ("email", "x"), ("fax", "1"), ("phone", "x")):
        with pytest.raises(ValidationError):
            identifier_add(contact=ana, kind=kind, value=value, actor=ACTOR)


def test_one_is_taken_off_and_put_back(ana: Contact) -> None:
    identifier_add(contact=ana, kind="anonymous_id", value="a1:b2", actor=ACTOR)
    identifier_remove(contact=ana, kind="anonymous_id", value_key="a1:b2", actor=ACTOR)
    assert further(ana) == set()
    undo_last()
    assert further(ana) == {("anonymous_id", "a1:b2")}


def test_who_is_deleted_is_not_found_and_gets_it_back(ana: Contact, ben: Contact) -> None:
    identifier_add(contact=ana, kind="email", value="ana@home.example", actor=ACTOR)
    contacts_delete(ids=[ana.pk], actor=ACTOR)
    deletion = ContactOperation.objects.latest("pk")
    assert not Identifier.objects.get(contact=ana).is_living
    identifier_add(contact=ben, kind="email", value="ana@home.example", actor=ACTOR)
    assert undone(deletion).summary == {"blocked": 1}
    identifier_remove(contact=ben, kind="email", value_key="ana@home.example", actor=ACTOR)
    undone(deletion)
    assert Identifier.objects.get(contact=ana).is_living


def test_of_two_rows_with_one_further_address_the_first_gets_it() -> None:
    rows = [
        (
            f"{name}@example.org",
            {
                "email": f"{name}@example.org",
                "email_key": f"{name}@example.org",
                "identifier:email:shared@example.org": "shared@example.org",
            },
        )
        for name in ("cleo", "dan")
    ]
    _, written = contacts_upsert(rows=rows, match="email", mode="upsert", actor=ACTOR)
    assert [each.outcome for each in written] == ["created", "failed"]
    assert written[1].error == {
        "code": "identifier_repeated",
        "kind": "email",
        "value": "shared@example.org",
    }
