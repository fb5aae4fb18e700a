"""Leases: one worker at a time, nothing of a worker that lost its lease, and a sweep for those that died."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import transaction
from django.utils import timezone

from contacts.models import ContactOperation
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.services.leases import (
    LEASE,
    MAX_ATTEMPTS,
    Lease,
    LeaseLost,
    lease_extend,
    lease_fail,
    lease_hand_over,
    lease_renew,
    lease_take,
    leases_sweep,
    work_enqueue,
)
from tests.factories import make_organization


@pytest.fixture
def work(organization: Organization) -> ContactOperation:
    return ContactOperation.objects.create(kind="bulk_edit", status="pending")


def taken(work: ContactOperation) -> Lease:
    lease = lease_take(work=work)
    assert lease is not None
    work.refresh_from_db()
    return lease


def set_row(work: ContactOperation, **values: Any) -> None:
    ContactOperation.objects.filter(pk=work.pk).update(**values)


def run_out(work: ContactOperation) -> None:
    set_row(work, lease_expires_at=timezone.now() - timedelta(seconds=1))


def queued() -> int:
    return len(django_rq.get_queue("default"))


def test_a_row_is_claimed_once(work: ContactOperation) -> None:
    lease = taken(work)
    assert lease_take(work=work) is None
    assert work.claim_token == lease.token
    assert work.attempts == 1
    assert timedelta(0) < work.lease_expires_at - timezone.now() <= LEASE


@pytest.mark.parametrize("status", ["done", "failed", "cancelled"])
def test_what_has_ended_is_not_claimed(work: ContactOperation, status: str) -> None:
    set_row(work, status=status)
    assert lease_take(work=work) is None


def test_a_lease_that_ran_out_is_somebody_elses_to_take(work: ContactOperation) -> None:
    slow = taken(work)
    run_out(work)
    quick = taken(work)
    assert quick.token != slow.token
    for use in (lease_renew, lease_extend):
        with pytest.raises(LeaseLost):
            use(lease=slow)
    lease_renew(lease=quick, cursor=5)
    work.refresh_from_db()
    assert work.cursor == 5


def test_a_lease_that_ran_out_and_nobody_took_is_still_good(work: ContactOperation) -> None:
    lease = taken(work)
    run_out(work)
    lease_renew(lease=lease, cursor=1)


def test_who_lost_the_lease_commits_nothing(work: ContactOperation) -> None:
    slow = taken(work)
    run_out(work)
    taken(work)
    with pytest.raises(LeaseLost):
        _batch(work, slow)
    work.refresh_from_db()
    assert work.label == ""


@transaction.atomic
def _batch(work: ContactOperation, lease: Lease) -> None:
    set_row(work, label="written by the one who lost it")
    lease_renew(lease=lease)


def test_progress_renews_and_forgives(work: ContactOperation) -> None:
    lease = taken(work)
    set_row(work, attempts=3, error="ValueError: no", lease_expires_at=timezone.now())
    lease_renew(lease=lease, cursor=7, progress_done=7)
    work.refresh_from_db()
    assert (work.cursor, work.progress_done, work.attempts, work.error) == (7, 7, 0, "")
    assert work.lease_expires_at > timezone.now() + LEASE / 2


def test_a_failure_is_remembered_and_tried_later_each_time(work: ContactOperation) -> None:
    delays = []
    for _ in range(3):
        run_out(work)
        lease = taken(work)
        lease_fail(lease=lease, error=ValueError("x" * 5000))
        work.refresh_from_db()
        assert work.claim_token is None
        assert work.error.startswith("ValueError: x")
        assert len(work.error) == 2000
        delays.append((work.lease_expires_at - timezone.now()).total_seconds())
    assert delays[0] > 5
    assert delays == sorted(delays)
    assert delays[2] > 3 * delays[0]


def test_who_lost_the_lease_reports_no_failure(work: ContactOperation) -> None:
    slow = taken(work)
    run_out(work)
    quick = taken(work)
    lease_fail(lease=slow, error=ValueError("late"))
    work.refresh_from_db()
    assert (work.error, work.claim_token) == ("", quick.token)


def test_five_tries_without_a_step_are_enough(work: ContactOperation) -> None:
    for _ in range(MAX_ATTEMPTS):
        lease_fail(lease=taken(work), error=ValueError("no"))
        run_out(work)
    assert lease_take(work=work) is None
    work.refresh_from_db()
    assert work.status == "failed"
    assert work.error == "ValueError: no"
    assert work.finished_at is not None


def test_work_that_kills_its_worker_each_time_ends_too(work: ContactOperation) -> None:
    for _ in range(MAX_ATTEMPTS):
        taken(work)
        run_out(work)
    assert lease_take(work=work) is None
    work.refresh_from_db()
    assert work.status == "failed"


def test_work_is_queued_after_the_commit(
    work: ContactOperation, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        work_enqueue(work=work)
        assert queued() == 0
    assert queued() == 1


def test_handing_over_frees_and_queues(
    work: ContactOperation, django_capture_on_commit_callbacks: Any
) -> None:
    lease = taken(work)
    with django_capture_on_commit_callbacks(execute=True):
        lease_hand_over(lease=lease)
    assert queued() == 1
    assert taken(work).token != lease.token


def test_who_lost_the_lease_hands_nothing_over(
    work: ContactOperation, django_capture_on_commit_callbacks: Any
) -> None:
    slow = taken(work)
    run_out(work)
    quick = taken(work)
    with django_capture_on_commit_callbacks(execute=True):
        lease_hand_over(lease=slow)
    work.refresh_from_db()
    assert (queued(), work.claim_token) == (0, quick.token)


@pytest.fixture
def swept(django_capture_on_commit_callbacks: Any) -> Callable[[], int]:
    """Sweep, and say how many jobs that queued."""

    def sweep() -> int:
        before = queued()
        with django_capture_on_commit_callbacks(execute=True):
            count = leases_sweep()
        assert queued() == before + count
        return count

    return sweep


def test_the_sweep_starts_again_what_died(work: ContactOperation, swept: Callable[[], int]) -> None:
    slow = taken(work)
    assert swept() == 0
    run_out(work)
    assert swept() == 1
    assert swept() == 0
    with pytest.raises(LeaseLost):
        lease_renew(lease=slow)
    taken(work)


def test_the_sweep_finds_what_was_never_queued(
    work: ContactOperation, swept: Callable[[], int]
) -> None:
    set_row(work, lease_expires_at=None)
    assert swept() == 1


def test_the_sweep_leaves_what_has_ended(work: ContactOperation, swept: Callable[[], int]) -> None:
    run_out(work)
    set_row(work, status="done")
    assert swept() == 0


def test_the_sweep_looks_at_every_organization(
    work: ContactOperation, swept: Callable[[], int]
) -> None:
    other = make_organization()
    with organization_scope(other):
        ContactOperation.objects.create(kind="undo", status="running")
    assert swept() == 2
