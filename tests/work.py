"""Running what is queued, in the test's own process."""

from typing import Any

import django_rq
from rq.serializers import JSONSerializer


def run_queued_jobs() -> int:
    """Work all queues off; returns how many jobs ran. A job that raises fails the test."""
    queues = [django_rq.get_queue(name) for name in ("changes", "default", "imports")]
    count = 0
    while (job := _next_job(queues)) is not None:
        job.perform()
        count += 1
    return count


def _next_job(queues: list[Any]) -> Any:
    connection = queues[0].connection
    found = type(queues[0]).dequeue_any(
        queues, None, connection=connection, serializer=JSONSerializer
    )
    return found[0] if found else None
