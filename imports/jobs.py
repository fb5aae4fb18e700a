"""Jobs take ids, enter the organization's scope, and do one slice of work."""

import django_rq

from imports.models import ExportJob, ImportJob
from imports.selectors.retention import organizations_over_retention
from imports.services.exporting import export_expire, export_run, exports_expired
from imports.services.retention import retention_run
from imports.services.working import import_work
from organizations.scope import organization_scope
from organizations.services.slices import SLICE_SECONDS, work_run


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
        if job is not None:
            import_work(job=job)


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


def enqueue_export(job: ExportJob) -> None:
    django_rq.get_queue("imports").enqueue(
        "imports.jobs.run_export",
        organization_id=job.organization_id,
        export_id=job.pk,
        result_ttl=0,
    )


def run_export(*, organization_id: int, export_id: int) -> None:
    """Continue an export from its cursor for one slice of time."""
    with organization_scope(organization_id):
        job = ExportJob.objects.filter(pk=export_id).first()
        if job is not None:
            work_run(work=job, run=export_run)


def expire_export(*, organization_id: int, export_id: int) -> None:
    """Remove the files of an export whose time is up."""
    with organization_scope(organization_id):
        job = ExportJob.objects.filter(pk=export_id).first()
        if job is not None:
            export_expire(job=job)


def enqueue_expired() -> None:
    """Queue the removal of files; what is not removed is queued again the next time."""
    for job in exports_expired():
        django_rq.get_queue("default").enqueue(
            "imports.jobs.expire_export",
            organization_id=job.organization_id,
            export_id=job.pk,
            result_ttl=0,
        )


# What the schedule runs: name, seconds between runs, what.
PERIODIC = [
    ("retention of imports", 3600, retention_sweep),
    ("remove expired exports", 3600, enqueue_expired),
]
