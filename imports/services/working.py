"""Working on an import, its reading, its check or its run: in a worker, or, where it is small, at once."""

from django.db import transaction

from imports.models import ImportJob, ImportStatus, ProcessingMode
from imports.services.reading import reading_run
from imports.services.running import import_run
from imports.services.validation import validation_run
from organizations.services.leases import work_enqueue, work_wait
from organizations.services.slices import work_run

RUNNERS = {
    ImportStatus.READING: reading_run,
    ImportStatus.VALIDATING: validation_run,
    ImportStatus.RUNNING: import_run,
}


def import_work(*, job: ImportJob) -> None:
    """Continue an import from its cursor for one slice of time; nothing when somebody else does, or nothing is to do."""
    if job.status in RUNNERS:
        work_run(work=job, run=RUNNERS[ImportStatus(job.status)])


def import_hand_over(*, job: ImportJob) -> None:
    """Let an import be worked on once the transaction commits. What dies at that is found by the sweep, which leaves
    it to a worker.
    """
    if job.processing_mode == ProcessingMode.SYNC:
        work_wait(work=job)
        transaction.on_commit(lambda: import_work(job=job), robust=True)
    else:
        work_enqueue(work=job)
