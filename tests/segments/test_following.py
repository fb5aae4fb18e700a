"""Segments follow what changes, and nothing else is asked about."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactChange, CustomFieldDefinition
from contacts.services.contacts import contact_update, contacts_delete, contacts_patch
from contacts.services.custom_fields import custom_field_delete
from contacts.services.events import events_record
from contacts.services.slots import slot_give
from contacts.services.undo import operation_undo, undo_run
from organizations.models import Organization
from organizations.services.leases import lease_take
from segments.models import Segment, SegmentMembershipLog, SegmentRefresh
from segments.services import following
from segments.services.pins import contacts_pin
from segments.services.segments import segment_update
from tests.factories import SCREEN, make_contact, make_custom_field, make_relationship, make_tag
from tests.segments.making import (
    IN_OSLO,
    computed,
    follow,
    make_segment,
    members_of,
    pass_time,
)

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def log_of(segment: Segment) -> list[tuple[int, str, str]]:
    rows = SegmentMembershipLog.objects.filter(segment=segment).order_by("pk")
    return list(rows.values_list("contact_id", "action", "reason"))


def test_a_change_moves_its_contact_alone(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization, city="Bergen")
    segment = make_segment(organization)
    assert members_of(segment) == {ana.pk}
    assert (segment.status, segment.member_count) == ("ready", 1)
    contact_update(contact=bo, patch={"city": "Oslo"}, actor=SCREEN)
    contact_update(contact=ana, patch={"city": None}, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {bo.pk}
    assert log_of(segment) == [
        (ana.pk, "joined", "rules"),
        (ana.pk, "left", "data"),
        (bo.pk, "joined", "data"),
    ]
    segment.refresh_from_db()
    assert segment.member_count == 1
    assert SegmentRefresh.objects.filter(segment=segment).count() == 1


def test_what_no_rule_looks_at_asks_nobody(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    make_segment(organization)
    follow(organization)
    contact_update(contact=ana, patch={"country": "Norway"}, actor=SCREEN)
    with CaptureQueriesContext(connection) as captured:
        follow(organization)
    assert not [query for query in captured if "contact_segment_memberships" in query["sql"]]


def test_who_dies_leaves_and_comes_back_by_undoing(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    operation = contacts_delete(ids=[ana.pk], actor=SCREEN)
    follow(organization)
    assert members_of(segment) == set()
    undo = operation_undo(operation=operation, actor=SCREEN)
    lease = lease_take(work=undo)
    assert lease is not None
    undo_run(undo, lease=lease)
    follow(organization)
    assert members_of(segment) == {ana.pk}
    assert [reason for *_, reason in log_of(segment)] == ["rules", "deleted", "data"]


def test_segments_of_segments_follow_in_one_go(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    first = make_segment(organization)
    second = make_segment(
        organization, {"type": "segment", "operator": "member_of", "segment": first.pk}
    )
    third = make_segment(
        organization, {"type": "segment", "operator": "not_member_of", "segment": second.pk}
    )
    assert (members_of(second), members_of(third)) == ({ana.pk}, set())
    contact_update(contact=ana, patch={"city": "Bergen"}, actor=SCREEN)
    follow(organization)
    assert (members_of(second), members_of(third)) == (set(), {ana.pk})


def test_whoever_is_related_is_asked_too(organization: Organization) -> None:
    ana, firm = make_contact(organization), make_contact(organization, kind="company", city="Oslo")
    make_relationship(ana, firm)
    segment = make_segment(
        organization,
        {"type": "relationship", "relationship_type": "company", "related": IN_OSLO},
    )
    assert members_of(segment) == {ana.pk}
    contact_update(contact=firm, patch={"city": "Bergen"}, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == set()


def test_who_opened_leaves_when_the_time_has_come(organization: Organization) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        ana, bo = make_contact(organization), make_contact(organization)
        rule = {"type": "event", "event_type": "email_opened", "within": {"last": "30d"}}
        segment = make_segment(organization, rule)
        opened = {"event_type": "email_opened", "contact": {"id": ana.pk}}
        long_ago = (NOW - timedelta(days=29)).isoformat()
        events_record(
            events=[
                {**opened, "message_id": "1", "occurred_at": long_ago},
                {**opened, "message_id": "2", "contact": {"id": bo.pk}},
            ],
            actor=SCREEN,
        )
        follow(organization)
        assert members_of(segment) == {ana.pk, bo.pk}
        clock.shift(timedelta(days=1) - timedelta(microseconds=1))
        pass_time(organization)
        assert members_of(segment) == {ana.pk, bo.pk}
        clock.shift(timedelta(microseconds=1))
        assert pass_time(organization) == 1
        assert members_of(segment) == {bo.pk}
        assert log_of(segment)[-1] == (ana.pk, "left", "time")
        assert pass_time(organization) == 0


def test_pins_go_before_rules(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    segment = make_segment(organization)
    contacts_pin(segment=segment, selection={"ids": [ana.pk]}, is_in=False, actor=SCREEN)
    contacts_pin(segment=segment, selection={"ids": [bo.pk]}, is_in=True, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {bo.pk}
    assert {reason for *_, reason in log_of(segment)[1:]} == {"manual"}
    contact_update(contact=ana, patch={"city": "OSLO"}, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {bo.pk}
    contacts_pin(segment=segment, selection={"ids": [ana.pk, bo.pk]}, is_in=None, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {ana.pk}


def test_a_rule_that_can_not_be_answered_fails_its_own_segment(organization: Organization) -> None:
    """And only by those about whom it is asked: nobody else's values are in its way."""
    organization.timezone = "Pacific/Kiritimati"
    organization.save()
    ana = make_contact(organization)
    soon = {"type": "attribute", "field": "created_at", "operator": "anniversary_in_next"}
    failing, other = make_segment(organization, {**soon, "value": "7d"}), make_segment(organization)
    follow(organization)
    contact_update(contact=ana, patch={"city": "Oslo"}, actor=SCREEN)
    # As it concerns most of those in question, one rule is asked about everybody whom the other concerns.
    bo, kit = (make_contact(organization, city="Oslo") for _ in range(2))
    # No service writes such a moment: in that zone it is one that PostgreSQL does not know any more.
    with connection.cursor() as cursor:
        late = "update contacts set created_at = '294276-12-31 23:00Z' where id = %s"
        cursor.execute(late, [ana.pk])
    follow(organization)
    failing.refresh_from_db()
    assert failing.status == "ready"
    assert members_of(failing) == members_of(other) == {ana.pk, bo.pk, kit.pk}
    ContactChange.objects.create(contact_id=ana.pk, kind="created")
    follow(organization)
    failing.refresh_from_db()
    other.refresh_from_db()
    assert (failing.status, other.status) == ("failed", "ready")


