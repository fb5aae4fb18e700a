"""Pins are a part of contacts' patches: told in their history, undone as whatever else is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from contacts.actors import Actor
from contacts.models import Contact, ContactChange, ContactHistory, ContactOperation, Door
from contacts.selectors.key_labels import key_label, key_labels, key_value
from contacts.selectors.undo_preview import undo_preview
from contacts.services import feed
from contacts.services.bulk import selection_by_filters
from contacts.services.contacts import contact_update, contacts_delete
from organizations.models import Organization, User
from organizations.scope import organization_scope
from organizations.statements import execute
from segments.models import Segment, SegmentMembershipLog, SegmentPin, SegmentRefresh
from segments.services import following
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_start
from segments.services.segments import segment_delete
from tests.factories import (
    SCREEN,
    imported,
    make_contact,
    make_import,
    make_organization,
    make_user,
    undone,
)
from tests.screens import Screens
from tests.segments.making import computed, follow, make_segment, members_of


def pin(segment: Segment, *people: Contact, is_in: bool | None = True) -> ContactOperation:
    selection = {"ids": [each.pk for each in people]}
    return contacts_pin(segment=segment, selection=selection, is_in=is_in, actor=SCREEN)


def pin_by(user: User | None, segment: Segment, person: Contact, *, is_in: bool) -> int | None:
    """Who pinned somebody last, when this user does."""
    actor = Actor(door=Door.SCREEN, user=user)
    contacts_pin(segment=segment, selection={"ids": [person.pk]}, is_in=is_in, actor=actor)
    return SegmentPin.objects.get(segment=segment, contact=person).pinned_by_id


def pins_of(segment: Segment) -> dict[int, bool]:
    return dict(SegmentPin.objects.filter(segment=segment).values_list("contact_id", "is_in"))


def test_what_is_done_by_hand_is_in_the_history(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization, name="Fair")
    assert pin(segment, ana, bo).summary == {"updated": 2}
    # Who is so already is not touched.
    operation = pin(segment, ana, is_in=False)
    assert pin(segment, ana, is_in=False).pk is None
    assert pins_of(segment) == {ana.pk: False, bo.pk: True}
    row = ContactHistory.objects.get(operation=operation)
    key = f"segment:{segment.pk}"
    assert (row.contact_id, row.old_value, row.new_value) == (ana.pk, {key: True}, {key: False})
    assert operation.label == "Always out of Fair"
    labels = key_labels([key])
    assert (key_label(key, labels), key_value(key, True, labels)) == (
        "Segment Fair",
        "put in by hand",
    )


def test_whoever_pinned_last_is_known(organization: Organization) -> None:
    ana, segment = make_contact(organization), make_segment(organization)
    one, other = make_user(organization), make_user(organization)
    assert pin_by(one, segment, ana, is_in=True) == one.pk
    # Where nothing changes, it stays the doing of the first.
    assert pin_by(other, segment, ana, is_in=True) == one.pk
    assert pin_by(other, segment, ana, is_in=False) == other.pk


def test_what_is_done_to_one_segment_leaves_others_alone(organization: Organization) -> None:
    ana = make_contact(organization)
    one, other = make_segment(organization), make_segment(organization)
    pin(one, ana)
    pin(other, ana)
    operation = pin(one, ana, is_in=None)
    assert (pins_of(one), pins_of(other)) == ({}, {ana.pk: True})
    assert operation.label == f"Left {one} to its rules"


def test_pins_are_undone_one_by_one(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization)
    operations = [pin(segment, ana, is_in=is_in) for is_in in (True, False, None, True)]
    for operation, left in zip(reversed(operations), (None, False, True, None), strict=True):
        undone(operation)
        follow(organization)
        assert pins_of(segment).get(ana.pk) is left
        assert members_of(segment) == ({ana.pk} if left else set())


def test_what_was_pinned_anew_since_is_kept_by_an_undo(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization)
    first = pin(segment, ana, bo)
    pin(segment, bo, is_in=False)
    undone(first)
    assert pins_of(segment) == {bo.pk: False}


def test_an_undo_does_without_a_segment_that_was_deleted(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization)
    key = f"segment:{segment.pk}"
    pin(segment, ana)
    operation = pin(segment, ana, is_in=None)
    segment_delete(segment=segment)
    assert undone(operation).status == "done"
    assert not SegmentPin.objects.exists()
    assert key_label(key, key_labels([key])) == f"Segment {segment.pk} (deleted)"


def test_a_list_knows_no_out(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization, kind="static")
    assert pin(segment, ana, is_in=False).pk is None
    pin(segment, ana)
    operation = pin(segment, ana, is_in=False)
    assert (operation.label, pins_of(segment)) == (f"Took out of {segment}", {})


def test_who_is_deleted_keeps_the_pin_for_when_they_come_back(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization, kind="static")
    pin(segment, ana, bo)
    deletion = contacts_delete(ids=[ana.pk], actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {bo.pk}
    assert pin(segment, ana, is_in=None).pk is None
    undone(deletion)
    follow(organization)
    assert members_of(segment) == {ana.pk, bo.pk}


def test_others_are_never_pinned(organization: Organization) -> None:
    other = make_organization()
    mine, theirs = make_contact(organization), make_contact(other)
    with organization_scope(other):
        foreign = make_segment(other)
    assert pin(make_segment(organization), theirs).pk is None
    # A segment of others is as one that does not exist.
    assert pin(foreign, mine).pk is None
    assert not SegmentPin.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_many_are_pinned_in_the_background(
    monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    organization = make_organization()
    with organization_scope(organization):
        for module in ("segments.services.pins", "contacts.services.bulk"):
            monkeypatch.setattr(f"{module}.BATCH", 2)
        people = {make_contact(organization, city="Oslo").pk for _ in range(5)}
        make_contact(organization)
        segment = make_segment(organization, kind="static")
        run_jobs()
        chosen: dict[str, Any] = {"selection": selection_by_filters({"city": "Oslo"})}
        operation = contacts_pin(segment=segment, is_in=True, actor=SCREEN, **chosen)
        assert (operation.status, operation.progress_total) == ("pending", 5)
        run_jobs()
        operation.refresh_from_db()
        assert (operation.status, operation.summary) == ("done", {"updated": 5})
        assert members_of(segment) == people
        undone(operation)
        run_jobs()
        assert members_of(segment) == set()


def test_a_full_computation_tells_who_was_put_in_by_hand(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    kit = make_contact(organization, city="Oslo")
    segment, other = make_segment(organization), make_segment(organization)
    pin(segment, bo)
    pin(segment, kit, is_in=False)
    # A pin to another one is no reason.
    liv = make_contact(organization, city="Oslo")
    pin(other, liv)
    segment_refresh_start(segment=segment, reason="data")
    computed(segment)
    assert members_of(segment) == {ana.pk, bo.pk, liv.pk}
    log = SegmentMembershipLog.objects.filter(segment=segment).exclude(contact_id=ana.pk)
    found = [(row.contact_id, row.action, row.reason) for row in log.order_by("contact_id", "pk")]
    assert found == [
        (bo.pk, "joined", "manual"),
        (kit.pk, "joined", "rules"),
        (kit.pk, "left", "manual"),
        (liv.pk, "joined", "data"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_of_those_who_are_in_at_the_click(
    monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    """Who leaves before the worker gets to them is in the list, even when the segment is gone by then."""
    organization = make_organization()
    for module in ("segments.services.pins", "contacts.services.bulk"):
        monkeypatch.setattr(f"{module}.BATCH", 2)
    with organization_scope(organization):
        people = [make_contact(organization, city="Oslo") for _ in range(5)]
        segment = make_segment(organization)
        run_jobs()
        screens = Screens(organization)
        answer = screens.post(f"segments/{segment.pk}/snapshot/", {})
        operation = ContactOperation.objects.latest("pk")
        assert answer.url.endswith(f"/operations/{operation.pk}/")
        for person in people[:2]:
            contact_update(contact=person, patch={"city": "Bergen"}, actor=SCREEN)
        follow(organization)
        assert members_of(segment) == {each.pk for each in people[2:]}
        segment_delete(segment=segment)
        run_jobs()
        operation.refresh_from_db()
        assert (operation.status, operation.summary) == ("done", {"updated": 5})
        assert members_of(Segment.objects.get(kind="static")) == {each.pk for each in people}


@pytest.mark.parametrize("kind", ["static", "dynamic"])
def test_very_many_pins_leave_other_segments_alone(
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
    run_jobs: Callable[[], int],
    kind: str,
) -> None:
    """The one that they are of is computed anew, which is quicker, once all of them are through."""
    people = [make_contact(organization) for _ in range(5)]
    other, pinned = make_segment(organization), make_segment(organization, kind=kind)
    run_jobs()
    monkeypatch.setattr(following, "BACKLOG", 2)
    monkeypatch.setattr(following, "BACKLOG_SHARE", 0.0)
    monkeypatch.setattr(feed, "BATCH", 2)
    pin(pinned, *people)
    feed._process_batch(organization.pk, 0)
    assert (reread(other).status, reread(pinned).status) == ("ready", "stale")
    begun = SegmentRefresh.objects.count()
    run_jobs()
    assert SegmentRefresh.objects.count() == begun + 1
    assert (reread(pinned).status, reread(pinned).member_count) == ("ready", 5)
    assert members_of(pinned) == {each.pk for each in people}
    # Few are followed.
    pin(pinned, people[0], is_in=False if kind == "dynamic" else None)
    run_jobs()
    assert members_of(pinned) == {each.pk for each in people[1:]}
    assert SegmentRefresh.objects.count() == begun + 1


def reread(segment: Segment) -> Segment:
    return Segment.objects.get(pk=segment.pk)


def test_waiting_pins_are_found_by_an_index(organization: Organization) -> None:
    waiting = ContactChange.objects.filter(kind="pinned", reference=7, set_aside_at=None)
    with transaction.atomic():
        execute("set local enable_seqscan = off", {})
        assert "change_pinned_idx" in waiting[20_000:].explain()


def test_who_was_pinned_is_kept_when_their_import_is_undone(organization: Organization) -> None:
    """As who was tagged is: somebody has done something about them."""
    imported(make_import(organization, "email\nana@example.org\nbo@example.org\n"))
    ana = Contact.objects.get(email="ana@example.org")
    pin(make_segment(organization), ana)
    undo = undone(ContactOperation.objects.get(kind="import"))
    assert undo.summary == {"kept": 1, "reverted": 1}
    assert list(Contact.objects.all()) == [ana]


def test_screens_say_what_was_done_by_hand(organization: Organization) -> None:
    ana = make_contact(organization, first_name="Ana", email="ana@example.org")
    segment, screens = make_segment(organization, name="Fair"), Screens(organization)
    why = f"segments/{segment.pk}/pin/{ana.pk}/"
    for said, left, label in (
        ("out", False, "Always out of Fair"),
        ("in", True, "Always in Fair"),
        ("", None, "Left Fair to its rules"),
    ):
        page = screens.client.post(screens.address(why), {"pin": said}, follow=True)
        text = page.content.decode()
        assert f"{label}. The segment follows in a moment." in text
        operation = ContactOperation.objects.latest("pk")
        assert f"/operations/{operation.pk}/#undo" in text
        assert pins_of(segment).get(ana.pk) is left
    page = screens.client.post(screens.address(why), {"pin": ""}, follow=True)
    assert "Nothing changed: it was so already." in page.content.decode()
    timeline = screens.get(f"contacts/{ana.pk}/timeline/").content.decode()
    for words in ("kept out by hand", "put in by hand", "not by hand"):
        assert words in timeline


def test_of_a_deleted_list_nothing_is_left_to_take_back(organization: Organization) -> None:
    ana = make_contact(organization)
    segment = make_segment(organization, kind="static")
    operation = pin(segment, ana)
    segment_delete(segment=segment)
    (example,) = undo_preview(operation=operation).examples["reverted"]
    assert (example.reason, example.shown) == (
        "What was changed is deleted: nothing is left to take back.",
        [],
    )


def test_no_list_is_made_for_nobody(organization: Organization) -> None:
    ana = make_contact(organization)
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    screens = Screens(organization)
    form = {"action": "segment", "segment_name": "Fair", "ids": str(ana.pk)}
    page = screens.client.post(screens.address("contacts/bulk/"), form, follow=True)
    assert "None of them is there any more: no list was made." in page.content.decode()
    assert not Segment.objects.exists()
    everybody = {"action": "segment", "segment_name": "Fair", "everybody": "true"}
    screens.client.post(screens.address("contacts/bulk/?city=Oslo"), everybody, follow=True)
    assert not Segment.objects.exists()
    segment = make_segment(organization)
    page = screens.client.post(screens.address(f"segments/{segment.pk}/snapshot/"), follow=True)
    assert "Nobody is in it now: no list was made." in page.content.decode()
    assert Segment.objects.get() == segment


@pytest.mark.parametrize("action", ["segment", "unsegment", "unpin"])
def test_a_selection_is_about_the_segment_that_was_meant(
    organization: Organization, action: str
) -> None:
    ana, segment = make_contact(organization), make_segment(organization)
    screens = Screens(organization)

    def said(**values: Any) -> str:
        form = {"action": action, "ids": str(ana.pk), **values}
        page = screens.client.post(screens.address("contacts/bulk/"), form, follow=True)
        return " ".join(str(message) for message in page.context["messages"])

    assert "not both" in said(segment=segment.pk, segment_name="Fair")
    assert "Choose a segment" in said()
    if action != "segment":
        assert "Nobody is in a new list yet" in said(segment_name="Fair")
    assert Segment.objects.get() == segment
    assert pins_of(segment) == {}
    pin(segment, ana, is_in=action != "segment")
    said(segment=segment.pk)
    assert pins_of(segment).get(ana.pk) is {"segment": True, "unsegment": False}.get(action)
