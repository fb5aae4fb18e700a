"""Putting contacts into segments, and keeping them out, by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.models import ContactChange
from contacts.services.bulk import selected
from contacts.services.waking import wake_on_commit
from organizations.models import User
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, positional, statement
from segments.models import MembershipReason, Segment, SegmentKind, SegmentPin
from segments.services.refreshing import segment_refresh_start

# More are computed anew instead of one by one.
MOST_CHANGES = 5_000


@transaction.atomic
def contacts_pin(
    *, segment: Segment, selection: Mapping[str, Any], is_in: bool = True, user: User | None = None
) -> int:
    """Have the contacts of a selection always in a segment, or always out of it, whatever its rules say; returns how
    many that is new for. A selection is {"ids": […]} or {"filters": {…}, "max_id": …}.

    What is kept by hand knows no "out": there, being out is not being pinned. Two or three statements whatever the
    number; who is in follows a moment later.
    """
    if segment.kind == SegmentKind.STATIC and not is_in:
        return contacts_unpin(segment=segment, selection=selection)
    who, values = selected(selection).order_by().values("pk").query.sql_with_params()
    sql, more = positional(
        statement("segments", "pins_set", who=who),
        {
            "organization_id": current_organization_id(),
            "segment_id": segment.pk,
            "is_in": is_in,
            "now": timezone.now(),
            "user_id": user and user.pk,
        },
    )
    pinned = [pk for (pk,) in fetch_all(sql, [*values, *more])]
    _announce(segment, pinned)
    return len(pinned)


@transaction.atomic
def contacts_unpin(*, segment: Segment, selection: Mapping[str, Any]) -> int:
    """Leave it to the rules again (or, of a segment that is kept by hand, take them out); returns how many."""
    ids = list(
        SegmentPin.objects.filter(
            segment=segment, contact_id__in=selected(selection).values("pk")
        ).values_list("contact_id", flat=True)
    )
    SegmentPin.objects.filter(segment=segment, contact_id__in=ids).delete()
    _announce(segment, ids)
    return len(ids)


def _announce(segment: Segment, ids: Sequence[int]) -> None:
    """Have the segment asked anew about those contacts."""
    if len(ids) > MOST_CHANGES:
        segment_refresh_start(segment=segment, reason=MembershipReason.MANUAL)
        return
    if ids:
        ContactChange.objects.bulk_create(
            ContactChange(contact_id=pk, kind="pinned", reference=segment.pk) for pk in ids
        )
        wake_on_commit(current_organization_id())
