"""One slice of leased work: steps, tries, hand-over."""

import uuid
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from contacts.models import ContactOperation, OperationKind
from organizations.scope import organization_scope
from organizations.services.leases import Lease, LeaseLost, lease_take
from organizations.services.slices import TRIES, slice_run, work_run
from tests.factories import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> Iterator[ContactOperation]:
    with organization_scope(make_organization()):
        yield ContactOperation.objects.create(kind=OperationKind.UNDO)


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    return error


class Step:
    """Raises the errors that it was given, one a call, then says that it is done."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> bool:
        self.calls += 1
        if self.errors:
            raise self.errors.pop()
        return True


def taken(work: ContactOperation) -> Lease:
    lease = lease_take(work=work)
    assert lease is not None
    return lease


def test_a_step_that_met_another_writer_is_tried_again(work: ContactOperation) -> None:
    step = Step(deadlock(), deadlock())
    assert slice_run(lease=taken(work), step=step)
    assert step.calls == TRIES


def test_it_gives_up_after_some_tries(work: ContactOperation) -> None:
    step = Step(*[deadlock() for _ in range(TRIES)])
    with pytest.raises(OperationalError):
        slice_run(lease=taken(work), step=step)


def test_other_errors_are_not_tried_again(work: ContactOperation) -> None:
    step = Step(OperationalError("the server is gone"))
    with pytest.raises(OperationalError):
        slice_run(lease=taken(work), step=step)
    assert step.calls == 1


def test_who_lost_the_lease_does_not_try_again(work: ContactOperation) -> None:
    lease = taken(work)
    ContactOperation.objects.filter(pk=work.pk).update(claim_token=uuid.uuid4())
    with pytest.raises(LeaseLost):
        slice_run(lease=lease, step=Step(deadlock()))


def test_what_is_not_done_in_time_is_handed_over(work: ContactOperation) -> None:
    assert not slice_run(lease=taken(work), step=Step(), seconds=0)
    work.refresh_from_db()
    assert work.claim_token is None
    assert work.lease_expires_at is not None


def test_an_error_is_kept_on_the_row(work: ContactOperation) -> None:
    def fails(work: ContactOperation, *, lease: Lease) -> None:
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        work_run(work=work, run=fails)
    work.refresh_from_db()
    assert (work.error, work.attempts) == ("ValueError: no such thing", 1)


def test_a_lost_lease_is_no_error(work: ContactOperation) -> None:
    def loses(work: ContactOperation, *, lease: Lease) -> None:
        raise LeaseLost

    work_run(work=work, run=loses)
    work.refresh_from_db()
    assert work.error == ""


def test_nobody_else_works_on_a_row_that_is_held(work: ContactOperation) -> None:
    taken(work)
    calls: list[int] = []
    work_run(work=work, run=lambda work, *, lease: calls.append(work.pk))
    assert calls == []
