"""Who is in a segment: now, on a date, and who came and went."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Subquery

from contacts.models import Contact
from contacts.querysets import ContactQuerySet
from organizations.ids import ids_of
from organizations.keyset import Order
from segments.models import Segment, SegmentMembership, SegmentMembershipLog

# Pages of `members` and `members_at`. Both go along an index of memberships, wherever in it a page begins.
MEMBER_ORDERS = {
    "id": Order("member_id", tie="member_id", twin="pk"),
    "added_at": Order("added_at", tie="member_id"),
}


def in_segment(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    """The contacts in a segment, given by id; several, separated by commas, are all wanted."""
    wanted = dict.fromkeys(ids_of(value))
    if None in wanted:
        raise ValidationError({"segment": f"“{value[:80]}” is no id of a segment."})
    known = set(Segment.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    for number in wanted:
        if number not in known:
            raise ValidationError({"segment": f"There is no segment {number}."})
        members = SegmentMembership.objects.filter(segment=number, contact=OuterRef("pk"))
        contacts = contacts.filter(Exists(members))
    return contacts


def segments_said(value: str) -> str:
    """The names of the segments of a filter. One query."""
    parts = dict(zip(value.split(","), ids_of(value), strict=True))
    ids = [number for number in parts.values() if number is not None]
    names = dict(Segment.objects.filter(pk__in=ids).values_list("pk", "name"))
    return ", ".join(names.get(number or 0, part.strip()) for part, number in parts.items())


def members(*, segment: Segment) -> ContactQuerySet:
    """The contacts that are in a segment, with `added_at`, and their id as `member_id`, for `MEMBER_ORDERS`.

    Also those deleted a moment ago, who leave as soon as that is followed.
    """
    found = Contact.with_deleted.filter(segment_memberships__segment=segment)
    return found.annotate(
        added_at=F("segment_memberships__added_at"), member_id=F("segment_memberships__contact_id")
    )


def members_at(*, segment: Segment, at: datetime) -> ContactQuerySet:
    """The same of those who were in it at a moment: whose last entry of the log until then says joined.

    Deleted contacts too, who had a part in it then.
    """
    last = SegmentMembershipLog.objects.filter(
        segment=segment, contact_id=OuterRef("contact_id"), at__lte=at, pk__gt=OuterRef("pk")
    )
    joined = SegmentMembershipLog.objects.filter(segment=segment, at__lte=at, action="joined")
    standing = joined.filter(~Exists(last))
    found = Contact.with_deleted.filter(pk__in=standing.values("contact_id"))
    mine = standing.filter(contact_id=OuterRef("pk"))
    return found.annotate(added_at=Subquery(mine.values("at")[:1]), member_id=F("pk"))
