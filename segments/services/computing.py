"""Computing a whole segment: one difference, in one transaction, which readers see at once or not at all."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.rules.world import World
from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id
from organizations.services.lease_keeping import lease_kept
from organizations.services.leases import Lease, lease_extend, lease_renew
from segments.models import (
    MembershipReason,
    RefreshStatus,
    Segment,
    SegmentMembership,
    SegmentMembershipLog,
    SegmentRefresh,
    SegmentStatus,
)
from segments.services.following import segment_follow
from segments.services.memberships import members_set
from segments.services.refreshing import (
    refresh_end,
    segment_fail,
    segment_refresh_start,
)
from segments.services.statistics import rules_know_sizes

# So many who joined and left are followed one by one into the segments that look at this one.
MOST_FLIPS = 20_000


def refresh_run(refresh: SegmentRefresh, *, lease: Lease) -> None:
    """Compute the segment of a refresh. Holds the organization's lock of changes. Raises LeaseLost.

    A rule that can't be read any more fails the refresh, and the segment says why.
    """
    begun: dict[str, Any] = {
        "status": RefreshStatus.RUNNING,
        "phase": "computing",
        "started_at": timezone.now(),
    }
    lease_extend(lease=lease, **begun)
    try:
        with lease_kept(lease=lease):
            rules_know_sizes()
            _compute(refresh, lease)
    except ValidationError as error:
        message = "; ".join(error.messages)
        with transaction.atomic():
            lease_renew(lease=lease)
            refresh_end(refresh, RefreshStatus.FAILED, error=message[:2000])
            segment_fail(refresh.segment, message)


COMPUTED = (
    "member_count",
    "members_version",
    "status",
    "error",
    "computed_at",
    "computed_in",
    "computed_timezone",
    "swept_until",
)


@transaction.atomic
def _compute(refresh: SegmentRefresh, lease: Lease) -> None:
    lock_organization(LockSpace.CHANGES, current_organization_id())
    now = timezone.now()
    segment = Segment.objects.get(pk=refresh.segment_id)
    world = World(now)
    joined, left = members_set(segment=segment, world=world, reason=refresh.reason)
    took = timezone.now() - now
    segment.member_count = SegmentMembership.objects.filter(segment=segment).count()
    segment.members_version += 1 if joined or left else 0
    segment.status, segment.error = SegmentStatus.READY, ""
    segment.computed_at = segment.swept_until = now
    segment.computed_in, segment.computed_timezone = took, str(world.tz)
    segment.save(update_fields=COMPUTED)
    if joined or left:
        _tell_those_behind(segment, joined + left, now)
    # Whoever came for the lock of changes meanwhile has gone away.
    wake_on_commit(current_organization_id())
    done = {"joined": joined, "left": left, "progress_done": joined + left}
    lease_renew(
        lease=lease,
        status=RefreshStatus.DONE,
        phase="",
        finished_at=timezone.now(),
        lease_expires_at=None,
        claim_token=None,
        **done,
    )


def _tell_those_behind(segment: Segment, count: int, now: datetime) -> None:
    """Segments that look at this one follow, or are computed anew where very many joined or left."""
    behind = Segment.objects.filter(depends_on__contains=[segment.pk], status=SegmentStatus.READY)
    if not behind.exists():
        return
    if count > MOST_FLIPS:
        for each in list(behind):
            segment_refresh_start(segment=each, reason=MembershipReason.DATA)
        return
    log = SegmentMembershipLog.objects.filter(segment=segment, at=now)
    flips = [(pk, action == "joined") for pk, action in log.values_list("contact_id", "action")]
    segment_follow(segment=segment, flips=flips, now=now)
