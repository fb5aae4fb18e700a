"""What people note about a contact and do with them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import Contact, ContactActivity, ContactChange, Door
from contacts.selectors.engagement import last_contacted
from contacts.services.activities import activity_add, activity_delete, activity_update
from organizations.models import Organization
from tests.contacts.events import NOW
from tests.factories import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(organization: Organization) -> Contact:
    return make_contact(organization)


@pytest.fixture
def actor(organization: Organization) -> Actor:
    return Actor(door=Door.SCREEN, user=make_user(organization))


def add(contact: Contact, activity_type: str, actor: Actor, **fields: Any) -> ContactActivity:
    return activity_add(contact=contact, activity_type=activity_type, actor=actor, **fields)


def told() -> list[tuple[int, str, int | None]]:
    rows = ContactChange.objects.filter(kind__startswith="activity:").order_by("pk")
    return list(rows.values_list("contact_id", "kind", "reference"))


def test_an_activity_says_who_did_what_when(ana: Contact, actor: Actor) -> None:
    before = timezone.now()
    note = add(ana, "note", actor, data={"text": "Likes tea"}, is_pinned=True)
    call = add(ana, "call", actor, data={"outcome": "reached"}, occurred_at=NOW)
    kept = ContactActivity.objects.get(pk=note.pk)
    assert (kept.contact_id, kept.activity_type, kept.created_by) == (ana.pk, "note", actor.user)
    assert kept.activity_data == {"text": "Likes tea"}
    assert kept.is_pinned
    assert before <= kept.occurred_at <= timezone.now()
    assert ContactActivity.objects.get(pk=call.pk).occurred_at == NOW
    assert told() == [(ana.pk, "activity:note", note.pk), (ana.pk, "activity:call", call.pk)]


def test_activities_are_changed_and_deleted(ana: Contact, actor: Actor) -> None:
    call = add(ana, "call", actor, occurred_at=NOW)
    activity_update(activity=call, data={"text": "Again"}, is_pinned=True)
    kept = ContactActivity.objects.get()
    assert (kept.activity_data, kept.is_pinned, kept.occurred_at) == ({"text": "Again"}, True, NOW)
    activity_delete(activity=call)
    assert not ContactActivity.objects.exists()
    assert told() == [(ana.pk, "activity:call", call.pk)] * 3


@pytest.mark.parametrize(
    ("activity_type", "data", "path", "code"),
    [
        ("dance", {}, "activity_type", "unknown_choice"),
        ("note", {}, "data.text", "required"),
        ("note", {"text": "  "}, "data.text", "required"),
        ("call", {"text": 5}, "data.text", "invalid"),
        ("call", {"text": "x" * 10_001}, "data.text", "invalid"),
        ("call", {"text": "a\0b"}, "data.text", "invalid"),
        ("call", {"outcome": "a\0b"}, "data", "wrong_type"),
        ("call", {"outcome": float("inf")}, "data", "wrong_type"),
        ("call", {"outcome": "x" * 40_000}, "data", "too_long"),
    ],
)
def test_what_is_no_activity_is_refused(
    ana: Contact, actor: Actor, activity_type: str, data: Any, path: str, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        add(ana, activity_type, actor, data=data)
    ((found, (error, *_)),) = refused.value.error_dict.items()
    assert (found, error.code) == (path, code)
    assert not told()


def test_last_contacted_is_when_somebody_spoke_with_them(ana: Contact, actor: Actor) -> None:
    assert last_contacted(contact_id=ana.pk) is None
    for days, kind in ((3, "call"), (2, "email"), (5, "meeting")):
        add(ana, kind, actor, occurred_at=NOW - timedelta(days=days))
    add(ana, "note", actor, data={"text": "!"}, occurred_at=NOW)
    add(ana, "task", actor, occurred_at=NOW)
    add(ana, "meeting", actor, occurred_at=timezone.now() + timedelta(days=1))
    assert last_contacted(contact_id=ana.pk) == NOW - timedelta(days=2)


def test_what_somebody_else_changed_meanwhile_stays(ana: Contact, actor: Actor) -> None:
    mine = add(ana, "note", actor, data={"text": "Mine"})
    theirs = ContactActivity.objects.get(pk=mine.pk)
    activity_update(activity=theirs, data={"text": "Theirs"})
    changed = activity_update(activity=mine, is_pinned=True)
    assert (changed.activity_data, changed.is_pinned) == ({"text": "Theirs"}, True)
    activity_delete(activity=theirs)
    with pytest.raises(ValidationError, match="deleted meanwhile"):
        activity_update(activity=mine, is_pinned=False)
    assert not ContactActivity.objects.exists()
