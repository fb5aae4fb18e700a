"""Jobs take ids, enter the organization's scope, and do one piece of work."""

import django_rq
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization_within
from organizations.scope import organization_scope
from organizations.services.slices import work_run
from organizations.services.view_refresh import view_refresh
from segments.models import Segment, SegmentKind, SegmentRefresh, SegmentStatus
from segments.services.computing import PATIENCE_SECONDS, refresh_run
from segments.services.following import stale_start, time_follow

TIME_SECONDS = 30


def enqueue_refresh(refresh: SegmentRefresh) -> None:
    django_rq.get_queue("default").enqueue(
        "segments.jobs.run_refresh",
        organization_id=refresh.organization_id,
        refresh_id=refresh.pk,
        result_ttl=0,
    )


def run_refresh(*, organization_id: int, refresh_id: int) -> None:
    """Compute a whole segment."""
    with organization_scope(organization_id):
        refresh = SegmentRefresh.objects.filter(pk=refresh_id).first()
        if refresh is not None:
            work_run(work=refresh, run=refresh_run)


def enqueue_time() -> int:
    """Have time followed in every organization with segments that know it, or that keeps another time than theirs.
    Returns how many.
    """
    has_moved = Q(kind=SegmentKind.DYNAMIC) & ~Q(computed_timezone=F("organization__timezone"))
    timed = Segment.unscoped.filter(Q(knows_time=True) | has_moved, status=SegmentStatus.READY)
    organizations = set(timed.values_list("organization_id", flat=True).distinct())
    for organization_id in organizations:
        django_rq.get_queue("changes").enqueue(
            "segments.jobs.follow_time", organization_id=organization_id, result_ttl=0
        )
    return len(organizations)


def follow_time(*, organization_id: int) -> None:
    """Bring an organization's segments up to date with the passing of time; while something longer runs, the next time
    does.
    """
    with organization_scope(organization_id), transaction.atomic():
        if not lock_organization_within(
            LockSpace.CHANGES, organization_id, seconds=PATIENCE_SECONDS
        ):
            return
        time_follow(now=timezone.now())
        # Whoever came for the lock of changes meanwhile has gone away.
        wake_on_commit(organization_id)


def start_stale() -> int:
    """Have segments computed that were left behind and that no change has woken since. Returns how many."""
    stale = Segment.unscoped.filter(status=SegmentStatus.STALE)
    count = 0
    for organization_id in set(stale.values_list("organization_id", flat=True).distinct()):
        with organization_scope(organization_id), transaction.atomic():
            count += stale_start()
    return count


SIZES = "contact_segment_sizes"


def enqueue_sizes() -> None:
    django_rq.get_queue("default").enqueue("segments.jobs.refresh_sizes", result_ttl=0)


def refresh_sizes() -> None:
    """Bring the view of segments' sizes by day up to date, of all organizations at once."""
    view_refresh(name=SIZES)


# What the schedule runs: name, seconds between runs, what.
PERIODIC = [
    ("pass time in segments", TIME_SECONDS, enqueue_time),
    ("compute stale segments", 60, start_stale),
    ("refresh sizes of segments", 3600, enqueue_sizes),
]
