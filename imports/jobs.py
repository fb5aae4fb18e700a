"""Jobs take ids, enter the organization's scope, and do one slice of work."""

import django_rq
import structlog

from imports.models import ImportJob, ImportStatus
from imports.services.running import import_run
from imports.services.validation import validation_run
from organizations.scope import organization_scope
from organizations.services.leases import LeaseLost, lease_fail, lease_take

log = structlog.get_logger(__name__)

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
        lease = lease_take(work=job) if job else None
        if job is None or lease is None:
            return
        try:
            RUNNERS[ImportStatus(job.status)](job, lease=lease)
        except LeaseLost:
            log.info("lease_lost", import_job=import_id)
        except Exception as error:
            lease_fail(lease=lease, error=error)
            raise
