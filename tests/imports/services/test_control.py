"""Steps between statuses: which are allowed, and what they leave."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Contact, ContactOperation, OperationKind
from imports.jobs import run_import
from imports.models import ImportJob, ImportRecord
from imports.services import running
from imports.services.control import (
    import_cancel,
    import_pause,
    import_resume,
    import_start,
    import_undo,
    import_validate,
)
from imports.services.running import import_run
from organizations.models import Organization
from organizations.services.leases import LeaseLost, lease_take
from tests.factories import SCREEN, checked, imported, make_import

ROWS = 30
FILE = "email\n" + "".join(f"p{number:02}@example.org\n" for number in range(ROWS))
Step = Callable[[ImportJob], ImportJob]
STEPS: dict[str, Step] = {
    "validate": lambda job: import_validate(job=job),
    "start": lambda job: import_start(job=job, actor=SCREEN),
    "pause": lambda job: import_pause(job=job),
    "resume": lambda job: import_resume(job=job),
    "cancel": lambda job: import_cancel(job=job),
    "undo": lambda job: import_undo(job=job, actor=SCREEN),
}
ALLOWED = {
    "draft": {"validate", "cancel"},
    "validating": {"cancel"},
    "validated": {"validate", "start", "cancel"},
    "running": {"pause", "cancel"},
    "paused": {"resume", "cancel"},
    "completed": {"undo"},
    "cancelled": set(),
}


def make(organization: Organization, status: str) -> ImportJob:
    job = make_import(organization, FILE, batch_size=10)
    if status in ("validated", "running", "paused"):
        job = checked(job)
    if status in ("running", "paused"):
        job = import_start(job=job, actor=SCREEN)
    if status == "paused":
        job = import_pause(job=job)
    if status == "validating":
        job = import_validate(job=job)
    if status == "completed":
        job = imported(job)
    if status == "cancelled":
        job = import_cancel(job=job)
    assert job.status == status
    return job


@pytest.mark.parametrize("status", ALLOWED)
@pytest.mark.parametrize("step", STEPS)
def test_steps(organization: Organization, status: str, step: str) -> None:
    job = make(organization, status)
    if step in ALLOWED[status]:
        assert STEPS[step](job).status != status or (status, step) == ("validated", "validate")
        return
    with pytest.raises(ValidationError) as refused:
        STEPS[step](job)
    assert refused.value.error_dict["status"][0].code == "wrong_status"
    job.refresh_from_db()
    assert job.status == status


def go_on(job: ImportJob) -> ImportJob:
    run_import(organization_id=job.organization_id, import_id=job.pk)
    job.refresh_from_db()
    return job


def started(organization: Organization) -> ImportJob:
    return import_start(job=checked(make_import(organization, FILE, batch_size=10)), actor=SCREEN)


def one_batch(job: ImportJob) -> ImportJob:
    """Make the fields and tags, write one batch, and leave the rest to others."""
    lease = lease_take(work=job)
    assert lease is not None
    for _ in range(2):
        job.refresh_from_db()
        running._step(job, lease)
    job.refresh_from_db()
    return job


def test_pause_keeps_what_is_written_and_resume_goes_on(organization: Organization) -> None:
    job = one_batch(started(organization))
    job = import_pause(job=job)
    assert (job.status, job.cursor, Contact.objects.count()) == ("paused", 10, 10)
    assert go_on(job).status == "paused", "nobody works on it"
    assert Contact.objects.count() == 10
    job = go_on(import_resume(job=job))
    assert (job.status, job.counts) == ("completed", {"created": ROWS})
    assert Contact.objects.count() == ROWS
    assert job.current_batch == 3


def test_a_pause_in_the_middle_of_a_batch_drops_that_batch(organization: Organization) -> None:
    job = one_batch(started(organization))
    lease = lease_take(work=import_resume(job=import_pause(job=job)))
    assert lease is not None
    import_pause(job=job)
    with pytest.raises(LeaseLost):
        running._all(job, lease)
    job.refresh_from_db()
    assert (job.cursor, job.counts, Contact.objects.count()) == (10, {"created": 10}, 10)
    assert go_on(import_resume(job=job)).counts == {"created": ROWS}


def test_a_paused_import_is_left_by_its_runner(organization: Organization) -> None:
    job = started(organization)
    lease = lease_take(work=job)
    assert lease is not None
    import_pause(job=job)
    assert import_run(job, lease=lease) is True
    assert Contact.objects.count() == 0


def test_cancel_keeps_what_is_written_and_it_can_be_undone(organization: Organization) -> None:
    from contacts.jobs import run_operation

    job = import_cancel(job=one_batch(started(organization)))
    assert (job.status, job.counts) == ("cancelled", {"created": 10})
    assert ContactOperation.objects.get(pk=job.operation_id).status == "cancelled"
    assert go_on(job).status == "cancelled"
    assert Contact.objects.count() == 10
    assert ImportRecord.objects.filter(outcome=None).count() == ROWS - 10
    assert import_undo(job=job, actor=SCREEN).status == "undoing"
    undo = ContactOperation.objects.get(kind=OperationKind.UNDO)
    run_operation(organization_id=organization.pk, operation_id=undo.pk)
    job.refresh_from_db()
    assert job.status == "undone"
    assert Contact.objects.count() == 0


def test_undo_and_redo(organization: Organization) -> None:
    from contacts.jobs import run_operation
    from contacts.services.undo import operation_undo

    job = imported(make_import(organization, FILE))
    import_undo(job=job, actor=SCREEN)
    undo = ContactOperation.objects.get(kind=OperationKind.UNDO)
    run_operation(organization_id=organization.pk, operation_id=undo.pk)
    job.refresh_from_db()
    assert (job.status, Contact.objects.count()) == ("undone", 0)
    redo = operation_undo(operation=ContactOperation.objects.get(pk=undo.pk), actor=SCREEN)
    run_operation(organization_id=organization.pk, operation_id=redo.pk)
    job.refresh_from_db()
    assert (job.status, Contact.objects.count()) == ("completed", ROWS)


def test_starting_twice_runs_once(organization: Organization) -> None:
    job = checked(make_import(organization, FILE))
    import_start(job=job, actor=SCREEN)
    with pytest.raises(ValidationError):
        import_start(job=job, actor=SCREEN)
    assert ContactOperation.objects.filter(kind=OperationKind.IMPORT).count() == 1
    assert go_on(job).counts == {"created": ROWS}
    assert go_on(job).counts == {"created": ROWS}


def test_an_import_that_gave_up_can_be_resumed_or_cancelled(organization: Organization) -> None:
    for step, status in ((import_resume, "running"), (import_cancel, "cancelled")):
        job = started(organization)
        ImportJob.objects.filter(pk=job.pk).update(status="failed", attempts=5)
        job = step(job=job)
        assert (job.status, job.attempts) == (status, 0 if status == "running" else 5)


def test_a_cancelled_check_is_left_by_its_runner(organization: Organization) -> None:
    job = import_validate(job=make_import(organization, FILE))
    import_cancel(job=job)
    assert go_on(job).status == "cancelled"
    assert not ImportRecord.objects.exists()
