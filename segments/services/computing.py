"""Computing a whole segment: one difference, in one transaction, which readers see at once or not at all."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.rules.world import World
from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization_within
from organizations.scope import current_organization_id
from organizations.services.lease_keeping import lease_kept
from organizations.services.leases import Lease, lease_extend, lease_hand_over, lease_renew
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
# So long a worker waits for an organization; then it works for others, and comes back.
PATIENCE_SECONDS = 5


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
            is_done = _compute(refresh, lease)
    except ValidationError as error:
        message = "; ".join(error.messages)
        with transaction.atomic():
            # The segment's row first, as whoever asks for a computation locks it.
            segment_fail(refresh.segment, message)
            lease_renew(lease=lease)
            refresh_end(refresh, RefreshStatus.FAILED, error=message[:2000])
        return
    if not is_done:
        lease_renew(lease=lease, phase="waiting for other work")
        lease_hand_over(lease=lease)


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
def _compute(refresh: SegmentRefresh, lease: Lease) -> bool:
    """Whether it is computed: not while somebody else is at the organization's segments for long."""
    organization_id = current_organization_id()
    if not lock_organization_within(LockSpace.CHANGES, organization_id, seconds=PATIENCE_SECONDS):
        return False
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
    wake_on_commit(organization_id)
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
    return True


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
