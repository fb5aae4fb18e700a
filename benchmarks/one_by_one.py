"""The peer: a loop as Mautic's, over batches of contacts, in which each member is written by itself."""

import time
from dataclasses import dataclass

from django.utils import timezone

from benchmarks.segment_world import writing
from contacts.models import Contact
from contacts.rules.world import World
from segments.models import Segment, SegmentMembership, SegmentMembershipLog
from segments.selectors.wanted import wanted

BATCH = 300
SAMPLE = 3_000


@dataclass(frozen=True, slots=True)
class Loop:
    """What a loop over a sample took, and how many it wrote."""

    contacts: int
    written: int
    seconds: float

    def seconds_for(self, contacts: int) -> float:
        """The same for so many contacts: a loop takes as long for each."""
        return self.seconds * contacts / self.contacts


def looped(segment: Segment, ids: list[int]) -> Loop:
    """Compute a segment, of whom nobody is a member, for a sample of contacts; what it wrote is taken back."""
    begin, written = time.perf_counter(), 0
    for first in range(0, len(ids), BATCH):
        written += _batch(segment, ids[first : first + BATCH])
    return Loop(len(ids), written, time.perf_counter() - begin)


def sample() -> list[int]:
    """Contacts from all over the organization, in order."""
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)
    step = max(1, ids.count() // SAMPLE)
    return [pk for number, pk in enumerate(ids.iterator()) if number % step == 0][:SAMPLE]


def _batch(segment: Segment, ids: list[int]) -> int:
    now = timezone.now()
    meant = set(wanted(segment, World(now).of(ids)).values_list("pk", flat=True))
    rows = SegmentMembership.objects.filter(segment=segment, contact_id__in=ids)
    members = set(rows.values_list("contact_id", flat=True))
    for pk in meant - members:
        SegmentMembership.objects.create(
            segment=segment, contact_id=pk, added_at=now, computed_at=now
        )
        _log(segment, pk, "joined")
    for pk in members - meant:
        SegmentMembership.objects.filter(segment=segment, contact_id=pk).delete()
        _log(segment, pk, "left")
    return len(meant ^ members)


def _log(segment: Segment, contact_id: int, action: str) -> None:
    SegmentMembershipLog.objects.create(
        segment=segment, contact_id=contact_id, action=action, reason="rules", at=timezone.now()
    )


def emptied(segment: Segment) -> None:
    """Take all members and their log away, as if they had never been."""
    with writing() as pg:
        for table in ("contact_segment_memberships", "contact_segment_membership_log"):
            pg.execute(
                f"delete from {table} where organization_id = %s and segment_id = %s",  # type: ignore[arg-type]
                [segment.organization_id, segment.pk],
            )
        pg.execute("vacuum analyze contact_segment_memberships, contact_segment_membership_log")
