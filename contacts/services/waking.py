"""Waking the job that hands changes to their subscribers."""

import django_rq
from django.db import transaction

from organizations.redis import redis_connection

FLAG_SECONDS = 60


def flag_name(organization_id: int) -> str:
    return f"kith:changes:{organization_id}"


def wake_on_commit(organization_id: int) -> None:
    """Have the organization's changes processed after the commit.

    A flag in Redis keeps it to one job at a time: the job takes the flag down before it reads, so a change that is
    committed later raises it again. What a crash leaves between commit and flag is found by the sweep.
    """
    transaction.on_commit(lambda: wake(organization_id), robust=True)


def wake(organization_id: int) -> None:
    if redis_connection().set(flag_name(organization_id), 1, nx=True, ex=FLAG_SECONDS):
        queue = django_rq.get_queue("changes")
        queue.enqueue(
            "contacts.jobs.process_changes", organization_id=organization_id, result_ttl=0
        )


def take_flag_down(organization_id: int) -> None:
    redis_connection().delete(flag_name(organization_id))
