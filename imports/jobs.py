"""Jobs take ids, enter the organization's scope, and do one slice of work."""

import django_rq

from imports.models import ImportJob, ImportStatus
from imports.services.running import import_run
from imports.services.validation import validation_run
from organizations.scope import organization_scope
from organizations.services.slices import work_run

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
