"""Computing a whole segment: leased, seen at once or not at all, called off, failed and tried again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from contacts.models import ContactChange
from contacts.services.contacts import contact_update
from contacts.services.feed import changes_process
from organizations.locks import LockSpace
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.services.lease_keeping import lease_kept
from organizations.services.leases import (
    MAX_ATTEMPTS,
    Lease,
    LeaseLost,
    lease_take,
    leases_sweep,
)
from segments.jobs import follow_time, run_refresh, start_stale
from segments.models import MembershipReason, Segment, SegmentMembershipLog, SegmentRefresh
from segments.services.computing import _compute, refresh_run
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_cancel, segment_refresh_start
from segments.services.segments import segment_update
from tests.factories import SCREEN, make_contact, make_organization
from tests.nursery import running_nursery
from tests.others import Other
from tests.segments.making import (
    IN_OSLO,
    computed,
    follow,
    make_segment,
    members_of,
)
from tests.waiting import PATIENCE, await_, blocked, waiting_for


def started(segment: Segment) -> SegmentRefresh:
    return segment_refresh_start(segment=segment, reason=MembershipReason.DATA)


def taken(refresh: SegmentRefresh) -> Lease:
    lease = lease_take(work=refresh)
    assert lease is not None
    return lease


def reread(row: Any) -> Any:
    return type(row).unscoped.get(pk=row.pk)


def run(refresh: SegmentRefresh) -> None:
    run_refresh(organization_id=refresh.organization_id, refresh_id=refresh.pk)


# What a computation leaves


def test_who_asks_twice_gets_the_one_that_waits(organization: Organization) -> None:
    segment = make_segment(organization)
    first = started(segment)
    assert started(segment).pk == first.pk
    assert reread(segment).status == "stale"
    lease = taken(first)
    assert started(segment).pk == first.pk
    assert lease_take(work=first) is None
    refresh_run(first, lease=lease)
    assert started(segment).pk != first.pk


def test_who_joined_and_left_is_told(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    segment = make_segment(organization)
    first = SegmentRefresh.objects.get()
    assert (first.status, first.joined, first.left, first.reason) == ("done", 1, 0, "rules")
    assert first.started_at <= first.finished_at
    for contact, city in ((ana, None), (bo, "Oslo")):
        contact_update(contact=contact, patch={"city": city}, actor=SCREEN)
    second = started(segment)
    run(second)
    second.refresh_from_db()
    assert (second.status, second.joined, second.left, second.reason) == ("done", 1, 1, "data")
    assert (reread(segment).member_count, members_of(segment)) == (1, {bo.pk})


def test_who_lost_the_lease_commits_nothing(organization: Organization) -> None:
    make_contact(organization, city="Oslo")
    segment = make_segment(organization, {"not": IN_OSLO})
    Segment.objects.filter(pk=segment.pk).update(rules=IN_OSLO)
    refresh = started(segment)
    lease = taken(refresh)
    # The rules change while it runs: it starts again, and whoever was at it has lost it.
    segment_refresh_start(segment=segment, reason=MembershipReason.RULES)
    with pytest.raises(LeaseLost):
        refresh_run(refresh, lease=lease)
    assert members_of(segment) == set()
    assert not SegmentMembershipLog.objects.exists()
    assert reread(refresh).status == "pending"
    assert len(members_of(computed(segment))) == 1


def test_what_is_called_off_leaves_the_members_of_before(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    segment_update(segment=segment, rules={"not": IN_OSLO})
    refresh = SegmentRefresh.objects.latest("pk")
    lease = taken(refresh)
    assert segment_refresh_cancel(segment=segment).pk == refresh.pk
    with pytest.raises(LeaseLost):
        refresh_run(refresh, lease=lease)
    assert reread(refresh).status == "cancelled"
    assert (reread(segment).status, members_of(segment)) == ("failed", {ana.pk})
    assert "called off" in reread(segment).error
    with pytest.raises(ValidationError, match="nothing to call off"):
        segment_refresh_cancel(segment=segment)
    # It is not followed until somebody has it computed.
    contact_update(contact=ana, patch={"city": None}, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == {ana.pk}
    started(segment)
    assert reread(segment).error == ""
    assert (computed(segment).status, members_of(segment)) == ("ready", {ana.pk})


def test_rules_that_can_not_be_read_fail_once_and_can_be_mended(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    segment = make_segment(organization)
    gone = {"type": "custom_field", "field": "gone", "operator": "is_set"}
    Segment.objects.filter(pk=segment.pk).update(rules=gone)
    refresh = started(segment)
    run(refresh)
    refresh.refresh_from_db()
    assert refresh.status == "failed"
    assert "“gone” is no custom field" in refresh.error
    segment.refresh_from_db()
    assert (segment.status, segment.error) == ("failed", refresh.error)
    # Its members are those of before, and it is not tried by itself again and again.
    assert members_of(segment) == {ana.pk}
    assert (start_stale(), leases_sweep()) == (0, 0)
    segment_update(segment=segment, rules={"not": IN_OSLO})
    assert (computed(segment).status, segment.error, members_of(segment)) == ("ready", "", set())


def test_what_fails_again_and_again_is_given_up(organization: Organization) -> None:
    segment = make_segment(organization)
    refresh = started(segment)
    for _ in range(MAX_ATTEMPTS):
        taken(refresh)
        past = timezone.now() - timedelta(seconds=1)
        SegmentRefresh.objects.filter(pk=refresh.pk).update(lease_expires_at=past)
        assert leases_sweep() == 1
    run(refresh)
    assert reread(refresh).status == "failed"
    segment.refresh_from_db()
    assert segment.status == "failed"
    assert f"Computing it failed {MAX_ATTEMPTS} times" in segment.error
    started(segment)
    assert computed(segment).status == "ready"


def test_organizations_are_apart(organization: Organization) -> None:
    other = make_organization()
    theirs = make_contact(other, city="Oslo")
    mine = make_contact(organization, city="Oslo")
    segment, elsewhere = make_segment(organization), make_segment(other)
    with organization_scope(other):
        assert members_of(elsewhere) == {theirs.pk}
        assert members_of(segment) == set()
        assert SegmentMembershipLog.objects.count() == 1
        with pytest.raises(Segment.DoesNotExist):
            started(segment)
    assert members_of(segment) == {mine.pk}
    run_refresh(organization_id=other.pk, refresh_id=started(segment).pk)
    assert reread(segment).status == "stale"


# Others at work at the same time


@pytest.fixture
def home(transactional_db: None) -> Iterator[Organization]:
    organization = make_organization()
    with organization_scope(organization):
        yield organization


@contextmanager
def held_at_the_end(refresh: SegmentRefresh) -> Iterator[Other]:
    """A computation that has done all but its last statement while the block runs."""
    with blocked("select 1 from segment_refreshes where id = %s for share", refresh.pk):
        # (The claim needs the row too.)
        lease = Lease(SegmentRefresh, refresh.pk, reread(refresh).claim_token)
        other = Other(refresh.organization, lambda: _compute(refresh, lease))
        other.start()
        await_(waiting_for("transactionid"), "the end of the computation")
        yield other
    other.ended()


def test_readers_see_the_members_of_before_or_those_of_after(home: Organization) -> None:
    ana, bo = make_contact(home, city="Oslo"), make_contact(home, city="Bergen")
    segment = make_segment(home)
    segment_update(segment=segment, rules={"not": IN_OSLO})
    refresh = SegmentRefresh.objects.latest("pk")
    taken(refresh)
    with held_at_the_end(refresh) as other:
        assert (members_of(segment), reread(segment).member_count) == ({ana.pk}, 1)
        assert SegmentMembershipLog.objects.count() == 1
    assert other.outcome is True
    assert members_of(segment) == {bo.pk}
    assert SegmentMembershipLog.objects.count() == 3


def test_pins_that_came_meanwhile_are_followed_afterwards(
    home: Organization, run_jobs: Callable[[], int]
) -> None:
    ana, bo = make_contact(home, city="Oslo"), make_contact(home)
    segment = make_segment(home)
    run_jobs()
    refresh = started(segment)
    taken(refresh)
    with held_at_the_end(refresh):
        for person, is_in in ((ana, False), (bo, True)):
            selection = {"ids": [person.pk]}
            contacts_pin(segment=segment, selection=selection, is_in=is_in, actor=SCREEN)
        assert members_of(segment) == {ana.pk}
    run_jobs()
    assert members_of(segment) == {bo.pk}


def test_changes_that_came_meanwhile_are_followed_afterwards(
    home: Organization, run_jobs: Callable[[], int]
) -> None:
    ana = make_contact(home, city="Oslo")
    segment = make_segment(home)
    run_jobs()
    refresh = started(segment)
    taken(refresh)
    with held_at_the_end(refresh):
        contact_update(contact=ana, patch={"city": None}, actor=SCREEN)
        # The job that was woken finds the lock taken, and goes away.
        assert changes_process(organization_id=home.pk) == 0
        django_rq.get_queue("changes").empty()
        assert ContactChange.objects.exists()
    assert django_rq.get_queue("changes").count == 1
    run_jobs()
    assert members_of(segment) == set()
    assert not ContactChange.objects.exists()


def test_two_at_once_are_both_right(home: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segments.services.computing.PATIENCE_SECONDS", PATIENCE)
    people = [make_contact(home, city="Oslo").pk for _ in range(3)]
    first, second = make_segment(home), make_segment(home, {"not": IN_OSLO})
    for segment, rules in ((first, {"not": IN_OSLO}), (second, IN_OSLO)):
        segment_update(segment=segment, rules=rules)
    waiting = list(SegmentRefresh.objects.filter(status="pending"))
    lock = "select pg_advisory_xact_lock(%s, %s)"
    with blocked(lock, int(LockSpace.CHANGES), home.pk):
        others = [Other(home, lambda refresh=refresh: run(refresh)) for refresh in waiting]
        for other in others:
            other.start()
        await_(waiting_for("advisory"), "the lock of changes")
    assert [other.ended() for other in others] == [None, None]
    assert (members_of(first), members_of(second)) == (set(), set(people))
    assert [reread(refresh).status for refresh in waiting] == ["done", "done"]


def test_a_lease_is_kept_however_long_the_work_takes(home: Organization) -> None:
    refresh = started(make_segment(home))
    lease = taken(refresh)
    almost = timezone.now() + timedelta(seconds=5)
    SegmentRefresh.objects.filter(pk=refresh.pk).update(lease_expires_at=almost)
    with lease_kept(lease=lease, beat_seconds=0.01):
        await_(lambda: reread(refresh).lease_expires_at > almost, "a longer lease")
    assert lease.row().exists()


def test_who_loses_the_lease_is_stopped_at_once(home: Organization) -> None:
    refresh = started(make_segment(home))
    lease = taken(refresh)
    SegmentRefresh.objects.filter(pk=refresh.pk).update(claim_token=None)
    with (
        pytest.raises(LeaseLost),
        lease_kept(lease=lease, beat_seconds=0.01),
        connection.cursor() as cursor,
    ):
        cursor.execute("select pg_sleep(%s)", [PATIENCE])
    assert members_of(refresh.segment) == set()


@pytest.mark.slow
def test_who_is_killed_is_replaced(home: Organization) -> None:
    ana = make_contact(home, city="Oslo")
    segment = make_segment(home, {"not": IN_OSLO})
    segment_update(segment=segment, rules=IN_OSLO)
    refresh = SegmentRefresh.objects.latest("pk")
    lock = "select pg_advisory_xact_lock(%s, %s)"
    with running_nursery("default") as nursery:
        with blocked(lock, int(LockSpace.CHANGES), home.pk):
            worker = nursery.start_worker()
            await_(waiting_for("advisory"), "the worker", nursery.output)
            worker.kill()
        assert reread(refresh).status == "running"
        assert members_of(segment) == set()
        past = timezone.now() - timedelta(seconds=1)
        SegmentRefresh.objects.filter(pk=refresh.pk).update(lease_expires_at=past)
        assert leases_sweep() == 1
        nursery.start_worker()
        await_(lambda: reread(refresh).status == "done", "the successor", nursery.output)
    assert (reread(segment).status, members_of(segment)) == ("ready", {ana.pk})
    assert reread(refresh).joined == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_wait_for_a_busy_organization(
    home: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("segments.services.computing", "segments.jobs"):
        monkeypatch.setattr(f"{module}.PATIENCE_SECONDS", 1)
    make_contact(home, city="Oslo")
    segment = make_segment(
        home, {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "1d"}
    )
    swept, refresh = reread(segment).swept_until, started(segment)
    lock = "select pg_advisory_xact_lock(%s, %s)"
    with blocked(lock, int(LockSpace.CHANGES), home.pk):
        follow_time(organization_id=home.pk)
        refresh_run(refresh, lease=taken(refresh))
        assert reread(segment).swept_until == swept
        waiting = reread(refresh)
        assert (waiting.status, waiting.phase) == ("running", "waiting for other work")
        assert (waiting.attempts, waiting.claim_token) == (0, None)
    assert computed(segment).status == "ready"
