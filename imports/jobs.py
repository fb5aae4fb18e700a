"""Jobs take ids, enter the organization's scope, and do one slice of work."""

import django_rq

from imports.models import ImportJob, ImportStatus
from imports.selectors.retention import organizations_over_retention
from imports.services.retention import retention_run
from imports.services.running import import_run
from imports.services.validation import validation_run
from organizations.scope import organization_scope
from organizations.services.slices import SLICE_SECONDS, work_run

RUNNERS = {ImportStatus.VALIDATING: validation_run, ImportStatus.RUNNING: import_run}


def enqueue_import(job: ImportJob) -> None:
    django_rq.get_queue("imports").enqueue(
        "imports.jobs.run_import",
        organization_id=job.organization_id,
        import_id=job.pk,
        result_ttl=0,
    )


def run_import(*, organization_id: int, import_id: int) -> None:
    """Continue an import, its check or its run, from its cursor for one slice of time."""
    with organization_scope(organization_id):
        job = ImportJob.objects.filter(pk=import_id).first()
        # Anything but live work has no lease to take.
        if job is not None and job.status in RUNNERS:
            work_run(work=job, run=RUNNERS[ImportStatus(job.status)])


def enqueue_retention(organization_id: int) -> None:
    # Behind the imports that wait: nobody waits for this.
    django_rq.get_queue("imports").enqueue(
        "imports.jobs.run_retention", organization_id=organization_id, result_ttl=0
    )


def run_retention(*, organization_id: int, seconds: float = SLICE_SECONDS) -> None:
    """Archive, delete and remove what is over an organization's retention, for one slice of time."""
    with organization_scope(organization_id):
        is_done = retention_run(seconds=seconds)
    if not is_done:
        enqueue_retention(organization_id)


def retention_sweep() -> int:
    """Queue the organizations with imports that are over their retention. Returns how many."""
    due = organizations_over_retention()
    for organization_id in due:
        enqueue_retention(organization_id)
    return len(due)


# What the schedule runs: name, seconds between runs, what.
PERIODIC = [("retention of imports", 3600, retention_sweep)]
