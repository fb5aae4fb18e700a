"""Asking for the computation of a whole segment, and calling it off."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from organizations.models import User
from organizations.models.notice import Tone
from organizations.services.leases import work_enqueue
from organizations.services.notices import notice_give, notice_link
from segments.models import (
    MembershipReason,
    RefreshStatus,
    Segment,
    SegmentRefresh,
    SegmentStatus,
)


@transaction.atomic
def segment_refresh_start(
    *, segment: Segment, reason: MembershipReason, user: User | None = None
) -> SegmentRefresh:
    """Queue a computation of all of a segment; returns the one that waits already, if one does.

    One that runs by rules that were changed meanwhile starts again: it may have read those of before. All else is in the
    feed, and followed afterwards. Locks the segment's row.
    """
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    live = SegmentRefresh.objects.filter(segment=locked, status__in=SegmentRefresh.LIVE_STATUSES)
    refresh = live.select_for_update().first()
    if refresh is None:
        refresh = SegmentRefresh.objects.create(segment=locked, reason=reason, actor=user)
        work_enqueue(work=refresh)
    elif reason == MembershipReason.RULES:
        # Without its claim, whoever is at it commits nothing.
        refresh.reason, refresh.status = reason, RefreshStatus.PENDING
        refresh.save(update_fields=["reason", "status"])
        work_enqueue(work=refresh)
    _mark(locked)
    return refresh


def _mark(segment: Segment) -> None:
    """A segment that has members keeps showing them until those of the new computation are there."""
    status = SegmentStatus.STALE if segment.computed_at else SegmentStatus.BUILDING
    Segment.objects.filter(pk=segment.pk).update(status=status, error="")


@transaction.atomic
def segment_refresh_cancel(*, segment: Segment) -> SegmentRefresh:
    """Call off the computation that waits or runs: nothing of it is seen. Locks the segment's row.

    Raises ValidationError where there is none. The segment keeps the members that it had, and is no longer followed
    until it is computed.
    """
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    live = SegmentRefresh.objects.filter(segment=locked, status__in=SegmentRefresh.LIVE_STATUSES)
    refresh = live.select_for_update().first()
    if refresh is None:
        message = f"{locked} is not being computed: there is nothing to call off."
        raise ValidationError({"status": ValidationError(message, code="wrong_status")})
    refresh_end(refresh, RefreshStatus.CANCELLED)
    _fail(locked, "The computation was called off. Members are those of the one before.")
    return refresh


def refresh_end(refresh: SegmentRefresh, status: RefreshStatus, **values: Any) -> None:
    rows = SegmentRefresh.unscoped.filter(pk=refresh.pk)
    rows.update(
        status=status, finished_at=timezone.now(), claim_token=None, lease_expires_at=None, **values
    )
    refresh.refresh_from_db()


def segment_fail(segment: Segment, message: str) -> None:
    """Mark a segment as one that is not followed until somebody has it computed anew, and tell whoever made it."""
    _fail(segment, message)
    notice_give(
        user=segment.created_by,
        title=f"The segment {segment.name} is no longer followed",
        text=message,
        link=notice_link("segments:detail", segment.pk),
        tone=Tone.BAD,
    )


def _fail(segment: Segment, message: str) -> None:
    Segment.objects.filter(pk=segment.pk).update(status=SegmentStatus.FAILED, error=message[:2000])


def refresh_given_up(refresh: SegmentRefresh) -> None:
    """A computation that failed again and again is not tried any more; the segment says why."""
    # What went wrong is in the admin and in the log of the workers, for those who can read it.
    message = f"Computing it failed {refresh.attempts} times, for a fault that is not in its rules. Try again, or tell your administrator."
    segment_fail(refresh.segment, message)
