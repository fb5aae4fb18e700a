"""Jobs take ids, enter the organization's scope, and do one slice of work."""

import django_rq

from contacts.models import ContactOperation, FlatView, OperationKind, SlotJob
from contacts.services import bulk, engagement, engagement_summary, feed, flat_views, slots, undo
from organizations.scope import organization_scope
from organizations.services.leases import leases_sweep
from organizations.services.slices import work_run

RUNNERS = {
    OperationKind.UNDO: undo.undo_run,
    OperationKind.BULK_EDIT: bulk.bulk_edit_run,
    OperationKind.DELETE: bulk.bulk_edit_run,
}


def process_changes(*, organization_id: int) -> None:
    """Hand pending changes to their subscribers, for one slice of time."""
    with organization_scope(organization_id):
        feed.changes_process(organization_id=organization_id)


def enqueue_operation(operation: ContactOperation) -> None:
    if operation.kind not in RUNNERS:
        return
    django_rq.get_queue("default").enqueue(
        "contacts.jobs.run_operation",
        organization_id=operation.organization_id,
        operation_id=operation.pk,
        result_ttl=0,
    )


def run_operation(*, organization_id: int, operation_id: int) -> None:
    """Continue an operation from its cursor for one slice of time."""
    with organization_scope(organization_id):
        operation = ContactOperation.objects.filter(pk=operation_id).first()
        if operation is not None:
            work_run(work=operation, run=RUNNERS[OperationKind(operation.kind)])


def enqueue_slot_job(job: SlotJob) -> None:
    django_rq.get_queue("default").enqueue(
        "contacts.jobs.run_slot_job",
        organization_id=job.organization_id,
        slot_job_id=job.pk,
        result_ttl=0,
    )


def run_slot_job(*, organization_id: int, slot_job_id: int) -> None:
    """Continue filling or clearing a slot from its cursor for one slice of time."""
    with organization_scope(organization_id):
        job = SlotJob.objects.filter(pk=slot_job_id).first()
        if job is not None:
            work_run(work=job, run=slots.slot_job_run)


# A view is made and refreshed by one statement, however large the organization is.
FLAT_VIEW_SECONDS = 3600


def enqueue_flat_view(view: FlatView) -> None:
    django_rq.get_queue("default").enqueue(
        "contacts.jobs.run_flat_view",
        organization_id=view.organization_id,
        view_id=view.pk,
        job_timeout=FLAT_VIEW_SECONDS,
        result_ttl=0,
    )


def run_flat_view(*, organization_id: int, view_id: int) -> None:
    """Make, refresh or remove the flat view of an organization."""
    with organization_scope(organization_id):
        view = FlatView.objects.filter(pk=view_id).first()
        if view is not None:
            work_run(work=view, run=flat_views.flat_view_run)


def remove_flat_view(*, organization_id: int) -> None:
    """Remove the flat view of an organization that is gone."""
    flat_views.flat_view_stray_drop(organization_id=organization_id)


def sweep_flat_views() -> None:
    """Queue what is to be done about flat views."""
    flat_views.flat_views_sweep()
    for organization_id in flat_views.flat_views_stray():
        django_rq.get_queue("default").enqueue(
            "contacts.jobs.remove_flat_view", organization_id=organization_id, result_ttl=0
        )


# All scores of an organization are computed in one transaction.
REBUILD_SECONDS = 3600


def rebuild_engagement(*, organization_id: int) -> None:
    """Compute the scores of an organization by the weights and the half-life that it wants now."""
    with organization_scope(organization_id):
        engagement.engagement_rebuild()


def sweep_engagement() -> None:
    """Queue the organizations whose scores are of other weights or half-lives than they want."""
    for organization_id in engagement.organizations_to_rebuild():
        django_rq.get_queue("default").enqueue(
            "contacts.jobs.rebuild_engagement",
            organization_id=organization_id,
            job_timeout=REBUILD_SECONDS,
            result_ttl=0,
        )


def enqueue_engagement_summary() -> None:
    django_rq.get_queue("default").enqueue(
        "contacts.jobs.refresh_engagement_summary", job_timeout=REBUILD_SECONDS, result_ttl=0
    )


def refresh_engagement_summary() -> None:
    """Bring the view of engagement by day up to date, of all organizations at once."""
    engagement_summary.engagement_summary_refresh()


# What the schedule runs: name, seconds between runs, what.
PERIODIC = [
    ("sweep leases", 20, leases_sweep),
    ("sweep changes", 30, feed.changes_sweep),
    ("sweep flat views", 60, sweep_flat_views),
    ("sweep engagement", 60, sweep_engagement),
    ("refresh summary of engagement", 600, enqueue_engagement_summary),
]