def test_who_is_asked_about_with_others_moves_for_their_own_reason(
    organization: Organization,
) -> None:
    ana, bo, kit = (make_contact(organization) for _ in range(3))
    segment = make_segment(organization)
    for person in (ana, kit):
        contact_update(contact=person, patch={"city": "Oslo"}, actor=SCREEN)
    contacts_pin(segment=segment, selection={"ids": [bo.pk]}, is_in=True, actor=SCREEN)
    follow(organization)
    reasons = SegmentMembershipLog.objects.values_list("contact_id", "reason")
    assert dict(reasons) == {ana.pk: "data", bo.pk: "manual", kit.pk: "data"}


def test_a_list_kept_by_hand(organization: Organization) -> None:
    ana, bo = make_contact(organization), make_contact(organization)
    segment = make_segment(organization, kind="static")
    selection = {"filters": {}, "max_id": bo.pk}
    contacts_pin(segment=segment, selection=selection, is_in=True, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {ana.pk, bo.pk}
    contacts_pin(segment=segment, selection={"ids": [bo.pk]}, is_in=False, actor=SCREEN)
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    follow(organization)
    assert members_of(segment) == set()


def test_other_rules_are_computed_anew(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization, city="Bergen")
    segment = make_segment(organization)
    segment = segment_update(segment=segment, rules={"not": IN_OSLO})
    assert (segment.status, members_of(segment)) == ("stale", {ana.pk})
    segment = computed(segment)
    assert (segment.status, members_of(segment)) == ("ready", {bo.pk})
    assert [reason for *_, reason in log_of(segment)] == ["rules"] * 3


def test_nothing_is_written_where_nothing_differs(organization: Organization) -> None:
    make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    before = (log_of(segment), segment.memberships.values_list("computed_at").get())
    following.segment_refresh_start(segment=segment, reason="data")
    segment = computed(segment)
    assert (log_of(segment), segment.memberships.values_list("computed_at").get()) == before
    assert SegmentRefresh.objects.filter(status="done").latest("pk").joined == 0


def test_a_field_that_a_rule_looks_at_stays(organization: Organization) -> None:
    field = make_custom_field(organization, key="age", type="number")
    rule = {"type": "custom_field", "field": "age", "operator": "gt", "value": 30}
    make_segment(organization, rule, name="Grown-ups")
    with pytest.raises(ValidationError, match="Grown-ups"):
        custom_field_delete(definition=field)


def test_a_segment_that_can_not_be_read_stops_no_other(organization: Organization) -> None:
    broken, good = make_segment(organization), make_segment(organization)
    Segment.objects.filter(pk=broken.pk).update(
        rules={"type": "custom_field", "field": "gone", "operator": "is_set"}
    )
    ana = make_contact(organization, city="Oslo")
    follow(organization)
    broken.refresh_from_db()
    assert broken.status == "failed"
    assert "gone" in broken.error
    assert members_of(good) == {ana.pk}
    assert not ContactChange.objects.exists()


def test_very_much_at_once_is_computed_anew(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BACKLOG", 3)
    monkeypatch.setattr(following, "BACKLOG_SHARE", 0.0)
    segment = make_segment(organization)
    people = [make_contact(organization, city="Oslo") for _ in range(5)]
    follow(organization)
    segment.refresh_from_db()
    assert (segment.status, SegmentRefresh.objects.count()) == ("stale", 1)
    # Once that is through, with the next change or by the schedule.
    assert following.stale_start() == 1
    segment = computed(segment)
    assert (segment.status, members_of(segment)) == ("ready", {each.pk for each in people})


def test_what_segments_say_themselves_is_not_handed_back_to_them(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        make_contact(organization, city="Oslo")
    follow(organization)
    segment = make_segment(organization)
    assert not ContactChange.objects.exists()
    # Whoever else wants to hear it leaves no backlog for segments either: a first computation would begin them all anew.
    monkeypatch.setattr(following, "BACKLOG", 3)
    monkeypatch.setattr(following, "BACKLOG_SHARE", 0.0)
    joined = [ContactChange(contact_id=n, kind="joined", reference=segment.pk) for n in range(5)]
    ContactChange.objects.bulk_create(joined)
    assert not following.backlog_is_large()


def test_queries_do_not_depend_on_the_number_of_contacts(organization: Organization) -> None:
    people = [make_contact(organization) for _ in range(30)]
    tag = make_tag(organization, "VIP")
    for _ in range(3):
        make_segment(
            organization,
            {"any": [IN_OSLO, {"type": "tag", "operator": "has_any", "values": ["vip"]}]},
        )
    follow(organization)
    counts = []
    for some in (people[:1], people[1:]):
        ids = [each.pk for each in some]
        contacts_patch(
            ids=ids, patch={"city": "Oslo", f"tag:{tag.pk}": True}, actor=SCREEN, label="Moved"
        )
        with CaptureQueriesContext(connection) as captured:
            follow(organization)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Segment.objects.filter(member_count=30).count() == 3
    assert Contact.objects.filter(segment_memberships__isnull=False).distinct().count() == 30


def test_dates_that_time_passes_over_get_an_index(organization: Organization) -> None:
    born = make_custom_field(organization, key="born", type="date")
    make_custom_field(organization, key="seen", type="datetime")
    rule = {"type": "custom_field", "operator": "anniversary_in_next", "value": "7d"}
    make_segment(organization, {"not": {**rule, "field": "born"}})
    make_segment(organization, {"type": "custom_field", "field": "seen", "operator": "is_set"})
    born.refresh_from_db()
    assert (born.slot, born.is_indexed) == ("time_1", True)
    slots = CustomFieldDefinition.objects.values_list("slot", flat=True)
    assert set(slots) == {"time_1", None}


def test_with_all_slots_taken_it_works_without(organization: Organization) -> None:
    for number in range(4):
        field = make_custom_field(organization, key=f"day_{number}", type="date")
        slot_give(definition=field)
    make_custom_field(organization, key="born", type="date")
    day = NOW.date().isoformat()
    ana = make_contact(organization, custom_fields={"born": day})
    with time_machine.travel(NOW, tick=False) as clock:
        rule = {"type": "custom_field", "field": "born", "operator": "equals", "value": "today"}
        segment = make_segment(organization, rule)
        assert members_of(segment) == {ana.pk}
        clock.shift(timedelta(days=1))
        pass_time(organization)
    assert members_of(segment) == set()


def test_a_rule_that_postgresql_can_not_answer_holds_up_no_other(
    organization: Organization,
) -> None:
    make_custom_field(organization, "seen", "datetime")
    returns = {"operator": "anniversary_in_next", "value": "7d"}
    rule = {"type": "custom_field", "field": "seen", **returns}
    bad, ana = make_segment(organization, {"not": rule}), make_contact(organization)
    good = make_segment(organization)
    CustomFieldDefinition.objects.update(slot=None)
    # Written past all services.
    Contact.objects.update(custom_fields={"seen": "2026-99-99T00:00:00Z"})
    contact_update(contact=ana, patch={"city": "Oslo"}, actor=SCREEN)
    follow(organization)
    bad.refresh_from_db()
    assert (bad.status, members_of(good)) == ("failed", {ana.pk})
    assert "2026-99-99" in bad.error
    assert not ContactChange.objects.exists()


def test_a_clock_that_is_behind_brings_nobody_back(organization: Organization) -> None:
    """Whom time has put out on one machine stays out when another one follows a change by a clock that is behind."""
    ana = make_contact(organization)
    rule = {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "1d"}
    segment = make_segment(organization, rule)
    begun = ana.created_at
    with time_machine.travel(begun + timedelta(days=1, seconds=1), tick=False):
        pass_time(organization)
        assert members_of(segment) == set()
    with time_machine.travel(begun + timedelta(days=1, seconds=-1), tick=False):
        contact_update(contact=ana, patch={"city": "Oslo"}, actor=SCREEN)
        follow(organization)
    assert members_of(segment) == set()


def test_a_sweep_never_goes_back(organization: Organization) -> None:
    rule = {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "1d"}
    segment = make_segment(organization, rule)
    ahead = NOW + timedelta(days=400)
    for moment in (ahead, ahead - timedelta(seconds=2)):
        with time_machine.travel(moment, tick=False):
            pass_time(organization)
    segment.refresh_from_db()
    assert segment.swept_until == ahead


def test_very_many_segments_are_asked_by_some_statements(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that asked them all would have more columns than PostgreSQL allows."""
    monkeypatch.setattr(following, "MOST_TOGETHER", 2)
    segments = [make_segment(organization) for _ in range(5)]
    ana = make_contact(organization, city="Oslo")
    with CaptureQueriesContext(connection) as captured:
        follow(organization)
    assert [members_of(segment) for segment in segments] == [{ana.pk}] * 5
    asked = [
        query["sql"] for query in captured if "CASE WHEN" in query["sql"] and "s0" in query["sql"]
    ]
    assert len(asked) == 3
