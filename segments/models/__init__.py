from segments.models.log import MembershipAction, MembershipReason, SegmentMembershipLog
from segments.models.membership import SegmentMembership
from segments.models.pin import SegmentPin
from segments.models.refresh import RefreshStatus, SegmentRefresh
from segments.models.segment import Segment, SegmentKind, SegmentStatus

__all__ = [
    "MembershipAction",
    "MembershipReason",
    "RefreshStatus",
    "Segment",
    "SegmentKind",
    "SegmentMembership",
    "SegmentMembershipLog",
    "SegmentPin",
    "SegmentRefresh",
    "SegmentStatus",
]
